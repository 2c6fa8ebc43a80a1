"""What takes too long to read is broken off in the database itself, and leaves nothing behind."""

import asyncio
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from storage.errors import TooHeavy
from storage.store import Store, Transaction
from tests.support.slow import COUNT_FOR_MINUTES

SHORT = timedelta(seconds=0.3)


async def heavy(tx: Transaction) -> None:
    await tx.connection.execute(text(f"SELECT ({COUNT_FOR_MINUTES})"))


async def test_it_is_broken_off_in_time_and_the_archive_goes_on(store: Store) -> None:
    hurried = store.hurried(SHORT)
    for _ in range(8):  # more often than there are connections
        begun = time.monotonic()
        with pytest.raises(TooHeavy) as refused:
            async with hurried.read() as tx:
                await heavy(tx)
        assert time.monotonic() - begun < 5
        assert "takes longer than" in refused.value.what
        assert refused.value.hint
        async with hurried.read() as tx:
            assert await tx.channels.all() == []


async def test_who_stops_waiting_stops_the_database(store: Store) -> None:
    hurried = store.hurried(timedelta(minutes=5))
    for _ in range(8):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), hurried.read() as tx:
                await heavy(tx)
    begun = time.monotonic()
    async with hurried.read() as tx:
        assert await tx.channels.all() == []
    assert time.monotonic() - begun < 5


async def test_nobody_else_is_hurried(store: Store) -> None:
    hurried = store.hurried(SHORT)
    async with hurried.read() as tx:
        assert await tx.channels.all() == []
    # On a connection that was hurried before.
    async with store.read() as tx:
        await asyncio.sleep(2 * SHORT.total_seconds())
        wait = "SELECT pg_sleep(0.6)" if store.is_postgres else "SELECT 1"
        await tx.connection.execute(text(wait))
    async with store.begin() as tx:
        await asyncio.sleep(2 * SHORT.total_seconds())
        assert await tx.channels.all() == []
