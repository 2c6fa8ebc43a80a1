"""A topic's share of its channel, whose posts are its clock: a quiet channel is no silent topic."""

import math
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.config import AlertsConfig
from alerts.detect.silence import most
from alerts.forecast import NEWS_FADES
from alerts.hours import NEVER, instant
from alerts.pauses import REMEMBERED, Pauses
from alerts.pulse import BURST_HALF, SHARE_HALF, Pulse
from alerts.rhythm import BREAK, NEWS_PRIOR, Rhythm
from alerts.tail import Tail

SHARE_PRIOR = 8.0  #: posts that the topic's whole history counts against its last days
#: Hours for which the topic's posts are kept by hour, to be shown.
SHOWN = 28 * 24
#: Hours after which a burst is forgotten.
FADED = 96


class Share:
    """One topic of a channel, measured in the channel's posts."""

    __slots__ = (
        "_at",
        "_burst",
        "_days",
        "_fast",
        "_first",
        "_first_count",
        "_hourly",
        "_pauses",
        "_rules",
        "_skipped",
        "_slow",
        "_today",
        "_total",
        "_zone",
        "burst",
        "found_at",
        "habit",
        "last",
        "look_at",
        "most",
        "origin",
        "origin_count",
        "per_month",
        "phase",
        "run",
        "run_since",
        "share",
        "tail",
    )  # fmt: skip

    def __init__(self, zone: str, rules: AlertsConfig, since: Pulse) -> None:
        self._rules = rules
        self.phase = 0  #: where its running pause stands, as in alerts/tracks.py
        self.found_at = NEVER
        self.look_at: float = NEVER  #: by which of the channel's posts it is to be looked at
        self._zone = ZoneInfo(zone)
        self.last = self.origin = -NEVER
        self.origin_count = since.count
        self.share = 0.0
        self.burst = 0.0  #: how much more the topic is to be expected right after its last post, less 1
        self.tail = Tail()
        self.most = NEVER
        self.per_month = 0.0
        self.habit = False  #: whether there is a habit whose end would be news
        self.run = 0
        self.run_since = -NEVER
        self._first = -NEVER
        self._first_count = since.count
        self._total = 0
        self._slow = self._fast = self._skipped = 0.0
        self._at = -NEVER
        self._pauses = Pauses()
        self._days: dict[int, int] = {}
        self._hourly: dict[int, int] = {}
        self._today = -1

    def post(self, at: float, pulse: Pulse, rhythm: Rhythm, *, whole: bool) -> None:
        """The channel posted about the topic at `at`; `pulse` and `rhythm` have counted the post."""
        if self._total:
            self._step(at, pulse, rhythm, whole=whole)
        else:
            self._first, self._first_count = at, pulse.count - 1
            self.run, self.run_since = 1, at
        self._total += 1
        self._slow += 1
        self._fast += 1
        self._at = at
        self._hourly[int(at)] = self._hourly.get(int(at), 0) + 1
        day = int(at // 24)
        if day != self._today:
            self._roll(at, day)
        local = instant(at).astimezone(self._zone).toordinal() if self._zone.key != "UTC" else day
        self._days[local] = self._days.get(local, 0) + 1
        self.last = self.origin = at
        self.origin_count = pulse.count
        self._freeze(pulse)

    def counts(self, first: int, n: int) -> NDArray[np.float64]:
        """Posts about the topic in each of `n` hours from hour `first` on."""
        return np.array([float(self._hourly.get(h, 0)) for h in range(first, first + n)])

    def resume(self, at: float, pulse: Pulse, rhythm: Rhythm) -> None:
        """We could not see until `at`: the count against the topic starts there again."""
        if at > self.origin:
            self.origin, self.origin_count = at, self._count_at(at, pulse, rhythm)

    def late(self, at: float, pulse: Pulse, rhythm: Rhythm) -> None:
        """A post about the topic came to light, newer than its last but older than the channel's."""
        self._slow += 1
        self._total += 1
        self._hourly[int(at)] = self._hourly.get(int(at), 0) + 1
        self.last = self.origin = at
        self.origin_count = self._count_at(at, pulse, rhythm)
        self.run, self.run_since = 1, at
        self._freeze(pulse)

    def _count_at(self, at: float, pulse: Pulse, rhythm: Rhythm) -> int:
        """How far the channel's clock had come at `at`, to the hour."""
        after = int(at) + 1
        since = rhythm.counts(after, max(0, int(pulse.at) + 1 - after)).sum()
        return max(self.origin_count, pulse.count - int(since))

    def expected(self, at: float, pulse: Pulse, rhythm: Rhythm) -> float:
        """Posts about the topic to be expected since `origin`, from what the channel posted until `at`."""
        n = pulse.count - self.origin_count
        if n <= 0 or not self.burst:
            return self.share * max(n, 0)
        hour = int(self.origin)
        later = rhythm.counts(hour + 1, min(int(at) - hour, FADED))
        fading = float(later @ np.exp(-(np.arange(1, len(later) + 1) - self.origin % 1 + 0.5) / NEWS_FADES))
        soon = max(0.0, n - float(rhythm.counts(hour + 1, int(at) - hour).sum()))
        return self.share * max(0.0, n + self.burst * (fading + soon))

    def due_in(self, expected: float) -> int:
        """After how many more posts of the channel the topic can be overdue at the earliest.

        `expected` posts already speak against it. 0: never, as there is no habit.
        """
        if self.most == NEVER or not self.habit:
            return 0
        return max(1, math.ceil((self.most - expected) / (self.share * (1 + max(0.0, self.burst)))))

    def _step(self, at: float, pulse: Pulse, rhythm: Rhythm, *, whole: bool) -> None:
        pause = self.expected(at, pulse, rhythm)
        passed = at - self._at
        slow = math.exp2(-passed / SHARE_HALF)
        self._skipped *= slow
        if pause > self.most and self.habit:
            # As with a channel: what was news is counted up to what made it news.
            self._skipped += (pause - self.most) / self.share
            pause = self.most
        if whole:
            self._pauses.add(at, pause)
        if pause > self.tail.threshold and self.tail.survival(pause) < BREAK:
            self.run, self.run_since = 0, at
        self.run += 1
        self._slow *= slow
        self._fast *= math.exp2(-passed / BURST_HALF)

    def _freeze(self, pulse: Pulse) -> None:
        overall = (self._total + 0.5) / (pulse.count - self._first_count + 2)
        lately = max(0.0, pulse.slow - self._skipped)
        self.share = overall * (SHARE_PRIOR + self._slow) / (SHARE_PRIOR + overall * lately)
        self.burst = (NEWS_PRIOR + self._fast) / (NEWS_PRIOR + self.share * pulse.fast) - 1

    def _roll(self, at: float, day: int) -> None:
        self._today = day
        oldest = (
            instant(at - REMEMBERED).toordinal() if self._zone.key != "UTC" else day - int(REMEMBERED / 24)
        )
        self._days = {d: n for d, n in self._days.items() if d >= oldest}
        self._hourly = {h: n for h, n in self._hourly.items() if h >= at - SHOWN}
        rule = self._rules.silence
        posts, known = sum(self._days.values()), at - self._first
        self.habit = (
            posts >= rule.habit_posts
            and len(self._days) >= rule.habit_days
            and known >= rule.habit_for.total_seconds() / 3600
        )
        self.tail = self._pauses.tail(at)
        self.per_month = posts / max(min(known, REMEMBERED), 24.0) * 720
        self.most = most(self.tail, self.per_month, rule.budget) if self.habit else NEVER
