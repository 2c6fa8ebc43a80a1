"""How much a bot may send: the rates that Telegram states.

https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this: about 30 messages a second
over all, one a second into one chat with short bursts, 20 a minute into one group. What a short burst is,
Telegram does not say; five is our choice.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.clock import Clock, WallClock
from sandbox.botapi.chats import Chat

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
MOST_CHATS = 10_000  #: whose bursts are remembered at once


@dataclass(slots=True)
class _Burst:
    """A bucket of leaves to send, refilled steadily."""

    left: float
    at: datetime


@dataclass(slots=True, kw_only=True)
class Limits:
    """The rates, each of which can be changed; `on` switches them all. Windows are measured on `pace`."""

    on: bool = True
    per_second: int = 30
    chat_per_second: float = 1.0
    chat_burst: int = 5
    group_per_minute: int = 20
    pace: Clock = field(default_factory=WallClock)
    refusals: int = 0
    _all: deque[datetime] = field(default_factory=deque)
    _chats: dict[int, _Burst] = field(default_factory=dict)
    _groups: dict[int, deque[datetime]] = field(default_factory=dict)

    def take(self, chat: Chat, n: int = 1) -> int:
        """Let `n` messages go to a chat: 0, or the whole seconds to wait, and then none is counted."""
        if not self.on:
            return 0
        now = self.pace.now()
        burst = self._burst(chat.id, now)
        minute = self._groups.setdefault(chat.id, deque()) if chat.is_group else deque()
        wait = max(
            _window_wait(self._all, n, self.per_second, SECOND, now),
            _window_wait(minute, n, self.group_per_minute, MINUTE, now) if chat.is_group else 0.0,
            (min(n, self.chat_burst) - burst.left) / self.chat_per_second,
        )
        if wait > 1e-6:
            self.refusals += 1
            return max(1, math.ceil(wait))
        burst.left -= n
        self._all.extend([now] * n)
        minute.extend([now] * n)
        return 0

    def _burst(self, chat_id: int, now: datetime) -> _Burst:
        burst = self._chats.pop(chat_id, None) or _Burst(self.chat_burst, now)
        refilled = burst.left + (now - burst.at).total_seconds() * self.chat_per_second
        burst.left, burst.at = min(float(self.chat_burst), refilled), now
        self._chats[chat_id] = burst  # to the end: the first is the one longest unused
        if len(self._chats) > MOST_CHATS:
            oldest = next(iter(self._chats))
            del self._chats[oldest]
            self._groups.pop(oldest, None)
        return burst


def _window_wait(past: deque[datetime], n: int, most: int, span: timedelta, now: datetime) -> float:
    """Seconds until `n` more fit into the window."""
    while past and now - past[0] >= span:
        past.popleft()
    excess = len(past) + min(n, most) - most
    return (past[excess - 1] + span - now).total_seconds() if excess > 0 else 0.0
