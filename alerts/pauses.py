"""The pauses a series has made, measured in posts that were to be expected in them."""

from array import array

import numpy as np

from alerts.tail import Tail

#: So many of the newest are kept: eight weeks of a slow channel, a week of the fastest.
KEPT = 4096
REMEMBERED = 56 * 24.0  #: hours
#: Pauses of the first week are measured by a rhythm not yet known; they go once there is something better.
UNRIPE, RIPE = 7 * 24.0, 21 * 24.0


class Pauses:
    """A bounded memory of pauses, oldest first."""

    __slots__ = ("_at", "_length", "_since")

    def __init__(self) -> None:
        self._at = array("d")
        self._length = array("d")
        self._since = np.inf

    def add(self, at: float, length: float) -> None:
        """A pause of `length` expected posts ended at `at`."""
        self._at.append(at)
        self._length.append(length)
        self._since = min(self._since, at)

    def tail(self, now: float) -> Tail:
        """The tail of what is remembered at `now`; what is too old is forgotten."""
        oldest = now - REMEMBERED
        if now - self._since > RIPE:
            oldest = max(oldest, self._since + UNRIPE)
        times = np.frombuffer(self._at, dtype=np.float64)
        drop = max(int(np.searchsorted(times, oldest)), len(times) - KEPT)
        del times
        if drop > 0:
            del self._at[:drop], self._length[:drop]
        if not self._length:
            return Tail()
        return Tail.fit(np.array(self._length))

    def __len__(self) -> int:
        return len(self._at)
