"""A stranger's wish to be let in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class RequestState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """There is one of each person: who asks again replaces what was."""

    user_id: int
    name: str
    handle: str | None = None
    asked_at: datetime
    state: RequestState = RequestState.WAITING
    decided_at: datetime | None = None
    decided_by: int | None = None
    told: Mapping[int, int] = field(default_factory=dict)  #: owners who know, each by which message

    def __post_init__(self) -> None:
        refuse_naive(self, "asked_at", "decided_at")
