"""Indexes and constraints of the new database that are put off until its rows are there.

While rows come from an archive that changes, two of them may be alike for a while in what must differ, and
one may refer to another that is still to come. Built once over all rows they also cost less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

#: One of them: its name, its table, its definition, and what it is.
PutOff = Mapping[str, Any]

_CONSTRAINTS = """
SELECT c.conname AS name, t.relname AS of, pg_get_constraintdef(c.oid) AS definition,
       CASE c.contype WHEN 'f' THEN 'reference' ELSE 'unique' END AS kind
FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(:tables)
  AND c.contype IN ('f', 'u') AND c.conparentid = 0
ORDER BY c.contype, t.relname, c.conname
"""
_INDEXES = """
SELECT i.relname AS name, t.relname AS of, pg_get_indexdef(x.indexrelid) AS definition, 'index' AS kind
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace = current_schema()::regnamespace AND t.relname = ANY(:tables) AND NOT i.relispartition
  AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
ORDER BY t.relname, i.relname
"""


async def put_off(connection: AsyncConnection, tables: Sequence[str]) -> Sequence[PutOff]:
    """Take away what these tables are held to, but for their keys. Returns what was taken."""
    found: list[PutOff] = []
    for query in (_CONSTRAINTS, _INDEXES):
        rows = await connection.execute(text(query), {"tables": list(tables)})
        found += [dict(row) for row in rows.mappings()]
    quote = connection.dialect.identifier_preparer.quote_identifier
    for each in found:
        if each["kind"] == "index":
            await connection.exec_driver_sql(f"DROP INDEX {quote(each['name'])}")
        else:
            await connection.exec_driver_sql(
                f"ALTER TABLE {quote(each['of'])} DROP CONSTRAINT {quote(each['name'])}"
            )
    return found


async def make(connection: AsyncConnection, each: PutOff) -> None:
    """Hold the table to it again."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    if each["kind"] == "index":
        await connection.exec_driver_sql(each["definition"])
    else:
        await connection.exec_driver_sql(
            f"ALTER TABLE {quote(each['of'])} ADD CONSTRAINT {quote(each['name'])} {each['definition']}"
        )
