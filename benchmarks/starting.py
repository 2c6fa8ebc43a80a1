"""How long the engine takes from its start to its first verdict, and one round after it, with many channels.

    python -m benchmarks.starting [--channels 300] [--days 365] [--a-day 20]

An archive of readings is made, a year of each channel, a quarter of them with a topic that is judged. Then an
engine begins in a process of its own: until it has decided once, what it keeps in memory, and how long a
round takes in which every hundredth channel has posted; then it puts away what it has learned, and a second
one begins from that. Seconds of the clock and of the processor.
"""

import argparse
import asyncio
import multiprocessing
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from alerts.config import AlertsConfig
from alerts.engine import Engine
from benchmarks.bursts import Process
from domain.channel import Channel
from domain.clock import SetClock
from domain.post import How
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.config import StorageConfig
from storage.store import Store, open_store

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
VERSION = 1
TOPIC = "attacks"
_BATCH = 20_000
_ROUNDS = 10


def posts(channels: int, days: int, a_day: float) -> Iterator[Reading]:
    """Of all channels, in order of time, by day and night."""
    rng = np.random.default_rng(7)
    by_hour = 1 + 0.8 * np.sin((np.arange(24) - 9) / 24 * 2 * np.pi)
    by_hour *= a_day / by_hour.sum()
    number = 0
    for hour in range(days * 24):
        start = NOW - timedelta(days=days) + timedelta(hours=hour)
        counts = rng.poisson(by_hour[start.hour], channels)
        at = np.sort(rng.random(int(counts.sum())))
        of = rng.permutation(np.repeat(np.arange(channels), counts))
        for when, channel in zip(at.tolist(), of.tolist(), strict=True):
            number += 1
            about = (TOPIC,) if number % 4 == 0 else ()
            posted = start + timedelta(hours=when)
            yield Reading(
                channel_id=channel + 1,
                post_id=number,
                posted_at=posted,
                reader_version=VERSION,
                topics=about,
            )


async def fill(url: str, channels: int, days: int, a_day: float) -> int:
    """Gives how many posts."""
    async with open_store(StorageConfig(url=url)) as store:
        async with store.begin() as tx:
            for n in range(channels):
                await tx.channels.save(Channel(id=n + 1, title=f"Channel {n}", zone="Asia/Baghdad"), NOW)
                await tx.watch.extend(
                    WatchSpan(
                        channel_id=n + 1,
                        account="main",
                        from_at=NOW - timedelta(days=days),
                        to_at=NOW,
                        how=How.LIVE,
                    )
                )
            await tx.readings.go_live(VERSION, NOW)
        batch: list[Reading] = []
        n_posts = 0
        for reading in posts(channels, days, a_day):
            batch.append(reading)
            if len(batch) == _BATCH:
                n_posts += await _put(store, batch)
        return n_posts + await _put(store, batch)


async def _put(store: Store, batch: list[Reading]) -> int:
    n = len(batch)
    async with store.begin() as tx:
        await tx.readings.put(batch)
    batch.clear()
    return n


def started(url: str, channels: int, say: "multiprocessing.Queue[tuple[float, ...]]") -> None:
    """In a process of its own."""
    asyncio.run(_started(url, channels, say))


async def _started(url: str, channels: int, say: "multiprocessing.Queue[tuple[float, ...]]") -> None:
    clock = SetClock(NOW)
    async with open_store(StorageConfig(url=url)) as store:
        engine = Engine(store, clock, AlertsConfig(), topics=[TOPIC])
        began, cpu = time.perf_counter(), time.process_time()
        await engine.step()
        first = time.perf_counter() - began, time.process_time() - cpu
        began = time.perf_counter()
        while True:  # what was learned is stored piece by piece
            async with store.read() as tx:
                newest, following = await tx.learned.newest(), await tx.learned.next()
            if newest is not None and following == newest + 1:
                break
            await engine.step()
        kept = time.perf_counter() - began
        rounds = []
        number = 10**9
        for _ in range(_ROUNDS):
            clock.advance(timedelta(minutes=1))
            fresh = []
            for channel in range(1, channels + 1, 100):
                number += 1
                fresh.append(
                    Reading(channel_id=channel, post_id=number, posted_at=clock.now(), reader_version=VERSION)
                )
            async with store.begin() as tx:
                await tx.readings.put(fresh)
                for reading in fresh:
                    await tx.watch.extend(
                        WatchSpan(
                            channel_id=reading.channel_id,
                            account="main",
                            from_at=NOW,
                            to_at=clock.now(),
                            how=How.LIVE,
                        )
                    )
            began = time.perf_counter()
            await engine.step()
            rounds.append(time.perf_counter() - began)
        say.put((*first, sorted(rounds)[len(rounds) // 2], max(rounds), Process("self").peak(), kept))


def size(url: str) -> int:
    """Bytes of what is kept."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as archive:
        return int(archive.execute("SELECT sum(length(content)) FROM learned").fetchone()[0])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.starting", description=__doc__)
    parser.add_argument("--channels", type=int, default=300)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--a-day", type=float, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as folder:
        url = f"sqlite:///{Path(folder) / 'deadair.db'}"
        n = asyncio.run(fill(url, args.channels, args.days, args.a_day))
        spawn = multiprocessing.get_context("spawn")
        say: multiprocessing.Queue[tuple[float, ...]] = spawn.Queue()
        print(f"{args.channels:,} channels, {args.days} days, {n:,} posts\n")
        print(
            "| start | first verdict after s | processor s | a round, median s | most s | peak MB | kept s |"
        )
        print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
        for which in ("all is learned", "from what was kept"):
            process = spawn.Process(target=started, args=(url, args.channels, say))
            process.start()
            process.join()
            first, cpu, median, most, peak, kept = say.get()
            print(
                f"| {which} | {first:.1f} | {cpu:.1f} | {median:.2f} | {most:.2f} | {peak:.0f} | {kept:.1f} |"
            )
        print(f"\nwhat is kept: {size(url) / args.channels / 1024:.1f} KB a channel")


if __name__ == "__main__":
    main()
