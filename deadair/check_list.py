"""Checks as a person reads them: one line each, what is wrong in red, and what to do."""

from collections.abc import Sequence

from domain.check import Check, Level

_SIGNS = {Level.WELL: ("✓", "green"), Level.NOTE: ("!", "yellow"), Level.WRONG: ("✗", "bold red")}


def show_check(check: Check) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    sign, style = _SIGNS[check.level]
    row = Table.grid(padding=(0, 1))
    row.add_column(width=1)
    row.add_column(width=16, no_wrap=True)
    row.add_column(overflow="fold")
    said = Text(check.what)
    if check.hint:
        said.append(f"\n→ {check.hint}", style="cyan")
    row.add_row(Text(sign, style=style), Text(check.of, style="bold"), said)
    Console(highlight=False).print(row)


def sum_up(checks: Sequence[Check]) -> bool:
    """The line below them. True: nothing is wrong."""
    wrong = sum(check.level is Level.WRONG for check in checks)
    notes = sum(check.level is Level.NOTE for check in checks)
    if wrong:
        print(f"\n{wrong} thing{'s are' if wrong > 1 else ' is'} wrong; → says what to do.")
    else:
        print("\nNothing is wrong" + (f"; {notes} to know of." if notes else "."))
    return not wrong
