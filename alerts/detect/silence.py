"""Silence: the pause that still runs is longer than this series' own pauses ever are by chance.

The pause is measured in operational time, as posts that were to be expected in it (time rescaling, Ogata
1988), so a normal night adds almost nothing, and held against the tail of the series' own pauses in the same
measure.
"""

import math
from datetime import timedelta
from typing import Protocol

from alerts.hours import NEVER, instant
from alerts.tail import Tail
from domain.finding import Finding, Kind
from domain.instant import say_span
from domain.series import SeriesKey

#: So large a part of the posts expected may be missing at a deadline: of a channel that posts by the second,
#: an instant counted in hours since 1970 tells no finer.
EXACT = 1e-6
LEAST = 1e-12  #: no pause is taken for less often than this a month


class Running(Protocol):
    """A pause that still runs, of a channel or of a topic or claimant of it."""

    @property
    def last(self) -> float:
        """The last post, in hours."""

    @property
    def origin(self) -> float:
        """From when on it is known that nothing came."""

    @property
    def since(self) -> float:
        """The same, but for holes in which there was hardly a post."""

    @property
    def bar(self) -> float:
        """From when on it is news, in posts expected."""

    def survival(self, pause: float) -> float:
        """The probability that a pause lasts longer than this one, of so many posts expected."""


def most(tail: Tail, per_month: float, budget: float, ripe: float = 1.0) -> float:
    """The longest pause that is no news, in posts expected.

    Of `per_month` pauses, `budget` a month are longer by chance. A series that is not yet `ripe` (1: fully)
    is asked for proportionally more.
    """
    return tail.at(budget / max(per_month, 1.0)) / ripe if ripe > 0 else NEVER


def score(tail: Tail, per_month: float, pause: float) -> float:
    """-log10 of how many times a month a pause lasts longer by chance; -inf while that says nothing.

    Below the tail's threshold the survival is that of the past, in steps, and far from news.
    """
    if pause <= tail.threshold:
        return -math.inf
    return -math.log10(max(max(per_month, 1.0) * tail.survival(pause), LEAST))


def find(series: Running, key: SeriesKey, expected: float, at: float) -> Finding | None:
    """The silence of a series at `at`, by when `expected` posts were to come; None while it is no news."""
    if expected < series.bar * (1 - EXACT) or at < series.origin:
        return None
    return running(series, key, expected, at)


def running(series: Running, key: SeriesKey, expected: float, at: float) -> Finding:
    """The pause that runs at `at`, be it news or not."""
    chance = series.survival(expected)
    since = instant(series.since)
    spell = say_span(timedelta(hours=at - series.since))
    reason = f"no post for {spell} where {expected:.1f} were expected; its pauses last so long {_say(chance)}"
    if series.origin > series.since:
        reason += "; time that nobody watched is left out"
    if series.since > series.last:
        reason += (
            f"; the last post known came at {instant(series.last):%Y-%m-%d %H:%M} UTC, before we were blind"
        )
    return Finding(
        kind=Kind.SILENCE,
        series=key,
        since_at=since,
        found_at=instant(at),
        observed=0,
        expected=expected,
        probability=chance,
        reason=reason,
    )


def _say(chance: float) -> str:
    return f"once in {1 / chance:,.0f}" if chance > 1e-7 else "less than once in ten million"
