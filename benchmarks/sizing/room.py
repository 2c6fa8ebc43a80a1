"""How many bytes and rows lie in each table, its indexes apart."""

from dataclasses import dataclass, field

from sqlalchemy import text

from storage.store import Store

#: What SQLite's FTS5 keeps is one index of ours.
_FTS = "words"
_SQLITE = """
SELECT d.name, m.tbl_name, m.type, SUM(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name
GROUP BY d.name, m.tbl_name, m.type
"""
_TABLES = """
SELECT c.relname, pg_table_size(c.oid) FROM pg_class c
WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
"""
_INDEXES = """
SELECT t.relname, i.relname, pg_relation_size(i.oid)
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
WHERE t.relnamespace = current_schema()::regnamespace
"""


@dataclass(slots=True)
class Room:
    """Of a table, in bytes, whole pages."""

    rows: int = 0
    table: int = 0
    indexes: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return self.table + sum(self.indexes.values())


async def room(store: Store) -> dict[str, Room]:
    """By table. PostgreSQL is tidied up first, as by itself in time; SQLite's log goes into the file."""
    found: dict[str, Room] = {}
    if store.is_postgres:
        await _vacuum(store)
        async with store.read() as tx:
            for name, size in await tx.connection.execute(text(_TABLES)):
                found[name] = Room(table=size)
            for name, index, size in await tx.connection.execute(text(_INDEXES)):
                found[name].indexes[index] = size
    else:
        await store.checkpoint()
        async with store.read() as tx:
            for name, of, kind, size in await tx.connection.execute(text(_SQLITE)):
                table = _FTS if of.startswith(f"{_FTS}_") else of
                into = found.setdefault(table, Room())
                if kind == "index":
                    into.indexes[name] = size
                else:
                    into.table += size
    async with store.read() as tx:
        for name, each in found.items():
            # The index of words has a row for each document; SQLite's does not let them be counted.
            counted = "documents" if name == _FTS else name
            each.rows = (await tx.connection.execute(text(f'SELECT count(*) FROM "{counted}"'))).scalar_one()
    return found


async def _vacuum(store: Store) -> None:
    import asyncpg

    connection = await asyncpg.connect(store.url.set(drivername="postgresql").render_as_string(False))
    try:
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()
