"""Insert, or bring up to date: the same on both engines."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import Table


async def upsert(
    connection: AsyncConnection,
    table: type[Table],
    rows: Sequence[dict[str, Any]],
    *,
    key: Sequence[str],
    add: Sequence[str] = (),
    keep: bool = False,
) -> None:
    """Insert the rows; where the key exists, overwrite the other columns.

    Columns in `add` are added to what is there; with `keep`, what is there stays as it is.
    """
    if not rows:
        return
    target = cast("SqlTable", table.__table__)
    kind = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement: Any = kind(target)
    if keep:
        statement = statement.on_conflict_do_nothing(index_elements=list(key))
    else:
        columns = target.c
        changed = {
            name: columns[name] + statement.excluded[name] if name in add else statement.excluded[name]
            for name in rows[0]
            if name not in key
        }
        statement = statement.on_conflict_do_update(index_elements=list(key), set_=changed)
    await connection.execute(statement, list(rows))
