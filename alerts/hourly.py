"""Posts by the hour over the last days: two bytes an hour, however many there were."""

import numpy as np
from numpy.typing import NDArray

#: More posts in one hour than this are counted as so many.
MOST = 65_535


class Hourly:
    """A window of whole days that moves on with the posts."""

    __slots__ = ("_counts", "first")

    def __init__(self, days: int) -> None:
        """It reaches over `days` whole days and the running one."""
        self._counts = np.zeros(24 * (days + 1), np.uint16)
        self.first = 0  #: the hour with which it begins

    def add(self, at: float) -> None:
        """A post at `at`, in hours. One older than the window is not counted."""
        place = int(at) - self.first
        if place >= len(self._counts):
            self._move(int(at) // 24 * 24 + 24 - len(self._counts))
            place = int(at) - self.first
        if place >= 0 and self._counts[place] < MOST:
            self._counts[place] += 1

    def counts(self, first: int, n: int) -> NDArray[np.float64]:
        """Posts in each of `n` hours from hour `first` on; hours not remembered are 0."""
        out = np.zeros(n)
        a, b = max(first, self.first), min(first + n, self.first + len(self._counts))
        if b > a:
            out[a - first : b - first] = self._counts[a - self.first : b - self.first]
        return out

    def _move(self, first: int) -> None:
        self._counts = self.counts(first, len(self._counts)).astype(np.uint16)
        self.first = first
