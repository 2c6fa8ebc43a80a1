"""Live posts of many channels in bursts: what arrives, how late, and what it costs, beside bare Telethon.

    python -m benchmarks.bursts [--channels 300] [--rate 500] [--seconds 60]

The sandbox pushes from this process. Ours is the collector in a process of its own, with its paces as they
come; late is a post from its being published until it can be read from the archive. Bare Telethon only notes
in a handler that a post has come, in a process of its own as well, and keeps nothing.
"""

import argparse
import asyncio
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np

from collector.config import CollectorConfig
from domain.clock import WallClock
from sandbox.channel import Channel
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collector_process import CollectorProcess
from tests.support.telegram import API_HASH, API_ID, Telegram

Key = tuple[int, int]
TICK = 0.1  #: seconds between two bursts
LOOK = 0.05  #: seconds between two looks into the archive: late is told no finer
#: As the config comes; but no budgets, by which it would take days to look three hundred handles up.
PACES = ("reconcile_every", "hurry_every", "probe_every", "answer_within", "recheck_every", "history_pause")
WORDS = [
    "استهدفت",
    "مسيرات",
    "المقاومة",
    "الإسلامية",
    "قاعدة",
    "عين",
    "الأسد",
    "غرب",
    "العراق",
    "فجر",
    "اليوم",
    "وأصابت",
    "أهدافها",
    "بدقة",
]

BARE = """
import asyncio, sys, time
from telethon import TelegramClient, events
from telethon.sessions import StringSession

async def main():
    session, api_id, api_hash = sys.argv[1:4]
    client = TelegramClient(StringSession(session), int(api_id), api_hash, sequential_updates=True)
    async def note(event):
        print(event.message.peer_id.channel_id, event.message.id, time.monotonic(), flush=False)
    client.add_event_handler(note, events.NewMessage())
    await client.connect()
    await client.get_dialogs()
    print("ready", flush=True)
    await client.run_until_disconnected()

asyncio.run(main())
"""


class Process:
    """The memory of another process, and its processor time, in MB and seconds."""

    def __init__(self, number: int | str) -> None:
        self._folder = Path(f"/proc/{number}")

    def peak(self) -> float:
        return self._status("VmHWM")

    def memory(self) -> float:
        return self._status("VmRSS")

    def _status(self, name: str) -> float:
        lines = (self._folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024

    def spent(self) -> float:
        fields = (self._folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / 100


async def publish(
    telegram: Telegram, channels: list[Channel], rate: int, seconds: float, dice: random.Random
) -> dict[Key, float]:
    """Bursts of a few channels each; gives when each post was published."""
    sent: dict[Key, float] = {}
    began = time.monotonic()
    n = 0
    while (elapsed := time.monotonic() - began) < seconds:
        while n < min(elapsed + TICK, seconds) * rate:
            channel = dice.choice(channels)
            for _ in range(min(dice.choice((1, 1, 2, 10, 40)), max(1, int(rate * seconds) - n))):
                n += 1
                text = " ".join(dice.choices(WORDS, k=dice.randint(5, 60)))
                post = telegram.world.post(channel, text)
                sent[channel.id, post.id] = time.monotonic()
        await asyncio.sleep(TICK)
    return sent


async def arrivals(store: Store, since: int, got: dict[Key, float]) -> None:
    """Note when each post can be read from the archive, for ever."""
    while True:
        async with store.read() as tx:
            found = await tx.posts.after(since, 5000)
        now = time.monotonic()
        for seq, post in found:
            got[post.channel_id, post.id], since = now, seq
        await asyncio.sleep(LOOK)


@asynccontextmanager
async def ours(
    telegram: Telegram, channels: list[Channel], folder: Path, got: dict[Key, float]
) -> AsyncIterator[Process]:
    as_it_comes = {name: getattr(CollectorConfig(), name) for name in PACES}
    url = f"sqlite:///{folder / 'deadair.db'}"
    async with open_store(StorageConfig(url=url)) as store:
        collector = CollectorProcess(telegram, folder, url, channels, **as_it_comes)
        number = collector.start().pid
        try:
            await _until(lambda: "watching" in collector.log.read_text(), 120)
            looking = asyncio.create_task(arrivals(store, 0, got))
            yield Process(number)
            looking.cancel()
        finally:
            await asyncio.to_thread(collector.stop)


@asynccontextmanager
async def bare(
    telegram: Telegram, _channels: list[Channel], _folder: Path, got: dict[Key, float]
) -> AsyncIterator[Process]:
    process = subprocess.Popen(  # noqa: ASYNC220 - before anything is measured
        [sys.executable, "-c", BARE, telegram.session_string(), str(API_ID), API_HASH],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert await asyncio.to_thread(process.stdout.readline) == "ready\n"

    def note() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            channel, post, at = line.split()
            got[int(channel), int(post)] = float(at)

    noting = asyncio.create_task(asyncio.to_thread(note))
    try:
        yield Process(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        await noting
        process.wait()


async def _until(true: Callable[[], bool], within: float) -> bool:
    try:
        async with asyncio.timeout(within):
            while not true():  # noqa: ASYNC110 - it waits for another program, which sets no event of ours
                await asyncio.sleep(LOOK)
    except TimeoutError:
        return False
    return True


async def measure(folder: Path, n: int, rate: int, seconds: float, seed: int) -> None:
    print(f"{n} channels, {rate} posts a second in bursts for {seconds:g} s\n")
    print("| | posts | lost | late, median s | p95 s | most s | peak MB | processor s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, way in (("bare Telethon, keeps nothing", bare), ("deadair, into SQLite", ours)):
        here = folder / way.__name__
        here.mkdir()
        async with MtprotoServer(World(WallClock())) as server:
            telegram = Telegram(server, here / "telegram")
            channels = [telegram.channel(f"Channel {i}", f"channel_{i:04}", posts=2) for i in range(n)]
            got: dict[Key, float] = {}
            async with way(telegram, channels, here, got) as process:
                before = process.spent()
                sent = await publish(telegram, channels, rate, seconds, random.Random(seed))
                # A reader of a pipe may hold back its last lines: what is lost is told by who never comes.
                await _until(lambda sent=sent, got=got: sent.keys() <= got.keys(), 30)  # type: ignore[misc]
                peak, spent = process.peak(), process.spent() - before
        late = np.array([got[key] - at for key, at in sent.items() if key in got])
        lost = len(sent.keys() - got.keys())
        print(
            f"| {name} | {len(sent):,} | {lost} | {np.median(late):.2f} | {np.quantile(late, 0.95):.2f}"
            f" | {late.max():.2f} | {peak:.0f} | {spent:.1f} |",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bursts", description=__doc__)
    parser.add_argument("--channels", type=int, default=300)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as name:
        asyncio.run(measure(Path(name), args.channels, args.rate, args.seconds, args.seed))


if __name__ == "__main__":
    main()
