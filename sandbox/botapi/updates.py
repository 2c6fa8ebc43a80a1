"""The queue of updates: confirmed by the next poll's offset, and read by one poller at a time."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import islice

from domain.clock import Clock
from sandbox.botapi.errors import Json, Refused

#: Sent only to bots that ask for them (https://core.telegram.org/bots/api#getupdates).
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
KEPT_FOR = timedelta(hours=24)  #: https://core.telegram.org/bots/api#getting-updates
MOST_KEPT = 100_000
LONGEST_POLL = 50  #: seconds; the real server cuts longer ones down to this
#: The real server tells one losing poller at once and every further one within this time only after it,
#: so that two bots on one token do not chase each other at full speed.
CONFLICT_PAUSE = 3.0


class UpdateQueue:
    """Updates wait here until a poll with a higher offset confirms them, or for a day."""

    def __init__(self, pace: Clock, changed: Callable[[], None] = lambda: None) -> None:
        self.pace = pace
        self._changed = changed  #: called when a poll begins to wait
        self.allowed: frozenset[str] | None = None  #: None: everything but NOT_BY_DEFAULT
        self.conflict_pause = CONFLICT_PAUSE
        self._waiting: deque[tuple[datetime, Json]] = deque()
        self._last_id = 100_000
        self._poller: asyncio.Future[None] | None = None
        self._next_conflict = 0.0

    @property
    def pending(self) -> int:
        """How many updates no poll has confirmed yet."""
        self._forget_old()
        return len(self._waiting)

    @property
    def is_polled(self) -> bool:
        """Whether a long poll waits at this moment."""
        return self._poller is not None and not self._poller.done()

    def allow(self, kinds: list[str] | None) -> None:
        """Which kinds to keep from now on; None leaves it as it is, an empty list resets it."""
        if kinds is not None:
            self.allowed = frozenset(kinds) or None

    def push(self, kind: str, content: Json) -> int | None:
        """Queue an update. Returns its id, or None where the bot did not ask for that kind."""
        wanted = kind not in NOT_BY_DEFAULT if self.allowed is None else kind in self.allowed
        return self.push_raw({kind: content}) if wanted else None

    def push_raw(self, content: Json) -> int:
        """Queue an update as it is, well formed or not."""
        self._last_id += 1
        self._waiting.append((self.pace.now(), {"update_id": self._last_id, **content}))
        if len(self._waiting) > MOST_KEPT:
            self._waiting.popleft()
        self._wake()
        return self._last_id

    def clear(self) -> None:
        """Forget everything that waits."""
        self._waiting.clear()

    async def poll(self, *, offset: int, limit: int, timeout: float) -> list[Json]:  # noqa: ASYNC109 - Telegram's word
        """Confirm what lies below `offset`, then wait up to `timeout` real seconds for something above it.

        Raises Refused (409) in the poll that another one displaces.
        """
        self.interrupt(
            "terminated by other getUpdates request; make sure that only one bot instance is running"
        )
        self._confirm(offset)
        timeout = min(timeout, LONGEST_POLL)
        if not self.pending and timeout > 0:
            mine = self._poller = asyncio.get_running_loop().create_future()
            self._changed()
            try:
                async with asyncio.timeout(timeout):
                    await mine
            except TimeoutError:
                pass
            except Refused:
                await self._hold_back_conflict()
                raise
            finally:
                if self._poller is mine:
                    self._poller = None
        return [update for _, update in islice(self._waiting, min(max(limit, 1), 100))]

    def interrupt(self, why: str) -> None:
        """End the poll that waits, if any, with 409."""
        if self._poller is not None and self.is_polled:
            self._poller.set_exception(Refused(409, f"Conflict: {why}"))
        self._poller = None

    def release(self) -> None:
        """End the poll that waits, if any, as though its time were up."""
        self._wake()

    def _wake(self) -> None:
        if self._poller is not None and self.is_polled:
            self._poller.set_result(None)

    def _confirm(self, offset: int) -> None:
        if offset < 0:  # so many from the end; what lies before is forgotten
            while len(self._waiting) > -offset:
                self._waiting.popleft()
        while self._waiting and self._waiting[0][1]["update_id"] < offset:
            self._waiting.popleft()

    def _forget_old(self) -> None:
        if not self._waiting:
            return
        now = self.pace.now()
        while self._waiting and now - self._waiting[0][0] > KEPT_FOR:
            self._waiting.popleft()

    async def _hold_back_conflict(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._next_conflict:
            await asyncio.sleep(self.conflict_pause)
        else:
            self._next_conflict = now + self.conflict_pause
