"""The stretches in which a channel could be seen, in hours, kept merged while they grow."""

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from alerts.hours import instant
from domain.watch import Seen


class Cover:
    """`domain.watch.Seen` as it is needed at every post: grown in place, asked in constant time."""

    __slots__ = ("ends", "hidden", "starts")

    def __init__(self) -> None:
        self.starts: list[float] = []
        self.ends: list[float] = []
        #: Stretches in which nobody could be heard although we listened: no part of what was watched.
        self.hidden: list[tuple[float, float]] = []

    @property
    def until(self) -> float:
        """The last instant known to have been watched; minus infinity when there is none."""
        return self.ends[-1] if self.ends else -np.inf

    @property
    def since(self) -> float:
        """Since when we have been watching without a break; minus infinity when we never did."""
        return self._unhidden(self.starts[-1], self.ends[-1]) if self.starts else -np.inf

    def hide(self, start: float, end: float) -> None:
        """Nobody could be heard in [start, end): for whatever decides, that is time we did not watch."""
        if end > start and (start, end) not in self.hidden:
            self.hidden = sorted([*self.hidden, (start, end)])

    def add(self, start: float, end: float) -> None:
        """We could have seen all of [start, end]."""
        starts, ends = self.starts, self.ends
        if starts and starts[-1] <= start <= ends[-1]:
            ends[-1] = max(ends[-1], end)
            return
        first = bisect_right(starts, start)
        if first and ends[first - 1] >= start:
            first -= 1
        last = first
        while last < len(starts) and starts[last] <= end:
            start, end = min(start, starts[last]), max(end, ends[last])
            last += 1
        starts[first:last] = [start]
        ends[first:last] = [end]

    def whole(self, start: float, end: float) -> bool:
        """Was all of [start, end] watched?"""
        i = bisect_right(self.starts, start) - 1
        if i < 0 or end > self.ends[i]:
            return False
        return not self.hidden or not self.hides(start, end)

    def hides(self, start: float, end: float) -> bool:
        """Was there a time in [start, end] in which nobody could be heard?"""
        return any(a < end and start < b for a, b in self.hidden)

    def recorded(self, start: float, end: float) -> bool:
        """Does the record say that all of [start, end] was watched, be it that nobody could be heard?"""
        i = bisect_right(self.starts, start) - 1
        return i >= 0 and end <= self.ends[i]

    def unrecorded(self, start: float, end: float) -> float:
        """How much of [start, end], in hours, the record did not say was watched."""
        i = max(0, bisect_right(self.starts, start) - 1)
        left = end - start
        while i < len(self.starts) and self.starts[i] < end:
            left -= max(0.0, min(end, self.ends[i]) - max(start, self.starts[i]))
            i += 1
        return left

    def stretch_from(self, at: float) -> float | None:
        """Since when we have been watching at `at`; if we were not, when we began again; None if not yet."""
        i = bisect_right(self.starts, at) - 1
        if i >= 0 and at <= self.ends[i]:
            return self._unhidden(self.starts[i], at)
        return self.starts[i + 1] if i + 1 < len(self.starts) else None

    def _unhidden(self, start: float, at: float) -> float:
        """The beginning of what could be heard at `at`, of a stretch watched since `start`."""
        return max([start, *(b for a, b in self.hidden if a < at and b > start)]) if self.hidden else start

    def within(self, start: float, end: float) -> list[tuple[float, float]]:
        """The watched parts of [start, end]."""
        out = self.recorded_within(start, end)
        return self._heard(out) if self.hidden and out else out

    def recorded_within(self, start: float, end: float) -> list[tuple[float, float]]:
        """The parts of [start, end] of which the record says that they were watched."""
        out: list[tuple[float, float]] = []
        i = max(0, bisect_right(self.starts, start) - 1)
        while i < len(self.starts) and self.starts[i] < end:
            a, b = max(start, self.starts[i]), min(end, self.ends[i])
            if b > a:
                out.append((a, b))
            i += 1
        return out

    def share_by_hour(self, first: int, n: int, *, hidden: bool = False) -> NDArray[np.float64]:
        """Which part of each of the `n` hours from hour `first` on was watched; `hidden` ones count too if so
        asked.
        """
        out = np.zeros(n)
        for a, b in self.within(first, first + n):
            spread(out, a - first, b - first, 1.0)
        for a, b in self.hidden if hidden else ():
            if b > first and a < first + n and self.recorded(a, b):
                spread(out, a - first, b - first, 1.0)
        return out

    def _heard(self, stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
        for a, b in self.hidden:
            stretches = [
                part
                for start, end in stretches
                for part in ((start, min(end, a)), (max(start, b), end))
                if part[1] > part[0]
            ]
        return stretches

    def forget(self, before: float) -> None:
        """Drop what ended before `before`, so that ten years of watching stay small."""
        n = bisect_right(self.ends, before)
        del self.starts[:n], self.ends[:n]
        if self.hidden:
            self.hidden = [(a, b) for a, b in self.hidden if b > before]

    def seen(self, start: float, end: float) -> Seen:
        """The watched parts of [start, end] as a record."""
        return Seen(tuple((instant(a), instant(b)) for a, b in self.within(start, end)))


def spread(hourly: NDArray[np.float64], start: float, end: float, weight: float) -> None:
    """Add `weight` for each hour of [start, end] to its place in `hourly`, by parts at the edges."""
    start, end = max(start, 0.0), min(end, float(len(hourly)))
    if end <= start:
        return
    i, j = int(start), int(end)
    if i == j:
        hourly[i] += weight * (end - start)
        return
    hourly[i] += weight * (i + 1 - start)
    hourly[i + 1 : j] += weight
    if j < len(hourly):
        hourly[j] += weight * (end - j)
