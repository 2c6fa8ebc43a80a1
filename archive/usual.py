"""What was to be expected by hour: the engine's own rhythm of a channel, and its topics' shares of it. Pure.

Of every day it is learned from the eight weeks before that day, and from nothing later.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import LEAST_DAYS, WINDOW, Baseline, fit
from alerts.cover import Cover
from alerts.hours import hours, instant
from alerts.pulse import SHARE_HALF
from alerts.series import WHOLE, band
from alerts.share import share_of
from domain.channel import Channel
from domain.watch import WatchSpan

WEEK = 168


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """One whole hour: what came, and what was to be expected."""

    start: datetime
    observed: (
        int | None
    )  #: None: not all of it was watched, or what it held was emptied before it was read for this
    expected: float | None = None  #: None: it is not known
    lower: float | None = None  #: what such an hour ordinarily holds, from ...
    upper: float | None = None  #: ... to


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A channel, or a topic or claimant of it, by the hour: as far back as its rhythm is learned from."""

    channel: Channel
    start: datetime  #: hours are asked for from here ...
    end: datetime  #: ... to here
    posts: Mapping[datetime, int]  #: of the whole channel; hours without a post need not be there
    about: Mapping[datetime, int] | None = (
        None  #: those about the topic or claimant; None: it is of all posts
    )
    #: Hours of which nobody can say any more how much was about it: some of their posts were emptied before
    #: anybody looked for it.
    unread: Collection[datetime] = ()
    spans: Sequence[WatchSpan] = ()
    reader_version: int | None = None  #: which counted it; None: no post has been read yet


@dataclass(frozen=True, slots=True)
class Usual:
    """One channel's rhythm, fit for a week from the beginning of a day (UTC) on."""

    day: int
    baseline: Baseline

    @property
    def is_known(self) -> bool:
        """Is there enough behind it to hold anything against it?"""
        return self.baseline.days >= LEAST_DAYS and self.baseline.posts >= 1

    def expected(self, first: int, n: int) -> NDArray[np.float64]:
        """Posts to be expected in each of the `n` hours from hour `first` on; beyond the week it repeats."""
        start = 24 * self.day - 1
        place = np.arange(first - start, first - start + n)
        size = len(self.baseline.hourly)
        place = np.where(place >= size, place - WEEK * (1 + (place - size) // WEEK), place)
        place = np.where(place < 0, place + WEEK * (1 + (-place - 1) // WEEK), place)
        out: NDArray[np.float64] = self.baseline.hourly[np.clip(place, 0, size - 1)] * self.baseline.rate
        return out

    def week(self, zone: ZoneInfo) -> NDArray[np.float64]:
        """Posts an hour by weekday (Monday first) and hour of the channel's own day."""
        out, n = np.zeros((7, 24)), np.zeros((7, 24))
        first = 24 * self.day
        for i, value in enumerate(self.expected(first, WEEK)):
            local = instant(first + i).astimezone(zone)
            out[local.weekday(), local.hour] += value
            n[local.weekday(), local.hour] += 1
        result: NDArray[np.float64] = out / np.maximum(n, 1)
        return result


def learned_from(start: datetime) -> datetime:
    """From when on counts are needed for the rhythm of the day of `start`."""
    return instant(24.0 * (hours(start) // 24)) - timedelta(hours=WINDOW)


def usual_of(channel: Channel, counts: Mapping[datetime, int], spans: Sequence[WatchSpan], day: int) -> Usual:
    """The rhythm of day number `day`, from the eight weeks before it; hours not watched enter nowhere."""
    return _fitted(channel, _counts(counts, 24 * day - WINDOW, WINDOW), cover_of(spans), day)


def usual_hours(counted: Counted) -> tuple[Hour, ...]:
    """The whole hours of [start, end): each with what came beside what its own day's rhythm gave.

    Of a topic or a claimant its share of what the channel posted in that very hour is to be expected, as that
    is its clock; where it is not known what the channel posted, nothing is.
    """
    first = round(hours(counted.start))
    n = max(0, round(hours(counted.end)) - first)
    cover = cover_of(counted.spans)
    watched = (cover.share_by_hour(first, n) >= WHOLE).tolist() if n else []
    back = 24 * (first // 24) - WINDOW
    posts = _counts(counted.posts, back, first + n - back)
    about = None if counted.about is None else _counts(counted.about, back, first + n - back)
    # Such an hour is to it as one that was not watched: it stands neither for it nor against it.
    unread = _counts(dict.fromkeys(counted.unread, 1), back, first + n - back) > 0
    clock = np.where(unread, 0, posts)
    about = None if about is None else np.where(unread, 0, about)
    expected: list[float | None] = []
    usual: tuple[int, Usual, float | None] | None = None
    for i in range(n):
        day = (first + i) // 24
        if usual is None or usual[0] != day:
            weeks = slice(24 * day - WINDOW - back, 24 * day - back)
            share = None if about is None else _share(clock[weeks], about[weeks])
            usual = day, _fitted(counted.channel, posts[weeks], cover, day), share
        _, rhythm, share = usual
        if not rhythm.is_known:
            expected.append(None)
        elif about is None:
            expected.append(float(rhythm.expected(first + i, 1)[0]))
        else:
            came = float(posts[first + i - back])
            expected.append(share * came if share is not None and watched[i] else None)
    of = posts if about is None else about
    known = [seen and not unread[first + i - back] for i, seen in enumerate(watched)]
    lower, upper = band(np.array([e or 0.0 for e in expected]))
    return tuple(
        Hour(
            start=at,
            observed=int(of[first + i - back]) if known[i] else None,
            expected=each,
            lower=None if each is None else float(lower[i]),
            upper=None if each is None else float(upper[i]),
        )
        for i, (at, each) in enumerate(
            (instant(first + i), None if e is None else round(e, 3)) for i, e in enumerate(expected)
        )
    )


def cover_of(spans: Sequence[WatchSpan]) -> Cover:
    cover = Cover()
    for span in spans:
        cover.add(hours(span.from_at), hours(span.to_at))
    return cover


def _fitted(channel: Channel, posts: NDArray[np.float64], cover: Cover, day: int) -> Usual:
    offset = instant(24.0 * day).astimezone(ZoneInfo(channel.zone)).utcoffset() or timedelta()
    watched = cover.share_by_hour(24 * day - WINDOW, WINDOW)
    return Usual(day, fit(posts, watched, day, offset=offset.total_seconds() / 3600))


def _counts(counts: Mapping[datetime, int], first: int, n: int) -> NDArray[np.float64]:
    """Counts in each of the `n` hours from hour `first` on."""
    out = np.zeros(n)
    for hour, value in counts.items():
        place = round(hours(hour)) - first
        if 0 <= place < n:
            out[place] = value
    return out


def _share(posts: NDArray[np.float64], about: NDArray[np.float64]) -> float | None:
    """Which part of a channel's posts is about it; None: it was not there for long enough to know.

    As the engine has it, it stays what it was at the last post about it: no silence makes itself usual.
    """
    there = np.flatnonzero(about)
    if not len(there) or WINDOW - there[0] < 24 * LEAST_DAYS:
        return None
    first, last = int(there[0]), int(there[-1]) + 1
    weights = np.exp2((np.arange(last) + 1 - last) / SHARE_HALF)
    return share_of(
        float(about.sum()),
        float(posts[first:last].sum()),
        float(about[:last] @ weights),
        float(posts[:last] @ weights),
    )
