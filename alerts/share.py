"""A topic's or claimant's share of its channel, whose posts are its clock: a quiet channel silences none."""

import math
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.config import AlertsConfig
from alerts.detect.silence import most
from alerts.episodes import Case
from alerts.forecast import NEWS_FADES
from alerts.hourly import Hourly
from alerts.hours import NEVER, instant
from alerts.lessons import NONE, Lessons
from alerts.pauses import REMEMBERED, Pauses
from alerts.pulse import BURST_HALF, SHARE_HALF, Pulse
from alerts.rhythm import BREAK, NEWS_PRIOR, Rhythm
from alerts.strand import Strand
from alerts.tail import Tail
from alerts.timers import Key
from alerts.unseen import Unseen, count_back
from domain.channel import Channel
from domain.finding import Kind
from domain.series import SeriesKey

SHARE_PRIOR = 8.0  #: posts that the whole history counts against the last days
#: Days for which the posts are kept by hour, to be shown.
SHOWN = 28
#: Hours after which a burst is forgotten.
FADED = 96
_AFTER = np.arange(1.0, FADED + 1)


def share_of(total: float, among: float, slow: float, lately: float) -> float:
    """Which part of a channel's posts is about it: `total` of `among` since the first, drawn towards the last
    days, in which it were `slow` of `lately`, both fading with `SHARE_HALF`.
    """
    overall = (total + 0.5) / (among + 2)
    return overall * (SHARE_PRIOR + slow) / (SHARE_PRIOR + overall * lately)


class Share:
    """One topic or claimant of a channel, measured in the channel's posts."""

    __slots__ = (
        "_at", "_days", "_fast", "_first", "_first_count", "_floor", "_goal", "_hourly", "_last_count",
        "_pauses", "_rules", "_skipped", "_slow", "_today", "_total", "_unseen", "_zone", "budget", "burst",
        "case", "found_at", "habit", "key", "last", "lessons", "look_at", "most", "origin", "pardon",
        "per_month", "phase", "run", "run_since", "series", "share", "since", "since_count", "strand", "tail",
        "within",
    )  # fmt: skip

    def __init__(self, strand: Strand, channel: Channel, rules: AlertsConfig, since: Pulse) -> None:
        self._rules = rules
        self._zone = None if channel.zone == "UTC" else ZoneInfo(channel.zone)
        self.strand = strand
        self.series: SeriesKey = strand.series(channel.id)
        self.case: Case = (Kind.SILENCE, strand.subject(channel.id))
        self.key = Key("strand", channel.id, strand.name, strand.what)
        self.phase = 0  #: where its running pause stands, as in alerts/tracks.py
        self.found_at = NEVER
        self.look_at: float = NEVER  #: by which of the channel's posts it is to be looked at
        self.within: Strand | None = None  #: the larger one whose episode tells of its silence
        self.pardon = 0.0  #: posts expected since `since` that are not held against it
        self.last = self.origin = self.since = -NEVER  #: as those of a channel's rhythm
        self.since_count = self._last_count = since.count
        self._floor = -NEVER  #: nothing before this counts against it
        self._unseen: tuple[tuple[float, float], ...] = ()  #: parts of an `alerts.unseen.Unseen`
        self._goal: float | None = None  #: `bar` without the pardon; None: not reckoned yet
        self.share = 0.0
        self.burst = 0.0  #: how much more is to be expected right after its last post, less 1
        self.tail = Tail()
        self.budget = rules.silence.budget  #: its part of the channel's false alarms a month
        self.most = NEVER
        self.per_month = 0.0
        self.habit = False  #: whether there is a habit whose end would be news
        self.run = 0
        self.run_since = -NEVER
        self.lessons: Lessons = NONE  #: what people said of its silences
        self._first = -NEVER
        self._first_count = since.count
        self._total = 0
        self._slow = self._fast = self._skipped = 0.0
        self._at = -NEVER
        self._pauses = Pauses()
        self._days: dict[int, int] = {}
        self._hourly = Hourly(SHOWN)
        self._today = -1

    def post(self, at: float, pulse: Pulse, rhythm: Rhythm, *, whole: bool) -> None:
        """The channel posted about it at `at`; `pulse` and `rhythm` have counted the post."""
        if self._total:
            self._step(at, pulse, rhythm, whole=whole)
        else:
            self._first, self._first_count = at, pulse.count - 1
            self.run, self.run_since = 1, at
        self._total += 1
        self._slow += 1
        self._fast += 1
        self._at = at
        self._hourly.add(at)
        day = int(at // 24)
        if day != self._today:
            self._roll(at, day)
        local = day if self._zone is None else instant(at).astimezone(self._zone).toordinal()
        self._days[local] = self._days.get(local, 0) + 1
        self._posted(at, pulse.count)
        self._freeze(pulse)

    def counts(self, first: int, n: int) -> NDArray[np.float64]:
        """Its posts in each of `n` hours from hour `first` on."""
        return self._hourly.counts(first, n)

    def resume(self, at: float, pulse: Pulse, rhythm: Rhythm) -> None:
        """The count against it starts at `at` again, whatever was seen before."""
        if at > self.origin:
            self._floor = at
            self._begin(at, at, self._count_at(at, pulse, rhythm))

    def skip(self, seen: Iterable[tuple[float, float]], at: float, pulse: Pulse, rhythm: Rhythm) -> None:
        """We could not see up to `at`, and only these stretches of the time since its last post.

        What counts against it starts at `at`, with what counts of those (alerts/unseen.py).
        """
        soon, start = self.share * (1 + max(0.0, self.burst)), max(self.last, self._floor)
        at = max(at, start)
        kept, unseen = count_back(
            seen, start, at, lambda a, b: soon * rhythm.expected_between(a, b), lambda a, b: 0.0
        )
        self._begin(at, self.last, self._last_count)
        if (since := kept[0][0] if kept else at) > self.last:
            self._begin(at, since, self._count_at(since, pulse, rhythm))
        if at == start or not kept:
            return
        before = [self._expected(b, self._count_at(b, pulse, rhythm), rhythm) for _, b in reversed(kept)]
        parts = (part for part, _ in unseen.parts)
        self._unseen = tuple(zip(parts, [*before, 0.0], strict=True))

    def _begin(self, origin: float, since: float, count: int) -> None:
        """Its pause is counted from `since`, by when the channel had posted so often, without any holes."""
        self.origin, self.since, self.since_count = origin, since, count
        self.pardon, self._unseen, self._goal = 0.0, (), None

    def _posted(self, at: float, count: int) -> None:
        self.last, self._last_count = at, count
        self.within = None
        self._begin(at, at, count)

    def forgive(self, at: float, pulse: Pulse, rhythm: Rhythm) -> None:
        """Its silence until `at` is told already, or was decided upon: only what comes after it is news."""
        self.within = None
        self._floor = max(self._floor, at)
        n, until = pulse.count - self.since_count, self._count_at(at, pulse, rhythm) - self.since_count
        if n > 0:
            self.pardon = max(self.pardon, self.expected(pulse.at, pulse, rhythm) * until / n)

    def ration(self, budget: float) -> None:
        """So many false alarms a month are its part from now on."""
        self.budget = budget
        self.most = most(self.tail, self.per_month, budget) if self.habit else NEVER
        self._goal = None

    def fade(self) -> None:
        """So long without a post, it is no habit any more."""
        self.habit, self.most, self._goal = False, NEVER, None

    @property
    def first(self) -> float:
        """The first post about it that is known."""
        return self._first

    @property
    def posts(self) -> int:
        """Posts about it in the last eight weeks."""
        return sum(self._days.values())

    @property
    def days(self) -> int:
        """On so many days of them it was posted about."""
        return len(self._days)

    @property
    def bar(self) -> float:
        """The posts expected since `since` by which its silence is news: more with holes in it."""
        return self._least + self.pardon

    @property
    def _least(self) -> float:
        if self._goal is None:
            unseen = Unseen(self._unseen)
            self._goal = unseen.least(self.tail.survival, self.most) if self._unseen else self.most
        return self._goal

    def survival(self, pause: float) -> float:
        """The probability that a pause lasts longer than the running one, of so many posts expected."""
        law = self.tail.survival
        return Unseen(self._unseen).chance(law, pause) if self._unseen else law(pause)

    @property
    def rank(self) -> tuple[float, Strand]:
        """Of two that fall silent together, the first in this order tells of both: it expects most."""
        return -self.share, self.strand

    def late(self, at: float, pulse: Pulse, rhythm: Rhythm) -> None:
        """A post about it came to light, newer than its last but older than the channel's."""
        self._slow += 1
        self._total += 1
        self._hourly.add(at)
        self._posted(at, self._count_at(at, pulse, rhythm))
        self.run, self.run_since = 1, at
        self._freeze(pulse)

    def _count_at(self, at: float, pulse: Pulse, rhythm: Rhythm) -> int:
        """How far the channel's clock had come at `at`, to the hour."""
        after = int(at) + 1
        since = rhythm.counts(after, max(0, int(pulse.at) + 1 - after)).sum()
        return max(self.since_count, pulse.count - int(since))

    def expected(self, at: float, pulse: Pulse, rhythm: Rhythm) -> float:
        """Posts about it to be expected since `since`, from what the channel was seen to post until `at`."""
        return self._expected(at, pulse.count, rhythm)

    def _expected(self, at: float, count: int, rhythm: Rhythm) -> float:
        """The same, of an instant by which the channel had posted so often."""
        n = count - self.since_count
        if n <= 0 or not self.burst:
            return self.share * max(n, 0)
        hour = int(self.since)
        if (passed := int(at) - hour) <= 0:
            return self.share * max(0.0, n + self.burst * n)  # all in the hour in which the burst was
        counts = rhythm.counts(hour + 1, passed)
        later = counts[:FADED]
        fading = float(later @ np.exp(-(_AFTER[: len(later)] - self.since % 1 + 0.5) / NEWS_FADES))
        soon = max(0.0, n - float(np.add.reduce(counts)))
        return self.share * max(0.0, n + self.burst * (fading + soon))

    def due_in(self, expected: float) -> int:
        """After how many more posts of the channel it can be overdue at the earliest.

        `expected` posts already speak against it. 0: never, as there is no habit.
        """
        if self.most == NEVER or not self.habit:
            return 0
        return max(1, math.ceil((self.bar - expected) / (self.share * (1 + max(0.0, self.burst)))))

    def _step(self, at: float, pulse: Pulse, rhythm: Rhythm, *, whole: bool) -> None:
        pause = self.expected(at, pulse, rhythm)
        passed = at - self._at
        slow = math.exp2(-passed / SHARE_HALF)
        self._skipped *= slow
        left_out, cut = self.lessons.leaves_out(self.last, at), False
        if left_out:
            self._skipped += pause / self.share
        elif pause > self._least and self.habit and not self.lessons.is_habit(self.last, at):
            # As with a channel: what was news is counted up to what made it news.
            self._skipped += (pause - self._least) / self.share
            pause, cut = self._least, True
        if whole and not left_out:
            self._pauses.add(at, pause, cut=cut)
        if pause > self.tail.threshold and self.tail.survival(pause) < BREAK:
            self.run, self.run_since = 0, at
        self.run += 1
        self._slow *= slow
        self._fast *= math.exp2(-passed / BURST_HALF)

    def _freeze(self, pulse: Pulse) -> None:
        lately = max(0.0, pulse.slow - self._skipped)
        self.share = share_of(self._total, pulse.count - self._first_count, self._slow, lately)
        self.burst = (NEWS_PRIOR + self._fast) / (NEWS_PRIOR + self.share * pulse.fast) - 1

    def _roll(self, at: float, day: int) -> None:
        self._today = day
        forgotten = day - int(REMEMBERED / 24)
        oldest = forgotten if self._zone is None else instant(at - REMEMBERED).toordinal()
        self._days = {d: n for d, n in self._days.items() if d >= oldest}
        rule = self._rules.silence
        posts, known = self.posts, at - self._first
        self.habit = (
            posts >= rule.habit_posts
            and self.days >= rule.habit_days
            and known >= rule.habit_for.total_seconds() / 3600
        )
        self.tail = self._pauses.tail(at)
        self.per_month = posts / max(min(known, REMEMBERED), 24.0) * 720
        self.ration(self.budget)
