"""The collector dies, or its disk is full: nothing is lost, and what was not watched is known."""

import asyncio
import contextlib
import resource
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.client import is_logged_in
from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import differences, eventually
from tests.support.collector_process import CollectorProcess
from tests.support.standing import open_gap
from tests.support.telegram import Telegram


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


@pytest.fixture
def collector(
    telegram: Telegram, tmp_path: Path, store_url: str, channel: Channel
) -> Iterator[CollectorProcess]:
    process = CollectorProcess(telegram, tmp_path, store_url, [channel], recheck_posts=1000)
    yield process
    if process.process is not None and process.process.poll() is None:
        process.kill()


async def test_a_thousand_live_posts_come_whole_through_a_kill_in_the_middle(
    telegram: Telegram, store: Store, channel: Channel, collector: CollectorProcess
) -> None:
    async def is_watching(tx):  # type: ignore[no-untyped-def]
        return (await tx.marks.get("collector.account.main")).get("state") == "watching"

    async def publish(first: int, last: int) -> None:
        for n in range(first, last):
            telegram.world.post(channel, f"live {n}")
            if n % 5 == 0:
                await asyncio.sleep(0.005)

    collector.start()
    await eventually(store, is_watching, within=20)
    await publish(0, 450)

    async def some_have_come(tx):  # type: ignore[no-untyped-def]
        return await tx.posts.count(channel.id) > 200

    await eventually(store, some_have_come, within=20)
    collector.kill()
    telegram.world.edit(channel, 120, "changed while it was dead")
    telegram.world.delete(channel, 130)
    await publish(450, 550)
    collector.start()
    await publish(550, 1000)

    async def all_have_come(tx):  # type: ignore[no-untyped-def]
        return not await differences(telegram, store, channel)

    try:
        await eventually(store, all_have_come, within=20)
    except AssertionError:
        pytest.fail("\n".join((await differences(telegram, store, channel))[:5]))
    assert collector.stop() == 0
    async with store.read() as tx:
        assert await tx.posts.count(channel.id) == 1005
        first = (await tx.watch.gaps(channel.id))[0]
        assert (first.cause, first.missing) == (GapCause.OUR_STOP, Missing.EDITS)
        assert len((await tx.watch.seen(channel.id)).stretches) == 1


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_ctrl_c_ends_it_at_once_and_opens_a_gap(
    store: Store, channel: Channel, collector: CollectorProcess
) -> None:
    async def is_watched(tx):  # type: ignore[no-untyped-def]
        return (await tx.watch.until()).get(channel.id)

    process = collector.start()
    await eventually(store, is_watched, within=20)
    began = asyncio.get_running_loop().time()
    process.send_signal(signal.SIGINT)
    assert await asyncio.to_thread(process.wait, 10) == 0
    assert asyncio.get_running_loop().time() - began < 2
    async with store.read() as tx:
        gap = await open_gap(tx, channel.id, "main")
        assert gap is not None
        assert (gap.cause, gap.from_at) == (GapCause.OUR_STOP, (await tx.watch.until())[channel.id])
        assert (await tx.marks.get("collector.account.main"))["state"] == "stopped"


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_full_disk_stops_nothing_for_good(
    telegram: Telegram, store: Store, channel: Channel, collector: CollectorProcess
) -> None:
    """The file may not grow for a while: posts wait, then all are there."""

    async def is_watched(tx):  # type: ignore[no-untyped-def]
        return (await tx.watch.until()).get(channel.id)

    process = collector.start()
    await eventually(store, is_watched, within=20)
    full = 400_000
    _, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (full, hard))
    for n in range(800):
        telegram.world.post(channel, f"{n} " + "word " * 300)
        if n % 50 == 0:
            await asyncio.sleep(0.05)
    await _logged(collector, "the archive takes nothing")
    assert process.poll() is None
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (hard, hard))

    async def all_have_come(tx):  # type: ignore[no-untyped-def]
        return await tx.posts.count(channel.id) == 805

    await eventually(store, all_have_come, within=20)
    assert await differences(telegram, store, channel) == []
    assert collector.stop() == 0
    said = collector.log.read_text()
    assert said.count("the archive takes nothing") == 1
    assert said.count("the archive takes posts again") == 1
    assert "no room left" in said


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_a_second_collector_on_the_same_session_is_refused_before_it_connects(
    telegram: Telegram, store: Store, channel: Channel, collector: CollectorProcess
) -> None:
    async def is_watched(tx):  # type: ignore[no-untyped-def]
        return (await tx.watch.until()).get(channel.id)

    first = collector.start()
    await eventually(store, is_watched, within=20)
    connections = telegram.log.counts["help.getConfig"]
    second = collector.start()
    assert await asyncio.to_thread(second.wait, 20) == 1
    collector.process = first
    assert telegram.log.counts["help.getConfig"] == connections
    said = collector.log.read_text()
    assert f"in use by another Deadair (process {first.pid})" in said
    assert "stop that one first" in said
    assert first.poll() is None


async def _logged(collector: CollectorProcess, words: str) -> None:
    async with asyncio.timeout(15):
        while words not in collector.log.read_text():  # noqa: ASYNC110 - another process writes it
            await asyncio.sleep(0.05)


def test_a_session_whose_last_write_was_killed_half_way_can_be_used(
    telegram: Telegram, tmp_path: Path
) -> None:
    session = telegram.session_file()
    killed = tmp_path / "killed.session"
    with contextlib.closing(sqlite3.connect(session, isolation_level=None)) as file:
        file.execute("PRAGMA cache_size = 1")  # what is written goes to the file before it is committed
        file.execute("BEGIN")
        file.executemany(
            "INSERT INTO entities (id, hash, name) VALUES (?, 0, ?)", [(n, "x" * 500) for n in range(500)]
        )
        shutil.copy(session, killed)
        shutil.copy(f"{session}-journal", f"{killed}-journal")
        file.execute("ROLLBACK")
    with (
        contextlib.closing(sqlite3.connect(f"file:{killed}?mode=ro", uri=True)) as file,
        pytest.raises(sqlite3.OperationalError, match="readonly"),
    ):
        file.execute("SELECT * FROM sessions")
    assert is_logged_in(killed, "main")
    with contextlib.closing(sqlite3.connect(killed)) as file:
        assert file.execute("SELECT count(*) FROM entities").fetchone() == (0,)
