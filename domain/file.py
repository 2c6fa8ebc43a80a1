"""The file that a post shows, as far as it is kept."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class FileState(StrEnum):
    WAITING = "waiting"  #: still to be fetched
    HELD = "held"  #: there is no room for it just now; it is tried again
    KEPT = "kept"
    SKIPPED = "skipped"  #: the config does not want it: its kind, its size
    EXPIRED = "expired"  #: it was kept, and its time is over: its SHA-256 stays, its bytes are removed
    LOST = "lost"  #: it is not to be had any more, or could not be fetched however often it was tried


@dataclass(frozen=True, slots=True, kw_only=True)
class PostFile:
    """The file of one version of a post. A file is known by Telegram's number until its bytes are."""

    channel_id: int
    post_id: int
    version: int  #: 0: the post as first seen
    file_id: str
    kind: str  #: as of its Media
    size: int | None  #: bytes: as Telegram says, and as they are once it is kept
    state: FileState
    at: datetime  #: since when that is its state
    why: str = ""  #: why it is not kept, or not yet
    tries: int = 0  #: how often fetching it has failed
    again_at: datetime  #: not before is it tried
    sha256: str | None = None  #: of its bytes, and its name on disk

    def __post_init__(self) -> None:
        refuse_naive(self, "at", "again_at")
