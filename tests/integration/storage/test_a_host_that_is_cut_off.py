"""A host that is cut off from PostgreSQL in the middle of its work: the others go on."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.clock import WallClock
from storage.config import StorageConfig
from storage.errors import StoreError
from storage.keeper import keeping
from storage.store import Store, open_store
from tests.support.cable import Cable
from tests.support.postgres import name_of

LEASE = 3.0
WRITERS = 8

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine_name() -> str:
    """Hosts share a PostgreSQL."""
    return "postgresql"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Store]:
    config = StorageConfig.model_validate({"url": url, "lease": f"{LEASE:g}s"})
    async with open_store(config, create=False) as store:
        yield store


def through(cable: Cable, url: str) -> str:
    return f"postgresql://deadair@127.0.0.1:{cable.port}/{name_of(url)}"


async def queued(store: Store) -> int:
    """Connections that wait for the lock of the writers."""
    async with store.read() as tx:
        found = await tx.connection.execute(
            text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
        )
        n: int = found.scalar_one()
        return n


async def write(store: Store, name: str) -> None:
    async with store.begin() as tx:
        await tx.marks.set(name, {}, WallClock().now())


@contextmanager
def writing(store: Store) -> Iterator[None]:
    """Many at once, as the loops of all parts of a process."""
    tasks = [asyncio.create_task(write(store, f"mark.{n}")) for n in range(WRITERS)]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()


async def until(holds: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(4 * LEASE):
        while True:
            if await holds():
                return
            await asyncio.sleep(0.05)


async def until_queued(store: Store) -> int:
    await until(lambda: queued(store))
    await asyncio.sleep(0.5)  # all who would
    return await queued(store)


async def test_what_it_had_in_the_queue_of_writers_does_not_keep_its_lease_from_the_others(
    store: Store, store_url: str, cable: Cable, tmp_path: Path
) -> None:
    """Each of them is given the lock in its turn, and nobody is there to let go of it."""
    taken = asyncio.Event()

    async def idle(_store: Store) -> None:
        await asyncio.Event().wait()

    async def work(_store: Store) -> None:
        taken.set()
        await idle(_store)

    tasks: list[asyncio.Task[None]] = []
    async with AsyncExitStack() as stays:
        far = await stays.enter_async_context(opened(through(cable, store_url)))
        near = await stays.enter_async_context(opened(store_url))
        # Of other hosts: neither may prove that the other has died.
        folders = [tmp_path / "far", tmp_path / "near"]
        for folder in folders:
            folder.mkdir()
        one = await stays.enter_async_context(keeping(far, folders[0]))
        two = await stays.enter_async_context(keeping(near, folders[1]))
        tasks.append(asyncio.create_task(one.alone("work", idle)))
        await until(lambda: holder(store))
        assert await holder(store) == one.name
        tasks.append(asyncio.create_task(two.alone("work", work)))
        stays.callback(lambda: [task.cancel() for task in tasks])
        stays.callback(cable.join)  # before anything is closed
        async with store.begin():
            stays.enter_context(writing(far))
            await until_queued(store)
            cable.cut()
        async with asyncio.timeout(4 * LEASE):
            await taken.wait()
        assert await holder(store) == two.name


async def test_a_process_has_few_in_that_queue_however_many_of_it_would_write(
    store: Store, store_url: str
) -> None:
    async with opened(store_url) as far:
        async with store.begin():
            tasks = [asyncio.create_task(write(far, f"mark.{n}")) for n in range(WRITERS)]
            assert await until_queued(store) == 2
        await asyncio.gather(*tasks)
    async with store.read() as tx:
        assert len(await tx.marks.all("mark.")) == WRITERS


async def test_writing_goes_on_where_it_was_cut_when_it_is_joined_again(
    store: Store, store_url: str, cable: Cable
) -> None:
    """What was under way when it was cut is not kept, and is said to have failed."""
    async with opened(through(cable, store_url)) as far:

        async def cut_in_the_middle() -> None:
            async with far.begin() as tx:
                await tx.marks.set("mark.cut", {}, WallClock().now())
                cable.cut()
                async with asyncio.timeout(4 * LEASE):
                    await write(store, "mark.near")
                cable.join()
                await tx.marks.set("mark.late", {}, WallClock().now())

        with pytest.raises(StoreError):
            await cut_in_the_middle()
        await write(far, "mark.after")
    async with store.read() as tx:
        assert [name for name, _, _ in await tx.marks.all("mark.")] == ["mark.after", "mark.near"]


async def holder(store: Store) -> str:
    async with store.read() as tx:
        lease = await tx.leases.get("work")
        return lease.holder if lease is not None else ""
