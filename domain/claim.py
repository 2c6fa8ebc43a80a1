"""A claim: who says that what was done to whom, where, with what, when; each value with its evidence."""

import datetime as dt
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.instant import refuse_naive


class ClaimKind(StrEnum):
    """What sort of statement a record is."""

    RESPONSIBILITY = "responsibility"  #: an axis actor speaks, signs, or is the agent of the act
    ATTACK_REPORT = "attack_report"  #: the act is reported, and no claimant speaks
    CASUALTY = "casualty"  #: killed or wounded adversaries are the news, the attack only its cause
    TALLY = "tally"  #: a number of operations over a period: never added to single acts
    THREAT = "threat"
    SUSPENSION = "suspension"
    RESUMPTION = "resumption"
    DENIAL = "denial"
    RETRACTION = "retraction"  #: the channel or group takes back an earlier post
    MOURNING = "mourning"
    ENEMY_ACTION = "enemy_action"  #: an act by the adversary: its own series, never a claim

    @property
    def is_attack(self) -> bool:
        """Does a post with such a record claim an attack?"""
        return self in _ATTACKS


_ATTACKS = frozenset({ClaimKind.RESPONSIBILITY, ClaimKind.ATTACK_REPORT, ClaimKind.CASUALTY, ClaimKind.TALLY})


class ClaimMode(StrEnum):
    """Who says so."""

    SELF = "self_statement"
    QUOTED = "quoted_by_channel"
    ADVERSARY = "attributed_by_adversary"
    THIRD_PARTY = "attributed_by_third_party"


class Assertion(StrEnum):
    ASSERTED = "asserted"
    ATTRIBUTED = "attributed"
    HEDGED = "hedged"


class Precision(StrEnum):
    """How exact a claim's time or place is."""

    SITE = "site"
    TOWN = "town"
    REGION = "region"
    COUNTRY = "country"
    DAY = "day"
    ABOUT_A_DAY = "about_a_day"  #: one day more or less: a Hijri date, a night


class DateSource(StrEnum):
    """By what the date of the act is known."""

    NUMERIC = "numeric"
    MONTH_NAME = "month_name"
    WEEKDAY = "weekday"
    RELATIVE = "relative"
    HIJRI = "hijri"
    POSTED = "posted"  #: the text does not say: the day of the post in the channel's zone


#: A claimant that is named and in no lexicon; a place that is named and in none.
UNKNOWN_GROUP = "unknown_group"
OUT_OF_VOCABULARY = "oov"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Why a field has its value: this stretch of the raw text, read by this rule."""

    field: str
    start: int
    end: int
    rule: str

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span runs forwards from 0: [{self.start}, {self.end}) does not")


@dataclass(frozen=True, slots=True, kw_only=True)
class Casualties:
    """Numbers as the text gives them. None: not mentioned, or mentioned without a number (`vague`)."""

    killed: int | None = None
    wounded: int | None = None
    vague: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """A subject of the closed set, with what showed it."""

    name: str
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One record: one act at one place, or one statement."""

    kind: ClaimKind
    claimant: str | None = None  #: an actor of the lexicon, UNKNOWN_GROUP, or nobody named
    mode: ClaimMode = ClaimMode.QUOTED
    target: str | None = None
    target_type: str | None = None
    location: str | None = None  #: a place of the lexicon, OUT_OF_VOCABULARY, or none named
    precision: Precision | None = None
    country: str | None = None  #: ISO 3166-1 alpha-2; ZZ at sea
    action: str | None = None
    weapons: tuple[str, ...] = ()
    date: dt.date | None = None
    date_precision: Precision = Precision.DAY
    date_source: DateSource = DateSource.POSTED
    casualties: Casualties | None = None
    n_operations: int | None = None  #: of a tally only
    assertion: Assertion = Assertion.ASSERTED
    repeat: bool = False  #: footage or mention of an act claimed before
    again: bool = False  #: says itself that it is another act of the same form ("again today")
    evidence: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """All that was read in one text."""

    language: str | None
    topics: tuple[Topic, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def is_claim(self) -> bool:
        """Does the post claim or report an attack?"""
        return any(claim.kind.is_attack for claim in self.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedClaim:
    """A claim as the archive keeps it: in which version of which post, how long it stood, of which act."""

    id: int = 0  #: 0 until stored
    channel_id: int
    post_id: int
    number: int  #: within the post, from 1; stays the same over edits
    version: int = 1  #: rises when an edit changes a value
    reader_version: int
    revision: int = 0  #: of the post, in whose text the evidence lies; 0: as first seen
    posted_at: datetime
    from_at: datetime  #: when we first saw this version of the text
    superseded_at: datetime | None = None  #: when we saw that an edit had changed or removed it
    withdrawn_at: datetime | None = None  #: since when its post is missed; None while it is there
    incident_id: int | None = None
    claim: Claim

    def __post_init__(self) -> None:
        refuse_naive(self, "posted_at", "from_at", "superseded_at", "withdrawn_at")

    @property
    def standing(self) -> bool:
        """Does the channel still say so, as far as we know?"""
        return self.superseded_at is None and self.withdrawn_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The real-world act that one or more claims are about, as one reader version tells acts apart."""

    id: int = 0  #: 0 until stored; never given to another act
    reader_version: int
    first_at: datetime  #: when the first post that tells of it was posted
    last_at: datetime  #: and the last
    claims: tuple[tuple[int, int, int], ...] = field(default=())  #: (channel, post, number within the post)

    def __post_init__(self) -> None:
        refuse_naive(self, "first_at", "last_at")
