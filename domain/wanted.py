"""Channels that ops want watched, paused or retired, beside what config.toml says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.instant import refuse_naive

#: The marks that say which number each entry was found to be; by the entry's key.
KNOWN: Final = "collector.known."
#: Those that say that it leads nowhere, and why.
UNRESOLVED: Final = "collector.unresolved."
_SHORTEST, _LONGEST = 4, 32


def bare_handle(text: str) -> str:
    """`@name`, a t.me link or a bare name as the name alone. Raises ValueError for what is none."""
    bare = text.strip().removeprefix("https://").removeprefix("http://").removeprefix("t.me/")
    bare = bare.removeprefix("s/").removeprefix("@").rstrip("/")
    if not (_SHORTEST <= len(bare) <= _LONGEST and bare.isascii() and bare.replace("_", "a").isalnum()):
        raise ValueError(f"{text!r} is no handle: write @name or https://t.me/name")
    return bare


class Watching(StrEnum):
    """What is wanted of a channel."""

    WATCHED = "watched"
    PAUSED = "paused"
    RETIRED = "retired"


class WantState(StrEnum):
    """How far the collector is with it."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The last word on one entry. Where there is none, config.toml alone counts."""

    key: str  #: as `collector.resolving.key_of` makes it: the handle in small letters, or the number
    wanted: Watching
    handle: str | None = None
    channel_id: int | None = None  #: where it is known already
    group: str | None = None
    zone: str = "UTC"
    country: str | None = None
    web: bool = False  #: read from the public preview
    asked_at: datetime
    asked_by: str
    state: WantState = WantState.ASKED
    why: str = ""  #: why it cannot be done

    def __post_init__(self) -> None:
        refuse_naive(self, "asked_at")
