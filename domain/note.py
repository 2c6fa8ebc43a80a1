"""A note to those who run Deadair: something about it that they should know, told to them once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class NoteKind(StrEnum):
    """What it is about."""

    OUT_OF_REACH = "out_of_reach"  #: a chat takes nothing from us any more: its subscription has ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note."""

    seq: int = 0  #: the order in which they were made; 0 before that
    at: datetime
    kind: NoteKind
    about: str  #: whom or what, as people know it
    why: str = ""

    def __post_init__(self) -> None:
        refuse_naive(self, "at")
