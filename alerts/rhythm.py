"""A channel's own rhythm, kept up post by post: how much was to be expected since the last one."""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import DAYS, LEAST_DAYS, WINDOW, Baseline, fit
from alerts.calendars.season import ALWAYS, Season
from alerts.clock import Turned, offsets, turned
from alerts.config import AlertsConfig
from alerts.cover import Cover, spread
from alerts.detect.silence import most
from alerts.dispersion import PHI, V
from alerts.fleet import Prior, asked_for, pauses_with
from alerts.forecast import NEWS_FADES, NEWS_GROWTH, NEWS_HALF, Forecast, Mark
from alerts.hourly import Hourly
from alerts.hours import NEVER
from alerts.lessons import NONE, Lessons
from alerts.nights import Nights
from alerts.pauses import EDGES, Pauses
from alerts.scan import Scan
from alerts.tail import Tail
from alerts.unseen import Unseen, count_back

LEVEL_PRIOR = 8.0  #: posts that the rhythm of eight weeks counts against the level of the last days
LEVEL_POSTS = 150.0  #: posts a level wants behind it; this sets its half-life
LEVEL_HALF = (8 * 24.0, 21 * 24.0)  #: bounds of that half-life, in hours
NEWS_PRIOR = 20.0  #: posts that an ordinary day counts against the last hours
LEAST_RIPE = 0.25  #: as long as its rhythm is less sure than this, nothing is judged at all
BREAK = 0.01  #: a pause so improbable breaks a run of posts


class Rhythm:
    """All posts of a channel against the clock of its own week.

    State is bounded and every post costs constant work; once a day, at the first post of it, the rhythm is
    fitted anew. The forecast is frozen at the last post, so that a silence cannot lower what it is held
    against.
    """

    __slots__ = (
        "_abnormal", "_bar", "_base_rate", "_before", "_floor", "_hold", "_hourly", "_level_half",
        "_news_posts", "_news_rhythm", "_overdue", "_pauses", "_posts", "_quiet", "_rhythm", "_rules",
        "_seen", "_unseen", "_zone", "forecast", "last", "lessons", "level", "mark", "most", "news", "nights",
        "origin", "per_month", "prior", "ripe", "run", "run_since", "scan", "season", "since", "sure", "tail",
        "tomorrow",
    )  # fmt: skip

    def __init__(self, zone: str, rules: AlertsConfig, season: Season = ALWAYS) -> None:
        self.season = season
        self._zone = None if zone == "UTC" else ZoneInfo(zone)
        self._rules = rules
        self._hold = rules.silence.hold.total_seconds() / 3600
        self.last = -NEVER  #: the last post
        self.origin = (
            -NEVER
        )  #: from when on we know that nothing came: the last post, or the end of a later hole
        self.since = -NEVER  #: the same, but that holes in which there was hardly a post are left out
        self._floor = -NEVER  #: nothing before this counts against it
        self._unseen: Unseen | None = None  #: those holes
        self._before = self._seen = 0.0  #: what counts of the time between them, in posts expected; its hours
        self.forecast = Forecast.flat(0.0)
        #: Where `origin` stands in the forecast, less what was seen of the pause before it.
        self.mark = Mark(0.0, 0.0, 0.0)
        self.level = 0.5  #: posts an hour of average posting
        self.news = 0.0  #: how much more the first hours count, scaled to the forecast's start
        self.tail = Tail()
        self.most = NEVER  #: the pauses that are news, in posts expected
        self._quiet: float | None = NEVER  #: those that count as quiet; None: not reckoned yet
        self._bar: float | None = None  #: the running one that is news; None: not reckoned yet
        self.per_month = 0.0
        self.ripe = 0.0  #: 0 to 1: how far the channel may be judged by its own rhythm
        self.sure = 0.0  #: the same, with what is common to the fleet where it is not ripe
        self.prior: Prior | None = None  #: that; None once it is ripe, or while too few others are
        self.run = 0  #: posts since the last improbable pause
        self.run_since = -NEVER
        self._base_rate = 0.5
        self._posts = self._rhythm = 0.0
        self._news_posts = self._news_rhythm = 0.0
        self._level_half = LEVEL_HALF[0]
        self.lessons: Lessons = NONE  #: what people said of its silences, drops and surges
        self._pauses = Pauses()
        self._abnormal: list[tuple[float, float]] = []
        self.nights = Nights()
        self._hourly = Hourly(DAYS)
        self.tomorrow = -NEVER  #: from this instant on the next post begins a new day
        self._overdue: float | None = None
        hours = timedelta(hours=1)
        self.scan = Scan(rules.drop.budget, rules.surge.budget, rules.drop.renew / hours)

    def post(self, at: float, cover: Cover) -> None:
        """A post came at `at`, not before the last one."""
        if self.last > -NEVER:
            self.scan.reach(self, at, cover)
            self._step(at, cover)
        else:
            self.run, self.run_since = 1, at
        if at >= self.tomorrow:
            self._roll(at, cover)
        self._hourly.add(at)
        self.last = at
        self._begin(at)
        self._freeze(at)
        self.scan.post(self, at)

    def late(self, at: float) -> None:
        """A post older than the last came to light: it counts in its hour."""
        self._hourly.add(at)
        self.scan.late(at)

    def glance(self, at: float, here: Mark) -> tuple[float, float]:
        """Level and factor of the news day as they stand at `at`, `here` in the forecast, the running pause
        included.
        """
        forecast, passed, tells = self.forecast, at - self.last, self._tells(at)
        keep = math.exp2(-passed / self._level_half)
        shape = tells * (here.shape - self.mark.shape) * math.sqrt(keep)
        level = (LEVEL_PRIOR + self._posts * keep) / (
            LEVEL_PRIOR / self._base_rate + self._rhythm * keep + shape
        )
        keep = math.exp2(-passed / NEWS_HALF)
        recent = tells * math.exp(-NEWS_GROWTH * (at - forecast.start)) * (here.recent - self.mark.recent)
        missed = self._news_rhythm * keep + self.level * recent
        return level, (NEWS_PRIOR + self._news_posts * keep) / (NEWS_PRIOR + missed)

    def put_back(self, level: float, start: float, end: float) -> None:
        """What was posted from `start` to `end` was no habit: the level is again what it was before."""
        if self.lessons.is_habit(start, end):
            return
        self._abnormal.append((start, end))
        self.settle(level, end)

    def settle(self, level: float, at: float) -> None:
        """From `at` on this is the level, whatever came before."""
        self._posts = max(0.0, level * (LEVEL_PRIOR / self._base_rate + self._rhythm) - LEVEL_PRIOR)
        self._news_posts = self._news_rhythm = 0.0
        self._freeze(at)

    @property
    def quiet(self) -> float:
        """From when on the running pause counts as quiet, in posts expected; reckoned when asked for."""
        if self._quiet is None:
            self._quiet = min(self.most, self.tail.running_at(self._rules.group.quiet) / self.sure)
        if self._unseen is None:
            return self._quiet
        return min(
            self.bar, self._unseen.least(lambda pause: self.tail.running(pause * self.sure), self._quiet)
        )

    @property
    def bar(self) -> float:
        """From when on the running pause is news, in posts expected: `most`, and more with holes in it."""
        if self._unseen is None:
            return self.most
        if self._bar is None:
            self._bar = self._unseen.least(lambda pause: self.tail.survival(pause * self.sure), self.most)
        return self._bar

    def chance(self, law: Callable[[float], float], pause: float) -> float:
        """What `law` (of its tail) gives for the running pause, of so many posts expected."""
        return law(pause) if self._unseen is None else self._unseen.chance(law, pause)

    def survival(self, pause: float) -> float:
        """The probability that a pause lasts longer than the running one, of so many posts expected."""
        return self.chance(self.tail.survival, pause)

    @property
    def rate(self) -> float:
        """Posts an hour in the mean of the last weeks."""
        return self._base_rate

    def resume(self, at: float) -> None:
        """What is counted against the channel starts at `at` again, whatever was seen before."""
        self._floor = at
        self._begin(max(at, self.last))
        self._overdue = None

    def skip(self, seen: Iterable[tuple[float, float]], at: float) -> None:
        """We could not see up to `at`, and only these stretches of the time before it.

        What is counted against the channel starts at `at`, with what counts of those (alerts/unseen.py).
        """
        start = max(self.last, self._floor)
        self._begin(max(at, start))
        self._overdue = None
        at, place = self.origin, self.forecast.at
        if start == -NEVER or self.origin <= start:
            return
        kept, unseen = count_back(seen, start, at, self._reckoned, self._weighed)
        if not kept:
            return
        marks = [(place(a), place(b)) for a, b in kept]
        less = (sum(b[n] - a[n] for a, b in marks) for n in range(3))
        self.mark = Mark(*(here - seen for here, seen in zip(self.mark, less, strict=True)))
        self.since, self._unseen, self._bar = kept[0][0], unseen, None
        self._before, self._seen = sum(self._weighed(a, b) for a, b in kept), sum(b - a for a, b in kept)

    def _begin(self, at: float) -> None:
        """The pause is counted from `at`, without any holes."""
        self.origin = self.since = at
        self.mark = self.forecast.at(at)
        self._unseen = None
        self._before = self._seen = 0.0

    def _reckoned(self, start: float, end: float) -> float:
        """Posts to be expected from `start` to `end`, as forecast at the last post."""
        return self.expected(end) - self.expected(start)

    def _weighed(self, start: float, end: float) -> float:
        """The same, less what the time of the year allows to be missing."""
        return self.season.widened(self.expected, start, end)

    def expected(self, at: float) -> float:
        """Posts to be expected in what was seen from `since` to `at`, as forecast at the last post.

        It only grows, and leaves out the holes that lie before `origin`.
        """
        shape, fading, _ = self.forecast.at(at)
        return self.level * (shape - self.mark.shape + self.news * (fading - self.mark.fading))

    def expected_between(self, start: float, end: float) -> float:
        """Posts to be expected at the present level from `start` to `end`, whether or not any came."""
        return self.level * (self.forecast.reach(end) - self.forecast.reach(start))

    def when(self, expected: float) -> float:
        """The instant at which so many posts were to be expected."""
        if expected == NEVER or self.last == -NEVER:
            return NEVER
        return self.forecast.when(self.mark, self.origin, self.news, expected / self.level)

    def counted(self, at: float) -> float:
        """`expected`, less what the time of the year allows to be missing."""
        if not self.season:
            return self.expected(at)
        return self._before + self.season.widened(self.expected, self.origin, at)

    def when_counted(self, expected: float) -> float:
        """The instant at which `counted` comes to this."""
        if not self.season or expected == NEVER or self.last == -NEVER:
            return self.when(expected)
        return self.season.when(self.expected, self.when, self.origin, expected - self._before)

    @property
    def overdue_at(self) -> float:
        """The instant at which continued silence becomes news; solved once after each post."""
        if self._overdue is None:
            at_least = max(0.0, self._rules.silence.at_least.total_seconds() / 3600 - self._seen)
            self._overdue = max(
                self.when_counted(self.bar), self.origin + at_least, self.nights.over(self.last)
            )
        return self._overdue

    def counts(self, first: int, n: int) -> NDArray[np.float64]:
        """Posts in each of `n` hours from hour `first` on; hours not remembered are 0."""
        return self._hourly.counts(first, n)

    def _tells(self, at: float) -> float:
        """How far the pause until `at` tells of the level: a long one when less is ordinary tells less."""
        if not self.season or (pause := self.expected(at)) <= self.tail.threshold:
            return 1.0
        return self.counted(at) / pause

    def _step(self, at: float, cover: Cover) -> None:
        """From the last post to this one: what the pause teaches."""
        forecast = self.forecast
        here = forecast.at(at)
        shape = here.shape - self.mark.shape
        pause = self.level * (shape + self.news * (here.fading - self.mark.fading))
        whole = self.origin == self.last and cover.whole(self.last, at)
        passed = at - self.last
        recent = math.exp(-NEWS_GROWTH * (at - forecast.start)) * (here.recent - self.mark.recent)
        counts = self.scan.backlog.part(at, pause)
        left_out, is_habit = self.lessons.leaves_out(self.last, at), self.lessons.is_habit(self.last, at)
        cut = pause > self.bar and at > self.overdue_at + self._hold and not is_habit
        if cut:
            self.scan.silent(forecast.reach(at) - forecast.reach(self.last), pause, self.last, at)
        is_night = pause > self.most and (cut or self.last < self.nights.over(self.last))
        if is_night and whole and not left_out and (former := self.nights.back(self.last, at)):
            # What comes back at the same hours is how the channel is by now: it learns all of both.
            self._abnormal = [each for each in self._abnormal if each[1] not in former]
            cut = False
        if cut:
            # An abnormal silence must neither become the rule nor be forgotten: it counts as far as it was
            # news.
            longest = self.expected(self.overdue_at)
            self._abnormal.append((self.overdue_at, at))
            shape *= longest / pause
            pause = longest
            self._news_posts = self._news_rhythm = recent = 0.0
        elif not whole:
            reach = forecast.reach
            seen = sum(reach(b) - reach(a) for a, b in cover.within(self.last, at))
            self.scan.blinded(max(0.0, reach(at) - reach(self.last) - seen))
            shape, recent = seen, 0.0
        else:
            part = self._tells(at)
            shape, recent = shape * part, recent * part
        if left_out:
            shape = recent = counts = 0.0
        elif whole:
            self._pauses.add(at, pause, cut=cut)
        if self.tail.survival(pause) < BREAK and pause > self.tail.threshold:
            self.run, self.run_since = 0, at
        self.run += 1
        keep = math.exp2(-passed / self._level_half)
        self._posts = self._posts * keep + counts
        self._rhythm = self._rhythm * keep + shape * math.sqrt(keep)
        keep = math.exp2(-passed / NEWS_HALF)
        self._news_posts = self._news_posts * keep + counts
        self._news_rhythm = self._news_rhythm * keep + self.level * recent

    def _freeze(self, at: float) -> None:
        """What is expected from here on, until the next post."""
        self.level = (LEVEL_PRIOR + self._posts) / (LEVEL_PRIOR / self._base_rate + self._rhythm)
        factor = (NEWS_PRIOR + self._news_posts) / (NEWS_PRIOR + self._news_rhythm)
        self.news = (factor - 1) * math.exp((at - self.forecast.start) / NEWS_FADES)
        self._overdue = None

    def _roll(self, at: float, cover: Cover) -> None:
        """A new day: fit the rhythm on what was seen before it."""
        day = int(at // 24)
        first = 24 * day - WINDOW
        self.tomorrow = 24.0 * (day + 1)
        self._abnormal = [(a, b) for a, b in self._abnormal if b > first]
        cover.forget(first)
        watched = cover.share_by_hour(first, WINDOW)
        for a, b in self._abnormal:
            spread(watched, a - first, b - first, -1.0)
        self.lessons.mask(watched, first)
        counts = self.season.moved_back(self.counts(first, WINDOW), first)
        offset, turn = self.offset(24.0 * day), self.turned(at)
        if turn is not None:
            counts, watched = turn.past(counts), turn.past(watched)
        baseline = fit(counts, watched, day, offset=offset)
        hourly = baseline.hourly
        ripe = self._ripeness(baseline)
        if self.prior is not None and ripe < 1:
            hourly = self.prior.blended(hourly, 24 * day - 1, offset, ripe)
        if turn is not None:
            hourly = turn.ahead(hourly)
        self._adopt(at, replace(baseline, hourly=self.season.moved(hourly, 24 * day - 1)))

    def _adopt(self, at: float, baseline: Baseline) -> None:
        day = int(at // 24)
        turn = self.turned(at)
        past = None if turn is None else turn.week_before(baseline.hourly)
        forecast = Forecast(24.0 * day, baseline.hourly, past)
        self.scan.rebase(self, forecast, at)
        self.forecast = forecast
        self.ripe = self._ripeness(baseline)
        if self.ripe >= 1:
            self.prior = None
        known = baseline.posts / self._rules.silence.ripe_posts
        least = min(LEAST_DAYS, self._rules.silence.ripe_after.total_seconds() / 86400 / 4)
        self.sure = asked_for(self.ripe, known, self.prior) if baseline.days >= least else 0.0
        if baseline.rate > 0:
            self._base_rate = baseline.rate
            self._level_half = min(max(LEVEL_POSTS / baseline.rate, LEVEL_HALF[0]), LEVEL_HALF[1])
        own = pauses_with(self._pauses.total(at), self.prior, self.ripe)
        self.tail = Tail.fit(EDGES, own, self._pauses.cut)
        self.per_month = 720 * self._base_rate
        self.most = self._quiet = NEVER
        if self.sure >= LEAST_RIPE:
            # A rhythm known from few days is asked for more before it speaks.
            self.most = most(self.tail, self.per_month, self._rules.silence.budget, self.sure)
            self._quiet = None

    def _ripeness(self, baseline: Baseline) -> float:
        rule = self._rules.silence
        days = max(rule.ripe_after.total_seconds() / 86400, 1e-9)
        return min(1.0, baseline.days / days, baseline.posts / rule.ripe_posts)

    def scatter_of(self, hours: float) -> tuple[float, float]:
        """What is common of how far posts scatter, in windows of so many hours; never less than it was
        for anyone to begin with.
        """
        common = (PHI, V) if self.prior is None else self.prior.scatter.get(hours, (PHI, V))
        return max(PHI, common[0]), max(V, common[1])

    @property
    def pauses(self) -> NDArray[np.float64]:
        """How many of each length it has made lately."""
        return self._pauses.total(self.last)

    def offset(self, at: float) -> float:
        """Hours by which its zone is ahead of UTC, in the hour of `at`."""
        return 0.0 if self._zone is None else offsets(self._zone, int(at // 24))[int(at % 24)]

    def turned(self, at: float) -> Turned | None:
        """How its clock is turned around the day of `at`, if it is."""
        return None if self._zone is None else turned(self._zone, int(at // 24))
