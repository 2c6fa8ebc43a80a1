"""Cuts a folded text into the stretches within which words have to do with one another."""

import re
from typing import NamedTuple

#: Ends of sentences, lines, bullets, bars. A full stop counts before a space, an end or an Arabic letter.
_SENTENCE = re.compile(
    r"\n+|[;!?؟؛…|•▪●◾◼🔹🔸🔻▫✅⚡🔴🚨]+|\.{2,}|\.(?=\s|$|[\u0600-\u06ff])| - (?=\S)| -- |(?:^|"
    r"(?<=\s))\d{1,2}[.)-] "
)
#: Where the scope of a cue ends within a sentence.
_CLAUSE = re.compile(
    r"[،,:]+\s*| و?لكن | فيما | بينما | اما | في حين | however | but | while | whereas | ama |"
    r" fakat | но | а также "
    r"| اما | ولی | در حالی که | אך | אבל | ئهمما | بهلام "
)


class Stretch(NamedTuple):
    """A stretch of folded text."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        return self.start <= at < self.end


def sentences(text: str) -> list[Stretch]:
    """The sentences of a post, in order; none of them blank."""
    return _cut(text, 0, len(text), _SENTENCE)


def clauses(text: str, sentence: Stretch) -> list[Stretch]:
    """The clauses of one sentence."""
    return _cut(text, sentence.start, sentence.end, _CLAUSE)


def _cut(text: str, start: int, end: int, at: re.Pattern[str]) -> list[Stretch]:
    out: list[Stretch] = []
    begin = start
    for m in at.finditer(text, start, end):
        if m.end() == m.start():
            continue
        if text[begin : m.start()].strip():
            out.append(Stretch(begin, m.start()))
        begin = m.end()
    if text[begin:end].strip():
        out.append(Stretch(begin, end))
    return out
