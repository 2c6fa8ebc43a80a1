"""Cuts a folded text into the stretches within which words have to do with one another."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

#: Ends of sentences, lines, bullets, bars. A full stop counts before a space, an end or an Arabic letter.
_SENTENCE = re.compile(
    r"[\n;!?؟؛…|•▪●◾◼🔹🔸🔻▫✅⚡🔴🚨]+|\.(?:\.+|(?=\s|$|[\u0600-\u06ff]))| --? (?=\S)|(?<=\s)\d{1,2}[.)-] "
)
#: A full stop after one of these ends nothing.
_ABBREVIATED = re.compile(r"(?<!\w)(?:vs|mr|dr|gen|col|lt|st|no|u\.s|د|أ)$")


#: Characters of the longest sentence that is read as one.
LONGEST = 1000


class Stretch(NamedTuple):
    """A stretch of folded text."""

    start: int
    end: int

    def holds(self, at: int) -> bool:
        return self.start <= at < self.end


def sentences(text: str, whole: Sequence[tuple[int, int]] = ()) -> list[Stretch]:
    """The sentences of a post, in order; none of them blank, and no name of `whole` cut in two."""
    return _cut(text, 0, len(text), _SENTENCE, whole)


def _cut(
    text: str, start: int, end: int, at: re.Pattern[str], whole: Sequence[tuple[int, int]]
) -> list[Stretch]:
    out: list[Stretch] = []
    begin = start
    joined = bytearray(len(text) + 1 if whole else 0)
    for a, b in whole:
        joined[a:b] = b"\1" * (b - a)
    for m in at.finditer(text, start, end):
        if any(joined[m.start() : m.end()]) or _is_abbreviation(text, m):
            continue
        if text[begin : m.start()].strip():
            out.append(Stretch(begin, m.start()))
        begin = m.end()
    if text[begin:end].strip():
        out.append(Stretch(begin, end))
    return [part for stretch in out for part in _parts(text, stretch)]


def _is_abbreviation(text: str, m: re.Match[str]) -> bool:
    return m[0] == "." and _ABBREVIATED.search(text, max(0, m.start() - 5), m.start()) is not None


def _parts(text: str, stretch: Stretch) -> Iterator[Stretch]:
    """A sentence without an end is read in parts, so that no text takes longer than its length warrants."""
    start = stretch.start
    while stretch.end - start > LONGEST:
        space = text.rfind(" ", start + 1, start + LONGEST)
        stop = space if space > start else start + LONGEST
        yield Stretch(start, stop)
        start = stop
    yield Stretch(start, stretch.end)
