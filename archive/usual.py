"""What was to be expected of a channel by hour: the engine's own rhythm, learned from nothing later. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from alerts.baseline import WINDOW, Baseline, fit
from alerts.cover import Cover
from alerts.hours import hours, instant
from alerts.rhythm import LEAST_DAYS
from alerts.series import WHOLE, band
from domain.channel import Channel
from domain.series import Expected
from domain.watch import WatchSpan

#: A day's rhythm is learned from so long before it.
LEARNED = timedelta(hours=WINDOW)
_WEEK = 168


def usual_hours(
    channel: Channel,
    counts: Mapping[datetime, int],
    spans: Sequence[WatchSpan],
    start: datetime,
    end: datetime,
) -> list[tuple[datetime, int | None, Expected | None]]:
    """The whole hours of [start, end): each with what came, and what its own day's rhythm gave.

    Observed is None where not all of the hour was watched, expected None where the rhythm is not known yet.
    `counts` and `spans` reach back to `LEARNED` before the day of `start`.
    """
    first, n = round(hours(start)), max(0, round((end - start) / timedelta(hours=1)))
    cover = Cover()
    for span in spans:
        cover.add(hours(span.from_at), hours(span.to_at))
    watched = cover.share_by_hour(first, n) >= WHOLE if n else ()
    out: list[tuple[datetime, int | None, Expected | None]] = []
    known: dict[int, Baseline | None] = {}
    for i in range(n):
        hour = first + i
        at, day = instant(hour), hour // 24
        if day not in known:
            known[day] = _fitted(channel, counts, cover, day)
        observed = counts.get(at, 0) if watched[i] else None
        baseline = known[day]
        out.append((at, observed, _beside(baseline, day, hour, at, observed) if baseline else None))
    return out


def _fitted(channel: Channel, counts: Mapping[datetime, int], cover: Cover, day: int) -> Baseline | None:
    """The rhythm of day number `day`, from the weeks before it; hours not watched enter nowhere."""
    first = 24 * day - WINDOW
    posts = np.zeros(WINDOW)
    for hour, n in counts.items():
        place = round(hours(hour)) - first
        if 0 <= place < WINDOW:
            posts[place] = n
    offset = instant(24.0 * day).astimezone(ZoneInfo(channel.zone)).utcoffset() or timedelta()
    watched = cover.share_by_hour(first, WINDOW)
    baseline = fit(posts, watched, day, offset=offset.total_seconds() / 3600)
    return baseline if baseline.days >= LEAST_DAYS and baseline.posts >= 1 else None


def _beside(baseline: Baseline, day: int, hour: int, at: datetime, observed: int | None) -> Expected:
    expected = float(baseline.hourly[hour - (24 * day - 1)] * baseline.rate)
    lower, upper = band(np.array([expected]))
    return Expected(
        start=at,
        observed=observed,
        expected=round(expected, 3),
        lower=float(lower[0]),
        upper=float(upper[0]),
    )
