"""An episode hour by hour: what came, and what was to be expected before it began."""

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.cover import Cover
from alerts.hours import hours, instant
from alerts.panel import Panel
from alerts.series import WHOLE, band
from alerts.strand import Strand, strand_of
from alerts.tracks import Track
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode
from domain.reading import Reading
from domain.series import Expected
from domain.watch import WatchSpan

#: A rhythm is learned from eight weeks, and a day more so that its first day is whole.
LEARNED = timedelta(days=57)


def hour_by_hour(
    episode: Episode,
    channels: Iterable[Channel],
    readings: Sequence[Reading],
    spans: Sequence[WatchSpan],
    rules: AlertsConfig,
    start: datetime,
    end: datetime,
    *,
    topics: Collection[str] | None = None,
    budgets: Budgets | None = None,
) -> list[Expected]:
    """The whole hours of [start, end] of what the episode is about, the channels of a group together.

    Expected is what the rhythm gave when the episode began (`since_at`), learned from nothing later, so that
    the episode is not held against itself. Of a topic or claimant it is its share of what the channel posted
    in that hour. An hour that was not wholly watched has observed None.
    """
    subject = episode.subject
    about = {subject.channel_id} if subject.channel_id is not None else set(episode.members)
    panel = Panel(
        [replace(c, status=ChannelStatus.OPEN) for c in channels if c.id in about],
        rules,
        topics=topics,
        budgets=budgets,
    )
    begun = episode.since_at
    for span in spans:
        if span.from_at < begun:
            panel.watched(span.channel_id, span.from_at, min(span.to_at, begun))
    for reading in readings:
        if begun - LEARNED <= reading.posted_at <= begun:
            panel.learn(reading)
    first = math.floor(hours(start))
    n = max(0, math.floor(hours(end) + 1e-9) - first)
    total, observed, watched = np.zeros(n), np.zeros(n), np.ones(n, bool)
    strand = strand_of(subject)
    for channel in panel.channels:
        track = panel.track(channel.id)
        assert track is not None  # noqa: S101 - the panel has just named it
        mine = [r for r in readings if r.channel_id == channel.id and r.counts]
        everything = _counts((r.posted_at for r in mine), first, n)
        total += _expected(track, strand, first, everything)
        observed += (
            everything
            if strand is None
            else _counts((r.posted_at for r in mine if strand in panel.strands(r)), first, n)
        )
        watched &= _watched((s for s in spans if s.channel_id == channel.id), first, n)
    lower, upper = band(total)
    return [
        Expected(
            start=instant(first + i),
            observed=int(observed[i]) if watched[i] else None,
            expected=round(float(total[i]), 3),
            lower=float(lower[i]),
            upper=float(upper[i]),
        )
        for i in range(n)
    ]


def _expected(
    track: Track, strand: Strand | None, first: int, everything: NDArray[np.float64]
) -> NDArray[np.float64]:
    if strand is not None:
        share = track.shares.get(strand)
        return everything * (share.share if share is not None else 0.0)
    if track.rhythm.last == -math.inf:
        return np.zeros(len(everything))
    between = track.rhythm.expected_between
    return np.array([between(h, h + 1) for h in range(first, first + len(everything))])


def _counts(posted: Iterable[datetime], first: int, n: int) -> NDArray[np.float64]:
    out = np.zeros(n)
    for at in posted:
        place = math.floor(hours(at)) - first
        if 0 <= place < n:
            out[place] += 1
    return out


def _watched(spans: Iterable[WatchSpan], first: int, n: int) -> NDArray[np.bool_]:
    cover = Cover()
    for span in spans:
        cover.add(hours(span.from_at), hours(span.to_at))
    out: NDArray[np.bool_] = cover.share_by_hour(first, n) >= WHOLE
    return out
