"""Back from a break: how soon many joined channels are known to be whole again, beside bare Telethon.

    python -m benchmarks.returning [--channels 100] [--posts 3] [--rounds 3]

While the line is refused each channel gets so many posts. Ours is done when the archive holds them and says
of every channel that it was watched since. Bare Telethon has the numbers it knew, and asks each channel for
what came after them; it keeps nothing and proves nothing. The sandbox serves from this process: only ratios
hold.
"""

import argparse
import asyncio
import logging
import tempfile
import time
from datetime import datetime
from pathlib import Path

import structlog

from domain.clock import WallClock
from sandbox.channel import Channel
from sandbox.faults import LinkState
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collecting import collecting
from tests.support.telegram import Telegram

#: Seconds that the line is away.
_AWAY = 0.5
_HISTORY = "messages.getHistory"


async def watched_since(store: Store, channels: list[Channel], at: datetime) -> None:
    while True:
        async with store.read() as tx:
            until = await tx.watch.until()
        if all(channel.id in until and until[channel.id] > at for channel in channels):
            return
        await asyncio.sleep(0.05)


async def returns(telegram: Telegram, store: Store, channels: list[Channel], posts: int) -> tuple[float, int]:
    """Seconds of processor until all is known again, and calls for history; ours."""
    telegram.link.set(LinkState.REFUSED)
    await asyncio.sleep(_AWAY)
    publish(telegram, channels, posts)
    back, busy, asked = telegram.world.clock.now(), time.process_time(), asked_for(telegram)
    telegram.link.heal()
    await watched_since(store, channels, back)
    return time.process_time() - busy, asked_for(telegram) - asked


def asked_for(telegram: Telegram) -> int:
    return telegram.log.counts.get(_HISTORY, 0)


def publish(telegram: Telegram, channels: list[Channel], posts: int) -> None:
    for channel in channels:
        for n in range(posts):
            telegram.world.post(channel, f"while the line was away {n}")


async def bare(telegram: Telegram, channels: list[Channel], posts: int) -> tuple[float, int]:
    """The same of stock Telethon."""
    async with telegram.client() as client:
        known = {channel: (await client.get_entity(channel.handle), channel.top_id) for channel in channels}
        publish(telegram, channels, posts)
        busy, asked = time.process_time(), asked_for(telegram)
        for channel, (entity, top) in known.items():
            found = [m.id async for m in client.iter_messages(entity, min_id=top)]
            if len(found) != posts:
                raise SystemExit(f"{len(found)} of {posts} posts were found in {channel.title}")
        return time.process_time() - busy, asked_for(telegram) - asked


async def compare(folder: Path, n: int, posts: int, rounds: int) -> None:
    async with MtprotoServer(World(WallClock())) as server:
        telegram = Telegram(server, folder / "telegram")
        channels = [telegram.channel(f"Channel {i}", f"channel_{i:04}", posts=1) for i in range(n)]
        theirs = [await bare(telegram, channels, posts) for _ in range(rounds)]
        config = {"reconcile_every": "1h", "probe_every": "1h", "recheck_posts": 0}
        url = f"sqlite:///{folder / 'deadair.db'}"
        async with (
            open_store(StorageConfig(url=url)) as store,
            collecting(telegram, store, channels, **config),
        ):
            await watched_since(store, channels, telegram.world.clock.now())
            await asyncio.sleep(4 * _AWAY)  # until the histories are read to their beginning
            ours = [await returns(telegram, store, channels, posts) for _ in range(rounds)]
    print(f"{n} channels with {posts} new posts each, the least of {rounds}\n")
    print("| | s of processor, the sandbox's included | times as much | calls for history |")
    print("| --- | ---: | ---: | ---: |")
    for name, spent in (("bare Telethon, iter_messages", theirs), ("deadair, into SQLite", ours)):
        seconds, calls = min(spent)
        print(f"| {name} | {seconds:.2f} | {seconds / min(theirs)[0]:.1f} | {calls} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.returning", description=__doc__)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--posts", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    args = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as name:
        asyncio.run(compare(Path(name), args.channels, args.posts, args.rounds))


if __name__ == "__main__":
    main()
