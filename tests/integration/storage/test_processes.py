"""Several processes on one archive: every write arrives, numbers run in order, notices are heard."""

import asyncio
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.clock import WallClock
from domain.post import How, Post
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.forked import Forked
from tests.support.warm import forked

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def start(url: str, channel: int, n: int) -> Forked:
    return forked("-m", "tests.support.writer_process", url, str(channel), str(n), strict=True)


async def finished(process: Forked) -> None:
    _, told = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode == 0, told


async def test_three_processes_open_a_new_archive_at_once_and_write_as_they_please(store_url: str) -> None:
    processes = [start(store_url, channel, 15) for channel in (11, 12, 13)]
    for process in processes:
        await finished(process)
    async with open_store(StorageConfig(url=store_url), create=False) as store, store.read() as tx:
        assert [await tx.posts.count(channel) for channel in (1, 11, 12, 13)] == [15] * 4
        assert await tx.marks.get("count") == {"n": 45}  # what was read was still so when it was written


async def test_a_reader_who_follows_the_numbers_misses_no_post_of_any_process(
    store: Store, store_url: str
) -> None:
    processes = [start(store_url, channel, 20) for channel in (11, 12)]
    met: set[tuple[int, int]] = set()
    seq = 0
    async with asyncio.timeout(60):
        while len(met) < 60:
            async with store.read() as tx:
                for number, post in await tx.posts.after(seq, 7):
                    assert number > seq
                    seq = number
                    met.add(post.key)
            await asyncio.sleep(0)
    for process in processes:
        await finished(process)


async def test_within_a_process_a_notice_wakes_whoever_listens_to_that_name(store: Store) -> None:
    long, soon = timedelta(seconds=20), timedelta(milliseconds=20)
    with store.listen("posts", "watch") as ear, store.listen("deliveries") as other:
        async with store.begin() as tx:
            tx.notify("posts")
        assert await ear.woken(WallClock(), long)
        assert not await other.woken(WallClock(), soon)
    with store.listen("posts") as late:
        for _ in range(2):  # on PostgreSQL the echo of its own may still come, once
            if not await late.woken(WallClock(), soon):
                break


async def test_what_is_told_between_two_waits_is_not_missed(store: Store) -> None:
    with store.listen("posts") as ear:
        async with store.begin() as tx:
            await tx.posts.put([Post(channel_id=7, id=1, posted_at=NOON, seen_at=NOON, how=How.LIVE)])
            tx.notify("posts")
        await asyncio.sleep(0.01)
        assert await ear.woken(WallClock(), timedelta())


async def test_on_postgresql_the_notices_of_other_processes_are_heard(
    store: Store, store_url: str, engine_name: str
) -> None:
    with store.listen("posts") as ear:
        process = start(store_url, 11, 3)
        if engine_name == "postgresql":
            assert await ear.woken(WallClock(), timedelta(seconds=30))
        await finished(process)
        if engine_name == "sqlite":  # there the poll finds it
            assert not await ear.woken(WallClock(), timedelta())


async def test_the_write_ahead_log_goes_back_into_the_file_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path, log = tmp_path / "a.db", tmp_path / "a.db-wal"
    async with open_store(StorageConfig(url=f"sqlite:///{path}")) as store:
        async with store.begin() as tx:
            await tx.posts.put(
                [Post(channel_id=7, id=n, posted_at=NOON, seen_at=NOON, how=How.LIVE) for n in range(1, 500)]
            )
        assert log.stat().st_size > 50_000
        await store.checkpoint()
        assert log.stat().st_size == 0
    assert os.listdir(tmp_path) == ["a.db"]


async def test_who_reads_for_long_has_nobody_wait_for_the_log_to_go_back(tmp_path: Path) -> None:
    """A backup reads for minutes; meanwhile another process writes, and the log goes back by the clock."""
    config = StorageConfig(url=f"sqlite:///{tmp_path / 'a.db'}")
    hasty = config.model_copy(update={"busy_timeout": 0.2})
    async with open_store(config) as store, open_store(hasty) as other:
        async with store.begin() as tx:
            await tx.marks.set("before", {}, NOON)
        async with other.read() as reader:
            assert [name for name, _, _ in await reader.marks.all()] == ["before"]
            async with store.begin() as tx:
                await tx.marks.set("meanwhile", {}, NOON)
            going_back = asyncio.create_task(store.checkpoint())
            for n in range(20):
                async with other.begin() as tx:  # refused as busy, were the log waited for
                    await tx.marks.set(f"other {n}", {}, NOON)
                await asyncio.sleep(0.02)
            await going_back
        await store.checkpoint()
        assert (tmp_path / "a.db-wal").stat().st_size == 0
