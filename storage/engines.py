"""Connections to SQLite and PostgreSQL, set up as Deadair needs them."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from domain.mask import MASK
from storage.compiled import COMPILED
from storage.config import StorageConfig
from storage.errors import StoreError
from storage.one_step import connect
from storage.patience import given_up_after, is_patient_for
from storage.types import to_json

_DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
}

#: Kilobytes of pages that a connection to SQLite keeps; the system keeps what else was read.
_WRITING, _READING = 8_000, 4_000


def parse_url(text: str, given: str = "[storage] url") -> URL:
    """A database url with the driver we use; `given`: where it stands, for the message.

    Raises StoreError that names what is allowed.
    """
    hint = "write sqlite:///path/to/file.db or postgresql://user@host/name"
    try:
        url = make_url(text)
    except ArgumentError:
        # Not repeated: it may hold a password where nobody can tell it from the rest.
        raise StoreError(f"what is given as {given} is no database url", hint=hint) from None
    driver = _DRIVERS.get(url.drivername.split("+")[0])
    if driver is None:
        raise StoreError(f"no such kind of database: {url.drivername!r}", hint=hint)
    if driver.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise StoreError("the archive cannot be kept in memory only", hint=hint)
    return url.set(drivername=driver)


def shown(url: URL) -> str:
    """The url as it may appear in a message: without its password, also where that is asked with."""
    hidden = {key: MASK for key in url.query if "pass" in key and key != "passfile"}
    if hidden:
        url = url.update_query_dict(hidden)
    return url.set(drivername=url.drivername.split("+")[0]).render_as_string(hide_password=True)


def refuse_no_folder(url: URL) -> None:
    """Raises StoreError where an archive in SQLite would lie in a folder that is not there."""
    folder = Path(str(url.database)).parent
    if not folder.is_dir():
        raise StoreError(f"the folder of {shown(url)} does not exist", hint=f"make it: mkdir -p {folder}")


def sqlite_engine(url: URL, config: StorageConfig, *, writes: bool, alone: bool = False) -> AsyncEngine:
    """One connection that writes, or several that only read; or one that reads `alone`: while it is open,
    nobody else opens the file, and what others have open already is found locked.

    A deferred transaction that reads first and writes later fails at once when another process wrote in
    between, whatever the busy timeout: so the writer always begins IMMEDIATE.
    """
    engine = create_async_engine(
        url,
        connect_args={
            "timeout": config.busy_timeout,
            "isolation_level": None,
            "async_creator_fn": connect,
        },
        json_serializer=to_json,
        execution_options={"compiled_cache": COMPILED},
        pool_size=1 if writes or alone else config.pool_size,
        max_overflow=0 if writes or alone else 5,
        pool_timeout=config.busy_timeout,
        # The one that was used last: each has pages of its own in memory, and most of the time one will do.
        pool_use_lifo=True,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {int(config.busy_timeout * 1000)}")
        if alone:
            cursor.execute("PRAGMA locking_mode = EXCLUSIVE")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute(f"PRAGMA cache_size = -{_WRITING if writes else _READING}")
        if writes:
            cursor.execute("PRAGMA journal_mode = WAL")
            cursor.execute("PRAGMA synchronous = NORMAL")
            cursor.execute("PRAGMA journal_size_limit = 67108864")
        else:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    @event.listens_for(engine.sync_engine, "invalidate")
    def let_go(connection: Any, _record: object, _error: object) -> None:
        # A task that is cancelled in the middle of a transaction has its connection closed, but SQLite keeps
        # a closed one and its lock for as long as any statement of it is held by a traceback. So end the
        # transaction first; the thread of the connection does both in the order in which they are asked for.
        driver = connection.driver_connection
        if (raw := driver._connection) is not None:
            driver._tx.put_nowait((None, raw.rollback))

    return engine


def postgres_engine(
    url: URL, config: StorageConfig, *, connections: int | None = None, longest: timedelta | None = None
) -> AsyncEngine:
    """As many connections as the config says and a few more at need; or exactly so many. A statement may take
    `longest`; None: as long as it needs.
    """
    return _patient(
        create_async_engine(
            url,
            pool_size=connections or config.pool_size,
            max_overflow=0 if connections else 5,
            pool_pre_ping=True,
            **_as_ours(longest),
        ),
        longest,
    )


def patient_engine(url: URL) -> AsyncEngine:
    """Beside another one: a connection for each transaction, whose statements take as long as they need."""
    return _patient(create_async_engine(url, poolclass=NullPool, **_as_ours(None)), None)


def _as_ours(longest: timedelta | None) -> dict[str, Any]:
    connecting: dict[str, Any] = {
        "timeout": 10,
        "server_settings": {"application_name": "deadair", "timezone": "UTC"},
    }
    if longest is not None:
        connecting["command_timeout"] = given_up_after(longest)
    return {
        "json_serializer": to_json,
        "execution_options": {"compiled_cache": COMPILED},
        "connect_args": connecting,
    }


def _patient(engine: AsyncEngine, longest: timedelta | None) -> AsyncEngine:
    is_patient_for(engine, longest)
    return engine
