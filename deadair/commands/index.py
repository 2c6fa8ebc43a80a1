"""`deadair index`: makes searchable what is not yet."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from deadair.config import Setup, load
from deadair.log import set_up
from domain.clock import WallClock

if TYPE_CHECKING:
    from storage.store import Store


def index(config: Path | None) -> None:
    setup = load(config)
    set_up(setup.config.log.model_copy(update={"level": "error"}))
    try:
        n = asyncio.run(_index(setup))
    except KeyboardInterrupt:
        print("stopped; what was indexed is kept, and the next run goes on from there", file=sys.stderr)
        sys.exit(130)
    print(f"{n:,} posts and edits indexed" if n else "all is searchable")


async def _index(setup: Setup) -> int:
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store:
        n = await index_all(setup, store)
        await store.checkpoint()
    return n


async def index_all(setup: Setup, store: "Store") -> int:
    """Index what is left, with a bar on a terminal. Returns how many posts and edits that were."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from archive.config import ArchiveConfig
    from archive.indexer import Indexer

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("indexing"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    given = setup.config.archive
    # Nobody else is kept waiting for long by so much at once, and it takes a third less.
    config = ArchiveConfig(zone=given.zone, poll=given.poll, batch=max(given.batch, 1000))
    with bar:
        task = bar.add_task("indexing", total=None)
        indexer = Indexer(store, WallClock(), config)
        return await indexer.catch_up(lambda done, total: bar.update(task, completed=done, total=total))
