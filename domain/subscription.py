"""Who is told what."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.finding import Kind
from domain.instant import refuse_naive
from domain.severity import Severity


class Role(StrEnum):
    """What a chat may do; each may do what the ones before it may."""

    GUEST = "guest"
    ANALYST = "analyst"
    OPS = "ops"
    OWNER = "owner"

    def at_least(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """A chat that was let in."""

    chat_id: int
    name: str
    role: Role
    zone: str = "UTC"
    language: str = "en"
    thread_id: int | None = None  #: the topic of a forum that alerts go to
    let_in_at: datetime
    let_in_by: str  #: "config", or the invite's maker
    ended_at: datetime | None = None
    ended_why: str = ""

    def __post_init__(self) -> None:
        refuse_naive(self, "let_in_at", "ended_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """A single-use way in. Only the hash of its code is kept."""

    code_hash: str
    role: Role
    made_by: int
    made_at: datetime
    expires_at: datetime
    used_by: int | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at", "expires_at", "used_at", "revoked_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What one chat wants to hear of. All of channel, group, topic and claimant None: everything."""

    id: int = 0
    chat_id: int
    channel_id: int | None = None
    group: str | None = None
    topic: str | None = None
    claimant: str | None = None
    kind: Kind | None = None
    least: Severity = Severity.MINOR  #: nothing less grave is wanted
    made_at: datetime

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at")


class Hold(StrEnum):
    """What keeps a delivery back."""

    MUTE = "mute"
    QUIET = "quiet"  #: quiet hours; then it goes into a digest
    DIGEST = "digest"  #: the chat is told by digests alone
    SNOOZE = "snooze"

    @property
    def ends_in_digest(self) -> bool:
        """Is what was held so long told in one message with the rest?"""
        return self in (Hold.QUIET, Hold.DIGEST)


class DeliveryState(StrEnum):
    WAITING = "waiting"
    LEASED = "leased"
    HELD = "held"  #: the chat does not want to hear of it yet; `hold` says what keeps it
    SENT = "sent"
    DROPPED = "dropped"  #: will never be sent; `why` says the reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One alert to one subscriber."""

    id: int = 0
    alert_id: int
    episode_id: int
    chat_id: int
    state: DeliveryState = DeliveryState.WAITING
    not_before: datetime
    attempts: int = 0
    lease_until: datetime | None = None
    leased_by: str | None = None
    message_id: int | None = None
    sent_at: datetime | None = None
    why: str = ""
    hold: Hold | None = None
    digested: bool = False  #: sent as a line of a digest: the message is not its own

    def __post_init__(self) -> None:
        refuse_naive(self, "not_before", "lease_until", "sent_at")
