"""Restore a backup into an empty database of either engine."""

import asyncio
from pathlib import Path

from sqlalchemy import MetaData, inspect
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.backup.errors import BackupError
from storage.backup.read import Backup, Page, opened
from storage.backup.write import Heard
from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine, refuse_no_folder, shown, sqlite_engine
from storage.errors import translated
from storage.numbering import count_on
from storage.schema import upgrade, upgrade_on, version
from storage.types import Document, Instant


async def restore(
    config: StorageConfig, path: Path, *, identity: str = "", heard: Heard = lambda _t, _n: None
) -> Backup:
    """Fill an empty database with a backup of this version or an earlier, and bring it to this one's schema.

    All or nothing: a backup that turns out to be damaged at its last line leaves the database empty. Raises
    BackupError, and StoreError when the database cannot be used.
    """
    url = parse_url(config.url)
    is_sqlite = url.drivername.startswith("sqlite")
    if is_sqlite:
        await asyncio.to_thread(refuse_no_folder, url)
    engine = sqlite_engine(url, config, writes=True) if is_sqlite else postgres_engine(url, config)
    try:
        if not await _is_empty(engine):
            raise BackupError(
                f"{shown(url)} is not empty", hint="name a new file or an empty database in [storage] url"
            )
        with opened(path, identity) as backup:
            async with engine.begin() as connection:
                await connection.run_sync(upgrade_on, backup.head.schema)
                await _fill(connection, backup, heard)
        await upgrade(engine)
    except Exception as error:
        if (ours := translated(error, shown(url))) is not None:
            raise ours from error
        raise
    finally:
        await engine.dispose()
    return backup


async def _is_empty(engine: AsyncEngine) -> bool:
    if await version(engine) is not None:
        return False
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    return all(name == "alembic_version" for name in names)  # it stays when an archive is emptied


async def _fill(connection: AsyncConnection, backup: Backup, heard: Heard) -> None:
    found = MetaData()
    await connection.run_sync(found.reflect)  # our models may know more than the backup's schema has
    source = backup.pages()
    done: dict[str, int] = {}
    while (page := await asyncio.to_thread(next, source, None)) is not None:
        if page.table not in done:
            _typed(found, page, backup)
        names = list(page.columns)
        rows = [dict(zip(names, row, strict=True)) for row in page.rows]
        await connection.execute(found.tables[page.table].insert(), rows)
        done[page.table] = done.get(page.table, 0) + len(rows)
        heard(page.table, done[page.table])
    if connection.dialect.name == "postgresql":
        for name in done:
            await count_on(connection, found.tables[name])


def _typed(found: MetaData, page: Page, backup: Backup) -> None:
    """A table as found takes our own types of values. Raises BackupError when it is not that table."""
    table = found.tables.get(page.table)
    if table is None or not set(page.columns) <= set(table.columns.keys()):
        raise BackupError(
            f"the backup has a table {page.table!r} that schema {backup.head.schema} does not know",
            hint="it was made by a changed Deadair: restore it with that one",
        )
    for name, kind in page.columns.items():
        if kind == "instant":
            table.columns[name].type = Instant()
        elif kind == "document":
            table.columns[name].type = Document
