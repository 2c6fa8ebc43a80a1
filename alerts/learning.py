"""Learning a large archive takes minutes: others have their turn meanwhile, and can see how far it is."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from domain.clock import WallClock
from domain.errors import DeadairError
from domain.instant import say_span
from storage.marks import LEARNING
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Seconds of learning after which whatever else this process does has its turn.
_TURN = 0.005
#: Seconds of the machine's time until it is worth telling, and from one telling to the next.
_TELL_EVERY = 15.0
#: A sign that is older is of a process that runs no more.
STALE = timedelta(seconds=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """How far the learning is that goes on now."""

    part: float  #: 0 to 1
    left: timedelta  #: about so much longer


#: Told now and then how far it is.
Tell = Callable[[Learnt], None]


class Learning:
    """Of one start, from the history's beginning on to now."""

    def __init__(self, store: Store, since: datetime, until: datetime, tell: Tell | None) -> None:
        self._store = store
        self._tell_instead = tell
        self._since, self._whole = since, max(until - since, timedelta(seconds=1))
        self._began = self._told = time.monotonic()
        self._turn = self._began + _TURN
        self._has_told = False

    async def reached(self, at: datetime) -> None:
        """All that was posted before `at` has been learned."""
        now = time.monotonic()
        if now < self._turn:
            return
        await asyncio.sleep(0)
        part = min(max((at - self._since) / self._whole, 0.01), 1.0)
        left = timedelta(seconds=(now - self._began) * (1 - part) / part)
        if self._tell_instead is not None:
            self._tell_instead(Learnt(part=part, left=left))
        elif now - self._told >= _TELL_EVERY:
            self._told = now
            await self._tell(part, left)
        self._turn = time.monotonic() + _TURN

    async def _tell(self, part: float, left: timedelta) -> None:
        log.info("alerts: learning what is usual", done=f"{part:.0%}", left=say_span(left))
        await self._sign({"part": part, "left": left.total_seconds()})
        self._has_told = True

    async def over(self) -> None:
        """It is done, or broken off."""
        if self._has_told:
            await self._sign({})

    async def _sign(self, value: dict[str, float]) -> None:
        # That the archive cannot be written just now is told by those who have something to write.
        with contextlib.suppress(DeadairError):
            async with self._store.aside() as tx:
                await tx.marks.set(LEARNING, value, WallClock().now())


@contextlib.asynccontextmanager
async def learning(
    store: Store, since: datetime, until: datetime, tell: Tell | None = None
) -> AsyncIterator[Learning]:
    """For as long as the block lasts, what was posted from `since` to `until` is learned. `tell`: whom to
    tell how far it is, in the place of the log and the archive.
    """
    made = Learning(store, since, until, tell)
    try:
        yield made
    finally:
        await made.over()


async def learnt(tx: Transaction) -> Learnt | None:
    """How far an engine is that learns just now; None: none does, or not for long."""
    now = WallClock().now()
    for name, value, at in await tx.marks.all(LEARNING):
        if name == LEARNING and value and now - at <= STALE:
            return Learnt(part=value["part"], left=timedelta(seconds=value["left"]))
    return None
