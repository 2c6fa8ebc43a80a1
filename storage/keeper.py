"""The keeper: the leases of one process, and the work that is done only while it has them.

It goes by real time, whatever clock the work goes by: it is about processes, not about what is watched.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from domain.clock import WallClock
from domain.lease import Answer, Lease, Reason, to_hand_over
from storage.alive import Alive, alive
from storage.errors import StoreError, Unreachable
from storage.fence import Fence, ticks
from storage.store import Store

log = structlog.get_logger(__name__)

#: Seconds between two attempts while the database is away, and for the last word at the end.
_RETRY = 1.0
_LAST_WORDS = 1.0
#: Leases' time to wait in the queue of those who write for one of them.
_IN_QUEUE = 4
#: Seconds after which it is told that work which must end has not.
_SLOW_END = 5.0

Work = Callable[[Store], Awaitable[None]]


class Keeper:
    """Made by `keeping`. Two of one archive never do the work of one name at once."""

    def __init__(self, store: Store, me: Alive) -> None:
        self._store = store
        self._me = me
        self._lasts = store.lease
        self._every = store.lease / 3
        self._fences: dict[str, Fence] = {}
        self._not_before: dict[str, float] = {}  #: by `ticks()`: given up for another to have
        self._renewing: asyncio.Future[None]

    @property
    def name(self) -> str:
        """The holder of what this process holds."""
        return self._me.name

    async def alone(self, name: str, work: Work) -> None:
        """Do the work whenever this process has the lease of that name, and stand by when it has not.

        `work` is given the archive fenced with the lease, and is begun anew each time the lease is had. It is
        cancelled when the lease is lost, and has ended before it is begun again, as it is after it died of a
        database that is away. When it ends by itself, or of anything else, the lease is given back; when it
        is cancelled from outside it is kept until the process ends, for it may only be begun anew.
        """
        while True:
            fence = await self._taken(name)
            try:
                if await self._done(fence, work):
                    await self._give_back(fence)
                    return
            except Unreachable as error:
                # Its place is kept with its work: begun anew it goes on there.
                log.warning("the archive is away, begun anew when it is back", lease=name, reason=error.what)
                await self._give_back(fence)
                await asyncio.sleep(_RETRY)
            except Exception:
                await self._give_back(fence)
                raise

    async def even_out(self, prefix: str) -> None:
        """Hand one of the leases of this prefix over, where another process that stands by has fewer."""
        try:
            async with self._store.read() as tx:
                leases = [lease for lease in await tx.leases.all() if lease.name.startswith(prefix)]
                name = to_hand_over(self.name, leases, await tx.leases.standbys(), await tx.leases.now())
        except StoreError:
            return
        if name is None or (fence := self._fences.get(name)) is None or fence.lost.is_set():
            return
        self._not_before[name] = ticks() + self._lasts.total_seconds()
        # The work ends first, and only then the lease is free.
        fence.hand_over.set()

    # -- taking

    async def _taken(self, name: str) -> Fence:
        """Stand by until the lease is ours."""
        away, seen = False, None
        with self._store.listen("leases") as notice:
            while True:
                wait = self._every
                if (left := self._not_before.get(name, 0) - ticks()) > 0:
                    await asyncio.sleep(left)
                try:
                    fence, answer = await self._ask(name)
                except (StoreError, TimeoutError) as error:
                    wait = timedelta(seconds=_RETRY)
                    if not away:
                        log.warning("the archive cannot be asked for a lease", lease=name, reason=str(error))
                    away = True
                else:
                    away = False
                    if fence is not None:
                        log.info("lease taken", lease=name, why=answer.reason.value, token=fence.lease.token)
                        return fence
                    if seen != answer.lease.holder:
                        seen = answer.lease.holder
                        log.info("standing by", lease=name, holder=seen)
                await notice.woken(WallClock(), wait)

    async def _ask(self, name: str) -> tuple[Fence | None, Answer]:
        async with asyncio.timeout(self._patience(self._lasts)):
            if (found := await self._looked(name)) is not None:
                return None, found
        # Longer than what a host that was cut off has in the queue before us may stay there: who gives up
        # and asks again begins at its end.
        async with asyncio.timeout(self._patience(_IN_QUEUE * self._lasts)), self._store.begin() as tx:
            asked = ticks()  # not before: it may have been long in the queue
            answer = await tx.leases.take(name, self.name, self._lasts, is_dead=self._me.is_dead)
        if not answer.is_given:
            return None, answer
        fence = self._fences[name] = Fence(answer.lease, self._sure_until(asked))
        return fence, answer

    async def _looked(self, name: str) -> Answer | None:
        """Say that we wait for it, where somebody else has it; without queueing with those who write."""
        async with self._store.aside() as tx:
            standing = await tx.leases.get(name)
            if standing is None or standing.holder == self.name or self._me.is_dead(standing.holder):
                return None
            if not standing.is_held(await tx.leases.now()):
                return None
            await tx.leases.stand_by(name, self.name, self._lasts)
        return Answer(reason=Reason.HELD, lease=standing)

    # -- holding

    async def _done(self, fence: Fence, work: Work) -> bool:
        """Do the work until it ends, or the lease is lost or handed over; False: it is another's to do."""
        task = asyncio.ensure_future(work(self._store.fenced(fence)))
        try:
            await self._lost_or_done(fence, task)
        finally:
            await _ended(task, fence.lease.name)
        if fence.lost.is_set() or fence.hand_over.is_set():
            # What it died of, if it did, may be of that.
            failed = None if task.cancelled() else task.exception()
            if failed is not None and not isinstance(failed, StoreError):
                log.info("what it was doing ended badly", lease=fence.lease.name, error=repr(failed))
            if fence.lost.is_set():
                log.warning("lease lost", lease=fence.lease.name, why=fence.why)
            else:
                log.info("lease handed over: another process has fewer", lease=fence.lease.name)
                await self._give_back(fence)
            return False
        task.result()
        return True

    async def _lost_or_done(self, fence: Fence, task: asyncio.Future[None]) -> None:
        lost = asyncio.ensure_future(fence.lost.wait())
        over = asyncio.ensure_future(fence.hand_over.wait())
        watched: set[asyncio.Future[Any]] = {task, lost, over, self._renewing}
        try:
            while not (task.done() or lost.done() or over.done()):
                left = fence.sure_until - ticks() if self._store.is_postgres else None
                if left is not None and left <= 0:
                    fence.lose("it could not be renewed in time")
                    return
                done, _ = await asyncio.wait(watched, timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if self._renewing in done:
                    self._renewing.result()  # which it died of
        finally:
            lost.cancel()
            over.cancel()

    def _sure_until(self, asked: float) -> float:
        """Until when what was asked for at that tick is ours for certain, with time enough to stop."""
        return asked + (self._lasts - self._every).total_seconds()

    def _patience(self, span: timedelta) -> float | None:
        """Seconds to wait for the database, which on another host may never answer; a file always does."""
        return span.total_seconds() if self._store.is_postgres else None

    # -- renewing

    async def renew_for_ever(self) -> None:
        """All leases of the process in one transaction each time."""
        while True:
            wait = self._every.total_seconds()
            try:
                async with asyncio.timeout(self._patience(self._every)):
                    await self._renew()
            except (StoreError, TimeoutError) as error:
                log.debug("leases could not be renewed", reason=str(error))
                wait = min(wait, _RETRY)
            await asyncio.sleep(wait)

    async def _renew(self) -> None:
        standing = [fence for fence in self._fences.values() if not fence.lost.is_set()]
        if not standing:
            return
        asked = ticks()
        async with self._store.aside() as tx:
            renewed: Mapping[str, Lease] = await tx.leases.renew((f.lease for f in standing), self._lasts)
        for fence in standing:
            if fence.lease.name in renewed:
                fence.sure_until = self._sure_until(asked)
            else:
                fence.lose("another process has taken it")

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator[None]:
        """Renew for as long as the block lasts, then give all back."""
        self._renewing = asyncio.ensure_future(self.renew_for_ever())
        try:
            yield
        finally:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
            await self._give_back(*self._fences.values(), stands_down=True)

    async def _give_back(self, *fences: Fence, stands_down: bool = False) -> None:
        kept = [fence for fence in fences if not fence.lost.is_set()]
        for fence in kept:
            fence.lose("it was given back")
        # Where that fails they run out.
        with contextlib.suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_LAST_WORDS), self._store.aside() as tx:
                await tx.leases.give_back(fence.lease for fence in kept)
                if stands_down:
                    await tx.leases.stand_down(self.name)
                tx.notify("leases")


@contextlib.asynccontextmanager
async def keeping(store: Store, folder: Path) -> AsyncIterator[Keeper]:
    """A keeper of this process.

    `folder`: where it shows those on the same host that it is alive, so that one that comes after a crash
    need not wait; an archive in a file shows it beside that.
    """
    with alive(folder if store.is_postgres else Path(str(store.url.database)).parent) as me:
        keeper = Keeper(store, me)
        async with keeper.at_work():
            yield keeper


async def _ended(task: asyncio.Future[None], name: str) -> None:
    """The task, told to end, has ended: no other may be begun before."""
    task.cancel()
    while not task.done():
        await asyncio.wait({task}, timeout=_SLOW_END)
        if not task.done():
            log.warning("work that must end has not yet", lease=name)
