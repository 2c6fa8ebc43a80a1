"""What is to be expected from one day's beginning on: a table of the coming week, asked in constant time."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: The table reaches over the day it is made for and one week more; after that the week repeats.
HOURS = 192
WEEK = 168.0
PER_HOUR = 2
CELLS = HOURS * PER_HOUR
#: Most is asked of the day that it is made for. These cells are at hand as Python's own numbers, which are
#: quick to look at and take four times the room; of what is beyond them a few are.
NEAR = 26 * PER_HOUR
#: A news day fades from any forecast with this time constant, in hours.
NEWS_FADES = 16.0
#: Half-life of what tells a news day, in hours.
NEWS_HALF = 1.5
NEWS_GROWTH = math.log(2) / NEWS_HALF

_EDGES = np.arange(CELLS + 1) / PER_HOUR
_FADING = NEWS_FADES * -np.diff(np.exp(-_EDGES / NEWS_FADES))
_RECENT = np.diff(np.exp(NEWS_GROWTH * _EDGES)) / NEWS_GROWTH
#: What a rate is multiplied by in each half hour, for each of the tables.
_TABLES = np.array((np.full(CELLS, 1 / PER_HOUR), _FADING, _RECENT))


class Mark(NamedTuple):
    """Where an instant stands in a forecast's cumulative tables."""

    shape: float  #: hours of average posting since the forecast's start
    fading: float  #: the same, each hour discounted as news days fade
    recent: float  #: the same, each hour weighted up, for filters that forget fast


class Forecast:
    """The expected rhythm, mean 1 an hour, as cumulative tables over half hours."""

    __slots__ = (
        "_before",
        "_fading",
        "_hourly",
        "_near",
        "_past",
        "_recent",
        "end",
        "shape",
        "start",
        "week",
    )

    def __init__(
        self, start: float, hourly: NDArray[np.float64], past: NDArray[np.float64] | None = None
    ) -> None:
        """`hourly` has one value for each hour from one before `start` to one after the table's end.

        `past` has the same of the week before `start`, where that is not as the table would repeat it.
        """
        self._hourly, self._past = hourly, past
        rate = _rate(hourly)
        self._before = None if past is None else np.concatenate(([0.0], np.cumsum(_rate(past)) / PER_HOUR))
        self.start = start
        self.end = start + HOURS
        tables = np.zeros((3, CELLS + 1))
        np.cumsum(rate * _TABLES, axis=1, out=tables[:, 1:])
        self.shape: NDArray[np.float64]
        self.shape, self._fading, self._recent = tables
        self._near: list[list[float]] = tables[:, : NEAR + 1].tolist()
        self.week = self.shape.item(CELLS) - self.shape.item(CELLS - int(WEEK) * PER_HOUR)

    def __reduce__(
        self,
    ) -> tuple[type["Forecast"], tuple[float, NDArray[np.float64], NDArray[np.float64] | None]]:
        """It is kept as what it is made of: the tables are six times as large."""
        return Forecast, (self.start, self._hourly, self._past)

    def hours(self, n: int) -> NDArray[np.float64]:
        """The first `n` hours of the table."""
        return self._hourly[1 : n + 1]

    @classmethod
    def flat(cls, start: float) -> "Forecast":
        """Before anything is known: every hour like any other."""
        return cls(start, np.ones(HOURS + 2))

    def at(self, hour: float) -> Mark:
        """The tables at an instant; outside of them the week repeats and nothing recent is left."""
        place = (hour - self.start) * PER_HOUR
        i = int(place)
        if place < 0:
            return Mark(self.reach(hour), 0.0, 0.0)
        if i >= CELLS:
            return Mark(self.reach(hour), self._fading.item(CELLS), self._recent.item(CELLS))
        part = place - i
        if i < NEAR:
            s, f, r = self._near
            return Mark(
                s[i] + (s[i + 1] - s[i]) * part,
                f[i] + (f[i + 1] - f[i]) * part,
                r[i] + (r[i + 1] - r[i]) * part,
            )
        return Mark(
            _between(self.shape, i, part), _between(self._fading, i, part), _between(self._recent, i, part)
        )

    def reach(self, hour: float) -> float:
        """Cumulative shape at any instant, before and after the table as well."""
        if hour < self.start and self._before is not None:
            return self._reach_back(self._before, hour)
        weeks = 0.0
        if hour >= self.end:
            weeks = (hour - self.end) // WEEK + 1
        elif hour < self.start:
            weeks = -((self.start - hour) // WEEK + 1)
        place = (hour - weeks * WEEK - self.start) * PER_HOUR
        i = min(int(place), CELLS - 1)
        if i < NEAR:
            s = self._near[0]
            return s[i] + (s[i + 1] - s[i]) * (place - i) + weeks * self.week
        return _between(self.shape, i, place - i) + weeks * self.week

    def _reach_back(self, before: NDArray[np.float64], hour: float) -> float:
        """The same before the table, by a week of its own."""
        weeks, left = divmod(self.start - hour, WEEK)
        place = (WEEK - left) * PER_HOUR
        i, last = min(int(place), len(before) - 2), before.item(-1)
        return _between(before, i, place - i) - last * (weeks + 1)

    def when(self, mark: Mark, since: float, news: float, goal: float) -> float:
        """The instant after `since` (standing at `mark`) by which `goal` hours of average posting have
        passed.

        `news` is how much the first hours count more (or less), already scaled to this table's start. The
        measure only grows, so bisection over its nodes finds it.
        """
        target = goal + mark.shape + news * mark.fading
        last = self._measure(CELLS, news)
        if target > last:
            weeks, rest = divmod(target - last, self.week)
            return self.end + (weeks + 1) * WEEK - self._back(self.week - rest)
        low, high = max(0, int((since - self.start) * PER_HOUR)), CELLS
        while high - low > 1:
            i = (low + high) >> 1
            if self._measure(i, news) < target:
                low = i
            else:
                high = i
        below, above = self._measure(low, news), self._measure(high, news)
        part = (target - below) / (above - below) if above > below else 1.0
        return max(since, self.start + (low + min(max(part, 0.0), 1.0)) / PER_HOUR)

    def _measure(self, i: int, news: float) -> float:
        """What `when` bisects, at the beginning of cell `i`."""
        return self.shape.item(i) + news * self._fading.item(i)

    def _back(self, shape: float) -> float:
        """How many hours before the table's end so much average posting was still to come."""
        reach = self.shape.item
        target = reach(CELLS) - shape
        low, high = CELLS - int(WEEK) * PER_HOUR, CELLS
        while high - low > 1:
            i = (low + high) >> 1
            low, high = (i, high) if reach(i) < target else (low, i)
        part = (target - reach(low)) / (reach(high) - reach(low))
        return (CELLS - low - part) / PER_HOUR


def _rate(hourly: NDArray[np.float64]) -> NDArray[np.float64]:
    """By half hours, from hours with one before and one after."""
    middle, before, after = hourly[1:-1], hourly[:-2], hourly[2:]
    rate = np.empty(2 * len(middle))
    rate[0::2] = 0.75 * middle + 0.25 * before
    rate[1::2] = 0.75 * middle + 0.25 * after
    return rate


def _between(table: NDArray[np.float64], i: int, part: float) -> float:
    """So far on in cell `i`."""
    here = table.item(i)
    return here + (table.item(i + 1) - here) * part
