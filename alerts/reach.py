"""How soon a silence would be told, by when it begins: read off the rhythm, before there is one."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from alerts.hours import NEVER, hours, instant
from alerts.share import Share
from alerts.tracks import Track

WEEK = 168
#: A silence that is told only after so long is never told, for all practical purposes.
TOO_LATE = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """A silence that begins in this hour of the day is told after so long; None: never."""

    hour: int  #: of the day, in the channel's zone
    soonest: timedelta | None  #: of the seven days of a week
    middle: timedelta | None
    latest: timedelta | None


def reach(track: Track, share: Share | None, now: datetime) -> tuple[Reach, ...]:
    """For each hour of the day, over the week that follows `now`, as an ordinary week is expected to be.

    It is the deadline of a silence (`overdue_at`) plus the hold. Of a topic or claimant (`share`) it is the
    time in which its channel, posting as usual, posts often enough.
    """
    zone = ZoneInfo(track.channel.zone)
    by_hour: dict[int, list[float]] = {hour: [] for hour in range(24)}
    first = math.ceil(hours(now))
    for start in range(first, first + WEEK):
        by_hour[instant(start).astimezone(zone).hour].append(told_after(track, share, float(start)))
    return tuple(
        Reach(hour=hour, soonest=_span(min(after)), middle=_span(median(after)), latest=_span(max(after)))
        for hour, after in by_hour.items()
        if after
    )


def told_after(track: Track, share: Share | None, start: float) -> float:
    """After how many hours a silence that begins at `start` is told, on an ordinary day."""
    rhythm, rule = track.rhythm, track.rules.silence
    posts = rhythm.most if share is None else share.most / max(share.share, 1e-9)
    if rhythm.ripe <= 0 or posts == NEVER:
        return NEVER
    forecast = rhythm.forecast
    due = forecast.when(forecast.at(start), start, 0.0, posts / rhythm.level)
    at_least = rule.at_least.total_seconds() / 3600
    return max(due - start, at_least) + rule.hold.total_seconds() / 3600


def _span(after: float) -> timedelta | None:
    span = timedelta(hours=min(after, 1e6))
    return span if span <= TOO_LATE else None
