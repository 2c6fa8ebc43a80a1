"""The schema's version: set up, checked, moved up and down."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.errors import SchemaMismatch

# Alembic takes 12 MB and a quarter of a second, and is needed only where a schema is to be changed.
if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

log = structlog.get_logger(__name__)

_SCHEMA_LOCK = 0x0DEADA13
#: Seconds between two tries to have a table or the schema for oneself, and what PostgreSQL says of one.
_ASK_EVERY, _LOCK_NOT_AVAILABLE = 0.5, "55P03"
#: The version of a database that an archive is being moved into: nobody may take it for one yet.
MOVING = "moving"
MIGRATIONS = Path(__file__).parent / "migrations"
#: Alembic keeps what it is at in globals, so that one loop changes one schema after the other.
_CHANGING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()


def _one_at_a_time() -> asyncio.Lock:
    return _CHANGING.setdefault(asyncio.get_running_loop(), asyncio.Lock())


def _alembic(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    # Alembic makes tables of its own each time: what it says of them reads the same to nobody else.
    connection.execution_options(compiled_cache=None)
    config.attributes["connection"] = connection
    return config


def script() -> "ScriptDirectory":
    """The migrations this code comes with."""
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config)


def known() -> list[str]:
    """Every version this code knows, oldest first: the files of its migrations bear their numbers."""
    found = sorted(path.name.partition("_")[0] for path in MIGRATIONS.glob("versions/[0-9]*_*.py"))
    if not found:
        raise SchemaMismatch("this installation has no migrations", hint="install Deadair anew")
    return found


def head() -> str:
    """The version this code works with: the newest of those it knows."""
    return known()[-1]


def version_on(connection: Connection) -> str | None:
    """The version that the archive has in this transaction; None: it is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    rows = connection.execute(text("SELECT version_num FROM alembic_version"))
    found: str | None = rows.scalar_one_or_none()
    return found


async def version(engine: AsyncEngine) -> str | None:
    """The version the archive has; None: it is empty."""
    async with engine.connect() as connection:
        return await connection.run_sync(version_on)


async def upgrade(engine: AsyncEngine, to: str = "head") -> None:
    """In one transaction: an archive that is set up, or that nobody else can use meanwhile."""
    async with engine.begin() as connection:
        if connection.dialect.name == "postgresql":  # several parts may start at once on a new archive
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})"))
        async with _one_at_a_time():
            await connection.run_sync(upgrade_on, to)


def upgrade_on(connection: Connection, to: str) -> None:
    """Bring the schema up to that version, in the transaction that the connection is in."""
    from alembic import command

    command.upgrade(_alembic(connection), to)


async def upgrade_beside(engine: AsyncEngine, steps: Sequence[str]) -> None:
    """Bring an archive of PostgreSQL up while others use it: these steps, each by itself, so that what one of
    them locks it soon lets go of. Whoever is in the way for longer than a change of a table may wait is let
    through, and the step tried again; broken off, it is gone on with by calling this once more.
    """
    async with engine.connect() as only, engine.connect() as connection:
        await only.execution_options(isolation_level="AUTOCOMMIT")
        while True:
            # Not waited for: whoever waits for a lock holds up the building of indexes.
            if await only.scalar(text(f"SELECT pg_try_advisory_lock({_SCHEMA_LOCK})")):
                break
            await asyncio.sleep(_ASK_EVERY)
        for step in steps:
            while True:
                try:
                    async with _one_at_a_time():
                        await connection.run_sync(_step_beside, step)
                    break
                except PendingRollbackError as error:  # how alembic leaves a line that is gone: not why
                    raise error.__context__ or error from None
                except DBAPIError as error:
                    await connection.rollback()
                    if getattr(error.orig, "sqlstate", None) != _LOCK_NOT_AVAILABLE:
                        raise
                    log.warning("a table is in use; tried again by itself", schema=step)
                    await asyncio.sleep(_ASK_EVERY)


def _step_beside(connection: Connection, to: str) -> None:
    from alembic import command

    from storage.migrations.beside import BESIDE, LOCK_TIMEOUT

    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    config = _alembic(connection)
    config.attributes[BESIDE] = True
    command.upgrade(config, to)
    connection.commit()


async def downgrade(engine: AsyncEngine, to: str) -> None:
    from alembic import command

    async with engine.begin() as connection, _one_at_a_time():
        await connection.run_sync(lambda c: command.downgrade(_alembic(c), to))


def set_version(connection: Connection, to: str) -> None:
    """Call the schema another version without changing anything of it."""
    connection.execute(text("UPDATE alembic_version SET version_num = :to"), {"to": to})


def refuse_moving(have: str | None, name: str) -> None:
    """Raises SchemaMismatch for a database that an archive is still being moved into."""
    if have == MOVING:
        raise SchemaMismatch(
            f"the move of an archive into {name} is not at its end",
            hint="go on with `deadair migrate --to URL --finish`, with the old archive in the config",
        )


def no_archive(name: str) -> SchemaMismatch:
    """There is none, for those who may not make one."""
    return SchemaMismatch(
        f"{name} holds no archive yet",
        hint="start collecting with: deadair run; if there is one elsewhere, name its config with --config",
    )


async def ensure_schema(engine: AsyncEngine, name: str, *, create: bool, earlier: bool = False) -> None:
    """Set up an empty archive; refuse one of another version, and a database that is somebody else's.

    `earlier`: one of an earlier version will do, as it is.
    """
    async with engine.connect() as connection:
        have = await connection.run_sync(version_on)
        found = [] if have else await connection.run_sync(lambda c: inspect(c).get_table_names())
    tables = [name for name in found if name != "alembic_version"]  # it stays when an archive is emptied
    *before, want = known()
    if have == want or (earlier and have in before):
        return
    refuse_moving(have, name)
    if have is None and not tables:
        if not create:
            raise no_archive(name)
        await upgrade(engine)
        return
    if have is None:
        raise SchemaMismatch(
            f"{name} holds other tables than Deadair's ({', '.join(sorted(tables)[:3])} ...)",
            hint="name an empty database in [storage] url",
        )
    raise SchemaMismatch(
        f"{name} has schema {have}, this Deadair works with {want}",
        hint="run `deadair backup`, then `deadair migrate`"
        if have in before
        else "this one does not know what it holds: install the newer Deadair that wrote it",
    )
