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

    __slots__ = ("_hourly", "end", "fading", "recent", "shape", "start", "week")

    def __init__(self, start: float, hourly: NDArray[np.float64]) -> None:
        """`hourly` has one value for each hour from one before `start` to one after the table's end."""
        self._hourly = hourly
        middle, before, after = hourly[1:-1], hourly[:-2], hourly[2:]
        rate = np.empty(CELLS)
        rate[0::2] = 0.75 * middle + 0.25 * before
        rate[1::2] = 0.75 * middle + 0.25 * after
        self.start = start
        self.end = start + HOURS
        tables = np.zeros((3, CELLS + 1))
        np.cumsum(rate * _TABLES, axis=1, out=tables[:, 1:])
        self.shape: list[float]
        self.fading: list[float]
        self.recent: list[float]
        self.shape, self.fading, self.recent = tables.tolist()
        self.week = self.shape[-1] - self.shape[CELLS - int(WEEK) * PER_HOUR]

    def __reduce__(self) -> tuple[type["Forecast"], tuple[float, NDArray[np.float64]]]:
        """It is kept as what it is made of: the tables are six times as large."""
        return Forecast, (self.start, self._hourly)

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
        if place >= 0 and i < CELLS:
            part = place - i
            s, f, r = self.shape, self.fading, self.recent
            return Mark(
                s[i] + (s[i + 1] - s[i]) * part,
                f[i] + (f[i + 1] - f[i]) * part,
                r[i] + (r[i + 1] - r[i]) * part,
            )
        return Mark(
            self.reach(hour), self.fading[-1] if place > 0 else 0.0, self.recent[-1] if place > 0 else 0.0
        )

    def reach(self, hour: float) -> float:
        """Cumulative shape at any instant, before and after the table as well."""
        weeks = 0.0
        if hour >= self.end:
            weeks = (hour - self.end) // WEEK + 1
        elif hour < self.start:
            weeks = -((self.start - hour) // WEEK + 1)
        place = (hour - weeks * WEEK - self.start) * PER_HOUR
        i = min(int(place), CELLS - 1)
        return self.shape[i] + (self.shape[i + 1] - self.shape[i]) * (place - i) + weeks * self.week

    def when(self, mark: Mark, since: float, news: float, goal: float) -> float:
        """The instant after `since` (standing at `mark`) by which `goal` hours of average posting have
        passed.

        `news` is how much the first hours count more (or less), already scaled to this table's start. The
        measure only grows, so bisection over its nodes finds it.
        """
        shape, fading = self.shape, self.fading
        target = goal + mark.shape + news * mark.fading
        last = shape[CELLS] + news * fading[CELLS]
        if target > last:
            weeks, rest = divmod(target - last, self.week)
            return self.end + (weeks + 1) * WEEK - self._back(self.week - rest)
        low, high = max(0, int((since - self.start) * PER_HOUR)), CELLS
        while high - low > 1:
            i = (low + high) >> 1
            if shape[i] + news * fading[i] < target:
                low = i
            else:
                high = i
        below = shape[low] + news * fading[low]
        above = shape[high] + news * fading[high]
        part = (target - below) / (above - below) if above > below else 1.0
        return max(since, self.start + (low + min(max(part, 0.0), 1.0)) / PER_HOUR)

    def _back(self, shape: float) -> float:
        """How many hours before the table's end so much average posting was still to come."""
        target = self.shape[CELLS] - shape
        low, high = CELLS - int(WEEK) * PER_HOUR, CELLS
        while high - low > 1:
            i = (low + high) >> 1
            low, high = (i, high) if self.shape[i] < target else (low, i)
        part = (target - self.shape[low]) / (self.shape[high] - self.shape[low])
        return (CELLS - low - part) / PER_HOUR
