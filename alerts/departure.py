"""A departure from the rhythm in which posts still come: fewer than usual, or more."""

import math
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.finding import Kind
from domain.instant import say_span

#: A drop is over when this part of the usual posts come again, a surge when no more than so many times.
BACK_UP, BACK_DOWN = 0.7, 1.5
#: Nothing is said of its end while fewer posts than this were to be expected.
TELLING = 12.0
MONTH = 720.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A drop or a surge, as it was found. Instants are in hours."""

    kind: Kind
    since: float
    found: float
    hours: float  #: of the window that found it
    level: float  #: posts an hour of average posting, before
    before: int  #: the channel's posts until `since`
    unseen: float  #: average hours of posting before `found` that do not count
    observed: int
    expected: float  #: posts, from `since` to `until`
    until: float
    per_month: float  #: how many times a month so much would come by chance

    @property
    def probability(self) -> float:
        """Of so few (or so many) posts by chance, once in a stretch as long as this."""
        return min(self.per_month * max(self.until - self.since, self.hours) / MONTH, 1.0)

    @property
    def ratio(self) -> float:
        """How many times the usual number came."""
        return self.observed / self.expected

    @property
    def reason(self) -> str:
        """The finding in words."""
        months = round(1 / max(self.per_month, 1e-9))
        often = f"once in {months:,} months" if months > 1 else "once a month"
        return (
            f"{self.observed} posts in {say_span(timedelta(hours=self.until - self.since))} where "
            f"{self.expected:.0f} were expected; by chance so {self.few} come about {often}"
        )

    @property
    def few(self) -> str:
        return "few" if self.kind is Kind.DROP else "many"

    def is_over(self, observed: int, expected: float) -> bool:
        """Is it, where `observed` posts came lately and `expected` are usual?"""
        half_way = math.sqrt(self.ratio)
        if self.kind is Kind.DROP:
            return observed >= max(BACK_UP, half_way) * expected
        return observed <= min(BACK_DOWN, half_way) * expected


class Went(StrEnum):
    FOUND = "found"
    BACK = "back"  #: the rhythm is back
    SILENT = "silent"  #: the channel fell silent altogether, and what came then begins anew
    STAYED = "stayed"  #: it has become the rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What happened to a departure, and when."""

    went: Went
    at: float
    departure: Departure
