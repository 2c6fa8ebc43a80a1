"""Archives as earlier versions wrote them: laid down in a database, and one more written for a schema.

    python -m tests.support.earlier 0014

writes tests/data/archives/0014.jsonl: the newest archive that is there, brought up to that schema.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import MetaData
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.backup.form import kind_of, line, read, written
from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine, sqlite_engine
from storage.migrate import migrate
from storage.numbering import count_on
from storage.schema import upgrade_on
from storage.types import Document, Instant
from storage.whole import kept_tables
from tests.support.every_table import invented

ARCHIVES = Path(__file__).parents[1] / "data" / "archives"
_TYPES: Mapping[str, Any] = {"instant": Instant(), "document": Document}


class Held(NamedTuple):
    """A table of an earlier archive: its columns with their kinds, and its rows as they stand in the file."""

    columns: dict[str, str]
    rows: list[list[Any]]


def held(schema: str) -> dict[str, Held]:
    """What the archive of that schema holds, by table."""
    out: dict[str, Held] = {}
    table = ""
    for text in (ARCHIVES / f"{schema}.jsonl").read_text(encoding="utf-8").splitlines():
        found = json.loads(text)
        if isinstance(found, list):
            out[table].rows.append(found)
        elif "table" in found:
            table = found["table"]
            out[table] = Held(found["columns"], [])
        else:
            assert found == {"schema": schema}
    return out


def engine_of(url: str) -> AsyncEngine:
    config, parsed = StorageConfig(url=url), parse_url(url)
    if parsed.drivername.startswith("sqlite"):
        return sqlite_engine(parsed, config, writes=True)
    return postgres_engine(parsed, config)


async def lay_down(url: str, schema: str) -> None:
    """Make an empty database the archive of that schema."""
    engine = engine_of(url)
    async with engine.begin() as connection:
        await connection.run_sync(upgrade_on, schema)
        found = await _reflected(connection)
        for name, (columns, rows) in held(schema).items():
            table, kinds = found.tables[name], list(columns.values())
            for column, kind in columns.items():
                if kind in _TYPES:
                    table.columns[column].type = _TYPES[kind]
            values = [dict(zip(columns, read(row, kinds), strict=True)) for row in rows]
            await connection.execute(table.insert(), values)
            if connection.dialect.name == "postgresql":
                await count_on(connection, table)
    await engine.dispose()


async def _reflected(connection: AsyncConnection) -> MetaData:
    found = MetaData()
    await connection.run_sync(found.reflect)
    return found


async def rows_of(url: str, columns: Mapping[str, Mapping[str, str]]) -> dict[str, list[list[Any]]]:
    """These columns of these tables as they are now, as the file of an earlier archive has them."""
    engine, out = engine_of(url), {}
    async with engine.connect() as connection:
        for table in kept_tables():
            if (kinds := columns.get(table.name)) is not None:
                query = table.select().with_only_columns(*(table.c[name] for name in kinds))
                found = await connection.execute(query.order_by(*table.primary_key.columns))
                out[table.name] = [json.loads(written(row, list(kinds.values()))) for row in found]
    await engine.dispose()
    return out


async def write(schema: str) -> None:
    """Bring the newest earlier archive up to a schema that has no file yet, and write that."""
    newest = max(path.stem for path in ARCHIVES.glob("*.jsonl") if path.stem < schema)
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/archive.db"
        await lay_down(url, newest)
        await migrate(StorageConfig(url=url), schema)
        engine = engine_of(url)
        async with engine.connect() as connection:
            found = await _reflected(connection)
        await engine.dispose()
        columns = {
            table.name: {c.name: kind_of(c) for c in table.columns if c.name in found.tables[table.name].c}
            for table in kept_tables()
            if table.name in found.tables
        }
        rows = await rows_of(url, columns)
    for table in kept_tables():
        if table.name in columns and not rows[table.name]:  # it came with this schema
            kinds = columns[table.name]
            made = [[invented(table.columns[name], n) for name in kinds] for n in range(2)]
            rows[table.name] = [json.loads(written(row, list(kinds.values()))) for row in made]
    (ARCHIVES / f"{schema}.jsonl").write_bytes(b"".join(_lines(schema, columns, rows)))


def _lines(
    schema: str, columns: Mapping[str, Mapping[str, str]], rows: Mapping[str, list[list[Any]]]
) -> Iterator[bytes]:
    yield line({"schema": schema})
    for name, kinds in columns.items():
        yield line({"table": name, "columns": kinds})
        yield from map(line, rows[name])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("schema")
    asyncio.run(write(parser.parse_args().schema))
