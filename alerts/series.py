"""A series beside what was to be expected of it, hour by hour: for charts and explanations."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from alerts.hours import hours, instant
from alerts.special import nbdtrik
from alerts.strand import Strand
from alerts.tracks import Track
from domain.series import Expected

#: Real channels scatter like this about what is expected of an hour: variance = PHI * mean + V * mean².
PHI, V = 2.5, 0.12
#: The band holds an ordinary hour with this probability.
BAND = 0.9
#: An hour counts as watched when no more than a few seconds of it are missing.
WHOLE = 0.999


def chart_series(track: Track, strand: Strand | None, start: datetime, end: datetime) -> list[Expected]:
    """The whole hours of [start, end] of a channel, or of one topic or claimant of it.

    Expected is the forecast at the present level; of a topic or claimant it is its share of what the channel
    posted in that hour, as that is its clock. Unwatched hours have observed None.
    """
    first = math.floor(hours(start))
    n = max(0, math.floor(hours(end) + 1e-9) - first)
    watched = track.cover.share_by_hour(first, n, hidden=True) >= WHOLE
    expected = np.zeros(n)
    if strand is None:
        observed = track.rhythm.counts(first, n)
        if track.rhythm.last > -math.inf:
            expected = np.array([track.rhythm.expected_between(h, h + 1) for h in range(first, first + n)])
    else:
        share = track.shares.get(strand)
        observed = share.counts(first, n) if share else np.zeros(n)
        expected = track.rhythm.counts(first, n) * (share.share if share else 0.0)
    return _beside(first, observed, watched, expected)


def sum_series(
    tracks: Iterable[Track], start: datetime, end: datetime, strand: Strand | None = None
) -> list[Expected]:
    """Several channels, or a topic of all of them, as one series; an hour in which one of them was not
    watched has observed None.
    """
    all_points = [chart_series(track, strand, start, end) for track in tracks]
    if not all_points:
        return []
    observed = [
        None if any(p.observed is None for p in at) else sum(p.observed or 0 for p in at)
        for at in zip(*all_points, strict=True)
    ]
    expected = np.array([sum(p.expected for p in at) for at in zip(*all_points, strict=True)])
    lower, upper = band(expected)
    return [
        Expected(start=p.start, observed=o, expected=round(float(e), 3), lower=float(a), upper=float(b))
        for p, o, e, a, b in zip(all_points[0], observed, expected, lower, upper, strict=True)
    ]


def _beside(
    first: int, observed: NDArray[np.float64], watched: NDArray[np.bool_], expected: NDArray[np.float64]
) -> list[Expected]:
    lower, upper = band(expected)
    return [
        Expected(
            start=instant(first + i),
            observed=int(observed[i]) if watched[i] else None,
            expected=round(float(expected[i]), 3),
            lower=float(lower[i]),
            upper=float(upper[i]),
        )
        for i in range(len(expected))
    ]


def band(expected: NDArray[np.float64]) -> Sequence[NDArray[np.float64]]:
    """What an hour with this expectation ordinarily holds, by the negative binomial."""
    mean = np.maximum(expected, 1e-6)
    size = mean * mean / ((PHI - 1) * mean + V * mean * mean)
    p = size / (size + mean)
    # The smallest count whose distribution reaches the level; nbdtrik solves for the real number before it.
    low = np.ceil(np.nan_to_num(nbdtrik((1 - BAND) / 2, size, p)))
    high = np.ceil(np.nan_to_num(nbdtrik((1 + BAND) / 2, size, p)))
    return np.maximum(low, 0.0), np.maximum(high, 0.0)
