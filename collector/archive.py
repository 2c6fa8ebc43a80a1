"""The store as the collector needs it: something that may be away for a while, and then takes what was kept
for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from storage.errors import Busy, DiskFull, StoreError, Unreachable
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")
_AWAY = (Unreachable, Busy, DiskFull)


class Archive:
    """Writes that wait for the database rather than fail. `is_away` says whether one is waiting."""

    def __init__(self, store: Store, *, retry_min: float = 0.2, retry_max: float = 10.0) -> None:
        self.store = store
        self.is_away = False
        self._retry = (retry_min, retry_max)

    async def write(self, deed: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do `deed` in one transaction, as often as it takes until the database has taken it.

        The deed must bear being done again: what it did before a failure was not kept. Raises StoreError for
        what waiting does not mend.
        """
        delay = self._retry[0]
        while True:
            try:
                async with self.store.begin() as tx:
                    done = await deed(tx)
            except _AWAY as error:
                self._broken(error)
            else:
                self._healed()
                return done
            await asyncio.sleep(delay)
            delay = min(delay * 2, self._retry[1])

    async def read(self, deed: Callable[[Transaction], Awaitable[T]]) -> T:
        """The same for what only reads."""
        delay = self._retry[0]
        while True:
            try:
                async with self.store.read() as tx:
                    done = await deed(tx)
            except _AWAY as error:
                self._broken(error)
            else:
                return done
            await asyncio.sleep(delay)
            delay = min(delay * 2, self._retry[1])

    def _broken(self, error: StoreError) -> None:
        if not self.is_away:
            log.error(
                "the archive takes nothing; keeping posts until it does", error=error.what, hint=error.hint
            )
        self.is_away = True

    def _healed(self) -> None:
        if self.is_away:
            log.info("the archive takes posts again")
        self.is_away = False
