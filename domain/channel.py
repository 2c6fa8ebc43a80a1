"""Channels, the handles they go by, and what has become of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class ChannelStatus(StrEnum):
    """Whether a channel can be read. Only an OPEN channel can fall silent."""

    OPEN = "open"
    PRIVATE = "private"  #: turned private, or we were removed: Telegram does not say which
    BANNED = "banned"  #: our account may not read it any more
    DELETED = "deleted"
    RESTRICTED = "restricted"  #: hidden by Telegram in the account's country or as a scam
    HIDDEN = "hidden"  #: it is there and shows us no post: its history is hidden, or all of it was deleted
    UNRESOLVED = "unresolved"  #: its handle leads nowhere, and it was never seen
    PAUSED = "paused"  #: ops stopped watching it for a while
    RETIRED = "retired"  #: we stopped watching it ourselves

    @property
    def is_unwatched(self) -> bool:
        """Is it we who do not look?"""
        return self in (ChannelStatus.PAUSED, ChannelStatus.RETIRED)


class ChannelChange(StrEnum):
    """What can befall a channel; each is told on its own terms, never as a silence."""

    FOUND = "found"
    RENAMED = "renamed"
    HANDLE_CHANGED = "handle_changed"
    HANDLE_DROPPED = "handle_dropped"  #: it goes by no handle any more
    HANDLE_TAKEN = "handle_taken"  #: its former handle now belongs to another channel
    MARKED = "marked"  #: Telegram calls it a scam or a fake, or hides it in some of its apps; or no longer
    MIGRATED = "migrated"  #: it was made into a group, or moved into one
    AUDIENCE_JUMPED = "audience_jumped"
    AUDIENCE_FELL = "audience_fell"
    PURGED = "purged"  #: posts were deleted in bulk
    CANDIDATE = "candidate"  #: another channel may be taking its place
    GONE = "gone"  #: it can no longer be read; the status says how
    BACK = "back"
    PAUSED = "paused"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """A channel's @name for a while."""

    name: str
    from_at: datetime
    to_at: datetime | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "from_at", "to_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A Telegram broadcast channel, known by its number."""

    id: int  #: Telegram's own number, without the -100 that the Bot API puts before it
    title: str
    handle: str | None = None
    status: ChannelStatus = ChannelStatus.OPEN
    group: str | None = None  #: channels that answer to one command
    zone: str = "UTC"  #: IANA zone of its audience; its days and weekdays are counted there
    country: str | None = None  #: where it is made, by ISO 3166-1: what cuts that country off silences it
    audience: int | None = None  #: members, when last seen
    flags: tuple[str, ...] = ()  #: what Telegram says against it: `scam`, `fake`, `hidden on ios: ...`
    added_at: datetime | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "added_at")

    @property
    def name(self) -> str:
        """What people call it: @handle, else the title."""
        return f"@{self.handle}" if self.handle else self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEvent:
    """Something that befell a channel, when it was noticed, and what showed it."""

    channel_id: int
    at: datetime
    change: ChannelChange
    status: ChannelStatus
    before: str | None = None
    after: str | None = None
    evidence: str = ""  #: what Telegram said

    def __post_init__(self) -> None:
        refuse_naive(self, "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Headcount:
    """How many members a channel had at an instant."""

    channel_id: int
    at: datetime
    members: int
    within: int = 0  #: by how many it may be off: some sources round

    def __post_init__(self) -> None:
        refuse_naive(self, "at")


def going_by(name: str, channels: Iterable[Channel]) -> list[Channel]:
    """Those whose @handle, link or number this is, in any case; where it is none's, those of that title.

    A title may be whatever its owner likes, also somebody else's handle.
    """
    bare, known = bare_name(name), list(channels)
    if not bare:
        return []
    sure = [c for c in known if bare in (str(c.id), (c.handle or "").casefold())]
    return sure or [c for c in known if c.title.casefold() == bare]


def bare_name(name: str) -> str:
    """Without what makes a handle of it, in small letters."""
    bare = name.strip().casefold()
    for prefix in ("https://", "http://", "t.me/", "@"):
        bare = bare.removeprefix(prefix)
    return bare
