"""A PostgreSQL that takes a question and does not answer it: an outage that ends, not a part that waits for
ever.
"""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import structlog
from sqlalchemy import text

from claims.config import ClaimsConfig
from claims.reader import Reader
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.errors import Busy, TooHeavy, Unreachable
from storage.store import Store, Transaction, open_store
from tests.support.cable import Cable
from tests.support.collecting import eventually
from tests.support.postgres import name_of
from tests.support.reading import DRONES, a_post, reads, store_posts
from tests.support.telegram import until

pytestmark = pytest.mark.postgres
LONGEST = timedelta(seconds=1)


@pytest.fixture
def engine_name() -> str:
    return "postgresql"


@asynccontextmanager
async def opened(url: str, longest: timedelta = LONGEST) -> AsyncIterator[Store]:
    async with open_store(StorageConfig(url=url), longest=longest) as store:
        yield store


async def mark(store: Store, name: str) -> None:
    async with store.begin() as tx:
        await tx.marks.set(name, {}, WallClock().now())


async def slept(store: Store, seconds: float) -> None:
    async with store.read() as tx:
        await tx.connection.execute(text(f"SELECT pg_sleep({seconds})"))


@pytest.mark.parametrize("writes", [True, False])
async def test_a_server_from_which_nothing_comes_is_out_of_reach_and_used_again_when_it_answers(
    store_url: str, cable: Cable, writes: bool
) -> None:
    async def use(store: Store) -> None:
        await (mark(store, "a") if writes else slept(store, 0))

    async with opened(f"postgresql://deadair@127.0.0.1:{cable.port}/{name_of(store_url)}") as store:
        await use(store)
        cable.cut()
        begun = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            await use(store)
        assert time.monotonic() - begun < 10
        cable.join()
        await use(store)


async def test_the_line_in_the_middle_of_a_transaction_is_given_up_though_nobody_breaks_it_off(
    store_url: str, cable: Cable
) -> None:
    async def mark_and_cut(store: Store) -> None:
        async with store.begin() as tx:
            await tx.marks.set("a", {}, WallClock().now())
            cable.cut()
            await tx.marks.set("b", {}, WallClock().now())

    url = f"postgresql://deadair@127.0.0.1:{cable.port}/{name_of(store_url)}"
    async with opened(url, timedelta(seconds=3)) as store:
        begun = time.monotonic()
        with pytest.raises(Unreachable, match="no answer in time"):
            await mark_and_cut(store)
        assert time.monotonic() - begun < 10
        cable.join()
        async with store.read() as tx:
            assert await tx.marks.all("a") == []


async def test_a_statement_that_takes_too_long_is_broken_off_and_the_next_one_is_done(store_url: str) -> None:
    async with opened(store_url) as store:
        with pytest.raises(Busy, match="did not do in time") as busy:
            await slept(store, 5)
        assert "answer_within" in busy.value.hint
        await slept(store, 0)


async def test_what_may_take_its_time_is_not_broken_off_nor_is_any_where_no_limit_is_given(
    store_url: str,
) -> None:
    async with opened(store_url) as store:
        await slept(store.patient(), 2.5)
        await slept(store.hurried(timedelta(seconds=4)), 2.5)
        with pytest.raises(TooHeavy):
            await slept(store.hurried(timedelta(seconds=0.3)), 2.5)
    async with open_store(StorageConfig(url=store_url), create=False) as store:
        await slept(store, 2.5)


async def test_a_writer_waits_for_another_one_no_longer_than_that(store_url: str) -> None:
    async with opened(store_url) as store, open_store(StorageConfig(url=store_url), create=False) as other:
        async with other.begin():
            with pytest.raises(Busy, match="did not do in time"):
                await mark(store, "a")
        await mark(store, "a")


async def test_the_reader_tells_of_a_table_that_somebody_holds_and_goes_on_when_it_is_let_go(
    store_url: str,
) -> None:
    async def is_read(tx: Transaction) -> bool:
        return await tx.readings.last_seq() > 0

    async with opened(store_url) as store, open_store(StorageConfig(url=store_url), create=False) as other:
        reader = Reader(store, reads(), version=1, clock=WallClock(), config=ClaimsConfig(poll=0.2))
        with structlog.testing.capture_logs() as logs:
            running = asyncio.ensure_future(reader.run())
            async with other.aside() as tx:
                await tx.connection.execute(text("LOCK TABLE posts IN ACCESS EXCLUSIVE MODE"))
                await until(lambda: any("cannot be used" in e["event"] for e in logs), within=20)
                assert not running.done()
            await store_posts(store, a_post(1, DRONES))
            await eventually(other, is_read, within=20, task=running)
            await until(lambda: any("used again" in e["event"] for e in logs), within=20)
            running.cancel()
            await asyncio.wait([running])


async def test_the_system_asks_whether_the_other_end_is_still_there(store_url: str, cable: Cable) -> None:
    url = f"postgresql://deadair@127.0.0.1:{cable.port}/{name_of(store_url)}"
    async with opened(url) as store, store.read() as tx:
        raw = (await tx.connection.get_raw_connection()).driver_connection
        line = raw._transport.get_extra_info("socket")  # type: ignore[union-attr]
        assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 30
