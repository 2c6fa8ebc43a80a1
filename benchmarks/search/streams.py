"""What comes in and what goes out: posts stored and indexed, rows exported, and the memory that takes."""

import asyncio
import resource
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

from archive.config import ArchiveConfig
from archive.export.make import Order, export
from archive.export.writers import Format
from archive.indexer import Indexer
from archive.query import Query
from benchmarks.search.generate import Writer
from domain.clock import WallClock
from domain.post import How, Post
from storage.config import StorageConfig
from storage.store import open_store


def posts(n: int) -> Iterator[Post]:
    numbers: dict[int, int] = {}
    for channel, at, text in Writer(n):
        numbers[channel] = numbers.get(channel, 0) + 1
        yield Post(
            channel_id=1000 + channel, id=numbers[channel], posted_at=at, seen_at=at, how=How.LIVE, text=text
        )


async def ingesting(folder: Path, n: int) -> None:
    """As it is live: stored in batches, the indexer woken by the notice, until all is searchable.

    In batches of 100 of all channels at once, as pushes come, and of one channel by the thousand, as history
    is read and files are taken in. What storing takes alone is beside it.
    """
    given = list(posts(n))
    one = [replace(post, channel_id=1, id=number) for number, post in enumerate(given, 1)]
    for name, source, size in (("pushed", given, 100), ("history", one, 1000)):
        for indexed in (False, True):
            path = folder / f"{name}-{'indexed' if indexed else 'alone'}.db"
            took, busy, late = await _stored(path, source, size, indexed=indexed)
            told = (
                f"stored and indexed, the last searchable {late:.1f} s later" if indexed else "stored alone"
            )
            print(f"{name}, {told}: {n / took:,.0f} posts a second ({n / busy:,.0f} of processor time)")


async def _stored(
    path: Path, given: Sequence[Post], size: int, *, indexed: bool
) -> tuple[float, float, float]:
    """Seconds of the clock and of our processor time, and how long after the last all was searchable."""
    async with open_store(StorageConfig(url=f"sqlite:///{path}")) as store:
        indexer = Indexer(store, WallClock(), ArchiveConfig())
        began, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(indexer.run()) if indexed else None
        source = iter(given)
        while batch := list(islice(source, size)):
            async with store.begin() as tx:
                await tx.posts.put(batch)
                tx.notify("posts")
        stored = time.perf_counter() - began
        while indexed and await indexer.left():  # noqa: ASYNC110 - another task's work is waited for
            await asyncio.sleep(0.02)
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
    return took, busy, took - stored


async def exporting(folder: Path, n: int) -> None:
    async with open_store(StorageConfig(url=f"sqlite:///{folder / 'pushed-indexed.db'}")) as store:
        for form in Format:
            began, cpu = time.perf_counter(), time.process_time()
            async with store.read() as tx:
                order = Order(query=Query(), tables=("posts",), format=form, at=WallClock().now())
                manifest = await export(tx, order, folder / form.value)
            took, busy = time.perf_counter() - began, time.process_time() - cpu
            rows = manifest.files[0].rows
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(
                f"exported as {form.value}: {rows / took:,.0f} rows a second of the clock "
                f"({rows / busy:,.0f} of processor time), peak memory {peak:,.0f} MiB"
            )
