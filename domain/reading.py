"""What reading a post yielded: the hand-over from claims to alerts."""

from dataclasses import dataclass
from datetime import datetime

from domain.instant import refuse_naive


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A post as one reader version understood it."""

    channel_id: int
    post_id: int
    posted_at: datetime
    reader_version: int
    topics: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()  #: whom its attack claims name; footage of earlier acts left out
    language: str | None = None
    counts: bool = True  #: False for service posts and for the second and later parts of an album
    pause: str = ""  #: the words by which the channel announces a pause of its own, its end, or a move
    seq: int = 0  #: the order in which readings were stored; 0 before that

    def __post_init__(self) -> None:
        refuse_naive(self, "posted_at")
