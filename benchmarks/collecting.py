"""How fast a history is collected, beside bare Telethon iterating the same one and keeping nothing.

    python -m benchmarks.collecting [--posts 5000] [--rounds 3] [--away 0]

Both ask the sandbox over real MTProto on loopback, one after the other, in this process; the sandbox is a
process of its own, as Telegram is another machine. Ours stores every post, proves what could be seen, and is
done when the archive says so. Loopback answers at once; Telegram is some 20 to 100 ms `--away`, and what is
stored meanwhile costs no time.
"""

import argparse
import asyncio
import contextlib
import logging
import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
from telethon import TelegramClient
from telethon.sessions import StringSession

from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from collector.run import collect
from deadair.garbage import collect_less_often
from domain.clock import WallClock
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collecting import APP
from tests.support.telegram import API_HASH, API_ID, Telegram

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
    "join_pause": "0s",
    "call_budgets": (),
    "server_key": SANDBOX_PUBLIC_KEY,
}


@dataclass(frozen=True, slots=True)
class Served:
    """The sandbox of the other process: where it is, its one channel, and sessions that are logged in."""

    port: int
    handle: str
    number: int  #: of the channel
    bare: str
    ours: tuple[str, ...]  #: the file of each round


async def serve(told: Connection, folder: Path, posts: int, rounds: int, away: float) -> None:
    """A Telegram with one history, until the other end hangs up."""
    async with MtprotoServer(World(WallClock())) as server:
        telegram = Telegram(server, folder)
        channel = telegram.channel("Falcon News", "falcon_news", posts=posts)
        if away:
            telegram.faults.delay("messages.getHistory", away / 1000, times=None)
        files = tuple(str(telegram.session_file(f"account-{n}")) for n in range(rounds))
        told.send(Served(server.port, "falcon_news", channel.id, telegram.session_string(), files))
        with contextlib.suppress(EOFError):
            await asyncio.to_thread(told.recv)


def _serve(told: Connection, folder: Path, posts: int, rounds: int, away: float) -> None:
    collect_less_often()
    asyncio.run(serve(told, folder, posts, rounds, away))


@contextmanager
def served(folder: Path, posts: int, rounds: int, away: float) -> Iterator[Served]:
    here, there = multiprocessing.Pipe()
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=_serve, args=(there, folder, posts, rounds, away))
    process.start()
    there.close()
    try:
        yield here.recv()
    finally:
        here.close()
        process.join()


@dataclass(frozen=True, slots=True)
class Spent:
    """Of one reading of the whole history."""

    seconds: float
    processor: (
        float  #: seconds of it, all threads together: on a machine with other work this is what compares
    )
    posts: int


class _Watch:
    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def stop(self, posts: int) -> Spent:
        wall, processor = self._began
        return Spent(time.perf_counter() - wall, time.process_time() - processor, posts)


async def bare(telegram: Served) -> Spent:
    """Until stock Telethon has iterated all of it."""
    async with TelegramClient(StringSession(telegram.bare), API_ID, API_HASH) as client:
        watch = _Watch()
        entity = await client.get_entity(telegram.handle)
        n = 0
        async for _ in client.iter_messages(entity, limit=None, wait_time=0):
            n += 1
        return watch.stop(n)


async def ours(telegram: Served, session: str, store: Store) -> Spent:
    """From the collector's start until the archive holds all of it."""
    config = CollectorConfig.model_validate({**AS_SHIPPED, "server": f"127.0.0.1:{telegram.port}"})
    channel = ChannelConfig(handle=telegram.handle, id=telegram.number)
    account = AccountConfig(name="main", session=session)
    watch = _Watch()
    task = asyncio.create_task(collect(config, [account], [channel], store, WallClock(), app=APP))
    try:
        while not await _is_complete(store, telegram.number):
            if task.done():
                task.result()
            await asyncio.sleep(0.05)
        spent = watch.stop(0)
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    async with store.read() as tx:
        return replace(spent, posts=await tx.posts.count(telegram.number))


async def _is_complete(store: Store, channel_id: int) -> bool:
    async with store.read() as tx:
        cursor = await tx.posts.cursor(channel_id)
        return cursor is not None and cursor.complete


async def compare(folder: Path, posts: int, rounds: int, away: float) -> None:
    found: dict[str, list[Spent]] = {"bare Telethon, iter_messages": [], "deadair, into SQLite": []}
    with served(folder / "telegram", posts, rounds, away) as telegram:
        for n in range(rounds):
            async with open_store(StorageConfig(url=f"sqlite:///{folder / f'{n}.db'}")) as store:
                both = [await bare(telegram), await ours(telegram, telegram.ours[n], store)]
            for name, spent in zip(found, both, strict=True):
                if spent.posts < posts:
                    raise SystemExit(f"{name} has read {spent.posts} of {posts} posts")
                found[name].append(spent)
    wall = {name: min(each.seconds for each in spent) for name, spent in found.items()}
    work = {name: min(each.processor for each in spent) for name, spent in found.items()}
    print(f"{posts:,} posts of history, {away:g} ms away, best of {rounds}\n")
    print("| | seconds | posts a second | times as long | of processor | times as much |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    for name in found:
        longer, more = wall[name] / min(wall.values()), work[name] / min(work.values())
        rate = posts / wall[name]
        print(f"| {name} | {wall[name]:.2f} | {rate:,.0f} | {longer:.2f} | {work[name]:.2f} | {more:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.collecting", description=__doc__)
    parser.add_argument("--posts", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--away", type=float, default=0, help="ms until a page is answered")
    args = parser.parse_args()
    collect_less_often()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as name:
        asyncio.run(compare(Path(name), args.posts, args.rounds, args.away))


if __name__ == "__main__":
    main()
