"""The reader's sign of life: under which version an archive is being read now.

It tells of a process and not of what is watched, so it goes by real time even where the reader's clock is
another one.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

from domain.clock import WallClock
from domain.errors import DeadairError
from storage.store import Store

_MARK = "reader.life"
#: How often a reader shows that it lives, and after how long without it is taken for dead.
EVERY = timedelta(seconds=20)
STALE = timedelta(seconds=70)


@contextlib.asynccontextmanager
async def living(store: Store, version: int) -> AsyncIterator[None]:
    """Show for as long as the block lasts that a reader of this version runs."""

    async def sign(value: dict[str, int]) -> None:
        # That the archive cannot be written just now is told by those who have something to write.
        with contextlib.suppress(DeadairError):
            async with store.begin() as tx:
                await tx.marks.set(_MARK, value, WallClock().now())

    async def beat() -> None:
        while True:
            await sign({"version": version})
            await asyncio.sleep(EVERY.total_seconds())

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
        await sign({})


async def alive(store: Store) -> int | None:
    """The version under which a reader reads this archive now; None when none runs."""
    now = WallClock().now()
    async with store.read() as tx:
        for name, value, at in await tx.marks.all(_MARK):
            if name == _MARK and now - at <= STALE:
                version: int | None = value.get("version")
                return version
    return None
