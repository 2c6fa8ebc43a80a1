"""What an edit does to the claims of a post: which stand, which are told anew, which are gone, which are new.

Pure. A claim of the new text is paired with the claim of the old text that it resembles most, by its values
and not by its place in the post, so that a paragraph put in front renumbers nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from claims.pairing import best_pairs
from domain.claim import Casualties, Claim, ClaimKind, DateSource


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A claim as it stands before the edit."""

    number: int  #: within the post
    version: int
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """What becomes of each claim."""

    unchanged: tuple[int, ...] = ()  #: numbers; their words may stand elsewhere in the text now
    changed: tuple[Standing, ...] = ()  #: the new versions, under their old numbers
    gone: tuple[int, ...] = ()  #: numbers that the new text tells no more
    new: tuple[Standing, ...] = ()  #: version 1, under numbers never used in this post


def same_values(a: Claim, b: Claim) -> bool:
    """Do they say the same? Where in the text they say it does not matter."""
    return replace(a, evidence=()) == replace(b, evidence=())


def revise(standing: Sequence[Standing], read: Sequence[Claim], *, last_number: int | None = None) -> Revised:
    """Compare the standing claims of a post with those read in its next revision.

    `last_number` is the highest number this post ever used, also for claims that are gone (default: the
    highest standing one): a number is never given twice.
    """
    free = max((s.number for s in standing), default=0) if last_number is None else last_number
    likeness = [[_likeness(old.claim, new) for new in read] for old in standing]
    of_new = {new: old for old, new in best_pairs(likeness)}
    unchanged: list[int] = []
    changed: list[Standing] = []
    new: list[Standing] = []
    for place, claim in enumerate(read):
        old = standing[of_new[place]] if place in of_new else None
        if old is None:
            free += 1
            new.append(Standing(number=free, version=1, claim=claim))
        elif same_values(old.claim, claim):
            unchanged.append(old.number)
        else:
            changed.append(Standing(number=old.number, version=old.version + 1, claim=claim))
    kept = set(of_new.values())
    return Revised(
        unchanged=tuple(sorted(unchanged)),
        changed=tuple(sorted(changed, key=lambda s: s.number)),
        gone=tuple(s.number for place, s in enumerate(standing) if place not in kept),
        new=tuple(new),
    )


#: What speaks for two records being the same one, before and after an edit.
_IDENTICAL = 100.0
_WEIGHTS = {"claimant": 2.0, "location": 3.0, "target": 1.0, "target_type": 0.5, "n_operations": 0.5}


def _likeness(a: Claim, b: Claim) -> float:
    """0 when one cannot have become the other: a claim is no denial of it, and shares something with it."""
    if same_values(a, b):
        return _IDENTICAL
    if a.kind is not b.kind and not (_tells_of_an_act(a) and _tells_of_an_act(b)):
        return 0.0
    shared = against = 0.0
    for name, weight in _WEIGHTS.items():
        p, q = getattr(a, name), getattr(b, name)
        if p is not None and q is not None:
            shared, against = (shared + weight, against) if p == q else (shared, against + weight)
    if a.weapons and b.weapons:
        common = bool(set(a.weapons) & set(b.weapons))
        shared, against = (shared + 1.0, against) if common else (shared, against + 1.0)
    if DateSource.POSTED not in (a.date_source, b.date_source) and a.date == b.date:
        shared += 0.5
    if a.casualties is not None and _numbers(a.casualties) == _numbers(b.casualties):
        shared += 0.5
    if shared == 0.0 and against > 0.0:
        return 0.0
    return 1.0 + shared + (0.5 if a.kind is b.kind else 0.0)


def _numbers(hurt: Casualties | None) -> tuple[int | None, int | None] | None:
    return None if hurt is None else (hurt.killed, hurt.wounded)


def _tells_of_an_act(claim: Claim) -> bool:
    return claim.kind.is_attack and claim.kind is not ClaimKind.TALLY
