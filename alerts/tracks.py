"""All that is kept of one channel while it is watched."""

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from alerts.calendars.season import ALWAYS, Season
from alerts.config import AlertsConfig
from alerts.cover import Cover
from alerts.hours import NEVER
from alerts.lessons import UNSCHOOLED, Schooling
from alerts.promise import promised
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

if TYPE_CHECKING:
    from alerts.crowd import Crowd

#: So many of a channel's last posts are remembered one by one.
RECENT = 48
#: A pause is announced by one of so many last posts; whoever does so in more than this part of his posts,
#: as with a link to another channel under each, announces nothing. The part is known from so many posts.
ANNOUNCED_IN, HABITUAL, HABIT_OVER = 3, 0.04, 64.0
#: How many of a channel's post numbers a post takes in the mean, parts of albums and deleted ones included:
#: known from so many posts.
NUMBERS_OVER = 64.0

#: Where a running pause stands. Plain numbers, as they are compared at every post.
RUNNING, QUIET, FOUND, OPEN, HIDDEN = range(5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What had been decided of a channel's topics and claimants at an instant in the past."""

    until: float  #: up to when it was decided
    held: frozenset[Strand]  #: found silent by then, and not told yet
    #: The last post of each, as it was understood then; None: as it is now.
    lasts: Mapping[Strand, float] | None = None


class Announced(NamedTuple):
    """A pause that a channel announced."""

    at: float
    words: str
    until: float  #: up to when it explains a silence
    is_said: bool  #: whether the words say so


class Track:
    """One channel: when it could be seen, its rhythm, its topics and claimants, where its pause stands."""

    __slots__ = (
        "_announced", "_announces", "ahead", "asked", "case", "channel", "cover", "crowds", "day",
        "decide_from", "dues", "ended", "former", "found_at", "grouped", "key", "not_before", "numbers",
        "parked", "phase", "pulse", "recent", "rhythm", "rules", "schooling", "shares", "testimony",
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
        self.crowds: tuple[Crowd, ...] = ()  #: those it is counted with
        #: What they were when its history was learned: its group and its country.
        self.grouped = (channel.group, channel.country)
        self.ahead = (-1, 0.0, 0.0)  #: an hour, and what is to come in each half of it
        #: When it posted, under which number, and how many numbers are known to be taken by that: its own,
        #: those of the other parts of an album, and of what followed that is no post.
        self.recent: deque[tuple[float, int, int]] = deque(maxlen=RECENT)
        self._announced = (-NEVER, "")  #: when it last announced a pause, and how
        self._announces = 0.0  #: which part of its posts does so
        self.numbers = 1.0  #: post numbers that a post takes in the mean
        self.key = Key("pause", channel.id)
        self.case = (Kind.SILENCE, Subject(channel_id=channel.id))

    def school(self, schooling: Schooling) -> None:
        """Take up what people said of its episodes; it works on what is learned from here on."""
        self.schooling = schooling
        self.rhythm.lessons = schooling.series(None)
        for share in self.shares.values():
            share.lessons = schooling.series(share.strand)

    def number(self, at: float, post_id: int, pause: str) -> None:
        """It posted at `at` under this number, and announced a pause in these words, or ""."""
        if pause:
            self._announced = (at, pause) if self._announces < HABITUAL else (-NEVER, "")
        self._announces += (bool(pause) - self._announces) / HABIT_OVER
        if self.recent:
            taken = post_id - self.recent[-1][1]
            if taken > 0:
                self.numbers += (min(taken, 4 * self.numbers + 4) - self.numbers) / NUMBERS_OVER
        self.recent.append((at, post_id, 1))

    def took(self, at: float) -> None:
        """We saw at `at` what counts as no post of its own, such as a part of an album: it has a number too.

        Only those that were seen are counted. The highest one says nothing of what may be missing below it.
        """
        for place in range(len(self.recent) - 1, -1, -1):
            posted, post_id, taken = self.recent[place]
            if posted <= at:
                self.recent[place] = posted, post_id, taken + 1
                return

    @property
    def announced(self) -> Announced | None:
        """The running pause, if one of its last posts announced it, be it that this is over."""
        last = [posted for posted, *_ in self.recent][-ANNOUNCED_IN:]
        return self.announced_since(last[0]) if last else None

    def announced_since(self, start: float) -> Announced | None:
        """The last pause that it announced, if that was at `start` or later."""
        at, words = self._announced
        if not words or self._announces > HABITUAL or at < start:
            return None
        if (until := promised(words, at, self.channel.zone)) is not None:
            return Announced(at, words, until, is_said=True)
        bound = self.rules.silence.announced_for.total_seconds() / 3600
        return Announced(at, words, at + bound if bound else NEVER, is_said=False)

    def posts_since(self, start: float, end: float) -> float:
        """Posts after `start` up to `end`; before what is remembered one by one, by whole hours."""
        recent = self.recent
        if len(recent) < RECENT or recent[0][0] <= start:
            return float(sum(start < at <= end for at, *_ in recent))
        first = math.ceil(start)
        return float(self.rhythm.counts(first, max(math.floor(end) - first, 0)).sum())

    def numbers_passed(self, start: float, end: float) -> float | None:
        """About how many posts' numbers went by unseen from the last post by `start` to the first after
        `end`; None while that cannot be said.
        """
        before = [(number, taken) for at, number, taken in self.recent if at <= start]
        after = [number for at, number, _ in self.recent if at >= end]
        if not before or not after:
            return None
        last, own = before[-1]
        held = sum(max(1.0, taken / self.numbers) for at, _, taken in self.recent if start < at < end)
        return max(0.0, (after[0] - last - max(self.numbers, own)) / self.numbers - held)

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
        if self.phase == OPEN and (announced := self.announced) is not None:
            return announced.until
        return NEVER

    def in_sight(self, at: float) -> bool:
        """Could we see the channel at `at`, and ever since what its pause is counted from?

        After a hole that nobody filled, the pause is counted from the hole's end, as a post may have come in
        it, with what was seen before as far as none did.
        """
        if self.cover.whole(self.rhythm.origin, at):
            return True
        stretch = self.cover.stretch_from(at)
        if stretch is None:
            return False
        self.skip(stretch)
        return stretch <= at

    def skip(self, at: float) -> None:
        """We could not see it up to `at`."""
        self.rhythm.skip(self.cover.within(self.rhythm.last, at), at)

    def chance(self, at: float) -> float:
        """How improbable it is to find its pause running as long as it does at `at`."""
        rhythm = self.rhythm
        if at <= rhythm.origin:
            return 1.0
        return rhythm.chance(lambda pause: rhythm.tail.running(pause * rhythm.sure), rhythm.counted(at))
