"""What was to be expected of a channel: its rhythm by hour of week, from its last eight weeks."""

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from alerts.forecast import HOURS

DAYS = 56  #: of history
WINDOW = DAYS * 24
#: Before so many watched days, or a quarter of those for ripeness, nothing is judged.
LEAST_DAYS = 3.0
HALF_LIFE = 21.0  #: days after which a day weighs half
WEEKDAY_PRIOR, WEEKDAY_MOST = 2.0, 8.0  #: pseudo-days behind a weekday's factor, and their most posts
CELL_PRIOR, CELL_BOUND = 15.0, 4.0  #: posts behind a weekday-hour's factor, and the factor's bound
FLOOR = 0.01  #: of the mean: no hour is quite without a post

#: Hours by which the profile of the day is smoothed: so many for one post in it, by this power fewer for
#: more, as posts in clusters count for fewer. Three posts a day take the widest, twenty the narrowest.
SMOOTH, POWER, CLUSTERED, NARROWEST, WIDEST = 11.0, -0.45, 2.5, 1.0, 2.5
_REACH = 8
_HOURS = np.arange(-_REACH, _REACH + 1)
_WEIGHTS = 2.0 ** (-np.arange(DAYS)[::-1] / HALF_LIFE)


@dataclass(frozen=True, slots=True)
class Baseline:
    """A channel's rhythm, fit for use from one day on."""

    hourly: NDArray[
        np.float64
    ]  #: relative to the mean, from one hour before the day to past its forecast's end
    rate: float  #: posts an hour, recency-weighted
    days: float  #: watched days behind it
    posts: float  #: counted posts behind it


def fit(counts: NDArray[np.float64], watched: NDArray[np.float64], day: int, *, offset: float) -> Baseline:
    """Fit the rhythm of the day number `day` (since the epoch, UTC) on the `WINDOW` hours before it.

    `counts` are posts an hour, `watched` is which part of each hour we could see; an hour less than half
    watched enters nowhere. `offset` is the channel's distance from UTC in hours: its weekdays are counted
    there. Where it was another one before, the hours are to be moved first (alerts/clock.py).

    Recency-weighted means by hour of day, bursts winsorised and the profile smoothed; weekday factors and
    weekday-hour corrections shrunk to 1 (after Noufaily et al. 2013, who reweight past outbreaks likewise).
    """
    usable = (watched >= 0.5).reshape(DAYS, 24)
    v = np.where(usable, counts.reshape(DAYS, 24) / np.maximum(watched.reshape(DAYS, 24), 0.5), 0.0)
    weight = _WEIGHTS[:, None] * usable
    behind = weight.sum(0)
    at_least = np.maximum(behind, 1e-9)
    for _ in range(2):  # a burst raises the bound it is held against: once more without it
        mean = (weight * v).sum(0) / at_least
        v = np.minimum(v, mean + 4 * np.sqrt(mean + 0.25) + 1)
    weighted = weight * v
    n_usable, n_weight = float(usable.sum()), float(weight.sum())
    days, posts = n_usable / 24, float(v.sum())
    hourly = _hour_profile(weighted.sum(0) / at_least, max(float(behind.sum()) / 24, 1e-9))
    rate = float(weighted.sum() / max(n_weight, 1e-9))
    when = _when(day, offset)
    if posts < 1:
        return Baseline(np.maximum(hourly[when.ahead[1]], FLOOR), 0.0, days, posts)
    by_day = _weekday_factors(weighted, weight, n_weight, hourly, when.weekday, posts / max(n_usable, 1.0))
    table = _with_cells(v, usable, hourly, by_day, when)
    return Baseline(np.maximum(table[when.ahead], FLOOR), rate, days, posts)


class _When(NamedTuple):
    """Where the hours before a day, and those ahead of it, stand in a week."""

    weekday: NDArray[np.int64]
    cell: NDArray[np.int64]  #: of the 7 x 24 hours of the week
    ahead: tuple[NDArray[np.int64], NDArray[np.int64]]  #: weekday and hour of the day


@lru_cache(64)
def _when(day: int, offset: float) -> _When:
    """The same for all channels of a zone."""
    past = np.arange(24 * day - WINDOW, 24 * day)
    ahead = np.arange(24 * day - 1, 24 * day + HOURS + 1)
    weekday = _weekday(past, offset)
    return _When(weekday, weekday * 24 + past % 24, (_weekday(ahead, offset), ahead % 24))


def _weekday(hour: NDArray[np.int64], offset: float) -> NDArray[np.int64]:
    """0 for Monday; the epoch was a Thursday."""
    out: NDArray[np.int64] = (np.floor((hour + 0.5 + offset) / 24).astype(np.int64) + 3) % 7
    return out


def _hour_profile(mean: NDArray[np.float64], weights: float) -> NDArray[np.float64]:
    posts = max(float(mean.sum()) * weights / CLUSTERED, 1.0)
    width = min(max(SMOOTH * posts**POWER, NARROWEST), WIDEST)
    kernel = np.exp(-0.5 * (_HOURS / width) ** 2.0)
    kernel /= kernel.sum()
    smooth = np.convolve(np.concatenate((mean[-_REACH:], mean, mean[:_REACH])), kernel, "valid")
    out = smooth * weights + 0.02 * (smooth.sum() / 24) * weights + 0.25
    result: NDArray[np.float64] = out / (out.sum() / 24)
    return result


def _weekday_factors(
    weighted: NDArray[np.float64],
    weight: NDArray[np.float64],
    n_weight: float,
    hourly: NDArray[np.float64],
    weekday: NDArray[np.int64],
    mean: float,
) -> NDArray[np.float64]:
    observed = np.bincount(weekday, weighted.ravel(), 7)
    expected = np.bincount(weekday, (weight * hourly * mean).ravel(), 7)
    one = expected.sum() / 7 / max(n_weight / 24 / 7, 1e-9)
    prior = min(WEEKDAY_PRIOR * one, WEEKDAY_MOST)
    out = (observed + prior) / (expected + prior + 1e-12)
    result: NDArray[np.float64] = out / (out.sum() / 7)
    return result


def _with_cells(
    v: NDArray[np.float64],
    usable: NDArray[np.bool_],
    hourly: NDArray[np.float64],
    by_day: NDArray[np.float64],
    when: _When,
) -> NDArray[np.float64]:
    """The table of 7 x 24, corrected where a weekday's hour departs from it, as at Friday prayers."""
    expected = hourly * by_day[when.weekday].reshape(DAYS, 24) * usable
    level = v.sum(1) / np.maximum(expected.sum(1), 1e-9)
    expected = expected * level[:, None]
    observed_in = np.bincount(when.cell, (np.minimum(v, 3 * expected + 3) * usable).ravel(), 168)
    expected_in = np.bincount(when.cell, expected.ravel(), 168)
    n = np.bincount(when.cell, usable.ravel(), 168)
    factor = 1 + ((observed_in + CELL_PRIOR) / (expected_in + CELL_PRIOR) - 1) * n / (n + 3.0)
    factor = np.minimum(np.maximum(factor, 1 / CELL_BOUND), CELL_BOUND).reshape(7, 24)
    table: NDArray[np.float64] = by_day[:, None] * hourly * factor
    return table
