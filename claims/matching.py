"""Which claims tell of the same act, across posts, channels and languages.

Most true pairs cross languages, so claims are matched on slots and time, not on words; words only hold
together a post and its cut-off copy. A denial is never merged with what it denies: only claims of attacks
are matched.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import cos, hypot, radians

from claims.lexicon.entries import Place
from claims.normalise import fold_text
from domain.claim import OUT_OF_VOCABULARY, UNKNOWN_GROUP, Claim, ClaimKind, DateSource

#: How long after the first post of an act others may still tell of it as news.
WINDOW = timedelta(hours=10)
#: The same, when both say on which day it was.
DATED_WINDOW = timedelta(hours=36)
#: Later numbers of dead and wounded, and footage, come days after.
UPDATE_WINDOW = timedelta(days=3)
FOOTAGE_WINDOW = timedelta(days=10)
#: Places so near are one (a port and its city).
NEAR_KM = 12.0

_FAMILY = {
    "cruise_missile": "missile", "ballistic_missile": "missile", "rocket": "missile", "atgm": "missile",
    "sam": "missile", "antiship_missile": "missile", "mortar": "indirect", "artillery": "indirect",
}  # fmt: skip
_SHIP_NAME = re.compile(
    r"(?:سفينه|السفينه|ناقله|مدمره|كشتي|ship|vessel|tanker|судно|танкер|gemi\w*)"
    r" [\"«“']?(\w+(?: \w+)?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One claim of an attack, where and when it was told."""

    key: object  #: whatever names it to the caller
    posted_at: datetime
    claim: Claim
    text: str = ""


@dataclass(slots=True)
class _Act:
    """What is known of one act so far."""

    number: int
    first_at: datetime
    last_at: datetime
    claims: list[Told] = field(default_factory=list)


def match(told: Iterable[Told], places: Mapping[str, Place]) -> dict[object, int]:
    """Number the acts: claims with the same number tell of the same one. Order of input does not matter."""
    acts: list[_Act] = []
    out: dict[object, int] = {}
    for one in sorted(told, key=lambda t: (t.posted_at, str(t.key))):
        fits = [
            (score, act)
            for act in acts[-400:]
            if one.posted_at - act.first_at <= FOOTAGE_WINDOW and (score := _fit(one, act, places)) > 0
        ]
        if fits:
            act = max(fits, key=lambda f: (f[0], f[1].last_at))[1]
        else:
            act = _Act(len(acts) + 1, one.posted_at, one.posted_at)
            acts.append(act)
        act.claims.append(one)
        act.last_at = max(act.last_at, one.posted_at)
        out[one.key] = act.number
    return out


def _fit(one: Told, act: _Act, places: Mapping[str, Place]) -> float:
    """How well a claim fits an act; 0 when it cannot be of it."""
    if one.claim.again and one.posted_at - act.first_at > timedelta(minutes=30):
        return 0.0
    if not _in_time(one, act):
        return 0.0
    scores = [_same(one, other, places) for other in act.claims]
    return max(scores) if scores and min(scores) >= 0 else 0.0


def _in_time(one: Told, act: _Act) -> bool:
    gap = one.posted_at - act.first_at
    if one.claim.repeat:
        return gap <= FOOTAGE_WINDOW
    if one.claim.kind is ClaimKind.CASUALTY:
        return gap <= UPDATE_WINDOW
    if gap <= WINDOW:
        return True
    return gap <= DATED_WINDOW and any(_dated_alike(one.claim, o.claim) for o in act.claims)


def _dated_alike(a: Claim, b: Claim) -> bool:
    said = DateSource.POSTED not in (a.date_source, b.date_source)
    return said and a.date is not None and a.date == b.date


def _same(one: Told, other: Told, places: Mapping[str, Place]) -> float:
    """Below 0: the two contradict one another; 0: nothing speaks for it; above: what does."""
    a, b = one.claim, other.claim
    if ClaimKind.TALLY in (a.kind, b.kind):
        alike = a.kind is b.kind and a.n_operations == b.n_operations and a.claimant == b.claimant
        return 2.0 if alike else -1.0
    score = 0.0
    if a.claimant and b.claimant and UNKNOWN_GROUP not in (a.claimant, b.claimant):
        if a.claimant != b.claimant:
            return -1.0
        score += 1.0
    if a.target and b.target and a.target != b.target:
        return -1.0
    here = _near(a, b, one, other, places)
    if here < 0:
        return -1.0
    score += here
    if a.weapons and b.weapons:
        if not _weapons(a) & _weapons(b):
            return -1.0
        score += 0.5
    if a.target_type and a.target_type == b.target_type:
        score += 0.5
        if a.target_type == "ship":
            named = _ships(one.text, other.text)
            if named < 0:
                return -1.0
            score += named
    if a.date_source is not DateSource.POSTED and b.date_source is not DateSource.POSTED and a.date != b.date:
        return -1.0
    return score if score >= 1.5 else 0.0


def _weapons(claim: Claim) -> set[str]:
    return {_FAMILY.get(w, w) for w in claim.weapons}


def _near(a: Claim, b: Claim, one: Told, other: Told, places: Mapping[str, Place]) -> float:
    """-1 for two places, 0 when one is not told, more for one and the same."""
    if a.location is None or b.location is None:
        return 0.0
    if OUT_OF_VOCABULARY in (a.location, b.location):
        if a.location != b.location:
            return 0.0 if a.country == b.country else -1.0
        return 1.5 if _span(one) & _span(other) else -1.0
    if a.location == b.location:
        return 2.0
    p, q = places.get(a.location), places.get(b.location)
    if p is None or q is None or None in (p.lat, p.lon, q.lat, q.lon):
        return -1.0
    if "country" in (p.kind, q.kind) and p.country == q.country:
        return 0.5
    assert p.lat is not None and p.lon is not None and q.lat is not None and q.lon is not None  # noqa: S101, PT018
    km = 111.2 * hypot(p.lat - q.lat, (p.lon - q.lon) * cos(radians(p.lat)))
    if km <= NEAR_KM:
        return 1.5
    return 0.5 if "region" in (p.kind, q.kind) and km <= 90 and p.country == q.country else -1.0


def _span(told: Told) -> set[str]:
    """The words of a place that is in no lexicon."""
    for span in told.claim.evidence:
        if span.field == "location":
            return {w for w in fold_text(told.text[span.start : span.end]).split() if len(w) > 3}
    return set()


def _ships(a: str, b: str) -> float:
    """1 for the same name, -1 for another in the same script, 0 when that cannot be told."""
    p, q = _SHIP_NAME.search(fold_text(a)), _SHIP_NAME.search(fold_text(b))
    if p is None or q is None or p[1].isascii() != q[1].isascii():
        return 0.0
    return 1.0 if set(p[1].split()) & set(q[1].split()) else -1.0


def is_cut_off(short: str, full: str) -> bool:
    """Is one text the beginning of the other, as a channel that quotes another cuts it?"""
    a, b = re.findall(r"\w+", fold_text(short)), re.findall(r"\w+", fold_text(full))
    return 3 <= len(a) < len(b) and b[: len(a)] == a


def clusters(
    posts: Sequence[tuple[object, datetime, str, Sequence[Claim]]], places: Mapping[str, Place]
) -> dict[object, int | str]:
    """For each post the act its first claim tells of; a post that tells of none stands alone."""
    told = [
        Told(key=(key, n), posted_at=at, claim=claim, text=text)
        for key, at, text, claims in posts
        for n, claim in enumerate(c for c in claims if c.kind.is_attack)
    ]
    acts = match(told, places)
    out: dict[object, int | str] = {}
    for key, at, text, _ in posts:
        number = acts.get((key, 0))
        if number is None:
            whole = next(
                (
                    k
                    for k, t, x, _ in posts
                    if (k, 0) in acts and abs(t - at) <= timedelta(hours=2) and is_cut_off(text, x)
                ),
                None,
            )
            number = acts.get((whole, 0)) if whole is not None else None
        out[key] = number if number is not None else f"alone:{key}"
    return out
