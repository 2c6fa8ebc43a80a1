"""By relevance: BM25 over what a query finds (Robertson and Zaragoza 2009, k1 = 1.2, b = 0.75). Pure.

Worked out here and not by the database, so that both engines give the same order.
"""

from collections.abc import Mapping, Sequence
from math import log

from archive.sighting import Sighting
from archive.tree import All, Any, Leaf, Node

_K1, _B = 1.2, 0.75
#: About how many words a post has: it only sets how much long ones are held back.
_USUAL = 40


def leaves(node: Node | None) -> list[Leaf]:
    """What a query says must or may stand in a post."""
    match node:
        case Leaf():
            return [node]
        case All(parts=parts) | Any(parts=parts):
            return [leaf for part in parts for leaf in leaves(part)]
        case _:
            return []


def score(sighting: Sighting, sought: Sequence[Leaf], holding: Mapping[str, int], documents: int) -> float:
    """`holding`: how many documents have each leaf, by its raw words; `documents`: how many there are."""
    total = 0.0
    length = len(sighting.words) or 1
    for leaf in sought:
        n = sighting.times(leaf)
        if n:
            have = min(holding[leaf.raw], documents)
            weight = log(1 + (documents - have + 0.5) / (have + 0.5))
            total += weight * n * (_K1 + 1) / (n + _K1 * (1 - _B + _B * length / _USUAL))
    return total
