"""Puts together what several sentences of a post say of one act: bilingual repeats, headlines, signatures."""

from collections.abc import Sequence

from claims.draft import Draft
from domain.claim import OUT_OF_VOCABULARY, Casualties, ClaimKind

_ACTS = (ClaimKind.RESPONSIBILITY, ClaimKind.ATTACK_REPORT, ClaimKind.CASUALTY)
_RANK = {ClaimKind.RESPONSIBILITY: 0, ClaimKind.ATTACK_REPORT: 1, ClaimKind.CASUALTY: 2}


def merge(drafts: Sequence[Draft]) -> list[Draft]:
    """One record for each act and place, one for each statement of a claimant."""
    out: list[Draft] = []
    for draft in drafts:
        same = next((other for other in out if _same(other, draft)), None)
        if same is None:
            out.append(draft)
        else:
            _join(same, draft)
    acts = [d for d in out if d.kind in _ACTS]
    if any(d.kind is ClaimKind.RESPONSIBILITY for d in acts):
        # One who claims an act and threatens more has made a claim: the threat is its last line.
        out = [d for d in out if d.kind not in (ClaimKind.THREAT, ClaimKind.MOURNING)]
    return out


def _same(a: Draft, b: Draft) -> bool:
    if a.kind in _ACTS and b.kind in _ACTS:
        return (
            _agree(a.location, b.location)
            and _agree(a.claimant, b.claimant)
            and _agree(a.target, b.target)
            and not (a.location == OUT_OF_VOCABULARY and a.evidence != b.evidence and b.location is not None)
        )
    return a.kind is b.kind and _agree(a.claimant, b.claimant)


def _agree(a: str | None, b: str | None) -> bool:
    return a is None or b is None or a == b


def _join(into: Draft, other: Draft) -> None:
    if into.kind in _RANK and _RANK[other.kind] < _RANK[into.kind]:
        into.kind, into.rule, into.mode = other.kind, other.rule, other.mode
    for name in ("claimant", "target", "target_type", "action", "n_operations"):
        if getattr(into, name) is None:
            setattr(into, name, getattr(other, name))
    if into.location is None:
        into.location, into.precision, into.country = other.location, other.precision, other.country
    if not into.weapons:
        into.weapons = other.weapons
    into.casualties = _hurt(into.casualties, other.casualties)
    into.repeat |= other.repeat
    into.evidence += [e for e in other.evidence if e not in into.evidence]


def _hurt(a: Casualties | None, b: Casualties | None) -> Casualties | None:
    if a is None or b is None:
        return a or b
    killed = a.killed if a.killed is not None else b.killed
    wounded = a.wounded if a.wounded is not None else b.wounded
    return Casualties(killed=killed, wounded=wounded, vague=killed is None and wounded is None)
