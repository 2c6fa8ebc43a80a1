"""The pauses a series has made, measured in posts that were to be expected in them."""

import math

import numpy as np
from numpy.typing import NDArray

from alerts.tail import Tail

#: So many of the newest are enough: eight weeks of a slow channel, the last weeks of a fast one.
ENOUGH = 4096
REMEMBERED = 56 * 24.0  #: hours
WEEK = 168.0
#: Pauses of the first week are measured by a rhythm not yet known; they go once there is something better.
RIPE = 21 * 24.0

#: Lengths are kept to about six percent, from a hundredth of a post on: far finer than chance scatters them.
LEAST, PER_OCTAVE, BINS = 1 / 64, 12, 16 * 12 + 1
EDGES: NDArray[np.float64] = np.concatenate(([0.0], LEAST * 2.0 ** (np.arange(BINS) / PER_OCTAVE)))
MOST = 65_535


class Pauses:
    """A bounded memory of pauses: of each week how many there were of each length."""

    __slots__ = ("_cut", "_since", "_weeks")

    def __init__(self) -> None:
        self._since = math.inf
        self._weeks: dict[int, NDArray[np.uint16]] = {}
        self._cut: dict[int, int] = {}

    def add(self, at: float, length: float, *, cut: bool = False) -> None:
        """A pause of `length` expected posts ended at `at`; `cut`: it lasted longer, and no more is known."""
        self._since = min(self._since, at)
        week = int((at - self._since) // WEEK)
        if cut:
            self._cut[week] = self._cut.get(week, 0) + 1
        counts = self._weeks.get(week)
        if counts is None:
            counts = self._weeks[week] = np.zeros(BINS, np.uint16)
        place = 0 if length < LEAST else min(int(math.log2(length / LEAST) * PER_OCTAVE) + 1, BINS - 1)
        if counts[place] < MOST:
            counts[place] += 1

    def tail(self, now: float) -> Tail:
        """The tail of what is remembered at `now`; what is too old is forgotten."""
        return Tail.fit(EDGES, self.total(now), self.cut)

    @property
    def cut(self) -> int:
        """How many of those remembered lasted longer than is known."""
        return sum(self._cut.values())

    def total(self, now: float) -> NDArray[np.float64]:
        """How many of each length are remembered at `now`; what is too old is forgotten."""
        is_ripe = now - self._since > RIPE
        # A week is in or out as a whole: out once most of it is too old.
        oldest = (now - REMEMBERED - self._since) / WEEK - 0.5
        total = np.zeros(BINS)
        for week in sorted(self._weeks, reverse=True):
            if week < oldest or (is_ripe and week == 0) or total.sum() >= ENOUGH:
                del self._weeks[week]
                self._cut.pop(week, None)
            else:
                total += self._weeks[week]
        return total

    def __len__(self) -> int:
        return sum(int(counts.sum()) for counts in self._weeks.values())
