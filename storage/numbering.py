"""Where PostgreSQL counts on after rows were brought with the numbers they had."""

from sqlalchemy import Table, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection


async def count_on(connection: AsyncConnection, table: Table) -> None:
    """The next row of its own number comes after those that were brought."""
    for column in table.primary_key.columns:
        sequence = (
            await connection.execute(
                text("SELECT pg_get_serial_sequence(:table, :column)"),
                {"table": f'"{table.name}"', "column": column.name},
            )
        ).scalar_one()
        if sequence is not None:
            most = (await connection.execute(select(func.max(column)))).scalar_one()
            if most is not None:
                await connection.execute(select(func.setval(sequence, most)))
