"""Which posts say nearly the same: two numbers of a text, one of which is the same in a near copy. Pure.

MinHash over runs of three words, in four bins (one-permutation hashing: Li, Owen, Zhang 2012), the least
of two bins making a band. Two texts that share 85 % of their runs have a band in common in 9 of 10 cases, two
that share a quarter in 1 of 10; `is_copy` then looks at the words themselves. Links and @names are left out,
for each channel adds its own.
"""

import re
from collections.abc import Sequence
from zlib import crc32

#: Fewer words are no text of which another could be the copy.
LEAST_WORDS = 4
#: So much of the shorter text's words, links left out, stands in a copy, and so much of both together.
CONTAINED, SHARED = 0.85, 0.6

_OWN = re.compile(r"(?:https?://|t\.me/|@)\S+")
_WORD = re.compile(r"\w+")
_NONE = 0xFFFFFFFF


def telling(folded: str, words: Sequence[str]) -> Sequence[str]:
    """The words without those of links and @names."""
    if "@" in folded or "t.me/" in folded or "http" in folded:
        return _WORD.findall(_OWN.sub(" ", folded))
    return words


def bands(folded: str, words: Sequence[str]) -> tuple[int, int]:
    """Both numbers; zeros for a text that is too short to be anybody's copy."""
    words = telling(folded, words)
    if len(words) < LEAST_WORDS:
        return 0, 0
    coded = [word.encode() for word in words]
    bins = [_NONE] * 4
    # Of each word, of each with the next, and of each run of three.
    ones = map(crc32, coded)
    twos = map(crc32, coded[1:], ones)
    for h in map(crc32, coded[2:], twos):
        n = h & 3
        if h < bins[n]:
            bins[n] = h
    for n in range(4):
        if bins[n] == _NONE:  # of short texts: borrow from the next bin that has one
            bins[n] = next((bins[(n + k) % 4] for k in (1, 2, 3) if bins[(n + k) % 4] != _NONE), 1)
    return ((bins[0] << 31) ^ bins[1]) or 1, ((bins[2] << 31) ^ bins[3]) or 1


def is_copy(one: Sequence[str], other: Sequence[str]) -> bool:
    """Do two texts, as their telling words, say nearly the same?"""
    a, b = set(one), set(other)
    if not a or not b:
        return False
    both = len(a & b)
    return both >= CONTAINED * min(len(a), len(b)) and both >= SHARED * len(a | b)
