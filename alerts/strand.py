"""What of a channel is judged by itself, by its share of the posts: a topic, or what a claimant claims."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from domain.claim import UNKNOWN_GROUP
from domain.episode import Subject
from domain.reading import Reading
from domain.series import SeriesKey

TOPIC, CLAIMANT = "topic", "claimant"


class Strand(NamedTuple):
    """One topic or one claimant of a channel; the two are never confused, whatever they are called.

    Its order breaks ties, so that every run decides in the same order.
    """

    what: str
    name: str

    def series(self, channel_id: int) -> SeriesKey:
        if self.what == CLAIMANT:
            return SeriesKey(channel_id, claimant=self.name)
        return SeriesKey(channel_id, topic=self.name)

    def subject(self, channel_id: int) -> Subject:
        if self.what == CLAIMANT:
            return Subject(channel_id=channel_id, claimant=self.name)
        return Subject(channel_id=channel_id, topic=self.name)


def strand_of(subject: Subject | SeriesKey) -> Strand | None:
    """Which topic or claimant of its channel this is about; None: the whole channel."""
    if subject.topic is not None:
        return Strand(TOPIC, subject.topic)
    return None if subject.claimant is None else Strand(CLAIMANT, subject.claimant)


class Judged:
    """Which topics and claimants of a post are judged, and what claimants are called."""

    __slots__ = ("_claimants", "_names", "_topics", "_wanted")

    def __init__(self, topics: Collection[str] | None = None, names: Mapping[str, str] | None = None) -> None:
        """`topics` None: all that the readings tell of. `names`: what people call the claimants."""
        self._wanted = None if topics is None else frozenset(topics)
        self._names = dict(names or {})
        self._topics: dict[str, Strand | None] = {}
        self._claimants: dict[str, Strand] = {}

    def strands(self, reading: Reading) -> tuple[Strand, ...]:
        """The judged topics of a post, then the claimants in it that are known by name."""
        if not reading.topics and not reading.claimants:
            return ()
        found = [strand for name in reading.topics if (strand := self._topic(name)) is not None]
        # What several groups claim of which nobody knows the names is no one's habit.
        found += [self._claimant(name) for name in reading.claimants if name != UNKNOWN_GROUP]
        return tuple(found)

    def name(self, strand: Strand) -> str:
        """What people call it."""
        return self._names.get(strand.name, strand.name) if strand.what == CLAIMANT else strand.name

    def _topic(self, name: str) -> Strand | None:
        if name not in self._topics:
            judged = self._wanted is None or name in self._wanted
            self._topics[name] = Strand(TOPIC, name) if judged else None
        return self._topics[name]

    def _claimant(self, name: str) -> Strand:
        strand = self._claimants.get(name)
        if strand is None:
            strand = self._claimants[name] = Strand(CLAIMANT, name)
        return strand
