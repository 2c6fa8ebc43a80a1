"""What a detector found, and what the judge made of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive
from domain.series import SeriesKey


class Kind(StrEnum):
    """What an episode is about. The first three are found by detectors."""

    SILENCE = "silence"
    DROP = "drop"
    SURGE = "surge"
    BLIND = "blind"  #: we cannot see
    CHANNEL = "channel"  #: something befell a channel
    CLAIM = "claim"  #: an act is claimed or reported
    TEST = "test"  #: nothing happened: somebody asked whether alerts arrive


class Ruling(StrEnum):
    CONFIRMED = "confirmed"  #: theirs: we could see, the channel is there, nothing explains it
    EXPLAINED = "explained"  #: real, and the cause says why it is no news of theirs
    BLIND = "blind"  #: ours: we could not have seen


class Cause(StrEnum):
    UNEXPLAINED = "unexplained"
    NETWORK_QUIET = "network_quiet"  #: several channels of one group together
    EVERYONE_QUIET = "everyone_quiet"  #: every channel we watch, whatever its group
    COUNTRY_CUT = "country_cut"  #: the channels of one country, while those elsewhere go on
    ANNOUNCED = "announced"  #: it said that it would pause, or move
    TOPIC_ENDED = "topic_ended"  #: every channel that had the topic dropped it: its event is over
    COLLECTOR_DOWN = "collector_down"
    LINK_DOWN = "link_down"
    ACCOUNT_LOST = "account_lost"
    NOT_WATCHED = "not_watched"
    CHANNEL_GONE = "channel_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A series departs from its rhythm: since when, by how much, how improbable."""

    kind: Kind
    series: SeriesKey
    since_at: datetime  #: the last post before it, not the check
    found_at: datetime  #: the instant at which it became news
    observed: int
    expected: float  #: posts to be expected from `since_at` to `found_at`
    probability: float  #: of seeing so little (or so much) by chance, once in this stretch
    reason: str = ""  #: the finding in words, for logs and `--explain`

    def __post_init__(self) -> None:
        refuse_naive(self, "since_at", "found_at")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Theirs or ours? With the evidence that a person is shown."""

    ruling: Ruling
    cause: Cause
    evidence: tuple[str, ...] = ()

    @classmethod
    def confirmed(cls, cause: Cause = Cause.UNEXPLAINED, *evidence: str) -> "Verdict":
        return cls(ruling=Ruling.CONFIRMED, cause=cause, evidence=evidence)

    @classmethod
    def explained(cls, cause: Cause, *evidence: str) -> "Verdict":
        return cls(ruling=Ruling.EXPLAINED, cause=cause, evidence=evidence)

    @classmethod
    def blind(cls, cause: Cause, *evidence: str) -> "Verdict":
        return cls(ruling=Ruling.BLIND, cause=cause, evidence=evidence)
