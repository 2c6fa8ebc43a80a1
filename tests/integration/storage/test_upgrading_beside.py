"""An archive in PostgreSQL is brought up while others write to it, and keeps none of them waiting long."""

import ast
import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.config import StorageConfig
from storage.errors import StoreError
from storage.migrate import migrate
from storage.schema import MIGRATIONS, head, version
from tests.support.earlier import engine_of, lay_down
from tests.support.postgres import Postgres

#: What a writer of each of these schemas has in use.
_IN_USE = ("posts", "readings", "tallies", "claims")
_HELD_UP = (
    "FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
    " WHERE NOT l.granted AND a.datname = current_database()"
)
_PATIENCE = 60.0

of_postgres = pytest.mark.postgres


@pytest.fixture
async def url(postgres: Postgres) -> AsyncIterator[str]:
    found = await postgres.database()
    yield found
    await postgres.drop(found)


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    made = engine_of(url)
    yield made
    await made.dispose()


async def write(connection: AsyncConnection) -> None:
    """As a process of the earlier version does that stores something: nobody may change tables meanwhile."""
    await connection.execute(text(f"LOCK TABLE {', '.join(_IN_USE)} IN ROW EXCLUSIVE MODE"))


async def waits_for_somebody(engine: AsyncEngine) -> None:
    """Until the migration is held up by whoever uses the tables."""

    async def held_up() -> bool:
        async with engine.connect() as connection:
            return (await connection.execute(text(f"SELECT 1 {_HELD_UP} LIMIT 1"))).first() is not None

    await until(held_up, True)


async def until(ask: Callable[[], Awaitable[object]], answer: object) -> None:
    async with asyncio.timeout(_PATIENCE):
        while True:
            if await ask() == answer:
                return
            await asyncio.sleep(0.01)


async def invalid(engine: AsyncEngine) -> list[str]:
    """Indexes that were begun and not brought to their end."""
    async with engine.connect() as connection:
        rows = await connection.execute(
            text("SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid")
        )
        return list(rows.scalars())


@of_postgres
@pytest.mark.parametrize("schema", ["0002", "0014", "0017"])
async def test_others_go_on_writing_while_a_migration_waits(
    schema: str, url: str, engine: AsyncEngine
) -> None:
    await lay_down(url, schema)
    async with engine.connect() as long, engine.connect() as short:
        await write(long)
        task = asyncio.create_task(migrate(StorageConfig(url=url)))
        for _ in range(3):
            await waits_for_somebody(engine)
            async with asyncio.timeout(_PATIENCE):
                await write(short)
            await short.rollback()
            assert not task.done()
        await long.rollback()
        async with asyncio.timeout(_PATIENCE):
            assert await task == (schema, head())
    assert await invalid(engine) == []


@of_postgres
@pytest.mark.parametrize("by_us", [True, False], ids=["stopped", "cut off"])
async def test_an_index_that_was_broken_off_is_made_anew(by_us: bool, url: str, engine: AsyncEngine) -> None:
    await lay_down(url, "0014")
    async with engine.connect() as long:
        await write(long)
        task = asyncio.create_task(migrate(StorageConfig(url=url)))
        await waits_for_somebody(engine)
        if by_us:
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            async with engine.connect() as other:
                await other.execute(text(f"SELECT pg_terminate_backend(l.pid) {_HELD_UP}"))
            with pytest.raises(StoreError):
                await task
        await until(lambda: invalid(engine), ["ix_readings_topics"])
        assert await version(engine) == "0014"
        await long.rollback()
    assert await migrate(StorageConfig(url=url)) == ("0014", head())
    assert await invalid(engine) == []


@of_postgres
async def test_a_step_that_was_broken_off_in_its_middle_is_done_again(url: str, engine: AsyncEngine) -> None:
    """0018 adds a column, writes into it and makes an index: each is committed before the next."""
    await lay_down(url, "0017")
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE readings ADD COLUMN read_by INTEGER"))
    assert await migrate(StorageConfig(url=url)) == ("0017", head())
    assert await invalid(engine) == []


@of_postgres
async def test_two_who_migrate_at_once_do_it_once(url: str, engine: AsyncEngine) -> None:
    await lay_down(url, "0014")
    async with engine.connect() as long:
        await write(long)
        both = [asyncio.create_task(migrate(StorageConfig(url=url))) for _ in range(2)]
        await waits_for_somebody(engine)
        await long.rollback()
        async with asyncio.timeout(_PATIENCE):
            assert {each[1] for each in await asyncio.gather(*both)} == {head()}
    assert await version(engine) == head()
    assert await invalid(engine) == []


def test_no_later_migration_does_to_a_table_in_use_what_keeps_others_waiting() -> None:
    """From here on indexes and columns of tables that there are come by `storage.migrations.beside`."""
    later = [path for path in sorted(MIGRATIONS.glob("versions/[0-9]*_*.py")) if path.name >= "0015"]
    assert {path.name[:4] for path in later} >= {"0015", "0018"}
    found = [f"{path.stem} line {line}: {what}" for path in later for line, what in _locking(path)]
    assert found == []


def _locking(path: Path) -> list[tuple[int, str]]:
    """Calls in `upgrade` that lock a table which the migration did not make itself, on PostgreSQL."""
    tree = ast.parse(path.read_text())
    (upgrade,) = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == "upgrade"]
    calls = [
        node
        for node in ast.walk(upgrade)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "op"
    ]

    def named(call: ast.Call, at: int) -> str:
        node = call.args[at] if len(call.args) > at else None
        return str(node.value) if isinstance(node, ast.Constant) else ""

    def is_called(call: ast.Call, *names: str) -> bool:
        return isinstance(call.func, ast.Attribute) and call.func.attr in names

    own = {named(call, 0) for call in calls if is_called(call, "create_table")}
    out = []
    for call in calls:
        if is_called(call, "create_index") and named(call, 1) not in own | _sqlite_only(tree, call):
            out.append((call.lineno, f"create_index of {named(call, 1)}"))
        if is_called(call, "batch_alter_table", "alter_column", "drop_column", "create_unique_constraint"):
            out.append((call.lineno, ast.unparse(call)))
    return out


def _sqlite_only(tree: ast.Module, call: ast.Call) -> set[str]:
    """The call's table, where the call stands in a branch that PostgreSQL never takes."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.If):
            continue
        asked = ast.unparse(node.test)
        branch = node.body if "'sqlite'" in asked else node.orelse if "'postgresql'" in asked else []
        if any(call in ast.walk(each) for each in branch):
            return {str(call.args[1].value)} if isinstance(call.args[1], ast.Constant) else set()
    return set()
