"""What the outside sees of a channel that is silent for us: asked once for each silence."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class Outside(StrEnum):
    """What the public preview showed."""

    NO_MORE = "no_more"  #: no post that we do not have
    MORE = "more"  #: posts that we do not have: it is we who are blind
    NOT_SHOWN = "not_shown"  #: it shows no posts of this channel, to anybody
    UNKNOWN = "unknown"  #: it could not be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Testimony:
    """An answer, or a question that waits for one (`says` None)."""

    seq: int = 0  #: 0 until stored
    channel_id: int
    since_at: datetime  #: the last post before the silence
    asked_at: datetime
    answered_at: datetime | None = None
    says: Outside | None = None
    posts: tuple[int, ...] = ()  #: those that we do not have
    detail: str = ""

    def __post_init__(self) -> None:
        refuse_naive(self, "since_at", "asked_at", "answered_at")
