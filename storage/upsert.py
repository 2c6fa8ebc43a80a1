"""Insert, or bring up to date: the same on both engines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Dialect, LargeBinary, insert
from sqlalchemy import Table as SqlTable
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import Table

#: From so many rows on it pays to hand them to the driver as they are.
_MANY = 20


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A statement as the driver takes it, with how each of its values is converted."""

    sql: str
    columns: tuple[tuple[str, Callable[[Any], Any] | None], ...]

    def values(self, rows: Sequence[dict[str, Any]]) -> list[tuple[Any, ...]]:
        columns = []
        for name, change in self.columns:
            column = [row[name] for row in rows]
            if change is not None and column.count(None) < len(column):
                column = _changed(column, change)
            columns.append(column)
        return list(zip(*columns, strict=True))


def _changed(column: Sequence[Any], change: Callable[[Any], Any]) -> list[Any]:
    """Many rows in a row often have the very same value: that one is converted once."""
    out, before, made = [], None, None
    for value in column:
        if value is not before:
            before, made = value, None if value is None else change(value)
        out.append(made)
    return out


_compiled: dict[tuple[Any, ...], _Compiled] = {}


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
    names = tuple(rows[0])
    # SQLAlchemy works out every row's parameters anew; of many rows that is most of the time they take.
    is_bulk = len(rows) >= _MANY and all(row.keys() == rows[0].keys() for row in rows)
    known = (connection.dialect.name, table.__tablename__, names, tuple(key), tuple(add), keep)
    if is_bulk and known in _compiled:
        made = _compiled[known]
        await connection.exec_driver_sql(made.sql, made.values(rows))
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
    if is_bulk:
        made = _compiled[known] = _compile(statement, connection.dialect, names)
        await connection.exec_driver_sql(made.sql, made.values(rows))
        return
    await connection.execute(statement, list(rows))


async def append(connection: AsyncConnection, table: type[Table], rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that are new."""
    if not rows:
        return
    statement, names = insert(cast("SqlTable", table.__table__)), tuple(rows[0])
    if len(rows) < _MANY:
        await connection.execute(statement, list(rows))
        return
    known = (connection.dialect.name, table.__tablename__, names)
    if (made := _compiled.get(known)) is None:
        made = _compiled[known] = _compile(statement, connection.dialect, names)
    await connection.exec_driver_sql(made.sql, made.values(rows))


def _compile(statement: Any, dialect: Dialect, names: Sequence[str]) -> _Compiled:
    found = statement.compile(dialect=dialect, column_keys=list(names))
    # Both drivers take bytes as they are; the engine wraps each of them.
    plain = {name for name, bind in found.binds.items() if isinstance(bind.type, LargeBinary)}
    changes = {name: change for name, change in found._bind_processors.items() if name not in plain}
    return _Compiled(sql=str(found), columns=tuple((name, changes.get(name)) for name in found.positiontup))
