"""What a budget means for one series, from its own history, before anybody is bothered with it.

Everything here is replayed or read off the panel that judges live: nothing is estimated by other rules.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.hours import NEVER, hours, instant
from alerts.lessons import heard
from alerts.panel import Panel
from alerts.probe import Tried, probe
from alerts.reach import Reach, reach
from alerts.replay import replay, whole
from alerts.share import Share
from alerts.strand import Strand, strand_of
from alerts.tracks import Track
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode
from domain.finding import Kind, Ruling
from domain.opinion import Opinion, Says
from domain.reading import Reading
from domain.watch import Seen, WatchSpan

#: So far is looked back, and before that so much more is only learned from.
BACK, LEARNED = timedelta(days=90), timedelta(days=57)
MONTH = timedelta(days=30)
JUDGED = (Kind.SILENCE, Kind.DROP, Kind.SURGE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One channel as the archive knows it."""

    channel: Channel
    readings: Sequence[Reading]  #: in the order of posting
    spans: Sequence[WatchSpan] | None = None  #: None: watched from the first post to the last
    told: Sequence[Episode] = ()  #: what was told of it while it was watched
    opinions: Sequence[tuple[Episode, Opinion]] = ()  #: what people made of that

    @property
    def judged(self) -> list[tuple[Episode, Says]]:
        """The episodes with the word that stands."""
        return heard(self.opinions)

    @property
    def watched(self) -> Sequence[WatchSpan]:
        return whole(self.readings) if self.spans is None else self.spans


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An episode that would have been told, and what people said of it when it was."""

    episode: Episode
    opinion: Opinion | None = None
    told_as: int | None = None  #: the number under which it was told

    @property
    def counts(self) -> bool:
        """Does it count against the budget? What was explained, or happened by people's word, does not."""
        confirmed = self.opinion is not None and self.opinion.says in (Says.CONFIRMED, Says.NORMAL)
        return self.episode.verdict.ruling is Ruling.CONFIRMED and not confirmed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ripeness:
    """How far a series may be judged by its own rhythm."""

    part: float  #: 0: not at all, 1: fully
    watched: timedelta  #: in the last eight weeks
    posts: int  #: counted in them
    habit: bool | None = None  #: of a topic or claimant: whether there is a habit; None: of a channel
    days: int = 0  #: of a topic or claimant: distinct days with a post
    known: timedelta = timedelta()  #: of a topic or claimant: since its first post


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A series under one budget."""

    channel: Channel
    strand: Strand | None
    budgets: Mapping[Kind, float]  #: false alarms a month, by what is told
    start: datetime  #: what follows was judged from here
    end: datetime
    judged: timedelta  #: of that, so much was watched
    ripeness: Ripeness
    reach: tuple[Reach, ...]
    raised: tuple[Raised, ...]
    tried: tuple[Tried, ...] = ()
    per_day: float = 0.0  #: posts to be expected, at the present level

    @property
    def months(self) -> float:
        return self.judged / MONTH

    @property
    def nominal(self) -> float:
        """False alarms a month to be expected, of all kinds together."""
        return sum(self.budgets.values())

    @property
    def per_month(self) -> float | None:
        """Alarms a month that the replay raised and nobody confirmed; None: too little to say."""
        return sum(r.counts for r in self.raised) / self.months if self.months >= 0.25 else None

    @property
    def soonest(self) -> timedelta | None:
        return min((r.soonest for r in self.reach if r.soonest is not None), default=None)

    @property
    def latest(self) -> timedelta | None:
        """The longest that a silence can stay untold; None: there are hours after which it is never told."""
        spans = [r.latest for r in self.reach if r.latest is not None]
        return max(spans) if spans and len(spans) == len(self.reach) else None


def calibrate(
    record: Record,
    rules: AlertsConfig,
    *,
    strand: Strand | None = None,
    topics: Collection[str] | None = None,
    budgets: Budgets | None = None,
    probes: bool = True,
) -> Calibration:
    """What these rules mean for a channel, or for one topic or claimant of it.

    The channel is judged by itself: what its group or everyone did at the time is left out. `topics` and
    `budgets` are as for a panel. The record must hold at least one reading.
    """
    channel = replace(record.channel, status=ChannelStatus.OPEN, group=None, country=None)
    budgets = (budgets or Budgets()).alone(record.channel)
    watched = record.watched
    end = max(record.readings[-1].posted_at, max((s.to_at for s in watched), default=instant(0)))
    first = min([record.readings[0].posted_at, *(s.from_at for s in watched)])
    learned = end - BACK - LEARNED
    recent = [r for r in record.readings if r.posted_at >= learned]
    # What is not ripe is not judged; the first days after that teach what they can, too.
    start = max(end - BACK, max(first, learned) + rules.silence.ripe_after)
    start = min(start, end)
    panel = Panel([channel], rules, decide_from=start, topics=topics, budgets=budgets)
    panel.heed(record.judged)
    told: dict[int, Episode] = {}
    for step in replay([channel], recent, rules, spans=_since(watched, learned), panel=panel):
        if step.episode.opened_at is not None:
            told[step.episode.id] = step.episode
    track = panel.track(channel.id)
    assert track is not None  # noqa: S101 - the panel was given this channel
    share = None if strand is None else track.shares.get(strand)
    raised = [
        _beside(episode, record)
        for episode in sorted(told.values(), key=lambda e: (e.opened_at or e.found_at, e.id))
        if episode.kind in JUDGED and strand_of(episode.subject) == strand
    ]
    ripeness = _ripeness(track, share, strand, end)
    can_be_told = ripeness.part > 0 and ripeness.habit is not False
    tried: tuple[Tried, ...] = ()
    if probes and can_be_told:
        fresh = Panel([channel], rules, topics=topics, budgets=budgets)
        fresh.heed(record.judged)
        tried = probe(fresh, recent, watched, strand)
    return Calibration(
        channel=record.channel,
        strand=strand,
        budgets=_budgets(rules, share),
        start=start,
        end=end,
        judged=_watched(watched, start, end),
        ripeness=ripeness,
        reach=reach(track, share, end) if can_be_told and (strand is None or share is not None) else (),
        raised=tuple(raised),
        tried=tried,
        per_day=24 * track.rhythm.level * (1.0 if strand is None else share.share if share else 0.0),
    )


def strands(record: Record, rules: AlertsConfig, topics: Collection[str] | None = None) -> list[Strand]:
    """The topics and claimants that the channel has by habit, the most frequent first."""
    panel = Panel([replace(record.channel, status=ChannelStatus.OPEN)], rules, topics=topics)
    end = record.readings[-1].posted_at if record.readings else instant(0)
    for span in record.watched:
        panel.watched(span.channel_id, span.from_at, span.to_at)
    for reading in record.readings:
        if reading.posted_at >= end - LEARNED:
            panel.learn(reading)
    track = panel.track(record.channel.id)
    shares = [] if track is None else [s for s in track.shares.values() if s.habit]
    return [share.strand for share in sorted(shares, key=lambda s: (-s.share, s.strand))]


def _since(spans: Iterable[WatchSpan], start: datetime) -> list[WatchSpan]:
    return [replace(s, from_at=max(s.from_at, start)) for s in spans if s.to_at > start]


def _watched(spans: Iterable[WatchSpan], start: datetime, end: datetime) -> timedelta:
    """How much of [start, end] was watched, whoever watched."""
    holes = Seen.merged(spans).holes(start, end)
    return (end - start) - sum((b - a for a, b in holes), timedelta())


def _budgets(rules: AlertsConfig, share: Share | None) -> Mapping[Kind, float]:
    out = {}
    for kind in JUDGED:
        rule = getattr(rules, kind.value, None)
        if rule is not None:
            out[kind] = rule.budget
    if share is not None:
        return {Kind.SILENCE: share.budget}
    return out


def _ripeness(track: Track, share: Share | None, strand: Strand | None, end: datetime) -> Ripeness:
    at, rhythm = hours(end), track.rhythm
    watched = timedelta(hours=sum(b - a for a, b in track.cover.within(at - 56 * 24, at)))
    posts = int(rhythm.counts(int(at) - 56 * 24, 56 * 24 + 1).sum())
    part = rhythm.ripe if rhythm.most < NEVER else 0.0
    if strand is None:
        return Ripeness(part=part, watched=watched, posts=posts)
    if share is None:
        return Ripeness(part=part, watched=watched, posts=0, habit=False)
    return Ripeness(
        part=part,
        watched=watched,
        posts=share.posts,
        habit=share.habit,
        days=share.days,
        known=timedelta(hours=max(0.0, at - share.first)),
    )


def _beside(episode: Episode, record: Record) -> Raised:
    """The episode beside the one that was told then of the same, and what people said of that."""
    said = {other.id: opinion for other, opinion in record.opinions}
    for other in record.told:
        same = other.kind is episode.kind and _is_about(other, episode)
        apart = (other.closed_at is not None and other.closed_at < episode.since_at) or (
            episode.closed_at is not None and episode.closed_at < other.since_at
        )
        if same and not apart:
            return Raised(episode=episode, opinion=said.get(other.id), told_as=other.id)
    return Raised(episode=episode)


def _is_about(other: Episode, episode: Episode) -> bool:
    if other.subject.channel_id is None:  # of a whole group: it tells of each member
        return strand_of(episode.subject) is None and episode.subject.channel_id in other.members
    return other.subject.channel_id == episode.subject.channel_id and strand_of(other.subject) == strand_of(
        episode.subject
    )
