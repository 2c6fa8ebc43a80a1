"""`deadair learn`: what is usual of the channels, learned for a start that is still to come."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deadair.config import Setup, load
from deadair.lexicon import reads_of
from deadair.log import set_up
from domain.clock import WallClock
from domain.instant import say_span

if TYPE_CHECKING:
    from rich.console import Console


def learn(config: Path | None) -> None:
    from rich.console import Console

    setup = load(config)
    set_up(setup.config.log.model_copy(update={"level": "error"}))
    said = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        asyncio.run(_learn(setup, said))
    except KeyboardInterrupt:
        said.print("stopped; nothing was put away")
        sys.exit(130)


async def _learn(setup: Setup, said: "Console") -> None:
    """With a bar on a terminal."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    from alerts.keeping import OLDEST
    from deadair.wiring import engine_of
    from storage.store import open_store

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[left]}"),
        console=said,
        transient=True,
        disable=not said.is_terminal,
    )
    lexicon = (await asyncio.to_thread(reads_of, setup)).lexicon
    async with open_store(setup.storage, create=False) as store:
        with bar:
            task = bar.add_task("learning", total=1.0, left="")
            n = await engine_of(setup, lexicon, store, WallClock()).prepare(
                lambda reached: bar.update(
                    task, completed=reached.part, left=f"about {say_span(reached.left)} left"
                )
            )
    said.print(
        f"learned what is usual of {n:,} channels, and put it away: the next start of this program with this "
        f"config goes on from there, within {say_span(OLDEST)}"
    )
