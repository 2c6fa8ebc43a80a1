"""What happened in a channel, in the order in which Telegram numbers it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sandbox.post import Post


class Happening(StrEnum):
    NEW = "new"
    EDIT = "edit"
    DELETE = "delete"
    PIN = "pin"
    VIEWS = "views"  #: has no pts: Telegram does not make up for a lost one
    CHANNEL = "channel"  #: its title, handle or access changed; no pts either


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One happening. `pts` is the channel's counter after it, `pts_count` by how much it moved."""

    channel_id: int
    at: datetime
    kind: Happening
    pts: int = 0
    pts_count: int = 0
    post: Post | None = None  #: as it was then
    ids: tuple[int, ...] = ()
    accounts: tuple[int, ...] | None = None  #: tell these instead of the members
