"""An archive that is away, locked or full for a while: posts wait for it."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
import structlog

from sandbox.channel import Channel
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.collecting import collecting, differences, eventually
from tests.support.standing import stored, watched
from tests.support.telegram import Telegram, until


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive; where it does, a test says so."""
    return "sqlite"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


@pytest.mark.postgres
async def test_posts_wait_while_the_database_is_away(
    telegram: Telegram, channel: Channel, tmp_path: Path
) -> None:
    from tests.support.postgres import running_postgres

    with running_postgres() as server:
        async with open_store(StorageConfig(url=await server.database())) as store:
            with structlog.testing.capture_logs() as logs:
                async with collecting(telegram, store, [channel]) as task:
                    await eventually(store, watched(channel), task=task)
                    await asyncio.to_thread(server.stop)
                    for n in range(300):
                        telegram.world.post(channel, f"while it is away {n}")
                    telegram.world.delete(channel, 2)
                    await until(lambda: any("takes nothing" in e["event"] for e in logs))
                    await asyncio.sleep(0.3)
                    assert not task.done()
                    await asyncio.to_thread(server.start)
                    await eventually(store, stored(channel), within=15, task=task)

                    async def whole(tx: Any) -> bool:
                        return not await differences(telegram, store, channel)

                    await eventually(store, whole, task=task)
            said = [e["event"] for e in logs]
            assert said.count("the archive takes nothing; keeping posts until it does") == 1
            async with store.read() as tx:
                assert len((await tx.watch.seen(channel.id)).stretches) == 1


async def test_posts_wait_while_another_program_locks_the_file(
    telegram: Telegram, channel: Channel, tmp_path: Path
) -> None:
    path = tmp_path / "locked.db"
    async with open_store(StorageConfig(url=f"sqlite:///{path}", busy_timeout=0.2)) as store:
        async with collecting(telegram, store, [channel]) as task:
            await eventually(store, watched(channel), task=task)
            other = await asyncio.to_thread(_lock, path)
            for n in range(30):
                telegram.world.post(channel, f"while it is locked {n}")
            await asyncio.sleep(0.8)
            assert not task.done()
            other.execute("ROLLBACK")
            other.close()
            await eventually(store, stored(channel), task=task)
        assert await differences(telegram, store, channel) == []


async def test_more_posts_than_can_be_kept_come_from_history_afterwards(
    telegram: Telegram, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.ingest.KEPT", 50)
    path = tmp_path / "locked.db"
    config = StorageConfig(url=f"sqlite:///{path}", busy_timeout=0.2)
    async with open_store(config) as store:  # noqa: SIM117 - it takes what was opened first
        async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
            await eventually(store, watched(channel), task=task)
            other = await asyncio.to_thread(_lock, path)
            for n in range(400):
                telegram.world.post(channel, f"while it is locked {n}")
                if n % 20 == 0:
                    await asyncio.sleep(0.005)
            await asyncio.sleep(0.4)
            other.execute("ROLLBACK")
            other.close()
            await eventually(store, stored(channel), task=task)

            async def whole(tx: Any) -> bool:
                return not await differences(telegram, store, channel)

            await eventually(store, whole, task=task)


def _lock(path: Path) -> sqlite3.Connection:
    """Hold the file as another program does that is writing."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other
