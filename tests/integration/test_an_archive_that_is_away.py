"""The parts that live by the archive wait for one that is away, and go on."""

import asyncio
from typing import Any

import pytest
import structlog

from archive.config import ArchiveConfig
from archive.indexer import Indexer, unsearchable
from claims.config import ClaimsConfig
from claims.reader import Reader
from collector.tasks import together
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.collecting import eventually
from tests.support.postgres import running_postgres
from tests.support.reading import DRONES, a_post, reads, store_posts
from tests.support.telegram import until


@pytest.mark.postgres
async def test_reader_and_indexer_wait_for_it_say_so_once_and_go_on() -> None:
    async def all_done(tx: Any) -> bool:
        return await tx.readings.last_seq() > 0 and await unsearchable(tx) == 0

    with running_postgres() as server:
        async with open_store(StorageConfig(url=await server.database())) as store:
            reader = Reader(store, reads(), version=1, clock=WallClock(), config=ClaimsConfig(poll=0.2))
            indexer = Indexer(store, WallClock(), ArchiveConfig(poll=0.2))
            with structlog.testing.capture_logs() as logs:
                running = asyncio.ensure_future(together(reader.run(), indexer.run()))
                async with store.read() as tx:
                    assert await tx.readings.last_seq() == 0
                await asyncio.to_thread(server.stop)
                await until(lambda: sum("cannot be used" in e["event"] for e in logs) == 2, within=20)
                assert not running.done()
                await asyncio.to_thread(server.start)
                await store_posts(store, a_post(1, DRONES))
                await eventually(store, all_done, within=20, task=running)
                await until(lambda: sum("used again" in e["event"] for e in logs) == 2, within=20)
                running.cancel()
                await asyncio.wait([running])
    said = sorted(e["event"] for e in logs if "archive can" in e["event"])
    assert said == [
        "reader: the archive can be used again",
        "reader: the archive cannot be used now",
        "search: the archive can be used again",
        "search: the archive cannot be used now",
    ]
