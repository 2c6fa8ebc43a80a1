"""Who changed what, when, from what to what: the record that ops read, and from which a change is undone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from domain.instant import refuse_naive


class What(StrEnum):
    """What was changed. The subject of each is named in brackets."""

    ACCESS = "access"  #: who is let in, and as what [chat]
    INVITE = "invite"  #: a way in [first letters of its hash]
    REQUEST = "request"  #: somebody's wish to be let in [user]
    WATCH = "watch"  #: whether a channel is watched [its entry]
    BUDGET = "budget"  #: the false alarms a month accepted of a channel or topic [channel:N, topic:NAME]
    ATTEMPT = "attempt"  #: somebody was refused [user]


#: What can be put back as it was.
UNDOABLE: Final = frozenset({What.ACCESS, What.INVITE, What.WATCH, What.BUDGET})


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change. `old` and `new` are what it was and what it is; None: there was, or is, nothing."""

    id: int = 0  #: 0 until stored
    at: datetime
    by: int  #: the person's number; 0: the config
    name: str  #: what the person was called then
    what: What
    subject: str
    old: Mapping[str, Any] | None = None
    new: Mapping[str, Any] | None = None
    undoes: int | None = None  #: the change that this one takes back

    def __post_init__(self) -> None:
        refuse_naive(self, "at")

    @property
    def can_be_undone(self) -> bool:
        return self.what in UNDOABLE
