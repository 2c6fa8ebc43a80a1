"""By which clock a channel lives: when summer time comes or goes, its hours of the day move in UTC.

What is learned belongs to the local hour. So the hours before a day are laid out as if the clock had always
been that of the day's beginning, and what is expected from there on is put where the clock will be by then.
"""

from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import DAYS, WINDOW
from alerts.forecast import HOURS
from alerts.hours import instant

_DAYS_AHEAD = (HOURS + 1) // 24 + 1
_WEEK = 168


@lru_cache(1024)
def offsets(zone: ZoneInfo, day: int) -> tuple[float, ...]:
    """Hours by which the zone is ahead of UTC, at each hour of the day since 1970, in UTC."""
    first, after = _offset(zone, 24 * day), _offset(zone, 24 * day + 24)
    if first == after:
        return (first,) * 24
    return tuple(_offset(zone, 24 * day + hour) for hour in range(24))


def _offset(zone: ZoneInfo, hour: int) -> float:
    span = instant(float(hour)).astimezone(zone).utcoffset()
    return span.total_seconds() / 3600 if span else 0.0


@dataclass(frozen=True, slots=True)
class Turned:
    """The clock is turned in the weeks before a day, or in the one after it."""

    _past: NDArray[np.int64]  #: which hour to take, for each of the hours before the day
    _was: NDArray[np.bool_]  #: which of them there were at all: in spring one is missing
    _ahead: NDArray[np.int64]
    later: NDArray[np.int64]  #: by how much the clock is ahead of the day's, for each hour of a `Baseline`
    _week: NDArray[np.int64] | None  #: which hour of a `Baseline` is that of each of the week before the day

    def past(self, hours: NDArray[np.float64]) -> NDArray[np.float64]:
        """The hours before the day as if the clock had always been the day's; 0 for one that never was."""
        out: NDArray[np.float64] = hours[self._past] * self._was
        return out

    def ahead(self, hourly: NDArray[np.float64]) -> NDArray[np.float64]:
        """What is expected at the day's clock, put where the clock will be by then."""
        return hourly[self._ahead]

    def week_before(self, hourly: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """The week before the day and an hour on either side, by the clock of then; None: as the week after.

        `hourly` is what is expected of a `Baseline`'s hours, by the clock that there will be.
        """
        return None if self._week is None else hourly[self._week]


@lru_cache(256)
def turned(zone: ZoneInfo, day: int) -> Turned | None:
    """How the clock is turned around a day; None: it is not. The same for all channels of a zone."""
    days = [offsets(zone, each) for each in range(day - DAYS, day + _DAYS_AHEAD)]
    base = days[DAYS][0]
    if all(each[0] == each[-1] == base for each in days):
        return None
    # Where it is turned by half an hour, the hours stay.
    later = np.rint(np.concatenate(days) - base).astype(np.int64)
    before, after = later[:WINDOW], later[WINDOW - 1 : WINDOW + HOURS + 1]
    wanted = np.arange(WINDOW) - before
    past = np.minimum(np.maximum(wanted, 0), WINDOW - 1)
    was = (past == wanted) & (before[past] == before)
    ahead = np.arange(HOURS + 2) + after
    ahead += _WEEK * ((ahead < 0).astype(np.int64) - (ahead >= HOURS + 2))
    hours = np.arange(_WEEK + 2)
    week = hours + np.append(before[-_WEEK - 1 :], 0) - after[: _WEEK + 2]
    is_moved = bool((week != hours).any())
    return Turned(past, was, ahead, after, np.clip(week, 0, HOURS + 1) if is_moved else None)
