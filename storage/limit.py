"""A limit on how long reading may take: what takes longer is broken off in the database itself.

A caller that stops waiting does not stop the database: SQLite's thread and PostgreSQL's backend would go on.
"""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.one_step import HurriedConnection, interrupt

#: An interruption meets only what runs at that moment: so it is repeated, in seconds.
_AGAIN = 0.05


@asynccontextmanager
async def limited(
    connection: AsyncConnection, longest: timedelta, *, is_postgres: bool
) -> AsyncIterator[None]:
    """A block of a transaction whose statements are broken off: on SQLite `longest` after it began, on
    PostgreSQL each that takes longer. They fail with the engine's own error.
    """
    if is_postgres:
        milliseconds = max(1, round(longest.total_seconds() * 1000))
        await connection.execute(text(f"SET LOCAL statement_timeout = {milliseconds}"))
        yield
        return
    driver = (await connection.get_raw_connection()).driver_connection
    assert isinstance(driver, HurriedConnection)  # noqa: S101 - as `storage.one_step.connect` makes them
    raw = driver._conn
    driver.is_hurried = True
    watching = asyncio.create_task(_interrupting(raw, longest.total_seconds()))
    try:
        yield
    finally:
        driver.is_hurried = False
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching


async def _interrupting(raw: sqlite3.Connection, seconds: float) -> None:
    await asyncio.sleep(seconds)
    while True:
        interrupt(raw)
        await asyncio.sleep(_AGAIN)
