"""Rows in every table that a backup or a move keeps, as awkward as each column allows."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column

from storage.backup.form import kind_of
from storage.store import Store
from storage.whole import kept_tables

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def invented(column: Column[Any], n: int) -> Any:
    """A value that only this row and column have, as awkward as its kind allows."""
    match kind_of(column):
        case "instant":
            return NOON + timedelta(days=n, microseconds=n + 1)
        case "bytes":
            return bytes([0, 255, n]) + column.name.encode()
        case "document":
            return {"n": n, "ق": ["\U0001f680", None, 1.5, '"\\\n']} if n else None if column.nullable else []
        case "day":
            return NOON.date() + timedelta(days=n)
        case "truth":
            return bool(n % 2)
        case "number" if column.type.python_type is float:
            return n + 0.1
        case "number":
            return n + 1 if column.primary_key or column.foreign_keys else n
        case _:
            return f"{n}صـ\u200c\t\n'{column.name}"[: getattr(column.type, "length", None) or 99]


async def fill_every_table(store: Store) -> None:
    """Rows in every table there is."""
    async with store.begin() as tx:
        for table in kept_tables():
            rows = [{c.name: invented(c, n) for c in table.columns} for n in range(3)]
            if any(c.nullable for c in table.columns):
                rows[2] |= {c.name: None for c in table.columns if c.nullable}
            await tx.connection.execute(table.insert(), rows)
