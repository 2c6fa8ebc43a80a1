"""What reading a post yielded: the hand-over from claims to alerts."""

from collections.abc import Container
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
    #: The version that really read it, where this one took it over, for what the post said was gone by then;
    #: 0: nobody knows which. None: this one read it.
    read_by: int | None = None
    seq: int = 0  #: the order in which readings were stored; 0 before that

    #: Topics and claimants, as ("topic", name), of which nobody can say whether it was about them. Not kept.
    unread: Container[tuple[str, str]] | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "posted_at")
