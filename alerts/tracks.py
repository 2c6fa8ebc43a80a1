"""All that is kept of one channel while it is watched."""

from collections.abc import Mapping
from dataclasses import dataclass

from alerts.calendars.season import ALWAYS, Season
from alerts.config import AlertsConfig
from alerts.cover import Cover
from alerts.hours import NEVER
from alerts.lessons import UNSCHOOLED, Schooling
from alerts.pulse import Pulse
from alerts.rhythm import Rhythm
from alerts.share import Share
from alerts.strand import Strand
from alerts.timers import Key
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode, Subject
from domain.finding import Kind
from domain.series import SeriesKey
from domain.testimony import Testimony

#: Where a running pause stands. Plain numbers, as they are compared at every post.
RUNNING, QUIET, FOUND, OPEN, HIDDEN = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What had been decided of a channel's topics and claimants at an instant in the past."""

    until: float  #: up to when it was decided
    held: frozenset[Strand]  #: found silent by then, and not told yet
    #: The last post of each, as it was understood then; None: as it is now.
    lasts: Mapping[Strand, float] | None = None


class Track:
    """One channel: when it could be seen, its rhythm, its topics and claimants, where its pause stands."""

    __slots__ = (
        "asked", "case", "channel", "cover", "day", "decide_from", "dues", "ended", "former", "found_at",
        "key", "not_before", "parked", "phase", "pulse", "rhythm", "rules", "schooling", "shares",
        "testimony",
    )  # fmt: skip

    def __init__(
        self, channel: Channel, rules: AlertsConfig, decide_from: float, season: Season = ALWAYS
    ) -> None:
        self.channel = channel
        self.rules = rules
        self.cover = Cover()
        self.rhythm = Rhythm(channel.zone, rules, season)
        self.pulse = Pulse()
        self.shares: dict[Strand, Share] = {}
        #: A heap: by which of the channel's posts to look at which topic or claimant.
        self.dues: list[tuple[int, Strand]] = []
        self.former: tuple[Former, ...] = ()  #: oldest first
        self.ended: tuple[Episode, ...] = ()  #: silences of its topics and claimants that are over
        self.day = -1  #: the day of its last post
        self.phase = RUNNING
        self.found_at = NEVER
        self.decide_from = decide_from  #: nothing is decided about instants before this one
        self.not_before = -NEVER  #: its running pause is not told of earlier
        self.parked: list[tuple[Key, float]] = []  #: timers that wait until we know what we could see
        self.asked = NEVER  #: since when the silence lasts of which the outside was asked last
        self.testimony: Testimony | None = None  #: what it said last
        self.schooling = UNSCHOOLED  #: what people said of its episodes
        self.key = Key("pause", channel.id)
        self.case = (Kind.SILENCE, Subject(channel_id=channel.id))

    def school(self, schooling: Schooling) -> None:
        """Take up what people said of its episodes; it works on what is learned from here on."""
        self.schooling = schooling
        self.rhythm.lessons = schooling.series(None)
        for share in self.shares.values():
            share.lessons = schooling.series(share.strand)

    @property
    def series(self) -> SeriesKey:
        return SeriesKey(self.channel.id)

    @property
    def is_open(self) -> bool:
        return self.channel.status is ChannelStatus.OPEN

    @property
    def due(self) -> float:
        """When its running pause is to be looked at next."""
        if self.phase == RUNNING and self.channel.group:
            return self.rhythm.when_counted(self.rhythm.quiet)
        if self.phase <= QUIET:
            return self.rhythm.overdue_at
        if self.phase == FOUND:
            return self.found_at + self.rules.silence.hold.total_seconds() / 3600
        return NEVER

    def in_sight(self, at: float) -> bool:
        """Could we see the channel at `at`, and ever since what its pause is counted from?

        After a hole that nobody filled, the pause is counted from the hole's end: a post may have come in it.
        """
        rhythm = self.rhythm
        if self.cover.whole(rhythm.origin, at):
            return True
        stretch = self.cover.stretch_from(at)
        if stretch is None:
            return False
        rhythm.resume(stretch)
        return stretch <= at

    def chance(self, at: float) -> float:
        """How improbable it is to find its pause running as long as it does at `at`."""
        rhythm = self.rhythm
        return rhythm.tail.running(rhythm.counted(at) * rhythm.sure) if at > rhythm.origin else 1.0
