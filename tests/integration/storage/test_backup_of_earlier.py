"""An archive that an earlier version wrote is backed up as it is, before `deadair migrate` changes it."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from storage.backup.form import written
from storage.backup.read import opened
from storage.backup.restore import restore
from storage.backup.write import write_backup
from storage.config import StorageConfig
from storage.errors import SchemaMismatch
from storage.migrate import migrate
from storage.schema import MOVING, head, script, set_version
from storage.store import open_store
from tests.support.earlier import ARCHIVES, Held, engine_of, held, lay_down, rows_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SCHEMAS = [each.revision for each in script().walk_revisions()][::-1]
WRITTEN = [schema for schema in SCHEMAS[:-1] if (ARCHIVES / f"{schema}.jsonl").exists()]


def held_by(path: Path) -> dict[str, Held]:
    """What a backup holds, by table, in the form of an earlier archive's file."""
    out: dict[str, Held] = {}
    with opened(path) as backup:
        for page in backup.pages():
            table = out.setdefault(page.table, Held(dict(page.columns), []))
            kinds = list(page.columns.values())
            table.rows.extend(json.loads(written(row, kinds)) for row in page.rows)
    return out


def in_order(tables: dict[str, Held]) -> dict[str, tuple[list[str], list[str]]]:
    """Columns and rows, whatever their order and that of names in documents, which engines keep or not."""
    return {
        name: (
            sorted(table.columns),
            sorted(
                json.dumps(dict(zip(table.columns, row, strict=True)), sort_keys=True) for row in table.rows
            ),
        )
        for name, table in tables.items()
    }


@pytest.mark.parametrize("schema", WRITTEN)
async def test_a_backup_of_each_schema_holds_all_of_it_and_is_brought_up_when_restored(
    schema: str, store_url: str, tmp_path: Path
) -> None:
    await lay_down(store_url, schema)
    config, back = StorageConfig(url=store_url), StorageConfig(url=f"sqlite:///{tmp_path / 'back.db'}")
    async with open_store(config, create=False, earlier=True) as store:
        done = await write_backup(store, tmp_path / "b.gz", NOON)
    assert done.schema == schema
    assert in_order(held_by(done.path)) == in_order(held(schema))

    assert (await restore(back, done.path)).head.schema == schema
    await migrate(config)
    async with open_store(config, create=False) as store:
        first = await write_backup(store, tmp_path / "migrated.gz", NOON)
    async with open_store(back, create=False) as store:
        second = await write_backup(store, tmp_path / "restored.gz", NOON)
    assert (first.schema, second.schema) == (head(), head())
    assert in_order(held_by(second.path)) == in_order(held_by(first.path))


async def test_nothing_of_it_is_changed(store_url: str, tmp_path: Path) -> None:
    await lay_down(store_url, "0010")
    kinds = {name: table.columns for name, table in held("0010").items()}
    before: dict[str, Any] = await rows_of(store_url, kinds)
    async with open_store(StorageConfig(url=store_url), create=False, earlier=True) as store:
        await write_backup(store, tmp_path / "b.gz", NOON)
    assert await rows_of(store_url, kinds) == before
    with pytest.raises(SchemaMismatch, match="has schema 0010") as outdated:
        async with open_store(StorageConfig(url=store_url)):
            pass
    assert "`deadair backup`" in outdated.value.hint


@pytest.mark.parametrize("other", [MOVING, "0000", "9999"])
async def test_an_archive_of_a_schema_that_is_not_known_is_refused(store_url: str, other: str) -> None:
    await lay_down(store_url, "0019")
    engine = engine_of(store_url)
    async with engine.begin() as connection:
        await connection.run_sync(set_version, other)
    await engine.dispose()
    with pytest.raises(SchemaMismatch) as unknown:
        async with open_store(StorageConfig(url=store_url), create=False, earlier=True):
            pass
    assert "deadair backup" not in unknown.value.hint
    if other == "9999":
        assert "install the newer Deadair" in unknown.value.hint
