"""Invented channels with a rhythm, for tests of what decides: posts as readings, drawn with a seed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import Channel
from domain.episode import TOLD, Episode, Move, Transition
from domain.reading import Reading

#: A Monday, 00:00 UTC.
MONDAY = datetime(2031, 3, 3, tzinfo=UTC)
WEEKS = timedelta(weeks=8)
HOUR = timedelta(hours=1)
#: A busy afternoon and a quiet night, by hour of the day in UTC.
DAY = np.exp(1.2 * np.cos(2 * np.pi * (np.arange(24) - 14) / 24))


def channel(number: int = 1, group: str | None = None, zone: str = "UTC") -> Channel:
    return Channel(id=number, title=f"Channel {number}", handle=f"invented_{number}", group=group, zone=zone)


@dataclass
class Story:
    """The posts of one channel; each step adds to it and returns it."""

    number: int = 1
    seed: int = 1
    start: datetime = MONDAY
    readings: list[Reading] = field(default_factory=list)
    length: timedelta = timedelta()  #: how far it has been told

    def posts(
        self,
        span: timedelta,
        per_day: float,
        *,
        topics: dict[str, float] | None = None,
        claimants: dict[str, float] | None = None,
    ) -> "Story":
        """Post for `span` with the rhythm of day and night, from the story's end on.

        Of the posts such shares are about each topic and claims of each claimant; whatever is claimed is of
        the conflict.
        """
        begin = self.end
        rng = np.random.default_rng([self.seed, self.number, len(self.readings)])
        hours = np.arange(int(span / HOUR))
        rate = per_day / 24 * DAY[(begin.hour + hours) % 24] / DAY.mean()
        counts = rng.poisson(rate)
        at = np.sort(np.repeat(hours, counts) + rng.random(int(counts.sum())))
        for offset in at:
            said = tuple(name for name, share in (topics or {}).items() if rng.random() < share)
            by = tuple(name for name, share in (claimants or {}).items() if rng.random() < share)
            if by and "conflict" not in said:
                said += ("conflict",)
            self.at(begin + timedelta(seconds=round(float(offset) * 3600, 3)), *said, by=by)
        self.length = max(self.length, begin + span - self.start)
        return self

    def quiet(self, span: timedelta) -> "Story":
        """Nothing for `span`."""
        self.length += span
        return self

    def at(self, instant: datetime, *topics: str, by: tuple[str, ...] = ()) -> "Story":
        """One post, with claims by these."""
        number = len(self.readings) + 1
        self.readings.append(
            Reading(
                channel_id=self.number,
                post_id=number,
                posted_at=instant,
                reader_version=1,
                topics=topics,
                claimants=by,
                seq=number,
            )
        )
        return self

    @property
    def end(self) -> datetime:
        return self.start + self.length


def told(transitions: Iterable[Transition]) -> list[Transition]:
    """What people hear of, without the smaller that was hidden behind the larger."""
    return [t for t in transitions if t.move in TOLD and t.inhibited_by is None]


def turns(transitions: Iterable[Transition]) -> list[Transition]:
    """The beginnings and ends that people hear of."""
    return [t for t in told(transitions) if t.move not in (Move.GREW, Move.ESCALATED)]


def lasting(transitions: Iterable[Transition]) -> list[tuple[Move, datetime, Episode]]:
    """What is stored, without the numbers, for comparing two runs."""
    return [(t.move, t.at, replace(t.episode, id=0)) for t in transitions if t.move in TOLD]


def opened(transitions: Iterable[Transition]) -> list[Episode]:
    return [t.episode for t in told(transitions) if t.move is Move.OPENED]


def run(
    stories: Sequence[Story],
    end: datetime,
    *,
    instants: Iterable[datetime] = (),
    panel: Panel | None = None,
    **how: Any,
) -> list[Transition]:
    """Watched from the beginning to `end` without a break, advancing at `instants` and at the end.

    By a panel that has seen nothing yet, or by one made as `lived` does.
    """
    if panel is None:
        return lived(stories, end, instants=instants, **how)[1]
    return _live(panel, stories, end, instants)


def lived(
    stories: Sequence[Story],
    end: datetime,
    *,
    groups: Mapping[int, str] | None = None,
    channels: Sequence[Channel] | None = None,
    rules: AlertsConfig | None = None,
    instants: Iterable[datetime] = (),
    decide_from: datetime | None = None,
    topics: tuple[str, ...] | None = None,
    names: Mapping[str, str] | None = None,
) -> tuple[Panel, list[Transition]]:
    """A panel that lived all of this, and what it told. How often it looks does not matter: it does once more
    when it begins to decide, or after eight weeks, for what many tests have in common is lived only once.

    `decide_from` keeps the false alarms out that eight weeks of random posts hold as well.
    """
    them = tuple(channels or (channel(s.number, (groups or {}).get(s.number)) for s in stories))
    made = _Made(them, rules or AlertsConfig(), decide_from, topics, tuple((names or {}).items()))
    looks = [*sorted(set(instants)), end]
    begin = decide_from or stories[0].start + WEEKS
    if looks[0] <= begin:
        panel = made.panel()
        return panel, _live(panel, stories, end, looks)
    past = tuple((s.number, s.start, tuple(r for r in s.readings if r.posted_at <= begin)) for s in stories)
    known, out = _begun(made, past, begin)
    panel = known.branch()
    return panel, [*out, *_live(panel, stories, end, looks, after=begin)]


class _Made(NamedTuple):
    """What a panel is made of."""

    channels: tuple[Channel, ...]
    rules: AlertsConfig
    decide_from: datetime | None
    topics: tuple[str, ...] | None
    names: tuple[tuple[str, str], ...]

    def panel(self) -> Panel:
        names = dict(self.names) or None
        return Panel(self.channels, self.rules, decide_from=self.decide_from, topics=self.topics, names=names)


@lru_cache(8)
def _begun(
    made: _Made, past: tuple[tuple[int, datetime, tuple[Reading, ...]], ...], begin: datetime
) -> tuple[Panel, list[Transition]]:
    panel = made.panel()
    return panel, _live(panel, [Story(n, start=start, readings=[*told]) for n, start, told in past], begin)


def _live(
    panel: Panel,
    stories: Sequence[Story],
    end: datetime,
    instants: Iterable[datetime] = (),
    after: datetime | None = None,
) -> list[Transition]:
    posts = sorted((r for s in stories for r in s.readings), key=lambda r: r.posted_at)
    if after is not None:
        posts = [r for r in posts if r.posted_at > after]
    out: list[Transition] = []
    n = 0
    for now in sorted({*instants, end}):
        for story in stories:
            panel.watched(story.number, story.start, now)
        while n < len(posts) and posts[n].posted_at <= now:
            panel.post(posts[n])
            n += 1
        out += panel.advance(now)
    return out
