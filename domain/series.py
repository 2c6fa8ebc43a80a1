"""A series: what is counted over time. Unwatched time is None, never zero."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from domain.instant import refuse_naive


class SeriesKey(NamedTuple):
    """All posts of a channel, or those about one topic, or those in which one claimant claims: never both."""

    channel_id: int
    topic: str | None = None
    claimant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A stretch of time and what came in it."""

    start: datetime
    observed: int | None  #: None: we were not watching. 0: we were, and nothing came.

    def __post_init__(self) -> None:
        refuse_naive(self, "start")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """A bucket beside what was to be expected in it, for charts and explanations."""

    start: datetime
    observed: int | None
    expected: float
    lower: float
    upper: float

    def __post_init__(self) -> None:
        refuse_naive(self, "start")
