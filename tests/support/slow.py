"""An archive that is slow in earnest: reading one of its tables takes minutes, on either engine."""

from typing import Final

from sqlalchemy import text

from storage.store import Store

#: One number, after minutes of counting.
COUNT_FOR_MINUTES: Final = (
    "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 2000000000) "
    "SELECT count(*) FROM t WHERE n < 0"
)


async def make_slow(store: Store, table: str = "search_places") -> None:
    """From now on whoever reads of this table waits for minutes."""
    async with store.begin() as tx:
        await tx.connection.execute(text(f"ALTER TABLE {table} RENAME TO {table}_there"))
        await tx.connection.execute(
            text(f"CREATE VIEW {table} AS SELECT * FROM {table}_there WHERE ({COUNT_FOR_MINUTES}) = 0")  # noqa: S608 - both are ours
        )
