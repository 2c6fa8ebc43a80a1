"""The store as the collector needs it: something that may be away for a while, and then takes what was kept
for it.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import structlog

from storage.errors import Busy, DiskFull, StoreError, Unreachable
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

T = TypeVar("T")
#: What passes: the database is away for a while.
AWAY = (Unreachable, Busy, DiskFull)


class Archive:
    """Reads and writes that wait for the database rather than fail. `is_away`: some of them are waiting."""

    def __init__(
        self, store: Store, *, retry_min: float = 0.2, retry_max: float = 10.0, tells: bool = True
    ) -> None:
        """`tells`: False for whoever waits beside one that says already that the archive is away."""
        self.store = store
        self._tells = tells
        self._retry = (retry_min, retry_max)
        self._waiting = 0

    @property
    def is_away(self) -> bool:
        return self._waiting > 0

    async def write(self, deed: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do `deed` in one transaction, as often as it takes until the database has taken it.

        The deed must bear being done again: what it did before a failure was not kept. Raises StoreError for
        what waiting does not mend.
        """
        return await self._insist(self.store.begin, deed)

    async def read(self, deed: Callable[[Transaction], Awaitable[T]]) -> T:
        """The same for what only reads."""
        return await self._insist(self.store.read, deed)

    async def _insist(
        self,
        open_: Callable[[], AbstractAsyncContextManager[Transaction]],
        deed: Callable[[Transaction], Awaitable[T]],
    ) -> T:
        delay, is_waiting = self._retry[0], False
        try:
            while True:
                try:
                    async with open_() as tx:
                        return await deed(tx)
                except AWAY as error:
                    if not is_waiting:
                        is_waiting = True
                        self._broken(error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, self._retry[1])
        finally:
            if is_waiting:
                self._healed()

    def _broken(self, error: StoreError) -> None:
        if not self._waiting and self._tells:
            log.error(
                "the archive takes nothing; keeping posts until it does", error=error.what, hint=error.hint
            )
        self._waiting += 1

    def _healed(self) -> None:
        # A small write may find room on a full disk while a large one still waits: no recovery yet.
        self._waiting -= 1
        if not self._waiting and self._tells:
            log.info("the archive takes posts again")
