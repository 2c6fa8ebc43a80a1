"""What goes wrong in the middle: a clear error, nothing half-written, and on again once it is over."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text

from domain.clock import WallClock
from domain.post import How, Post
from domain.watch import WatchSpan
from storage.config import StorageConfig
from storage.cursors import Cursor
from storage.errors import Busy, DiskFull, StoreError, Unreachable
from storage.store import Store, Transaction, open_store
from tests.support.postgres import Postgres, running_postgres

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def post(n: int, text: str = "word") -> Post:
    return Post(channel_id=7, id=n, posted_at=NOON, seen_at=NOON, how=How.LIVE, text=text)


async def store_batch(store: Store, first: int, size: int = 50, text: str = "word") -> None:
    """As the collector does: posts, cursor and watch span together."""
    async with store.begin() as tx:
        await tx.posts.move_cursor(
            Cursor(channel_id=7, newest_id=first + size, oldest_id=1, complete=True, checked_at=NOON)
        )
        until = NOON + timedelta(minutes=first)
        await tx.watch.extend(
            WatchSpan(channel_id=7, account="main", from_at=NOON, to_at=until, how=How.LIVE)
        )
        await tx.posts.put([post(n, text) for n in range(first, first + size)])


async def held(store: Store) -> tuple[int, int | None, datetime | None]:
    async with store.read() as tx:
        cursor = await tx.posts.cursor(7)
        return (
            await tx.posts.count(7),
            cursor.newest_id if cursor else None,
            (await tx.watch.seen(7)).until(),
        )


async def test_on_a_full_disk_a_batch_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'a.db'}")) as store:
        await store_batch(store, 1)
        before = await held(store)
        async with store.begin() as tx:
            pages = (await tx.connection.execute(text("PRAGMA page_count"))).scalar_one()
            await tx.connection.execute(text(f"PRAGMA max_page_count = {pages + 5}"))
        with pytest.raises(DiskFull, match="no room left to write to sqlite:///") as full:
            await store_batch(store, 100, size=500, text="word " * 200)
        assert "free some space" in full.value.hint
        assert await held(store) == before
        async with store.begin() as tx:
            await tx.connection.execute(text("PRAGMA max_page_count = 1000000"))
        await store_batch(store, 6000)
        assert (await held(store))[0] == before[0] + 50


async def test_while_another_process_writes_ours_waits_and_then_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_store(StorageConfig(url=f"sqlite:///{path}", busy_timeout=0.2)) as store:
        await store_batch(store, 1)
        other = sqlite3.connect(path, isolation_level=None)
        try:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Busy, match="locked by another process"):
                await store_batch(store, 100)
            assert (await held(store))[0] == 50  # reading is in nobody's way
            other.execute("ROLLBACK")
        finally:
            other.close()
        await store_batch(store, 100)
        assert (await held(store))[0] == 100


async def test_a_reader_sees_one_picture_while_others_write(store: Store) -> None:
    await store_batch(store, 1)
    async with store.read() as tx:
        assert await tx.posts.count(7) == 50
        await store_batch(store, 100)
        assert await tx.posts.count(7) == 50
        cursor = await tx.posts.cursor(7)
    assert cursor is not None
    assert cursor.newest_id == 51
    assert (await held(store))[0] == 100


async def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(Exception, match=r"readonly|read-only|cannot be written"):
        async with store.read() as tx:
            await tx.marks.set("a", {}, NOON)


@pytest.mark.parametrize(
    "ours",
    [OSError(28, "No space left on device"), TimeoutError(), ConnectionResetError(), ZeroDivisionError()],
)
async def test_what_fails_beside_the_archive_is_not_blamed_on_it(store: Store, ours: Exception) -> None:
    async def fail(tx: Transaction) -> None:
        await tx.posts.count()
        tx.notify("posts")
        raise ours

    with store.listen("posts") as notice:
        for within in (store.begin, store.read):
            with pytest.raises(type(ours)) as raised:
                async with within() as tx:
                    await fail(tx)
            assert raised.value is ours
        assert not await notice.woken(WallClock(), timedelta(milliseconds=50))  # nothing of it was kept


@asynccontextmanager
async def own_postgres(connections: int = 60) -> AsyncIterator[tuple[Postgres, Store]]:
    """A server that this test may stop, with an archive opened on it."""
    try:
        with running_postgres(connections) as server:
            async with open_store(StorageConfig(url=await server.database())) as store:
                yield server, store
    except LookupError as reason:
        pytest.skip(str(reason))


@pytest.mark.postgres
async def test_a_postgresql_that_stops_in_the_middle_is_said_so_and_used_again_when_it_is_back() -> None:
    async with own_postgres() as (server, store):
        await store_batch(store, 1)
        before = await held(store)

        async def write_while_it_stops(tx: Transaction) -> None:
            await tx.posts.put([post(99)])
            await asyncio.to_thread(server.stop)
            await tx.posts.put([post(100)])

        with pytest.raises(Unreachable) as lost:
            async with store.begin() as tx:
                await write_while_it_stops(tx)
        assert lost.value.hint
        for _ in range(2):
            with pytest.raises(Unreachable):
                await store_batch(store, 100)
            with pytest.raises(Unreachable):
                await held(store)
        await asyncio.to_thread(server.start)
        assert await held(store) == before
        await store_batch(store, 100)
        assert (await held(store))[0] == 100


@pytest.mark.postgres
async def test_a_postgresql_that_takes_no_more_connections_is_said_so_and_used_when_it_does() -> None:
    async with own_postgres(connections=8) as (_, store), AsyncExitStack() as others:
        dsn = store.url.set(drivername="postgresql").render_as_string(hide_password=False)

        async def take_all() -> None:
            while True:
                others.push_async_callback((await asyncpg.connect(dsn)).close)

        with pytest.raises(asyncpg.TooManyConnectionsError):
            await take_all()
        await store._writer.dispose()  # what it has itself is no help
        with pytest.raises(asyncpg.TooManyConnectionsError):
            await take_all()
        with pytest.raises(Unreachable, match="takes no more connections") as told:
            await store_batch(store, 1)
        assert "max_connections" in told.value.hint
        await others.aclose()
        await store_batch(store, 1)


@pytest.mark.postgres
async def test_notices_of_other_processes_are_heard_again_after_the_server_was_away() -> None:
    async with own_postgres() as (server, store), open_store(StorageConfig(url=str(store.name))) as other:
        with store.listen("posts") as notice:
            await asyncio.to_thread(server.stop)
            await asyncio.to_thread(server.start)
            async with asyncio.timeout(20):
                while True:
                    try:
                        async with other.begin() as tx:
                            tx.notify("posts")
                    except StoreError:
                        continue
                    if await notice.woken(WallClock(), timedelta(seconds=0.3)):
                        break
