"""The old archive of a move: only ever read, and at the end held so that nobody else opens it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.config import StorageConfig
from storage.engines import shown, sqlite_engine
from storage.errors import Busy, SchemaMismatch, translated
from storage.schema import head, version
from storage.tables import Chains, Links, Posts
from storage.whole import kept_rows, kept_tables

#: Seconds after which a file that others have open is held to stay so.
_PATIENCE = 2.0


@asynccontextmanager
async def opened(url: URL, config: StorageConfig) -> AsyncIterator[AsyncEngine]:
    """The archive, while others write into it. Raises SchemaMismatch when there is none of this version."""
    if not await asyncio.to_thread(Path(str(url.database)).exists):
        raise SchemaMismatch(f"{shown(url)} holds no archive", hint="the config names the one that is moved")
    engine = sqlite_engine(url, config, writes=False)
    try:
        have = await version(engine)
        if have is None:
            raise SchemaMismatch(
                f"{shown(url)} holds no archive", hint="the config names the one that is moved"
            )
        if have != head():
            raise SchemaMismatch(
                f"{shown(url)} has schema {have}, this Deadair works with {head()}",
                hint="run `deadair migrate` first; if the archive is newer, install the newer Deadair",
            )
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def held(url: URL, config: StorageConfig) -> AsyncIterator[AsyncConnection | None]:
    """The archive for us alone, as long as the block lasts. None: somebody has it open."""
    patient = config.model_copy(update={"busy_timeout": min(config.busy_timeout, _PATIENCE)})
    engine = sqlite_engine(url, patient, writes=False, alone=True)
    try:
        async with AsyncExitStack() as stack:
            yield await _locked(engine, shown(url), stack)
    finally:
        await engine.dispose()


async def _locked(engine: AsyncEngine, name: str, stack: AsyncExitStack) -> AsyncConnection | None:
    """A connection whose first look takes the lock; None: somebody else has the file open."""
    try:
        connection = await stack.enter_async_context(engine.connect())
        await connection.execute(select(func.count()).select_from(Chains))
    except Exception as error:
        await stack.aclose()
        if isinstance(translated(error, name), Busy):
            return None
        raise
    return connection


async def fingerprint(connection: AsyncConnection) -> Mapping[str, Any]:
    """By what an archive is known again, however much was added to it."""
    first = await connection.execute(select(Posts.seq, Posts.id, Posts.hash).order_by(Posts.seq).limit(1))
    chains = await connection.execute(
        select(Links.digest).join(Chains, and_(Chains.channel_id == Links.channel_id, Links.number == 1))
    )
    return {
        "post": [list(row) for row in first],
        "chains": sorted(bytes(digest).hex() for digest in chains.scalars()),
    }


def is_same(now: Mapping[str, Any], then: Mapping[str, Any]) -> bool:
    """Is it the archive that had this fingerprint?"""
    return then["post"] in ([], now["post"]) and set(then["chains"]) <= set(now["chains"])


async def count(connection: AsyncConnection) -> int:
    """How many rows there are to move."""
    total = 0
    for table in kept_tables():
        rows = select(func.count()).select_from(kept_rows(table).subquery())
        total += (await connection.execute(rows)).scalar_one()
    return total
