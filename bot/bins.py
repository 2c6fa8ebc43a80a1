"""Hourly points brought together until there is something to see, without ever counting unwatched time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.series import Expected

HOUR = timedelta(hours=1)
_SIZES = (1, 2, 3, 4, 6, 12, 24)  #: hours; each divides a day
_ENOUGH = 3.0  #: posts to be expected at the busiest, for bars to have a shape


@dataclass(frozen=True, slots=True, kw_only=True)
class Bin:
    """A stretch of hours. Only its watched hours are counted, and only for them something is expected."""

    start: datetime
    end: datetime
    observed: int | None  #: None: no hour of it was watched
    expected: float
    lower: float
    upper: float
    whole: bool  #: every hour of it was watched


def binned(points: Sequence[Expected], zone: ZoneInfo, hours: int = 0) -> tuple[int, tuple[Bin, ...]]:
    """The size in hours, and the bins, aligned to the reader's midnight.

    The band of a bin: deviations of its hours are taken as independent, so that their squares add up.
    """
    size = hours or bin_size(points)
    out: list[Bin] = []
    group: list[Expected] = []
    key = None
    for point in sorted(points, key=lambda p: p.start):
        local = point.start.astimezone(zone)
        mine = (local.date(), local.hour // size)
        if group and mine != key:
            out.append(_together(group))
            group = []
        key = mine
        group.append(point)
    if group:
        out.append(_together(group))
    return size, tuple(out)


def bin_size(points: Sequence[Expected]) -> int:
    """The smallest size at which the busiest hours expect enough."""
    ordered = sorted((p.expected for p in points), reverse=True)
    busiest = ordered[: max(1, len(ordered) // 6)]
    rate = sum(busiest) / len(busiest) if busiest else 0.0
    return next((size for size in _SIZES if rate * size >= _ENOUGH), _SIZES[-1])


def unwatched(points: Sequence[Expected]) -> tuple[tuple[datetime, datetime], ...]:
    """The stretches in which nothing could be seen, merged."""
    out: list[tuple[datetime, datetime]] = []
    for point in sorted(points, key=lambda p: p.start):
        if point.observed is not None:
            continue
        if out and out[-1][1] == point.start:
            out[-1] = (out[-1][0], point.start + HOUR)
        else:
            out.append((point.start, point.start + HOUR))
    return tuple(out)


def _together(group: Sequence[Expected]) -> Bin:
    seen = [p for p in group if p.observed is not None]
    counted = seen or group
    expected = sum(p.expected for p in counted)
    above = math.sqrt(sum((p.upper - p.expected) ** 2 for p in counted))
    below = math.sqrt(sum((p.expected - p.lower) ** 2 for p in counted))
    return Bin(
        start=group[0].start,
        end=group[-1].start + HOUR,
        observed=sum(p.observed or 0 for p in seen) if seen else None,
        expected=expected,
        lower=max(0.0, expected - below),
        upper=expected + above,
        whole=len(seen) == len(group),
    )
