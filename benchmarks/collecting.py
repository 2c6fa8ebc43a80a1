"""How fast a history is collected, beside bare Telethon iterating the same one and keeping nothing.

    python -m benchmarks.collecting [--posts 5000]

Both ask the sandbox over real MTProto on loopback, in this one process, which serves as well: only the ratio
says something. Ours stores every post, proves what could be seen, and is done when the archive says so.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from pathlib import Path

import structlog

from domain.clock import WallClock
from sandbox.channel import Channel
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collecting import collecting
from tests.support.telegram import Telegram

ROUNDS = 3
#: As config.toml is shipped, but for the whole history, and without the pauses that spare Telegram.
AS_SHIPPED = {
    "reconcile_every": "3m",
    "hurry_every": "30s",
    "probe_every": "45s",
    "return_every": "1h",
    "answer_within": 60.0,
    "since": "99999d",
    "history_limit": 10**9,
    "history_pause": "0s",
    "call_budgets": (),
}


async def bare(telegram: Telegram, channel: Channel) -> tuple[float, int]:
    """Seconds in which stock Telethon has iterated all of it."""
    async with telegram.client() as client:
        began = time.perf_counter()
        entity = await client.get_entity(channel.handle)
        n = 0
        async for _ in client.iter_messages(entity, limit=None, wait_time=0):
            n += 1
        return time.perf_counter() - began, n


async def ours(telegram: Telegram, channel: Channel, store: Store) -> tuple[float, int]:
    """Seconds from the collector's start until the archive holds all of it."""

    began = time.perf_counter()
    async with collecting(telegram, store, [channel], **AS_SHIPPED) as task:
        while not await _is_complete(store, channel):
            if task.done():
                task.result()
            await asyncio.sleep(0.1)
        spent = time.perf_counter() - began
    async with store.read() as tx:
        return spent, await tx.posts.count(channel.id)


async def _is_complete(store: Store, channel: Channel) -> bool:
    async with store.read() as tx:
        cursor = await tx.posts.cursor(channel.id)
        return cursor is not None and cursor.complete


async def compare(folder: Path, posts: int) -> None:
    found: dict[str, list[float]] = {"bare Telethon, iter_messages": [], "deadair, into SQLite": []}
    async with MtprotoServer(World(WallClock())) as server:
        telegram = Telegram(server, folder / "telegram")
        channel = telegram.channel("Falcon News", "falcon_news", posts=posts)
        for n in range(ROUNDS):
            async with open_store(StorageConfig(url=f"sqlite:///{folder / f'{n}.db'}")) as store:
                for name, (seconds, count) in zip(
                    found, [await bare(telegram, channel), await ours(telegram, channel, store)], strict=True
                ):
                    if count < posts:
                        raise SystemExit(f"{name} has read {count} of {posts} posts")
                    found[name].append(seconds)
    least = min(found["bare Telethon, iter_messages"])
    print(f"{posts:,} posts of history, best of {ROUNDS}\n")
    print("| | seconds | posts a second | times as long |\n| --- | ---: | ---: | ---: |")
    for name, spent in found.items():
        best = min(spent)
        print(f"| {name} | {best:.2f} | {posts / best:,.0f} | {best / least:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collecting", description=__doc__)
    parser.add_argument("--posts", type=int, default=5000)
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as name:
        asyncio.run(compare(Path(name), args.posts))


if __name__ == "__main__":
    main()
