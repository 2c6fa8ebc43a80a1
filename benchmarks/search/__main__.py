"""How quick and how complete search is, beside ILIKE, a bare FTS5 and tantivy.

    python -m benchmarks.search [--posts 200000] [--postgres 100000] [--each 50] [--archive FILE] [--url URL]

Times are of the whole answer as a person gets it: newest 50 with all versions, deletions, views, who else
says so and marked snippets; counts by day with the watched share of each. The bars, at 2 million posts: 60 ms
at the 95th percentile, 150 ms for counts. `--archive` measures a file that an earlier run left there, or
makes it; `--url` measures the archive there and nothing else. Beside it stands our processor time, which
others on the machine disturb less; the server of PostgreSQL is not in it. Peers answer with the numbers of
posts alone, and know no fold: see the recall.
"""

import argparse
import asyncio
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from archive.config import ArchiveConfig
from archive.count import By, count
from archive.indexer import Indexer
from archive.query import Paging, Query
from archive.resolve import resolve
from archive.search import search
from benchmarks.search.asked import kinds
from benchmarks.search.fill import fill_postgres, fill_sqlite
from benchmarks.search.generate import DAYS, START
from benchmarks.search.peers import beside, recall
from benchmarks.search.streams import exporting, ingesting
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.postgres import running_postgres

UTC = ZoneInfo("UTC")


async def timed(works: Sequence[Callable[[], Awaitable[object]]]) -> str:
    """Milliseconds of the clock and of our processor time: each the median and the 95th percentile."""
    took, busy = [], []
    for work in works:
        began, cpu = time.perf_counter(), time.process_time()
        await work()
        took.append(1000 * (time.perf_counter() - began))
        busy.append(1000 * (time.process_time() - cpu))
    cells = [
        f"{statistics.median(each):.0f} / {statistics.quantiles(each, n=20)[18]:.0f}" for each in (took, busy)
    ]
    return " | ".join(cells)


async def newest(store: Store, query: Query) -> None:
    async with store.read() as tx:
        page = await search(tx, query, Paging(limit=50))
    for hit in page.hits:
        hit.snippet()


async def found_only(store: Store, query: Query) -> None:
    async with store.read() as tx:
        asked = await resolve(tx, query)
        await tx.search.newest(asked.narrowing, 50)


async def by_day(store: Store, query: Query) -> None:
    async with store.read() as tx:
        await count(tx, query, By.DAY, zone=UTC, now=START + timedelta(days=DAYS))


async def measured(url: str, each: int) -> None:
    async with open_store(StorageConfig(url=url)) as store:
        indexer = Indexer(store, WallClock(), ArchiveConfig(batch=2000))
        if left := await indexer.left():
            began = time.perf_counter()
            await indexer.catch_up()
            took = time.perf_counter() - began
            print(f"indexed {left:,} posts in {took:,.0f} s: {left / took:,.0f} a second")
        async with store.read() as tx:
            sizes = await tx.index.sizes()
        print("size: " + ", ".join(f"{name} {n / 1e6:,.0f} MB" for name, n in sizes.items()))
        print("\n| p50 / p95 ms | clock | processor | numbers alone: clock | processor |")
        print("| --- | ---: | ---: | ---: | ---: |")
        made = kinds(each)
        for kind in made:  # once over, so that what is measured is a machine that has been running
            await found_only(store, kind.queries[0])
            await newest(store, kind.queries[0])
        for kind in made:
            whole = await timed([lambda q=q: newest(store, q) for q in kind.queries])  # type: ignore[misc]
            bare = await timed([lambda q=q: found_only(store, q) for q in kind.queries])  # type: ignore[misc]
            print(f"| {kind.name} | {whole} | {bare} |", flush=True)
        for kind in made[:2]:
            days = await timed([lambda q=q: by_day(store, q) for q in kind.queries])  # type: ignore[misc]
            print(f"| counts by day, {kind.name} | {days} | | |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search", description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--postgres", type=int, default=50_000, help="posts in PostgreSQL; 0: not measured")
    parser.add_argument("--each", type=int, default=40, help="queries of each kind")
    parser.add_argument("--peers", type=int, default=50_000, help="posts for the peers; 0: not measured")
    parser.add_argument(
        "--streams", type=int, default=20_000, help="posts taken in and exported; 0: not measured"
    )
    parser.add_argument(
        "--archive", type=Path, help="keep the archive in this file, or measure the one there"
    )
    parser.add_argument("--url", help="measure this archive, which an earlier run filled, and nothing else")
    args = parser.parse_args()
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    if args.url:
        asyncio.run(measured(args.url, args.each))
        return
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as name:
        folder = Path(name)
        file = args.archive or folder / "search.db"
        if args.posts:
            print(f"\n## SQLite, {args.posts:,} posts")
            url = f"sqlite:///{file}" if file.exists() else fill_sqlite(file, args.posts)
            asyncio.run(measured(url, args.each))
        if args.postgres:
            print(f"\n## PostgreSQL, {args.postgres:,} posts")
            try:
                with running_postgres(buffers="1GB") as server:  # as operating.md has it
                    url = asyncio.run(fill_postgres(asyncio.run(server.database()), args.postgres))
                    asyncio.run(measured(url, args.each))
            except LookupError as reason:
                print(f"skipped: {reason}")
        if args.peers:
            print(f"\n## Peers, {args.peers:,} posts")
            beside(folder, args.peers, args.each)
            print("\n## Recall over spelling variants")
            recall(folder)
        if args.streams:
            print(f"\n## Streams, {args.streams:,} posts")
            asyncio.run(ingesting(folder, args.streams))
            asyncio.run(exporting(folder, args.streams))


if __name__ == "__main__":
    main()
