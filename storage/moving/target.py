"""The new database of a move: empty, or a move of the same archive that was broken off."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.moving.errors import MoveError
from storage.moving.ledger import Ledger
from storage.moving.put_off import put_off
from storage.moving.source import is_same
from storage.schema import MOVING, head, set_version, upgrade_on, version
from storage.whole import kept_tables

_MOVE_LOCK = 0x0DEADA14

#: The stages of a move, in their order: rows are brought; what was put off is built; changes are followed.
COPYING, BUILDING, FOLLOWING = "copying", "building", "following"


@asynccontextmanager
async def alone(engine: AsyncEngine, name: str) -> AsyncIterator[None]:
    """Nobody else moves into it meanwhile. Raises MoveError when somebody does."""
    async with engine.connect() as connection:
        mine = await connection.execute(text(f"SELECT pg_try_advisory_lock({_MOVE_LOCK})"))
        if not mine.scalar_one():
            raise MoveError(f"another process is moving an archive into {name}", hint="let it end")
        await connection.commit()  # the lock is the session's, and no transaction may stay open for hours
        try:
            yield
        finally:
            await connection.execute(text(f"SELECT pg_advisory_unlock({_MOVE_LOCK})"))


async def begin(engine: AsyncEngine, name: str, archive: Mapping[str, Any]) -> None:
    """Make it ready for this archive, or find that it is. Raises MoveError when it holds something else."""
    have = await version(engine)
    if have == MOVING:
        async with engine.connect() as connection:
            facts = await Ledger(connection).facts()
        if facts["schema"] != head():
            raise MoveError(
                f"the move into {name} was begun with schema {facts['schema']}, this Deadair has {head()}",
                hint="empty that database (drop and create it) and begin anew",
            )
        if not is_same(archive, facts["archive"]):
            raise MoveError(
                f"{name} holds the half of another archive",
                hint="name an empty database, or the archive that was being moved there",
            )
        return
    async with engine.begin() as connection:
        tables = await connection.run_sync(lambda c: inspect(c).get_table_names())
        others = sorted(table for table in tables if table != "alembic_version")
        if have is not None:
            raise MoveError(
                f"{name} holds an archive already (schema {have})",
                hint="name an empty database; an archive is never written over",
            )
        if others:
            raise MoveError(
                f"{name} is not empty ({', '.join(others[:3])}{' ...' if others[3:] else ''})",
                hint="name an empty database: createdb NAME",
            )
        await connection.run_sync(upgrade_on, "head")
        ledger = Ledger(connection)
        await ledger.begin()
        await ledger.say("archive", archive)
        await ledger.say("schema", head())
        await ledger.say("stage", COPYING)
        await ledger.say("put off", await put_off(connection, [table.name for table in kept_tables()]))
        # From here on no part of Deadair takes it for an archive.
        await connection.run_sync(set_version, MOVING)


async def stage(engine: AsyncEngine) -> str:
    async with engine.connect() as connection:
        return str((await Ledger(connection).facts())["stage"])


async def end(connection: AsyncConnection) -> None:
    """It is an archive like any other now."""
    await Ledger(connection).close()
    await connection.run_sync(set_version, head())
