"""Now: every channel, its last day against normal, and what is out of the ordinary."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from alerts.hours import hours, instant
from alerts.series import WHOLE, band
from archive.pages.normal import Usuals
from archive.usual import Hour, Usual, cover_of
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode, State
from domain.finding import Kind
from domain.watch import Gap, WatchSpan
from storage.store import Store

HOURS = 24
#: Seen until longer ago than this, a channel is out of our sight now.
BEHIND = timedelta(minutes=20)


class Standing(StrEnum):
    """How a channel stands, in the order in which they are shown. What we cannot see is never silent."""

    SILENCE = "silence"
    DROP = "drop"
    SURGE = "surge"
    TOPIC = "topic"
    BLIND = "blind"
    GONE = "gone"
    LEARNING = "learning"
    USUAL = "usual"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One channel."""

    channel: Channel
    standing: Standing
    hours: tuple[Hour, ...]  #: the last whole hours; observed None: not wholly watched
    is_known: bool  #: is there a normal to hold it against?
    episodes: tuple[Episode, ...] = ()  #: open ones about it
    last_at: datetime | None = None  #: when its newest post was posted
    seen_until: datetime | None = None
    gap: Gap | None = None

    @property
    def watched(self) -> int:
        """Of the hours so many were wholly watched; the sums below are of these."""
        return sum(h.observed is not None for h in self.hours)

    @property
    def observed(self) -> int | None:
        """None: nothing was watched, and nobody can say."""
        return sum(h.observed or 0 for h in self.hours) if self.watched else None

    @property
    def expected(self) -> float | None:
        if not self.is_known or not self.watched:
            return None
        return sum(h.expected or 0.0 for h in self.hours if h.observed is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """All of them at one instant."""

    at: datetime
    lines: Sequence[Line]
    working: bool  #: what is normal is still being worked out
    was_read: bool  #: a reader version is live: else nothing is counted

    @property
    def counts(self) -> Mapping[Standing, int]:
        """How many stand so, in the order in which they are shown."""
        out = dict.fromkeys(Standing, 0)
        for line in self.lines:
            out[line.standing] += 1
        return {standing: n for standing, n in out.items() if n}

    @property
    def groups(self) -> Sequence[str]:
        return sorted({line.channel.group for line in self.lines if line.channel.group})


async def read_now(store: Store, usuals: Usuals, now: datetime, *, patience: float = 0.3) -> Now:
    """As the archive knows it at `now`; channels that are retired are left out."""
    end = now.replace(minute=0, second=0, microsecond=0)
    start = end - timedelta(hours=HOURS)
    async with store.read() as tx:
        channels = [c for c in await tx.channels.all() if c.status is not ChannelStatus.RETIRED]
        ids = [c.id for c in channels]
        version = await tx.readings.live_version()
        counts = await tx.overview.hours(ids, version, start, end) if version is not None else {}
        spans = await tx.overview.spans(ids, start)
        until = await tx.watch.until()
        gaps = await tx.overview.gaps(ids)
        episodes = [e for e in await tx.episodes.unfinished() if e.state is State.OPEN]
        last = await tx.overview.last_posts()
    day = int(hours(start) // 24)
    known: Mapping[int, Usual] = {}
    if version is not None:
        known = await usuals.of(store, channels, version, day, patience=patience)
    about = _by_channel(episodes)
    points = _hours(start, channels, counts, spans, known)
    lines = [
        _line(
            channel,
            now,
            points[channel.id],
            known.get(channel.id),
            about.get(channel.id, ()),
            last.get(channel.id),
            until.get(channel.id),
            gaps.get(channel.id),
        )
        for channel in channels
    ]
    order = {standing: n for n, standing in enumerate(Standing)}
    lines.sort(key=lambda x: (order[x.standing], x.channel.group or "\uffff", x.channel.name.casefold()))
    return Now(
        at=now,
        lines=lines,
        working=version is not None and any(c.id not in known for c in channels),
        was_read=version is not None,
    )


def _by_channel(episodes: Sequence[Episode]) -> dict[int, list[Episode]]:
    out: dict[int, list[Episode]] = defaultdict(list)
    for episode in episodes:
        for channel_id in dict.fromkeys((episode.subject.channel_id, *episode.members)):
            if channel_id is not None:
                out[channel_id].append(episode)
    return dict(out)


def _hours(
    start: datetime,
    channels: Sequence[Channel],
    counts: Mapping[int, Mapping[datetime, int]],
    spans: Mapping[int, Sequence[WatchSpan]],
    known: Mapping[int, Usual],
) -> dict[int, tuple[Hour, ...]]:
    """The hours of each channel; what is ordinary in them is worked out for all at once."""
    first = round(hours(start))
    starts = [instant(first + i) for i in range(HOURS)]
    expected = np.zeros((len(channels), HOURS))
    is_known = [usual is not None and usual.is_known for usual in map(known.get, (c.id for c in channels))]
    for n, channel in enumerate(channels):
        if is_known[n]:
            expected[n] = known[channel.id].expected(first, HOURS)
    lower, upper = band(expected)
    unknown, nothing = [None] * HOURS, dict[datetime, int]()
    out = {}
    for n, channel in enumerate(channels):
        watched = (cover_of(spans.get(channel.id, ())).share_by_hour(first, HOURS) >= WHOLE).tolist()
        usual, low, high = (each[n].tolist() if is_known[n] else unknown for each in (expected, lower, upper))
        came = counts.get(channel.id, nothing)
        out[channel.id] = tuple(
            Hour(
                start=at,
                observed=came.get(at, 0) if watched[i] else None,
                expected=usual[i],
                lower=low[i],
                upper=high[i],
            )
            for i, at in enumerate(starts)
        )
    return out


def _line(
    channel: Channel,
    now: datetime,
    points: tuple[Hour, ...],
    usual: Usual | None,
    episodes: Sequence[Episode],
    last_at: datetime | None,
    seen_until: datetime | None,
    gap: Gap | None,
) -> Line:
    is_known = usual is not None and usual.is_known
    mine = tuple(e for e in episodes if e.kind is not Kind.CHANNEL)
    whole = {e.kind for e in mine if e.subject.topic is None and e.subject.claimant is None}
    behind = seen_until is None or now - seen_until > BEHIND
    if channel.status is not ChannelStatus.OPEN:
        standing = Standing.GONE
    elif Kind.BLIND in whole or behind or gap is not None:
        standing = Standing.BLIND
    elif kind := next((k for k in (Kind.SILENCE, Kind.DROP, Kind.SURGE) if k in whole), None):
        standing = Standing(kind.value)
    elif mine:
        standing = Standing.TOPIC
    else:
        standing = Standing.USUAL if is_known else Standing.LEARNING
    return Line(
        channel=channel,
        standing=standing,
        hours=points,
        is_known=is_known,
        episodes=mine,
        last_at=last_at,
        seen_until=seen_until,
        gap=gap,
    )
