"""A channel that may be taking the place of one that is watched, and what speaks for it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class CandidateState(StrEnum):
    FOUND = "found"
    ASKED = "asked"  #: somebody wants it watched
    WATCHED = "watched"
    FAILED = "failed"  #: somebody wanted it watched, and it cannot be


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """Found in the posts of a channel, or among those it forwards from."""

    id: int  #: 0 until stored
    channel_id: int  #: whose place it may be taking
    handle: str
    title: str = ""
    number: int | None = None  #: Telegram's own, where known
    found_at: datetime
    evidence: tuple[str, ...] = ()
    state: CandidateState = CandidateState.FOUND
    asked_at: datetime | None = None
    asked_by: str = ""
    why: str = ""  #: why it cannot be watched

    def __post_init__(self) -> None:
        refuse_naive(self, "found_at", "asked_at")
