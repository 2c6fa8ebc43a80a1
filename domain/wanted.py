"""Channels that ops want watched, paused or retired, beside what config.toml says."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


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
