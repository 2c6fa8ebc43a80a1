"""Texts that repeat another: copies under a header line, and copies that break off."""

import re
from collections.abc import Iterable
from sys import intern

from claims.normalise import fold_text
from domain.claim import Claim

#: Fewer words are no text of which another could be the copy.
LEAST_WORDS = 3
#: A whole line of fewer words may be anybody's.
LEAST_LINE = 4
_WORD = re.compile(r"\w+")
#: What says what was done where; names and openers stand in every statement of a group.
_TELLING = frozenset({"location", "weapon", "action", "target_type", "casualties", "kind"})

Line = tuple[str, ...]


def words_of(text: str) -> Line:
    # Of thousands of lines that are kept, most words are the same.
    return tuple(map(intern, _WORD.findall(fold_text(text))))


def telling_lines(claim: Claim, text: str) -> frozenset[Line]:
    """The lines of a post in which a claim is told: its openers, slogans and signatures left out."""
    spots = sorted({span.start for span in claim.evidence if span.field in _TELLING})
    out: set[Line] = set()
    start = 0
    for line in re.split(r"([\n\r|]+)", text):
        end = start + len(line)
        if any(start <= spot < end for spot in spots):
            words = words_of(line)
            if len(words) >= LEAST_WORDS:
                out.add(words)
        start = end
    return frozenset(out)


def is_copy(a: Line, b: Line) -> bool:
    """Is it the same line?"""
    return a == b and len(a) >= LEAST_LINE


def breaks_off(short: Line, full: Line) -> bool:
    """Is one the beginning of the other, as a channel that quotes another cuts it?"""
    return LEAST_WORDS <= len(short) < len(full) and full[: len(short)] == short


def heads(lines: Iterable[Line]) -> set[Line]:
    """What two lines share when one is a copy or the beginning of the other."""
    return {line[:LEAST_WORDS] for line in lines}
