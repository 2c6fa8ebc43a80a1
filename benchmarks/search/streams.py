"""What comes in and what goes out: posts stored and indexed, rows exported, and the memory that takes."""

import resource
import time
from collections.abc import Iterator
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
    """As it is live: batches of 100 stored, the indexer woken by the notice, until all is searchable."""
    import asyncio

    given = list(posts(n))
    async with open_store(StorageConfig(url=f"sqlite:///{folder / 'live.db'}")) as store:
        indexer = Indexer(store, WallClock(), ArchiveConfig())
        began, cpu = time.perf_counter(), time.process_time()
        running = asyncio.create_task(indexer.run())
        source = iter(given)
        while batch := list(islice(source, 100)):
            async with store.begin() as tx:
                await tx.posts.put(batch)
                tx.notify("posts")
        stored = time.perf_counter() - began
        while await indexer.left():  # noqa: ASYNC110 - another task's work is waited for
            await asyncio.sleep(0.02)
        took, busy = time.perf_counter() - began, time.process_time() - cpu
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    print(
        f"stored and indexed: {n / took:,.0f} posts a second of the clock ({n / busy:,.0f} of processor); "
        f"all searchable {took - stored:.1f} s after the last was stored"
    )


async def exporting(folder: Path, n: int) -> None:
    async with open_store(StorageConfig(url=f"sqlite:///{folder / 'live.db'}")) as store:
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
