"""What of a claim tells whether it is of the same act as another, and whether two of them are.

Most true pairs cross languages, so claims are compared by their slots. Each slot that both name and that
differs parts them; enough that agree hold them together.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from claims.hours import Hours, hours_of, hours_part
from claims.nearby import APART, NEAR, PERHAPS_WITHIN, Nearby
from claims.normalise import fold_text
from claims.ships import same_ship, ship_names
from claims.sounds import ALIKE, UNLIKE, likeness, skeleton
from domain.claim import OUT_OF_VOCABULARY, UNKNOWN_GROUP, Claim, ClaimKind, DateSource, Precision

#: So much has to speak for it: a place, or a claimant with a weapon or a target, or the name of a ship.
ENOUGH = 1.5
#: What parts two claims outweighs everything.
PARTED = -1.0

_FAMILY = {
    "cruise_missile": "missile", "ballistic_missile": "missile", "rocket": "missile", "atgm": "missile",
    "sam": "missile", "antiship_missile": "missile", "mortar": "indirect", "artillery": "indirect",
}  # fmt: skip
#: "With the suitable weapons" says nothing.
_NO_WEAPON = "unspecified"
_NOTHING: frozenset[str] = frozenset()
#: Names under which reports mean the same side.
_SIDE = {"irgc": "iran", "coalition": "us"}
#: Who stands beside whom on one base.
_HOSTS = frozenset({"us", "sdf", "krg", "iraq_gov", "syria_gov"})
#: Words that are part of the name of many places.
_KIND_OF_PLACE = re.compile(
    r"مستعمره|مستوطنه|موقع|ثكنه|قاعده|مدينه|بلده|قريه|منطقه|معسكر|مطار|تله|محيط|مخيم|ميناء|معبر|محور|حي|شرق|"
    r"غرب|شمال|جنوب|پايگاه|شهر|شهرك|روستاي|base|camp|settlement|village|town|city|site|position|post|outpost|"
    r"area|barracks|port|airport|east|west|north|south|the|near|בסיס|מוצב|קיבוץ|יישוב|העיר|מחנה|база|город|"
    r"лагерь|поселок|ussu|kampi|koyu"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The slots of a claim as they are compared. Relays of a claim have the same face."""

    tally: bool
    claimant: str | None  #: None when nobody or an unknown group is named
    target: str | None
    target_type: str | None
    place: str | None  #: of the lexicon
    words: frozenset[str]  #: of a place that is in no lexicon
    country: str | None
    weapons: frozenset[str]
    ships: frozenset[str]
    said: date | None  #: the day that the text names
    about: bool  #: that day is meant roughly
    back: int | None  #: how many days before its post that is
    day: date  #: of the post, in its channel's zone
    hours: Hours | None  #: of the act, as the text names them
    losses: bool  #: the dead and wounded are the news
    repeat: bool
    n_operations: int | None

    @property
    def is_loose(self) -> bool:
        """Does it name no place that could be looked up?"""
        return self.place is None


def face_of(claim: Claim, text: str, posted_at: datetime) -> Face:
    """The face of an attack claim; `text` is what its evidence lies in."""
    outside = claim.location == OUT_OF_VOCABULARY
    said = claim.date if claim.date_source is not DateSource.POSTED else None
    day = claim.date if said is None and claim.date is not None else posted_at.date()
    # What is told later is told at an hour of its own.
    update = claim.repeat or claim.kind in (ClaimKind.CASUALTY, ClaimKind.TALLY)
    claimant = claim.claimant if claim.claimant != UNKNOWN_GROUP else None
    return Face(
        tally=claim.kind is ClaimKind.TALLY,
        claimant=_SIDE.get(claimant, claimant) if claimant else None,
        target=_SIDE.get(claim.target, claim.target) if claim.target else None,
        target_type=claim.target_type,
        place=None if outside else claim.location,
        words=_place_words(claim, text) if outside else _NOTHING,
        country=claim.country,
        weapons=_weapons(claim),
        ships=ship_names(text) if claim.target_type == "ship" else _NOTHING,
        said=said,
        about=claim.date_precision is Precision.ABOUT_A_DAY,
        back=(day - said).days if said is not None else None,
        day=day,
        hours=None if update else hours_of(text, said or day, posted_at),
        repeat=claim.repeat,
        losses=claim.kind is ClaimKind.CASUALTY,
        n_operations=claim.n_operations,
    )


def compare(a: Face, b: Face, nearby: Nearby) -> float:
    """PARTED, or how much speaks for one act: from ENOUGH on they are of the same."""
    if a.tally or b.tally:
        return _tallies(a, b)
    if a.target and b.target and a.target != b.target and not _host_and_guest(a, b):
        return PARTED
    score = 0.0
    if a.claimant and b.claimant:
        if a.claimant != b.claimant:
            return PARTED
        score += 1.0
    here = _places(a, b, nearby)
    if here == APART or _days_part(a, b):
        return PARTED
    score += here
    if a.weapons and b.weapons:
        if not a.weapons & b.weapons:
            return PARTED
        score += 0.5
    if a.target_type and a.target_type == b.target_type:
        score += 0.5
    named = same_ship(a.ships, b.ships)
    if named < 0:
        return PARTED
    return score + named


def same_day(a: Face, b: Face) -> bool:
    """Does one say on which day it was, and is that the day of the other?"""
    if a.said is None and b.said is None:
        return False
    return (a.said or a.day) == (b.said or b.day)


def _tallies(a: Face, b: Face) -> float:
    """A tally joins the same tally, never an act: it is a number, and which acts it counts is not known."""
    alike = a.tally and b.tally and a.n_operations == b.n_operations and a.claimant == b.claimant
    return 2.0 if alike else PARTED


def _days_part(a: Face, b: Face) -> bool:
    if a.hours is not None and b.hours is not None:
        return hours_part(a.hours, b.hours)
    if a.said is not None and b.said is not None:
        off = abs((a.said - b.said).days)
        return off > (1 if a.about or b.about else 0)
    said, other = (a, b) if a.said is not None else (b, a)
    if said.said is None or other.repeat or other.losses:
        return False
    # News without a date is of the day it is told on or the day before; a day more for another zone's sake.
    return not other.day - timedelta(days=1) <= said.said <= other.day + timedelta(days=1)


def _places(a: Face, b: Face, nearby: Nearby) -> float:
    if a.place is not None and b.place is not None:
        return nearby.relation(a.place, b.place)
    if a.words or b.words:
        if a.country and b.country and a.country != b.country:
            return APART if (a.words or a.place) and (b.words or b.place) else 0.0
        if a.words and b.words:
            return _names(a.words, b.words)
        known, words = a.place or b.place, a.words or b.words
        return _in_and_out(known, words, nearby) if known else 0.0
    return 0.0


def _in_and_out(known: str, words: frozenset[str], nearby: Nearby) -> float:
    """A place of the lexicon, and one in none: seldom the same, unless the one may lie in the other."""
    if nearby.is_broad(known) or _names(words, frozenset(known.split("_"))) > 0:
        return 0.0
    return PERHAPS_WITHIN if nearby.is_city(known) else APART


@lru_cache(8192)  # a claim is compared with every act of its country, and these are named again and again
def _names(a: frozenset[str], b: frozenset[str]) -> float:
    """Are two places that are in no lexicon one, by their names alone? In two scripts by their sounds."""
    if a & b:
        return NEAR
    alike = [likeness(skeleton(p), skeleton(q)) for p in (*a, " ".join(sorted(a))) for q in b]
    best = max((each for each in alike if each is not None), default=0.0)
    if best >= ALIKE:
        return NEAR
    return 0.0 if best > UNLIKE and _scripts(a) != _scripts(b) else APART


def _host_and_guest(a: Face, b: Face) -> bool:
    """Those killed in the base of another are told as the loss of either."""
    return (a.losses or b.losses) and {a.target, b.target} <= _HOSTS


def _weapons(claim: Claim) -> frozenset[str]:
    """By families. Of what was shot down some tell what it was and others what hit it: that parts nobody."""
    return _NOTHING if claim.action == "shootdown" or not claim.weapons else _families(claim.weapons)


@lru_cache(512)  # one set of thousands of claims that are held: an empty one has its 200 bytes too
def _families(weapons: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_FAMILY.get(w, w) for w in weapons if w != _NO_WEAPON)


def _place_words(claim: Claim, text: str) -> frozenset[str]:
    for span in claim.evidence:
        if span.field == "location":
            words = fold_text(text[span.start : span.end]).split()
            return frozenset(w for w in words if len(w) > 2 and not _KIND_OF_PLACE.fullmatch(w))
    return frozenset()


def _scripts(words: frozenset[str]) -> bool:
    return all(w.isascii() for w in words)
