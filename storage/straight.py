"""Statements written out, asked in the least number of steps."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection


async def rows_of(
    connection: AsyncConnection, statement: str, bound: Mapping[str, Any] | None = None
) -> Sequence[Any]:
    """All rows of a statement, as the driver gives them."""
    if connection.dialect.name == "sqlite":
        # Past SQLAlchemy, which goes to the connection's thread and back four times for one statement.
        driver: Any = (await connection.get_raw_connection()).driver_connection
        rows: Sequence[Any] = await driver.execute_fetchall(statement, bound or {})
        return rows
    found = await connection.execute(text(statement), bound)
    return found.all()
