"""Where a text says what is sought: on its raw letters. Pure."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from archive.tree import All, Any, Exact, Leaf, Node, Not
from claims.normalise import Folded, broken_words, parted_words
from storage.match import Phrase

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Snippet:
    """A part of a raw text with what was found in it."""

    text: str
    marks: tuple[tuple[int, int], ...]  #: within `text`
    cut_before: bool = False
    cut_after: bool = False


class Sighting:
    """A text, looked at for a query."""

    def __init__(self, raw: str) -> None:
        self.raw = raw
        self._folded = Folded(raw)
        self._place = 0, 0  #: where the words were looked for last, and which word comes next there

    @cached_property
    def words(self) -> Sequence[str]:
        """All words of the folded text, in order."""
        return _WORD.findall(self._folded.text)

    @cached_property
    def _broken(self) -> Sequence[tuple[int, int, str]]:
        """Words that marks were put into, as they would be whole: from where to where in the folded text."""
        return tuple(broken_words(self._folded.text))

    @cached_property
    def _parted(self) -> Sequence[tuple[int, int, str]]:
        """Words parted by ZWNJ, as one: from where to where in the raw text."""
        return tuple(parted_words(self.raw))

    def says(self, node: Node | None) -> bool:
        """Does this text by itself answer to the query?"""
        match node:
            case None:
                return True
            case Leaf(words=words):
                return next(self._found(words), None) is not None
            case Exact(raw=passage):
                return passage in self.raw
            case Not(part=part):
                return not self.says(part)
            case All(parts=parts):
                return all(self.says(part) for part in parts)
            case Any(parts=parts):
                return any(self.says(part) for part in parts)

    def times(self, leaf: Leaf) -> int:
        """How often it stands there."""
        return sum(1 for _ in self._found(leaf.words))

    def marks(self, node: Node | None) -> list[tuple[int, int]]:
        """The stretches of the raw text that were sought, in order, none within another."""
        spans = sorted(self._marks(node))
        out: list[tuple[int, int]] = []
        for start, end in spans:
            if out and start <= out[-1][1]:
                out[-1] = (out[-1][0], max(out[-1][1], end))
            else:
                out.append((start, end))
        return out

    def _marks(self, node: Node | None) -> Iterator[tuple[int, int]]:
        match node:
            case Leaf(words=words):
                for start, end in self._found(words):
                    yield self._folded.raw_span(start, end)
            case Exact(raw=passage):
                at = self.raw.find(passage)
                while at >= 0:
                    yield at, at + len(passage)
                    at = self.raw.find(passage, at + len(passage))
            case All(parts=parts) | Any(parts=parts):
                for part in parts:
                    yield from self._marks(part)
            case _:
                return

    def _found(self, words: Phrase) -> Iterator[tuple[int, int]]:
        first, *rest = (frozenset(place) for place in words.places)
        last = len(rest) if words.prefix else None
        size, there = len(words.places), self.words
        for n in self._beginning(words, first):
            if n + size > len(there):
                continue
            if all(
                there[n + k] in place or (k == last and there[n + k].startswith(tuple(place)))
                for k, place in enumerate(rest, 1)
            ):
                yield self._stretch(n, n + size - 1)
        if not rest:
            beginnings = tuple(first) if words.prefix else ()
            for start, end, word in self._broken:
                if word in first or word.startswith(beginnings):
                    yield start, end
            for start, end, word in self._parted:
                if word in first or word.startswith(beginnings):
                    at = self._folded.offsets
                    yield bisect_left(at, start), bisect_left(at, end)

    def _beginning(self, words: Phrase, first: frozenset[str]) -> Iterator[int]:
        """Which of the text's words the sought ones may begin with."""
        there = self.words
        if words.prefix and len(words.places) == 1:
            beginnings = tuple(first)
            yield from (n for n, word in enumerate(there) if word.startswith(beginnings))
        elif not first.isdisjoint(there):
            yield from (n for n, word in enumerate(there) if word in first)

    def _stretch(self, first: int, last: int) -> tuple[int, int]:
        """From where to where these words of the folded text stand."""
        (at, n), word = self._place, self.words[first]
        if first < n:
            at = n = 0
        for _ in range(self.words[n:first].count(word) + 1):
            start = self._next(word, at)
            at = start + len(word)
        self._place = at, first + 1
        for later in self.words[first + 1 : last + 1]:
            at = self._next(later, at) + len(later)
        return start, at

    def _next(self, word: str, at: int) -> int:
        """Where a whole word stands next."""
        text = self._folded.text
        while True:
            at = text.index(word, at)
            end = at + len(word)
            if not _is_within_word(text[at - 1 : at]) and not _is_within_word(text[end : end + 1]):
                return at
            at += 1

    def snippet(self, node: Node | None, length: int = 160) -> Snippet:
        """At most about so many letters of the raw text, around where most was found."""
        raw, marks = self.raw, self.marks(node)
        if len(raw) <= length:
            return Snippet(raw, tuple(marks))
        start = 0
        if marks:
            # The window that holds most of what was found, the first of them if several do.
            best = max(marks, key=lambda m: (sum(m[0] <= a and b <= m[0] + length for a, b in marks), -m[0]))
            start = max(0, min(best[0] - length // 4, len(raw) - length))
        end = min(len(raw), start + length)
        start, end = _at_words(raw, start, end)
        inside = tuple(
            (max(a, start) - start, min(b, end) - start) for a, b in marks if a < end and b > start
        )
        return Snippet(raw[start:end], inside, cut_before=start > 0, cut_after=end < len(raw))


def _is_within_word(letter: str) -> bool:
    """As `_WORD` has it."""
    return letter.isalnum() or letter == "_"


def _at_words(raw: str, start: int, end: int) -> tuple[int, int]:
    """The window moved to where words begin and end, where one does nearby."""
    if start > 0:
        space = re.search(r"\s", raw[start : start + 20])
        start += space.end() if space else 0
    if end < len(raw):
        cut = raw[max(start, end - 20) : end]
        spaces = [m.start() for m in re.finditer(r"\s", cut)]
        end -= len(cut) - spaces[-1] if spaces else 0
    return start, end
