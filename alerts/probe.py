"""What would be seen, tried out: a channel's own posts thinned, multiplied or cut, from many beginnings.

The panel that is asked is the one that judges live, with the history that it had at each beginning.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from statistics import median

import numpy as np

from alerts.hours import hours
from alerts.panel import Panel
from alerts.strand import CLAIMANT, Strand, strand_of
from domain.episode import Move
from domain.finding import Kind
from domain.reading import Reading
from domain.watch import Seen, WatchSpan

#: To so much of its posts a channel drops, and to so many times as many it rises.
DROPS, SURGES = (0.6, 0.4, 0.2, 0.1), (1.5, 2.0, 4.0, 8.0)
DROP_FOR, SURGE_FOR = timedelta(days=7), timedelta(days=2)
BEGINNINGS = 6
#: From one beginning to the next: three days and a part, so that each falls on another hour and weekday.
APART = timedelta(days=3, hours=11)
#: With more posts than this to be gone through, fewer beginnings are tried.
MOST_POSTS = 120_000
STEP = timedelta(hours=1)
#: Posts that are added come so near to one that was there: a surge is more of the same.
NEAR = timedelta(minutes=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One change, tried from several beginnings."""

    factor: float  #: to so much of its posts; 0: it stops
    tried: int
    seen: int  #: told within `within`
    after: timedelta | None  #: the median of those that were told
    within: timedelta

    @property
    def is_seen(self) -> bool:
        """Would it be told more often than not?"""
        return self.tried > 0 and self.seen > self.tried / 2


def probe(
    panel: Panel,
    readings: Sequence[Reading],
    spans: Sequence[WatchSpan],
    strand: Strand | None = None,
) -> tuple[Tried, ...]:
    """Try drops and surges on one channel, or on one topic or claimant of it.

    `panel` must be fresh, with that one channel; `readings` are its posts in the order of posting, `spans`
    when it could be seen. Of a topic or claimant its end and its drops are tried; it is told of as an end or
    as a drop, whichever comes first.
    """
    if not readings:
        return ()
    factors = (*DROPS, *SURGES) if strand is None else (0.0, *DROPS)
    after: dict[float, list[timedelta | None]] = {factor: [] for factor in factors}
    end = min(readings[-1].posted_at, max((s.to_at for s in spans), default=readings[-1].posted_at))
    for n, (start, base) in enumerate(_beginnings(panel, readings, spans, end, len(factors))):
        for factor in factors:
            rng = np.random.default_rng([n, round(1000 * factor)])
            within = DROP_FOR if factor < 1 else SURGE_FOR
            told = [r for r in readings if start < r.posted_at <= start + within]
            changed = sorted(_changed(told, factor, strand, rng), key=lambda r: r.posted_at)
            after[factor].append(_told(base, changed, start, start + within, factor, strand))
    return tuple(_tried(factor, found) for factor, found in after.items() if found)


def _beginnings(
    panel: Panel, readings: Sequence[Reading], spans: Sequence[WatchSpan], end: datetime, n_factors: int
) -> Iterator[tuple[datetime, Panel]]:
    """Instants in the last weeks, earliest first, each with the panel as it stood then."""
    latest = end - DROP_FOR
    a_week = sum(r.posted_at > latest for r in readings)
    n = max(2, min(BEGINNINGS, MOST_POSTS // max(1, a_week * n_factors)))
    starts = sorted(latest - i * APART for i in range(n))
    channel_id, at = readings[0].channel_id, 0
    for start in starts:
        for span in spans:
            if span.from_at < start:
                panel.watched(span.channel_id, span.from_at, min(span.to_at, start))
        while at < len(readings) and readings[at].posted_at <= start:
            panel.learn(readings[at])
            at += 1
        if _whole(spans, start, start + DROP_FOR) and panel.track(channel_id) is not None:
            yield start, panel


def _told(
    base: Panel,
    readings: Sequence[Reading],
    start: datetime,
    end: datetime,
    factor: float,
    strand: Strand | None,
) -> timedelta | None:
    """After how long the change is told; None: not until `end`."""
    panel = base.branch()
    [channel] = panel.channels
    if (track := panel.track(channel.id)) is not None:
        # Else what the posts before had under way, or nearly, would be told in place of the change, or
        # hide it: the lower the threshold, the more often.
        track.rhythm.scan.calm(track.rhythm, hours(start))
    less = factor < 1
    n, now = 0, start
    while now < end:
        now = min(now + STEP, end)
        panel.watched(channel.id, start, now)
        while n < len(readings) and readings[n].posted_at <= now:
            panel.post(readings[n])
            n += 1
        for step in panel.advance(now):
            episode = step.episode
            kinds = (Kind.SILENCE, Kind.DROP) if less else (Kind.SURGE,)
            about = episode.kind in kinds and strand_of(episode.subject) == strand
            if about and step.move in (Move.OPENED, Move.REOPENED) and step.at > start:
                return step.at - start
    return None


def _changed(
    readings: Sequence[Reading], factor: float, strand: Strand | None, rng: np.random.Generator
) -> Iterator[Reading]:
    for reading in readings:
        about = strand is None or strand.name in (
            reading.claimants if strand.what == CLAIMANT else reading.topics
        )
        if not about:
            yield reading
        elif factor < 1:
            if rng.random() < factor:
                yield reading
            elif strand is not None:
                yield _without(reading, strand)
        else:
            yield reading
            whole, part = divmod(factor - 1, 1)
            for i in range(int(whole) + (rng.random() < part)):
                near = rng.uniform(0, 1) * NEAR
                yield replace(
                    reading, post_id=-(reading.post_id * 16 + i + 1), posted_at=reading.posted_at + near
                )


def _without(reading: Reading, strand: Strand) -> Reading:
    if strand.what == CLAIMANT:
        return replace(reading, claimants=tuple(c for c in reading.claimants if c != strand.name))
    return replace(reading, topics=tuple(t for t in reading.topics if t != strand.name))


def _tried(factor: float, found: Sequence[timedelta | None]) -> Tried:
    told = sorted(after for after in found if after is not None)
    return Tried(
        factor=factor,
        tried=len(found),
        seen=len(told),
        after=timedelta(seconds=math.ceil(median(t.total_seconds() for t in told))) if told else None,
        within=DROP_FOR if factor < 1 else SURGE_FOR,
    )


def _whole(spans: Sequence[WatchSpan], start: datetime, end: datetime) -> bool:
    return Seen.merged(spans).all_of(start, end)
