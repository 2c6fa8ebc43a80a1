"""What was to be expected of a channel: its rhythm by hour of week, from its last eight weeks."""

from dataclasses import dataclass

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
    there.

    Recency-weighted means by hour of day, bursts winsorised and the profile smoothed; weekday factors and
    weekday-hour corrections shrunk to 1 (after Noufaily et al. 2013, who reweight past outbreaks likewise).
    """
    usable = (watched >= 0.5).reshape(DAYS, 24)
    v = np.where(usable, counts.reshape(DAYS, 24) / np.maximum(watched.reshape(DAYS, 24), 0.5), 0.0)
    weight = _WEIGHTS[:, None] * usable
    behind = weight.sum(0)
    for _ in range(2):  # a burst raises the bound it is held against: once more without it
        mean = (weight * v).sum(0) / np.maximum(behind, 1e-9)
        v = np.minimum(v, mean + 4 * np.sqrt(mean + 0.25) + 1)
    days, posts = float(usable.sum()) / 24, float(v.sum())
    first = 24 * day - 1
    n_weights = max(float(behind.mean()), 1e-9)
    hourly = _hour_profile((weight * v).sum(0) / np.maximum(behind, 1e-9), n_weights)
    ahead = np.arange(first, first + HOURS + 2)
    past = np.arange(24 * day - WINDOW, 24 * day)
    rate = float((weight * v).sum() / max(float(weight.sum()), 1e-9))
    if posts < 1:
        return Baseline(np.maximum(hourly[ahead % 24], FLOOR), 0.0, days, posts)
    weekday = _weekday(past, offset)
    flat_usable = usable.ravel()
    by_day = _weekday_factors(v, weight, hourly, weekday, posts / max(float(usable.sum()), 1.0))
    table = _with_cells(v.ravel(), flat_usable, hourly, by_day, weekday, past % 24)
    relative = table[_weekday(ahead, offset), ahead % 24]
    return Baseline(np.maximum(relative, FLOOR), rate, days, posts)


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
    out = smooth * weights + 0.02 * smooth.mean() * weights + 0.25
    result: NDArray[np.float64] = out / out.mean()
    return result


def _weekday_factors(
    v: NDArray[np.float64],
    weight: NDArray[np.float64],
    hourly: NDArray[np.float64],
    weekday: NDArray[np.int64],
    mean: float,
) -> NDArray[np.float64]:
    observed = np.bincount(weekday, (weight * v).ravel(), 7)
    expected = np.bincount(weekday, (weight * hourly * mean).ravel(), 7)
    one = expected.mean() / max(float(weight.sum()) / 24 / 7, 1e-9)
    prior = min(WEEKDAY_PRIOR * one, WEEKDAY_MOST)
    out = (observed + prior) / (expected + prior + 1e-12)
    result: NDArray[np.float64] = out / out.mean()
    return result


def _with_cells(
    v: NDArray[np.float64],
    usable: NDArray[np.bool_],
    hourly: NDArray[np.float64],
    by_day: NDArray[np.float64],
    weekday: NDArray[np.int64],
    of_day: NDArray[np.int64],
) -> NDArray[np.float64]:
    """The table of 7 x 24, corrected where a weekday's hour departs from it, as at Friday prayers."""
    expected = hourly[of_day] * by_day[weekday] * usable
    level = v.reshape(-1, 24).sum(1) / np.maximum(expected.reshape(-1, 24).sum(1), 1e-9)
    expected = expected * np.repeat(level, 24)
    cell = weekday * 24 + of_day
    observed_in = np.bincount(cell, np.minimum(v, 3 * expected + 3) * usable, 168)
    expected_in = np.bincount(cell, expected, 168)
    n = np.bincount(cell, usable, 168)
    factor = 1 + ((observed_in + CELL_PRIOR) / (expected_in + CELL_PRIOR) - 1) * n / (n + 3.0)
    table: NDArray[np.float64] = np.outer(by_day, hourly) * np.clip(
        factor, 1 / CELL_BOUND, CELL_BOUND
    ).reshape(7, 24)
    return table
