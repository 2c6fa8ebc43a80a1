"""Does Telegram push the posts of a channel as they come? Counted by what was found in another way."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

#: So many times in a row something was not pushed: the channel is polled faster, until
_FAILS_AFTER = 2
#: so many posts in a row were pushed again.
_WORKS_AFTER = 3
#: So many pushes are remembered: a post may be found by asking while its push waits to be stored.
_REMEMBERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Unheard:
    """Posts that were found by asking, with the stretch in which they should have been pushed; or no
    posts, for one of which Telegram did not tell all, and `why`."""

    since: datetime
    until: datetime
    found: float  #: real seconds of the event loop
    ids: set[int]
    why: str = ""


@dataclass(slots=True, eq=False)
class Pushes:
    """Those of one channel. A push may be on its way while its post is found by asking, so what was found is
    held against it only a while later."""

    fail: bool = False  #: they cannot be relied on: the channel is polled faster, and counts as polled
    was_told: bool = False  #: that they fail has been written down
    _waiting: list[Unheard] = field(default_factory=list)
    _recent: deque[int] = field(default_factory=lambda: deque(maxlen=_REMEMBERED))
    _misses: int = 0
    _heard: int = 0

    def heard(self, post_id: int) -> None:
        """This one was pushed."""
        self._recent.append(post_id)
        for each in self._waiting:
            each.ids.discard(post_id)
        self._heard += 1
        if self._heard >= _WORKS_AFTER:
            self.fail, self._misses = False, 0

    def found(self, ids: Iterable[int], *, since: datetime, until: datetime, now: float) -> None:
        """These came by asking, and should have been pushed between `since` and `until`."""
        if unheard := set(ids) - set(self._recent):
            self._waiting.append(Unheard(since=since, until=until, found=now, ids=unheard))

    def skipped(self, *, since: datetime, until: datetime, now: float, why: str) -> None:
        """Telegram kept to itself some of what happened in that stretch."""
        self._waiting.append(Unheard(since=since, until=until, found=now, ids=set(), why=why))

    def due(self, before: float) -> list[Unheard]:
        """What was found before that moment and has not been pushed yet. It is counted, and taken away."""
        ripe = [each for each in self._waiting if each.found <= before]
        self._waiting = [each for each in self._waiting if each.found > before]
        if misses := sum(bool(each.ids) for each in ripe):
            self._misses, self._heard = self._misses + misses, 0
            self.fail = self.fail or self._misses >= _FAILS_AFTER
        return [each for each in ripe if each.ids or each.why]
