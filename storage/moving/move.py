"""Move an archive out of SQLite into PostgreSQL, while it is still being written to.

Copying: table by table in blocks of rows, in the order of their keys; a block and the line of the ledger
that tells of it are one transaction. Then everything is compared with what the ledger says, in one picture of
the old archive, and what differs is brought again. Building: the indexes. Following: the same comparison, as
often as it is asked for. Ending: the same once more with the old archive held, so that nothing changes any
more; then the new one is read back whole and held against it. Killed at any moment it goes on where it was.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine, shown
from storage.errors import Unreachable, translated
from storage.moving import source, target
from storage.moving.bring import bring_up, copy
from storage.moving.errors import MoveError
from storage.moving.ledger import Ledger
from storage.moving.prove import differences, heads
from storage.moving.put_off import make
from storage.numbering import count_on
from storage.whole import kept_tables

#: What hears how it goes: what is done, how much of it, and of how much.
Heard = Callable[[str, int, int], None]

_AGAIN = "run the same command again: it goes on where it was"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far a move has come."""

    to: str  #: the new database, without its password
    rows: int
    is_whole: bool  #: proven to hold all that the old archive holds; else somebody has that one still open
    chains: int = 0  #: as many end where they ended
    brought_last: int = 0  #: rows that had changed or come since, and were brought at the end


async def move(
    config: StorageConfig, to: str, *, finish: bool, heard: Heard = lambda _what, _n, _of: None
) -> Moved:
    """Move the archive of the config into the empty database `to`, or go on with that.

    It is ended when nobody else has the old archive open; with `finish` it must be. Raises MoveError when it
    cannot be moved there, StoreError when either database cannot be used.
    """
    old, new = parse_url(config.url), parse_url(to, "the one to move to")
    _check(old, new)
    async with _telling(old, new):
        engine = postgres_engine(new, config)
        try:
            async with target.alone(engine, shown(new)):
                return await _move(old, config, engine, shown(new), finish=finish, heard=heard)
        finally:
            await engine.dispose()


def _check(old: URL, new: URL) -> None:
    if not old.drivername.startswith("sqlite"):
        raise MoveError(
            f"{shown(old)} is in PostgreSQL already",
            hint="between databases of PostgreSQL: pg_dump, or `deadair backup` and `deadair restore`",
        )
    if new.drivername.startswith("sqlite"):
        raise MoveError(
            f"{shown(new)} is SQLite, and only moves into PostgreSQL are made so",
            hint="from one file into another: `deadair backup` and `deadair restore`",
        )


async def _move(
    old: URL, config: StorageConfig, engine: AsyncEngine, name: str, *, finish: bool, heard: Heard
) -> Moved:
    async with source.opened(old, config) as reader:
        async with reader.connect() as connection:
            archive, total = await source.fingerprint(connection), await source.count(connection)
        await target.begin(engine, name, archive)
        stage = await target.stage(engine)
        if stage == target.COPYING:
            await copy(reader, engine, _of("copying", total, heard))
            await _follow(reader, engine, total, heard)
        if stage != target.FOLLOWING:
            await _build(engine, heard)
    async with source.held(old, config) as alone:
        if alone is not None:
            return await _end(alone, engine, name, heard)
    if finish:
        raise MoveError(
            f"{shown(old)} is open in another process",
            hint="stop every Deadair that works with it, then run this again; all is brought but the end",
        )
    if stage == target.FOLLOWING:
        async with source.opened(old, config) as reader:
            await _follow(reader, engine, total, heard)
    return Moved(to=name, rows=await _brought(engine), is_whole=False)


async def _follow(reader: AsyncEngine, engine: AsyncEngine, total: int, heard: Heard) -> None:
    async with reader.connect() as connection:  # one transaction: one picture of the old archive
        await bring_up(connection, engine, _of("comparing", total, heard))


async def _build(engine: AsyncEngine, heard: Heard) -> None:
    """What was put off, but for the references between tables: those only hold once nothing changes."""
    async with engine.begin() as connection:
        await Ledger(connection).say("stage", target.BUILDING)
    async with engine.connect() as connection:
        left = list((await Ledger(connection).facts())["put off"])
    todo = [each for each in left if each["kind"] != "reference"]
    for n, each in enumerate(todo, 1):
        left.remove(each)
        async with engine.begin() as connection:
            await make(connection, each)
            await Ledger(connection).say("put off", left)
        heard("building indexes", n, len(todo))
    async with engine.begin() as connection:
        await connection.execute(text("ANALYZE"))
        await Ledger(connection).say("stage", target.FOLLOWING)


async def _end(old: AsyncConnection, engine: AsyncEngine, name: str, heard: Heard) -> Moved:
    """The last changes, the proof, and the archive is one. The old one is held by whoever calls."""
    total = await source.count(old)
    sums, brought = await bring_up(old, engine, _of("bringing the last changes", total, heard))
    wrong = await differences(sums, engine, _of("proving", total, heard))
    async with engine.connect() as connection:
        before, now = await heads(old), await heads(connection)
    wrong += [
        f"the chain of channel {channel_id} ends elsewhere"
        for channel_id in sorted(before.keys() | now.keys())
        if before.get(channel_id) != now.get(channel_id)
    ]
    if wrong:
        raise MoveError(
            f"{name} does not hold what the old archive holds:\n  " + "\n  ".join(wrong),
            hint=f"{_AGAIN} and brings this once more; if it stays so, somebody writes into the new database",
        )
    async with engine.begin() as connection:
        for each in (await Ledger(connection).facts())["put off"]:
            await make(connection, each)
        for table in kept_tables():
            await count_on(connection, table)
        await target.end(connection)
    return Moved(
        to=name,
        rows=sum(each.n for each in sums.values()),
        is_whole=True,
        chains=len(now),
        brought_last=brought,
    )


async def _brought(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return await Ledger(connection).brought()


def _of(what: str, total: int, heard: Heard) -> Callable[[int], None]:
    """Hears of some more rows."""
    done = 0

    def more(n: int) -> None:
        nonlocal done
        done += n
        heard(what, done, max(done, total))

    return more


@asynccontextmanager
async def _telling(old: URL, new: URL) -> AsyncIterator[None]:
    """The errors of both databases in our terms."""
    try:
        yield
    except Exception as error:
        is_old = isinstance(getattr(error, "orig", error), sqlite3.Error)
        ours = translated(error, shown(old if is_old else new))
        if isinstance(ours, Unreachable):
            raise Unreachable(ours.what, hint=f"once it is in reach, {_AGAIN}") from error
        if ours is not None:
            raise ours from error
        if isinstance(error, DBAPIError):
            raise MoveError(
                f"{shown(new)} does not take it: {str(error.orig).splitlines()[0]}",
                hint=f"mend that, then {_AGAIN}",
            ) from error
        raise
