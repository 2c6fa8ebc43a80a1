"""The counters of a post over time: when they are to be looked at, and what they showed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.instant import refuse_naive


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a post's counters showed at an instant. None: Telegram did not say; it is never taken for zero."""

    channel_id: int
    post_id: int
    at: datetime  #: when they were read: later than was wanted, if we could not look then
    due: timedelta  #: so long after posting was it to be taken; zero: the first sight of the post
    views: int | None = None
    forwards: int | None = None
    replies: int | None = None
    reactions: tuple[tuple[str, int], ...] | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "at")


def next_due(posted_at: datetime, targets: Sequence[timedelta], after: datetime) -> datetime | None:
    """The first of the instants at which a post is to be looked at that lies after `after`; None: it is past
    all of them.
    """
    return min((at for each in targets if (at := posted_at + each) > after), default=None)


def last_due(posted_at: datetime, targets: Sequence[timedelta], at: datetime) -> timedelta:
    """For which of the targets a look at `at` counts: the last that has come. Those before it, if no look was
    taken then, were missed, and nothing is made up for them. Zero: none has come yet.
    """
    return max((each for each in targets if posted_at + each <= at), default=timedelta(0))
