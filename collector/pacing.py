"""How often each kind of call may be made, and how long Telegram wants us to wait with it: per account, and
for longer than a connection lasts.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from collector.budget import Budget
from collector.corrected import CorrectedClock
from collector.errors import Wait

#: A call whose turn comes later than this is put off rather than waited for.
_PATIENCE = timedelta(minutes=1)
#: Of each budget this much is left to what is urgent.
_RESERVED = 1 / 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Throttled:
    """Telegram asked for patience."""

    at: datetime
    method: str
    channel_id: int | None
    seconds: float


class Pace:
    """Asked before every call of one account. It knows no priorities but two: urgent, and in the
    background.
    """

    def __init__(self, clock: CorrectedClock, budgets: Sequence[Budget] = ()) -> None:
        self._clock = clock
        self._budgets = budgets
        self._left: dict[str, tuple[float, datetime]] = {}  # what is left of each budget, and when it was
        self._until: dict[tuple[str, int | None], datetime] = {}
        self.throttles: deque[Throttled] = deque(maxlen=50)  #: the last waits that Telegram asked for

    async def turn(self, method: str, channel_id: int | None = None, *, background: bool = False) -> None:
        """Come back when this call may be made. Raises Wait when that is not soon."""
        while True:
            self.obey(method, channel_id)
            delay = self._draw(method, background)
            if delay <= timedelta(0):
                return
            if delay > _PATIENCE:
                raise Wait(delay.total_seconds(), method)
            await asyncio.gather(self._clock.sleep(delay), asyncio.sleep(0.001))

    def told(self, wait: Wait, method: str, channel_id: int | None) -> None:
        """Telegram refuses such a call for a while: of this channel, for all we know. When it says the same
        of a second channel meanwhile, it means the method."""
        now = self._clock.now()
        until = now + timedelta(seconds=wait.seconds)
        self.throttles.append(Throttled(at=now, method=method, channel_id=channel_id, seconds=wait.seconds))
        others = [c for m, c in self._waiting(now) if m == method and c not in (None, channel_id)]
        whom = None if others else channel_id
        self._until[method, whom] = max(until, self._until.get((method, whom), until))

    def obey(self, method: str, channel_id: int | None = None) -> None:
        """Raises Wait while Telegram refuses such a call, as far as is known without asking."""
        if (seconds := self.left(method, channel_id)) > 0:
            raise Wait(seconds, method)

    def left(self, method: str, channel_id: int | None = None) -> float:
        """Seconds for which Telegram still refuses such a call; 0 when it does not."""
        now = self._clock.now()
        ends = [self._until.get((method, each), now) for each in {None, channel_id}]
        return max(0.0, *((end - now).total_seconds() for end in ends))

    def waiting(self) -> dict[str, datetime]:
        """The methods that wait, each with when the last of its waits ends."""
        out: dict[str, datetime] = {}
        for (method, _), until in self._waiting(self._clock.now()).items():
            out[method] = max(until, out.get(method, until))
        return out

    def _waiting(self, now: datetime) -> dict[tuple[str, int | None], datetime]:
        self._until = {key: until for key, until in self._until.items() if until > now}
        return self._until

    def _draw(self, method: str, background: bool) -> timedelta:
        """Take one call out of the method's budget; else say how long it is until there is one."""
        budget = next((b for b in self._budgets if fnmatchcase(method, b.method)), None)
        if budget is None:
            return timedelta(0)
        now = self._clock.now()
        left, then = self._left.get(method, (float(budget.calls), now))
        left = min(budget.calls, left + budget.calls * max((now - then) / budget.span, 0.0))
        needed = 1 + (budget.calls * _RESERVED if background and budget.calls > 1 else 0)
        if left < needed:
            self._left[method] = left, now
            return budget.span * ((needed - left) / budget.calls)
        self._left[method] = left - 1, now
        return timedelta(0)
