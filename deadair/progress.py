"""How far something has come, on a terminal; nothing anywhere else."""

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Task


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


@contextlib.contextmanager
def rating() -> Iterator[Callable[[str, int, int], None]]:
    """A bar for what is under way, by name, number done and number in all; how fast, and for how long yet."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        TaskID,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: "Task") -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else f"{speed:,.0f}/s")

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    lines: dict[str, TaskID] = {}
    with bar:

        def heard(name: str, n: int, total: int) -> None:
            if name not in lines:
                for other in lines.values():
                    bar.update(other, visible=False)
                lines[name] = bar.add_task(name, total=total)
            bar.update(lines[name], completed=n, total=total)

        yield heard
