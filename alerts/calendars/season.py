"""What calendars mean for one channel: when less, more or later than usual is ordinary, and by which name."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts import evidence as told
from alerts.calendars.period import Period
from alerts.hours import hours, instant
from domain.sentence import Sentence, joined

#: Spans are reckoned for blocks of so many hours, and kept.
BLOCK = 24.0 * 64
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A period as it comes once, in hours since 1970."""

    start: float
    end: float
    less: float
    more: float
    later: int  #: hours
    name: str


@dataclass(frozen=True)
class Season:
    """The periods that hold for a channel. Without any, all of this comes to nothing."""

    periods: tuple[Period, ...] = ()
    zone: str = "UTC"

    def __bool__(self) -> bool:
        return bool(self.periods)

    def spans(self, start: float, end: float) -> list[Span]:
        """Those that touch [start, end], by their beginning."""
        if not self.periods or end < start:
            return []
        found = {
            span
            for block in range(int(start // BLOCK), int(end // BLOCK) + 1)
            for span in _spans(self.periods, self.zone, block)
            if span.start < end and span.end > start
        }
        return sorted(found, key=lambda s: (s.start, s.end, s.name))

    def widened(
        self, reach: Callable[[float], float], start: float, end: float, *, up: bool = False
    ) -> float:
        """How much of [start, end] counts, as `reach` measures: the least that is ordinary, or the most."""
        total = reach(end) - reach(start)
        if not self.periods:
            return total
        for a, b, factor in self._parts(start, end, up=up):
            total += (factor - 1) * (reach(b) - reach(a))
        return total

    def factor(self, start: float, end: float, *, up: bool = False) -> float:
        """The same as a factor, hour by hour alike."""
        if not self.periods or end <= start:
            return 1.0
        return self.widened(float, start, end, up=up) / (end - start)

    def when(
        self, reach: Callable[[float], float], inverse: Callable[[float], float], start: float, goal: float
    ) -> float:
        """The instant by which, from `start` on, `goal` has counted; `inverse` is that of `reach`."""
        plain = inverse(reach(start) + goal)
        if plain == float("inf") or not self._parts(start, plain, up=False):
            return plain
        counted, at = 0.0, start
        for a, b, factor in self._parts(start, plain + 2 * BLOCK, up=False):
            upto = counted + reach(a) - reach(at)
            if upto >= goal:
                break
            within = factor * (reach(b) - reach(a))
            if upto + within >= goal:
                return inverse(reach(a) + (goal - upto) / factor)
            counted, at = upto + within, b
        return inverse(reach(at) + goal - counted)

    def moved(self, hourly: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        """Hours from `first` on, those of periods taken from as much earlier as the day comes later then."""
        out = hourly
        for span in self.spans(first, first + len(hourly)):
            if span.later:
                out = hourly.copy() if out is hourly else out
                for i in range(max(0, round(span.start) - first), min(len(out), round(span.end) - first)):
                    out[i] = hourly[i - span.later if i >= span.later else i - span.later + 24]
        return out

    def moved_back(self, past: NDArray[np.float64], first: int) -> NDArray[np.float64]:
        """The other way round, so that a period's hours teach what is usual out of it."""
        out = past
        for span in self.spans(first, first + len(past)):
            if span.later:
                out = past.copy() if out is past else out
                for i in range(max(0, round(span.start) - first), min(len(out), round(span.end) - first)):
                    later = i + span.later
                    out[i] = past[later if later < len(past) else later - 24]
        return out

    def says(self, start: float, end: float) -> list[str]:
        """A sentence for each period within [start, end], for whoever reads of a finding."""
        said: dict[str, str] = {}
        for span in self.spans(start, end):
            words: list[str] = []
            if span.less < 1:
                words.append(Sentence(told.SEASON_LESS, part=round(100 * span.less)))
            if span.more > 1:
                words.append(Sentence(told.SEASON_MORE, times=span.more))
            if span.later:
                words.append(Sentence(told.SEASON_LATER, n=span.later))
            ordinary = joined(words, ", ")
            said.setdefault(span.name, Sentence(told.SEASON, season=span.name, ordinary=ordinary))
        return list(said.values())

    def _parts(self, start: float, end: float, *, up: bool) -> list[tuple[float, float, float]]:
        """[start, end] cut where periods begin and end; where several hold the widest counts."""
        spans = [s for s in self.spans(start, end) if (s.more > 1 if up else s.less < 1)]
        if not spans:
            return []
        cuts = sorted({start, end, *(min(max(x, start), end) for s in spans for x in (s.start, s.end))})
        parts = []
        for a, b in pairwise(cuts):
            here = [s for s in spans if s.start <= a and s.end >= b]
            if here and b > a:
                parts.append((a, b, max(s.more for s in here) if up else min(s.less for s in here)))
        return parts


ALWAYS = Season()


@lru_cache(maxsize=512)
def _spans(periods: tuple[Period, ...], zone: str, block: int) -> tuple[Span, ...]:
    info = ZoneInfo(zone)
    first = (instant(block * BLOCK).astimezone(info) - DAY).date()
    last = (instant((block + 1) * BLOCK).astimezone(info) + DAY).date()
    out: list[Span] = []
    for period in periods:
        for a, b in period.days(first, last):
            if period.between is None:
                out.append(_span(period, _hour(a, info), _hour(b + DAY, info)))
            else:
                out += _daily(period, max(a, first), min(b, last), info)
    return tuple(out)


def _daily(period: Period, first: date, last: date, zone: ZoneInfo) -> list[Span]:
    between = period.between
    assert between is not None  # noqa: S101 - its caller has just seen so
    out = []
    for n in range((last - first).days + 1):
        day = first + n * DAY
        start = hours(datetime.combine(day, between[0], zone))
        over = DAY if between[1] <= between[0] else timedelta()
        out.append(_span(period, start, hours(datetime.combine(day + over, between[1], zone))))
    return out


def _span(period: Period, start: float, end: float) -> Span:
    later = round(period.later / timedelta(hours=1))
    return Span(start, end, period.less, period.more, later, period.name)


def _hour(day: date, zone: ZoneInfo) -> float:
    return hours(datetime.combine(day, datetime.min.time(), zone))


@dataclass(frozen=True, slots=True)
class Calendars:
    """All periods that the config names: for whom they hold."""

    everywhere: Sequence[Period] = ()  #: of `[alerts] calendars`
    #: Those of single channels, by handle in small letters, or number.
    channels: Mapping[str, Sequence[Period]] = field(default_factory=dict)

    def of(self, names: Sequence[str], country: str | None, zone: str) -> Season:
        """The season of a channel that goes by these names."""
        for name in names:
            if name in self.channels:  # whoever names a calendar for a channel knows that it holds there
                return Season(tuple(self.channels[name]), zone)
        return Season(tuple(p for p in self.everywhere if not p.countries or country in p.countries), zone)


NO_CALENDARS = Calendars()
