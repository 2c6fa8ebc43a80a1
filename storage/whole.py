"""The archive whole: every table whose rows cannot be made anew from others, and its rows in their order."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Select, inspect, select
from sqlalchemy import Table as SqlTable

from storage import access_tables as access_tables
from storage import account_tables as account_tables
from storage import channel_tables as channel_tables
from storage.table import DERIVED_MARKS, Table
from storage.tables import Marks


def kept_tables() -> Sequence[SqlTable]:
    """Each stands after those that it refers to."""
    return [table for table in Table.metadata.sorted_tables if not table.info.get("derived")]


def kept_columns(connection: Connection) -> Mapping[str, frozenset[str]]:
    """Which columns an archive of an earlier schema has, by table: what came later is not there yet. No
    migration has taken away a table or a column.
    """
    there = inspect(connection)
    names = frozenset(there.get_table_names())
    return {
        table.name: frozenset(each["name"] for each in there.get_columns(table.name))
        for table in kept_tables()
        if table.name in names
    }


def kept_rows(table: SqlTable) -> Select[Any]:
    """Its rows, without those that tell of what is made anew."""
    query = select(table)
    if table is Marks.__table__:
        query = query.where(~Marks.name.startswith(DERIVED_MARKS, autoescape=True))
    return query


def classes() -> Mapping[str, type[Table]]:
    """The class of each table, by the table's name."""
    return {mapper.local_table.name: mapper.class_ for mapper in Table.registry.mappers}  # type: ignore[attr-defined]
