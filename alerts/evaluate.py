"""How the panel does on posts whose episodes are known: found or missed, how late, and how many besides."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median

from alerts.strand import Strand, strand_of
from domain.episode import Episode
from domain.finding import Kind, Ruling
from domain.instant import refuse_naive

#: A channel that falls nearly silent has both: either word for it is right.
_LESS = frozenset({Kind.SILENCE, Kind.DROP})
_JUDGED = frozenset({Kind.SILENCE, Kind.DROP, Kind.SURGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """An episode that is known to have been."""

    kind: Kind
    channel_id: int
    strand: Strand | None = None
    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        refuse_naive(self, "start", "end")
        if self.end <= self.start:
            raise ValueError("an episode ends after it begins")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a labelled episode."""

    label: Label
    episode: Episode | None  #: the first that told of it; None: missed
    explained: Episode | None = None  #: when missed: one that was told as no news of theirs

    @property
    def delay(self) -> timedelta | None:
        """From its beginning until it was told."""
        if self.episode is None or self.episode.opened_at is None:
            return None
        return max(timedelta(), self.episode.opened_at - self.label.start)


@dataclass(slots=True, kw_only=True)
class Score:
    """All labelled episodes of one sort, and the alarms of that sort that none of them explains."""

    kind: Kind
    about: str  #: channel, topic or claimant
    outcomes: list[Outcome] = field(default_factory=list)
    false: list[Episode] = field(default_factory=list)

    @property
    def found(self) -> int:
        return sum(o.episode is not None for o in self.outcomes)

    @property
    def missed(self) -> int:
        return len(self.outcomes) - self.found

    @property
    def delay(self) -> timedelta | None:
        """The median of those that were found."""
        delays = self._delays()
        return timedelta(seconds=median(d.total_seconds() for d in delays)) if delays else None

    @property
    def longest(self) -> timedelta | None:
        return max(self._delays(), default=None)

    def _delays(self) -> list[timedelta]:
        return [o.delay for o in self.outcomes if o.delay is not None]


def evaluate(labels: Sequence[Label], told: Iterable[Episode]) -> list[Score]:
    """Hold what was told against what is known to have been.

    A label is found by the first episode of its kind and subject that was told within it; a silence may be
    told as a drop and a drop as a silence; a grouped episode tells of each of its members. A false alarm is a
    confirmed silence, drop or surge that no label of its channel touches.
    """
    episodes = [e for e in told if e.opened_at is not None]
    scores: dict[tuple[Kind, str], Score] = {}

    def score(kind: Kind, strand: Strand | None) -> Score:
        about = "channel" if strand is None else strand.what
        return scores.setdefault((kind, about), Score(kind=kind, about=about))

    for label in labels:
        theirs = sorted((e for e in episodes if _tells(e, label)), key=lambda e: e.opened_at or e.found_at)
        news = [e for e in theirs if e.kind not in _JUDGED or e.verdict.ruling is Ruling.CONFIRMED]
        score(label.kind, label.strand).outcomes.append(
            Outcome(
                label=label,
                episode=news[0] if news else None,
                explained=None if news or not theirs else theirs[0],
            )
        )
    for episode in episodes:
        is_news = episode.kind in _JUDGED and episode.verdict.ruling is Ruling.CONFIRMED
        if is_news and not any(_touches(episode, label) for label in labels):
            score(episode.kind, strand_of(episode.subject)).false.append(episode)
    order = list(Kind)
    return sorted(scores.values(), key=lambda s: (order.index(s.kind), s.about != "channel", s.about))


def _channels(episode: Episode) -> Collection[int]:
    number = episode.subject.channel_id
    return episode.members if number is None else (number,)


def _tells(episode: Episode, label: Label) -> bool:
    kinds = _LESS if label.kind in _LESS else {label.kind}
    return (
        episode.kind in kinds
        and label.channel_id in _channels(episode)
        and strand_of(episode.subject) == label.strand
        and label.start <= (episode.opened_at or episode.found_at) <= label.end
    )


def _touches(episode: Episode, label: Label) -> bool:
    ends = episode.closed_at or episode.opened_at or episode.found_at
    return label.channel_id in _channels(episode) and episode.since_at <= label.end and label.start <= ends
