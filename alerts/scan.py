"""Drop and surge of one channel, looked for in several windows at once, post by post and exact in time.

The windows' beginnings move on in steps. Between two steps a window only grows: its posts are counted and
its forecast only rises, so the instant at which the lack of posts becomes a drop is reckoned once a step,
and how many posts make a surge is known beforehand. A post costs a comparison.
"""

import math
from dataclasses import replace
from statistics import NormalDist
from typing import TYPE_CHECKING

from alerts.backlog import Backlog
from alerts.cover import Cover
from alerts.departure import TELLING, Departure, Turn, Went
from alerts.detect import drop, surge
from alerts.forecast import NEWS_FADES, Forecast
from alerts.hours import NEVER
from alerts.onset import Onset, Window
from alerts.temper import NEAR, Temper
from domain.finding import Kind

if TYPE_CHECKING:
    from alerts.rhythm import Rhythm

#: Hours of each window, and of the steps in which its beginning moves on.
WINDOWS = ((1.0, 0.25), (2.0, 0.5), (4.0, 1.0), (8.0, 1.0), (24.0, 3.0), (72.0, 9.0))
#: A window in which fewer posts are to be expected is not worth looking into.
LEAST = 1.0
#: Below this ripeness nothing is judged; up to full ripeness forecasts are taken for less sure.
RIPE, UNSURE = 0.5, 0.25
#: Who has not posted for so long is not waited for, however little is known of his rhythm.
LONGEST = 240.0
#: Whether it is over is told by the shortest stretch that tells, from the one that found it up to this.
LONG = 24.0
#: What has become the rule is taken from the window of so many hours.
SETTLED = 72.0
#: As far as a calm past may stretch the scores of drops. Those of surges it does not: any day may bring news.
CALM = 0.7
EXACT = 1e-4  #: hours to which a crossing is found
#: Of each window its hours, its step, and the step of the first from there on in which a drop could be.
_CLOCKS = tuple(
    (hours, step, next((s for h, s in WINDOWS[n:] if h in drop.WEIGHTS), WINDOWS[-1][1]))
    for n, (hours, step) in enumerate(WINDOWS)
)
#: Which of the windows are looked into for drops, and for surges.
_OF_DROPS = tuple(n for n, (hours, _) in enumerate(WINDOWS) if hours in drop.WEIGHTS)
_OF_SURGES = tuple(n for n, (hours, _) in enumerate(WINDOWS) if hours in surge.WEIGHTS)
#: With which post there can be a surge: with none; and what is reckoned only when one comes, as between two
#: steps of the clock often none does.
_NEVER, _ASK = 1 << 62, 0


class Scan:
    """The windows of one channel, and the departures they have found."""

    __slots__ = (
        "_crossing", "_look", "_mark", "_sds", "_slide", "_windows", "backlog", "blind", "count", "goal_drop",
        "goal_surge", "of_drops", "of_surges", "renew", "turns", "under_way", "unseen",
    )  # fmt: skip

    def __init__(self, budget_drop: float, budget_surge: float, renew: float) -> None:
        self.goal_drop, self.goal_surge = -math.log10(budget_drop), -math.log10(budget_surge)
        self.renew = renew  #: hours after which a departure has become the rule
        self.count = 0
        self.blind = 0.0  #: average hours of posting that we could not see, and with silences
        self.unseen = 0.0
        self.under_way: Departure | None = None
        self.of_drops, self.of_surges = Temper(CALM), Temper(1.0)
        self.turns: list[Turn] = []  #: what has happened since anyone asked
        self._windows = [
            Window(h, step, of_drops=h in drop.WEIGHTS, of_surges=h in surge.WEIGHTS) for h, step in WINDOWS
        ]
        self._slide = -NEVER  #: the next step of any window, and
        self._mark = -NEVER  #: of those in which a drop could be
        self._crossing = NEVER
        self._look = _NEVER
        self.backlog = Backlog()
        self._sds = {h: -NormalDist().inv_cdf(surge.chance_of(h, NEAR)) for h in surge.WEIGHTS}

    @property
    def scatter(self) -> dict[float, tuple[float, float]]:
        """How far posts scatter about what was forecast, by the hours of each window."""
        return {w.hours: (w.dispersion.phi, w.dispersion.v) for w in self._windows}

    @property
    def next(self) -> float:
        """When there is something to reckon or to find, if nothing more is posted; never before the first."""
        return NEVER if self._slide == -NEVER else min(self._mark, self._crossing)

    def reach(self, rhythm: "Rhythm", at: float, cover: Cover) -> None:
        """Decide all that the lack of posts until `at` decides. What nobody saw decides nothing."""
        until = min(at, rhythm.overdue_at, rhythm.last + LONGEST)  # from there on it is a silence
        if until == -NEVER or (until < self._slide and until < self._crossing):
            return
        if not cover.whole(rhythm.last, until):
            seen = cover.within(rhythm.last, until)
            until = seen[0][1] if seen and seen[0][0] <= rhythm.last else rhythm.last
        while (now := min(self._slide, self._crossing)) <= until:
            if now == self._crossing:
                self._crossing = NEVER
                self._dropped(rhythm, now)
            else:
                self._step(rhythm, now)

    def post(self, rhythm: "Rhythm", at: float) -> None:
        """The channel posted at `at`, and everything before was decided."""
        self.count += 1
        if self._slide <= at:
            self._clock(rhythm, at)
            self._crossing = NEVER
        if self._crossing < NEVER:
            self._foresee(rhythm, at)
        if self._look == _ASK:
            self._count_on(rhythm, at, self.count)
        if self.count >= self._look:
            self._surged(rhythm, at)

    def late(self, at: float) -> None:
        """A post of `at` came to light."""
        for onset in {id(o): o for w in self._windows for o in w.onsets}.values():
            if onset.at < at:
                onset.count -= 1

    def blinded(self, shape: float) -> None:
        """Of the time since the last post, so many hours of average posting could not be seen."""
        self.blind += shape
        self.unseen += shape

    def silent(self, shape: float, expected: float, last: float, at: float) -> None:
        """The silence since `last` ended at `at`, after `shape` hours of average posting.

        It is told as such, and of the `expected` posts it left out some may come now, as a backlog.
        """
        self.unseen += shape
        self.backlog.begin(expected, at)
        departure = self.under_way
        if departure is not None and departure.found >= last:  # it was the silence's beginning
            self.turns.append(Turn(went=Went.SILENT, at=at, departure=departure))
            self.under_way = None

    def abandon(self) -> None:
        """What was under way is not followed any more."""
        self.under_way = None
        self.turns.clear()
        for window in self._windows:
            window.onsets.clear()

    def calm(self, rhythm: "Rhythm", at: float) -> None:
        """As if all had been as usual until `at`, for trying out what would be seen of a change there."""
        if (departure := self.under_way) is not None:
            rhythm.put_back(departure.level, departure.since, at)
            self._pardon(rhythm, departure.since, departure.level, at)
        self.under_way = None
        self.turns.clear()
        self._pardon(rhythm, NEVER, 0.0, at)
        self._crossing, self._look = NEVER, _ASK

    def rebase(self, rhythm: "Rhythm", new: Forecast, at: float) -> None:
        """A new day, and a new forecast."""
        old = rhythm.forecast
        before, here = old.at(at), new.at(at)
        faded = math.exp((old.start - new.start) / NEWS_FADES)
        for onset in {id(o): o for w in self._windows for o in w.onsets}.values():
            onset.rebase(before, here, self.unseen, faded)
        for window in self._windows:
            window.fit(rhythm.scatter_of(window.hours))
        if rhythm.sure >= RIPE and self.under_way is None:
            self.of_drops.day()
            self.of_surges.day()

    def drop_score(self, rhythm: "Rhythm", at: float) -> float:
        """-log10 of how many drops like that which stands at `at` come a month by chance."""
        return self.of_drops.weigh(self._raw_drop(rhythm, at))

    def _raw_drop(self, rhythm: "Rhythm", at: float) -> float:
        """The same, before it is held against the channel's own past."""
        telling = [w for w, _ in self.windows(rhythm, at, telling=True)]
        return drop.score(telling) if telling else -math.inf

    def windows(
        self, rhythm: "Rhythm", at: float, *, telling: bool = False
    ) -> list[tuple[drop.Window, Onset]]:
        """The windows as they stand at `at`, for drops, each with its beginning; `telling`: only those in
        which too few posts came for it to be lively.
        """
        here, more, season = rhythm.forecast.at(at), UNSURE * (1 - rhythm.sure), rhythm.season
        out = []
        for place in _OF_DROPS:
            w = self._windows[place]
            if (onset := w.begun(at)) is not None:
                expected = onset.expected(here, self.unseen)
                if season:
                    expected *= season.factor(onset.at, at)
                n = self.count - onset.count
                if expected >= LEAST and not (telling and drop.is_lively(n, expected)):
                    phi, v = w.below
                    out.append((drop.Window(w.hours, n, expected, phi, v + more), onset))
        return out

    def surge_score(self, rhythm: "Rhythm", at: float) -> float:
        """-log10 of how many surges like that which stands at `at` come a month by chance."""
        return self.of_surges.weigh(max((found[0] for found in self.surges(rhythm, at)), default=-math.inf))

    def surges(self, rhythm: "Rhythm", at: float) -> list[tuple[float, Window, Onset, float]]:
        """The windows in which a surge could be at `at`: score, window, its beginning, posts expected.

        The score is not yet held against the channel's own past.
        """
        here, more = rhythm.forecast.at(at), UNSURE * (1 - rhythm.sure)
        out = []
        for place in _OF_SURGES:
            w = self._windows[place]
            if (onset := w.begun(at)) is not None:
                usual = onset.expected(here, self.unseen) * rhythm.season.factor(onset.at, at, up=True)
                n, expected = self.count - onset.count, usual + self.backlog.owed(onset.at, at)
                if n >= surge.LEAST and n > expected:
                    phi, v = w.above
                    out.append((surge.score(w.hours, n, expected, phi, v + more), w, onset, expected))
        return out

    def _clock(self, rhythm: "Rhythm", at: float) -> float:
        """Set the next steps after `at`, of the windows that are worth looking into at this rate."""
        rate = rhythm.rate
        for hours, step, drops in _CLOCKS:  # noqa: B007 - the last one stands where none is worth it
            if rate * hours >= LEAST:
                break
        self._slide = (at // step + 1) * step
        self._mark = (at // drops + 1) * drops
        return step

    def _step(self, rhythm: "Rhythm", at: float) -> None:
        """The clock has come to a step."""
        foresees = at >= self._mark
        step = self._clock(rhythm, at)
        if foresees:
            self._crossing = NEVER
        here = rhythm.forecast.at(at)
        level, factor = rhythm.glance(at, here)
        news = (factor - 1) * math.exp((at - rhythm.forecast.start) / NEWS_FADES)
        fresh = Onset(at, self.count, level, news, here, self.unseen, self.blind)
        learns = rhythm.sure >= RIPE and self.under_way is None
        local = at + rhythm.offset(at)
        for w in self._windows:
            if w.step >= step and at % w.step == 0:
                w.move(at, fresh, local)
                if learns and (onset := w.begun(at)) is not None:
                    w.learn(self.count - onset.count, onset.expected(here, self.unseen), local)
        if self.under_way is not None:
            self._follow(rhythm, self.under_way, at)
        elif rhythm.sure >= RIPE:
            if foresees:
                self._foresee(rhythm, at)
            self._look = _ASK

    def _foresee(self, rhythm: "Rhythm", at: float) -> None:
        """Reckon when, before the next step, the lack of posts becomes a drop."""
        self._crossing = NEVER
        if self.under_way is not None:
            return
        low, high = at, self._mark
        weigh = self.of_drops.weigh
        then = self._raw_drop(rhythm, high - EXACT)
        if then < NEAR and weigh(then) < self.goal_drop:
            return
        now = self._raw_drop(rhythm, low)
        if now >= NEAR:
            self.of_drops.near(at, now)
        if weigh(then) < self.goal_drop:
            return
        if weigh(now) < self.goal_drop:
            while high - low > EXACT:
                middle = (low + high) / 2
                if self.drop_score(rhythm, middle) < self.goal_drop:
                    low = middle
                else:
                    high = middle
            low = high
        self._crossing = low if low < self._mark else NEVER

    def _count_on(self, rhythm: "Rhythm", at: float, first: int) -> None:
        """Reckon with which post there can be a surge at the earliest, the one numbered `first` or later."""
        here, look = rhythm.forecast.at(at), _NEVER
        for place in _OF_SURGES:
            w = self._windows[place]
            if (onset := w.begun(at)) is not None:
                expected = onset.expected(here, self.unseen)
                look = min(look, onset.count + surge.least(expected, *w.above, self._sds[w.hours]))
        self._look = max(look, first)

    def _surged(self, rhythm: "Rhythm", at: float) -> None:
        self._count_on(rhythm, at, self.count + 1)
        if self.under_way is not None or at > rhythm.overdue_at:
            return
        found = max(self.surges(rhythm, at), key=lambda f: f[0], default=None)
        if found is None:
            return
        raw, window, onset, expected = found
        if raw >= NEAR:
            self.of_surges.near(at, raw)
        score = self.of_surges.weigh(raw)
        if score < self.goal_surge:
            return
        self._depart(rhythm, Kind.SURGE, at, window.hours, onset, self.count - onset.count, expected, score)

    def _dropped(self, rhythm: "Rhythm", at: float) -> None:
        windows = self.windows(rhythm, at)
        if not windows:
            return
        w, onset = max(windows, key=lambda found: drop.score([found[0]]))
        raw = self._raw_drop(rhythm, at)
        if raw >= NEAR:
            self.of_drops.near(at, raw)
        if not w.observed:
            return  # nothing at all: that is for the silence to say
        self._depart(rhythm, Kind.DROP, at, w.hours, onset, w.observed, w.expected, self.of_drops.weigh(raw))

    def _depart(
        self, rhythm: "Rhythm", kind: Kind, at: float, hours: float, onset: Onset, observed: int,
        expected: float, score: float,
    ) -> None:  # fmt: skip
        self._look = _NEVER
        self.under_way = Departure(
            kind=kind, since=onset.at, found=at, hours=hours, level=onset.level, before=onset.count,
            unseen=self.unseen, observed=observed, expected=expected, until=at, per_month=10.0**-score,
        )  # fmt: skip
        self.turns.append(Turn(went=Went.FOUND, at=at, departure=self.under_way))

    def restate(self, rhythm: "Rhythm", departure: Departure, at: float) -> Departure:
        """The departure under way as it stands at `at`, no less improbable than when it was found."""
        reach = rhythm.forecast.reach
        seen = reach(at) - reach(departure.found) - (self.unseen - departure.unseen)
        expected = departure.expected + departure.level * max(seen, 0.0)
        observed, hours = self.count - departure.before, departure.hours
        window, more = next(w for w in self._windows if w.hours == hours), UNSURE * (1 - rhythm.sure)
        if departure.kind is Kind.DROP:
            d = window.dispersion
            alone = drop.Window(hours, observed, expected, d.phi, d.v + more)
            score = self.of_drops.weigh(drop.score([alone]))
        else:
            d = window.dispersion
            score = self.of_surges.weigh(surge.score(hours, observed, expected, d.phi, d.v + more))
        per_month = min(departure.per_month, 10.0**-score)
        return replace(departure, observed=observed, expected=expected, until=at, per_month=per_month)

    def _follow(self, rhythm: "Rhythm", departure: Departure, at: float) -> None:
        """Is it over, or has it become the rule?"""
        if at - departure.found >= self.renew or rhythm.lessons.is_normal(departure.found, at):
            self._end(rhythm, Went.STAYED, departure, at)
            return
        for window in self._windows:
            if not min(departure.hours, LONG) <= window.hours <= LONG or (onset := window.begun(at)) is None:
                continue
            if window.hours > departure.hours and onset.at < departure.since:
                return
            expected = departure.level * self._shape(rhythm, onset, at)
            if expected >= (TELLING if window.hours < LONG else TELLING / 4):
                if departure.is_over(self.count - onset.count, expected):
                    self._end(rhythm, Went.BACK, departure, at)
                return

    def _shape(self, rhythm: "Rhythm", onset: Onset, at: float) -> float:
        """Hours of average posting since then that could be seen."""
        shape = rhythm.forecast.reach(at) - rhythm.forecast.reach(onset.at)
        return max(shape - (self.blind - onset.blind), 0.0)

    def _end(self, rhythm: "Rhythm", went: Went, departure: Departure, at: float) -> None:
        self.under_way = None
        self.turns.append(Turn(went=went, at=at, departure=departure))
        if went is Went.BACK:
            rhythm.put_back(departure.level, departure.since, at)
            self._pardon(rhythm, departure.since, departure.level, at)
            return
        onset = next(w for w in self._windows if w.hours == SETTLED).begun(at)
        if onset is not None and onset.at >= departure.since:
            shape, n = self._shape(rhythm, onset, at), float(self.count - onset.count)
        else:  # it has not lasted for so long: all of it, by the hour
            first, last = math.ceil(departure.since), int(at)
            shape = rhythm.forecast.reach(last) - rhythm.forecast.reach(first)
            n = float(rhythm.counts(first, max(0, last - first)).sum())
        if shape > 0:
            rhythm.settle((n + 0.5) / shape, at)
        for window in self._windows:
            window.onsets.clear()

    def _pardon(self, rhythm: "Rhythm", since: float, level: float, at: float) -> None:
        """What was told since then is over: nothing of it is held against what follows, nor for it."""
        here = rhythm.forecast.at(at)
        for onset in {id(o): o for w in self._windows for o in w.onsets}.values():
            onset.pardon(here, self.unseen, self.count, level=level if onset.at >= since else None)
