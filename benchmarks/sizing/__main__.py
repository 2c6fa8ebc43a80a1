"""What a post costs, and a channel whether it posts or not: the figures of docs/sizing.md.

    python -m benchmarks.sizing [--posts 20000] [--engine sqlite] [--engine postgresql]

An archive is filled through the parts themselves: Telegram's bytes into the collector's queue, then reader,
indexer and engine. Posts come by the thousand (as while catching up) and one by one (as live). What is
counted (bytes, rows, statements) is the same on any machine; processor time is not.
"""

import argparse
import asyncio
import logging
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import structlog

from benchmarks.pipeline.stage import table
from benchmarks.sizing.meter import Meter
from benchmarks.sizing.parts import Parts
from benchmarks.sizing.room import Room, room
from benchmarks.sizing.standby import standby
from benchmarks.sizing.wide import CHANNELS, wide
from benchmarks.sizing.world import Channels
from deadair.garbage import collect_less_often
from domain.post import Post
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.postgres import running_postgres

ENGINES = ("sqlite", "postgresql")
_PORTION = 1000
_APART = 20  #: rounds in which each channel is asked by itself; one costs as much as the next


async def measure(
    url: str, server: int | None, *, posts: int, channels: int, a_day: float, live: int, rounds: int
) -> None:
    """Fill an archive, and print what that took and what lies there."""
    async with open_store(StorageConfig(url=url)) as store:
        meter = Meter(store, server)
        with meter.listening():
            parts = await Parts.begin(store, Channels(channels, a_day), meter)
            empty = await room(store)
            done: list[Post] = []
            for start in range(0, posts, _PORTION):
                done += await parts.posts(min(_PORTION, posts - start), kind="in portions")
            for _ in range(live):
                done += await parts.posts(1, kind="one by one")
            full = await room(store)
            recent = done[-max(live, posts // 5) :]
            await parts.looks(recent)
            looked = await room(store)
            await parts.rounds(rounds)
            quiet = await room(store)
            await parts.rounds_apart(min(rounds, _APART))
            state = await parts.state()
        stored = len({post.key for post in done})
        size = sum(len(post.text.encode()) for post in done) / len(done)
        raw = sum(len(post.copy.data) for post in done if post.copy) / len(done)
        print(f"\n{stored:,} posts and {len(done) - stored:,} edits of {channels} channels,", end=" ")
        print(f"{a_day:g} a day of each; {size:.0f} bytes of text, {raw:.0f} of Telegram's own")
        _room(full, empty, stored)
        once = len({post.key for post in recent})
        print(f"\n### after {once:,} posts were looked at four times, bytes a post looked at\n")
        _growth(full, looked, once)
        print(f"\n### after {rounds} rounds in which nothing was posted, bytes a channel\n")
        _growth(looked, quiet, channels)
        _spent(meter)
        print(f"\n### state of the engine, bytes of a channel\n\n{_state(state)}")


def _room(full: Mapping[str, Room], empty: Mapping[str, Room], posts: int) -> None:
    rows: dict[str, Sequence[object]] = {}
    total = [0, 0]
    for name, each in sorted(full.items(), key=lambda item: -item[1].total):
        table_, indexes = each.table - empty[name].table, each.total - each.table
        indexes -= empty[name].total - empty[name].table
        total = [total[0] + table_, total[1] + indexes]
        n = (each.rows - empty[name].rows) / posts
        if table_ + indexes > 0 or n:
            rows[name] = (f"{n:.3f}", f"{table_ / posts:.0f}", f"{indexes / posts:.0f}")
            for index, size in sorted(each.indexes.items()):
                rows[f"– {index}"] = ("", "", f"{(size - empty[name].indexes.get(index, 0)) / posts:.0f}")
    rows["**all**"] = ("", f"{total[0] / posts:.0f}", f"{total[1] / posts:.0f}")
    print(f"\n### room, a post\n\n{table(rows, ('rows', 'bytes', 'bytes of indexes'))}")


def _growth(before: Mapping[str, Room], after: Mapping[str, Room], n: int) -> None:
    rows: dict[str, Sequence[object]] = {}
    for name, each in after.items():
        more, size = each.rows - before[name].rows, each.total - before[name].total
        if more or size:
            rows[name] = (f"{more / n:.3f}", f"{size / n:.0f}")
    total = sum(after[name].total - before[name].total for name in after)
    print(table(rows | {"**all**": ("", f"{total / n:.0f}")}, ("rows", "bytes")))


def _spent(meter: Meter) -> None:
    rows: dict[str, Sequence[object]] = {}
    for name, found in meter.found.items():
        n, times = found["n"], meter.times[name]
        cells = [f"{found[what] / n:.3f}" for what in ("reads", "writes", "transactions")]
        cells += [f"{times[who] / n / 1000:.3f}" for who in ("ours", "theirs")]
        rows[name] = (f"{n:,}", *cells, f"{found['logged'] / n:.0f}")
    headings = ("n", "reads", "writes", "transactions", "our s a thousand", "PostgreSQL's", "bytes logged")
    print("\n### statements and processor time; n are posts, of the quiet rounds channels asked\n")
    print(table(rows, headings))


def _state(state: Mapping[str, float]) -> str:
    return ", ".join(f"{what}: {n:,.1f}" for what, n in state.items())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sizing", description=__doc__)
    parser.add_argument("--posts", type=int, default=20_000)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--a-day", type=float, default=50, help="posts of each channel")
    parser.add_argument("--live", type=int, default=300, help="further posts, each of which comes by itself")
    parser.add_argument("--rounds", type=int, default=480, help="in which nothing is posted; 480 are a day")
    parser.add_argument("--wide", type=int, action="append", help=f"channels at once; {CHANNELS} when none")
    parser.add_argument("--standby", type=int, default=200, help="writes to be read on a hot standby")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="both when none")
    args = parser.parse_args()
    collect_less_often()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    engines = args.engine or ENGINES
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with (
        tempfile.TemporaryDirectory(prefix="deadair-bench-") as name,
        running_postgres() if "postgresql" in engines else nullcontext() as server,
    ):
        for engine in engines:
            number = server.process.pid if server and server.process and engine == "postgresql" else None

            def url(what: str, engine: str = engine) -> str:
                if engine == "postgresql":
                    return asyncio.run(server.database()) if server else ""
                return f"sqlite:///{Path(name) / what}.db"

            print(f"\n## {engine}", flush=True)
            sizes = {"channels": args.channels, "a_day": args.a_day, "live": args.live, "rounds": args.rounds}
            asyncio.run(measure(url("filled"), number, posts=args.posts, **sizes))
            for n in args.wide or CHANNELS:
                asyncio.run(wide(url(f"wide-{n}"), number, n))
            if engine == "postgresql" and server:
                asyncio.run(standby(server, args.standby))


if __name__ == "__main__":
    main()
