"""How far something has come, on a terminal; nothing anywhere else."""

import contextlib
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def counting() -> Iterator[Callable[[str, int], None]]:
    """A line for what is under way, by name and number done."""
    from rich.console import Console
    from rich.progress import Progress, TaskID, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        TextColumn("{task.completed:,.0f}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    lines: dict[str, TaskID] = {}
    with bar:

        def heard(name: str, n: int) -> None:
            if name not in lines:
                for other in lines.values():
                    bar.update(other, visible=False)
                lines[name] = bar.add_task(name, total=None)
            bar.update(lines[name], completed=n)

        yield heard
