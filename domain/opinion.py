"""What a person makes of an episode that was told: right, wrong, or nobody knows."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class Says(StrEnum):
    """A person's word on an episode. It stands beside the judge's verdict, and does not replace it."""

    CONFIRMED = "confirmed"  #: it happened: its stretch is no part of the rhythm
    WRONG = "wrong"  #: a false alarm: so the channel is at times, and its rhythm learns it
    UNKNOWN = "unknown"  #: looked at, and nobody can say
    NORMAL = "normal"  #: it happened, and so it will stay: it is over, and the level starts anew there


class Fault(StrEnum):
    """Why an alarm was wrong."""

    BLIND = "blind"  #: it was our own sight
    ANNOUNCED = "announced"  #: it had been announced
    HOLIDAY = "holiday"  #: a feast, or another day on which it is so
    NOT_INTERESTING = "not_interesting"  #: so it was, and nobody wants to know


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """One such word. The newest of an episode stands; the earlier ones are kept."""

    episode_id: int
    at: datetime
    says: Says
    by: str = ""  #: who says so
    note: str = ""
    fault: Fault | None = None  #: of a false alarm, where it was said
    seq: int = 0  #: the order in which they were given; 0 before that

    def __post_init__(self) -> None:
        refuse_naive(self, "at")
