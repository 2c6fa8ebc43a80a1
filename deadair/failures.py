"""Which jobs of the clock fail: told once, and on record until they do their work again."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime

import structlog

from deadair.health.marks import FAILING
from domain.clock import Clock
from domain.errors import DeadairError
from storage.errors import StoreError
from storage.store import Store

log = structlog.get_logger(__name__)


class Failures:
    """Those of one process."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._failing: set[str] = set()

    def told(self, job: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
        """The work; when it first fails is told, and when it is well again. The next run tries anew."""

        async def run() -> None:
            try:
                await work()
            except asyncio.CancelledError:
                return  # the process stops; the scheduler would log it as a failure
            except DeadairError as error:
                if job not in self._failing:
                    log.warning("job fails", job=job, reason=error.what, hint=error.hint)
                await self._broke(job, error.what, error.hint)
            except Exception as error:
                why = f"unforeseen {type(error).__name__}: {error}"
                if job not in self._failing:
                    log.error("job fails", job=job, reason=why, exc_info=error)
                await self._broke(job, why, "the log says where; please report it")
            else:
                if job in self._failing:
                    log.info("job is well again", job=job)
                await self._well(job)

        return run

    async def _broke(self, job: str, why: str, hint: str) -> None:
        self._failing.add(job)
        now = self._clock.now()
        with suppress(StoreError):  # where the archive itself is away, that is seen by whoever asks it
            async with self._store.begin() as tx:
                failing = await tx.marks.get(FAILING)
                since = failing.get(job, {}).get("since", now.isoformat())
                failing[job] = {"since": since, "why": why, "hint": hint}
                await tx.marks.set(FAILING, failing, now)

    async def _well(self, job: str) -> None:
        """A former process may have left word that it fails."""
        self._failing.discard(job)
        with suppress(StoreError):
            async with self._store.read() as tx:
                is_noted = job in await tx.marks.get(FAILING)
            if is_noted:
                async with self._store.begin() as tx:
                    failing = await tx.marks.get(FAILING)
                    failing.pop(job, None)
                    await tx.marks.set(FAILING, failing, self._clock.now())


async def keep_only(store: Store, jobs: Collection[str], now: datetime) -> None:
    """What is done by the clock no more fails no more."""
    async with store.read() as tx:
        failing = await tx.marks.get(FAILING)
    if not failing.keys() <= set(jobs):
        async with store.begin() as tx:
            kept = {job: each for job, each in (await tx.marks.get(FAILING)).items() if job in jobs}
            await tx.marks.set(FAILING, kept, now)
