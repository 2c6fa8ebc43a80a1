"""An episode: one stretch of abnormality, from pending to closed, and what is said of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.channel import ChannelEvent
from domain.finding import Kind, Verdict
from domain.instant import refuse_naive
from domain.severity import Severity


class State(StrEnum):
    PENDING = "pending"  #: found, not yet held long enough to be told
    OPEN = "open"
    CLOSED = "closed"


class Move(StrEnum):
    """What happened to an episode; those of TOLD are told to people."""

    FOUND = "found"
    DISMISSED = "dismissed"  #: closed before anyone was told
    OPENED = "opened"
    GREW = "grew"  #: another channel joined it, or its verdict was revised
    #: It has become far less probable, far longer or far wider; once in its life, our blindness each time.
    ESCALATED = "escalated"
    REOPENED = "reopened"  #: soon after its end it is there again: one episode that flaps, not a new one
    CLOSED = "closed"
    REMINDED = "reminded"  #: nothing happened to it: a chat that had snoozed it is told that it goes on


TOLD: Final = frozenset({Move.OPENED, Move.GREW, Move.ESCALATED, Move.REOPENED, Move.CLOSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom an episode is about: a channel, one topic or claimant of it, a group of channels, or ourselves."""

    channel_id: int | None = None
    topic: str | None = None
    group: str | None = None
    claimant: str | None = None
    country: str | None = None

    def __str__(self) -> str:
        named = (
            ("group", self.group),
            ("channel", self.channel_id),
            ("topic", self.topic),
            ("claimant", self.claimant),
            ("country", self.country),
        )
        return ":".join(f"{k}={v}" for k, v in named if v is not None) or "deadair"


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One stretch of abnormality of one subject."""

    id: int  #: 0 until stored
    kind: Kind
    subject: Subject
    state: State
    since_at: datetime  #: the last post before it; for blindness, the last instant we could see
    found_at: datetime
    verdict: Verdict
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    observed: int = 0
    expected: float = 0.0
    probability: float = 1.0
    members: tuple[int, ...] = ()  #: the channels of a grouped episode
    escalated_at: datetime | None = None
    times: int = 1  #: how often it has begun; more than once, it flaps
    again_at: datetime | None = None  #: when it flaps: the last post before it began once more
    incident_id: int | None = None  #: the act that it tells of, where it is about a claim
    severity: Severity | None = None  #: where whoever made it says so; else it is reckoned from the rest
    reason: str = ""
    ended: str = ""  #: what ended it: the first post back, the repaired link

    def __post_init__(self) -> None:
        refuse_naive(self, "since_at", "found_at", "opened_at", "closed_at", "escalated_at", "again_at")

    @property
    def begun_at(self) -> datetime:
        """Where the stretch begins that runs now, or ran last."""
        return self.again_at or self.since_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step in the life of an episode: the episode as it stands after the step."""

    move: Move
    at: datetime
    episode: Episode
    inhibited_by: int | None = None  #: the larger episode that makes this one not worth telling
    befell: ChannelEvent | None = None  #: what befell the channel, where it is this that is told. Not kept.

    def __post_init__(self) -> None:
        refuse_naive(self, "at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is said at a transition, to whoever subscribed."""

    id: int  #: 0 until stored
    at: datetime
    move: Move
    episode: Episode

    def __post_init__(self) -> None:
        refuse_naive(self, "at")
