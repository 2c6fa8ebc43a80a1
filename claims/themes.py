"""The topics of the closed set: those of the conflict from the records, the others from their words."""

from collections.abc import Sequence

from claims.marks import Marks
from domain.claim import Claim, ClaimKind, Span, Topic

_CONFLICT = {"us": "conflict_us", "coalition": "conflict_us", "israel": "conflict_israel"}
_BY_KIND = {
    ClaimKind.ENEMY_ACTION: "enemy_strikes",
    ClaimKind.THREAT: "threats",
    ClaimKind.SUSPENSION: "deescalation",
    ClaimKind.RESUMPTION: "deescalation",
    ClaimKind.MOURNING: "martyrs",
    ClaimKind.RETRACTION: "channel_admin",
}
#: At most so many topics from words alone: more is a digest of everything, and says nothing.
_MOST = 3


def themes(marks: Marks, claims: Sequence[Claim], *, shown: bool) -> tuple[Topic, ...]:
    """The topics of a post, the records' own first; with the words that showed them when asked for."""
    found: dict[str, Span | None] = {}
    for claim in claims:
        if claim.kind.is_attack or claim.kind is ClaimKind.DENIAL:
            for name in _conflict(claim):
                found.setdefault(name, None)
        else:
            found.setdefault(_BY_KIND[claim.kind], None)
        if claim.kind is ClaimKind.RESUMPTION:
            found.setdefault("threats", None)
        if claim.kind in (ClaimKind.SUSPENSION, ClaimKind.RESUMPTION) and _AT_SEA & {
            t.place for t in marks.things
        }:
            found.setdefault("conflict_redsea", None)
    attacks = any(c.kind.is_attack for c in claims)
    for name, (start, end) in marks.topics.items():
        if name in found or (attacks and name not in ("deescalation",)):
            continue
        if claims and name in _NOISE:
            continue
        if len(found) >= _MOST:
            break
        found[name] = None
        if shown:
            a, b = marks.folded.raw_span(start, end)
            found[name] = Span(field="topic", start=a, end=b, rule="topic:word")
    if not found:
        found["misc"] = None
    return tuple(Topic(name=name, span=span) for name, span in found.items())


#: Whoever stops or takes up his attacks there speaks of those on ships.
_AT_SEA = frozenset({"red_sea", "gulf_aden", "bab_mandab", "arabian_sea"})
#: In a post with a record, these words are part of its telling.
_NOISE = frozenset(
    {
        "security_local",
        "politics",
        "diplomacy",
        "weather_services",
        "economy",
        "sports",
        "religion",
        "exercise_arms",
    }
)


def _conflict(claim: Claim) -> list[str]:
    out = []
    if claim.target_type == "ship" or claim.country == "ZZ":
        out.append("conflict_redsea")
    if claim.target in _CONFLICT:
        out.append(_CONFLICT[claim.target])
    elif claim.target is not None:
        out.append("conflict_other")
    elif not out and claim.kind is ClaimKind.TALLY:
        out.append(
            "conflict_israel"
            if claim.claimant in ("hezbollah", "hamas_qassam", "pij_quds", "irgc", "iran")
            else "conflict_us"
        )
    return out
