"""The fold: text in any of our scripts to the one form in which surfaces, searches and rules are compared.

The steps and their order come from a catalogue of how channels write and how they evade filters:
compatibility forms, bidi marks, tatweel, harakat, interchangeable letters, hashtags, words broken by dots
and emoji, elongation, look-alike letters. A span found in folded text is reported on the raw text by
`Folded.raw_span`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from itertools import accumulate

from claims.letters import (
    CYRILLIC_TO_LATIN,
    LATIN_TO_CYRILLIC,
    PERSIAN,
    PERSIAN_LETTERS,
    PLAIN,
    ZWNJ,
    LetterTable,
)

_ARABIC = "\u0600-\u063f\u0641-\u06ff"
_TATWEEL = "\u0640"

_TAG = re.compile(r"(?<!#)#++(\w+)")
#: A dash of tatweels between numbers; a word broken where a tatweel touches the break; a tatweel.
_DASH = re.compile(rf"(?<=\d){_TATWEEL}+(?=\d)")
_BREAK = re.compile(
    rf"(?<=[{_ARABIC}])(?:{_TATWEEL}+(?:[^\w\s]|_){{1,3}}{_TATWEEL}*|(?:[^\w\s]|_){{1,3}}{_TATWEEL}+)(?=[{_ARABIC}])"
)
_STRETCH = re.compile(f"{_TATWEEL}+")
_LATIN_HYPHEN = re.compile(rf"(?<=[^\W\d_{_ARABIC}])-(?=\w)|(?<=\w)-(?=[^\W\d_{_ARABIC}])")
_SPACES = re.compile(r" {2,}")
#: `ط.ا.ئ.ر.ة`, `ه ج و م`, `r.o.c.k.e.t`: four single letters or more, parted alike. Three abbreviate.
_LETTERS = re.compile(r"(?<!\w)[^\W\d_](?:([ .·•*|~'\-])[^\W\d_](?!\w)(?:\1[^\W\d_](?!\w)){2,})")
#: What stands in each of them, and begins with a mark, which few places do.
_PARTED_LETTERS = re.compile(r"([ .·•*|~'\-])[^\W\d_]\1[^\W\d_]\1[^\W\d_](?!\w)")
_MIXED = re.compile(r"[a-zøłđ][\u0400-\u04ff]|[\u0400-\u04ff][a-z]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")  # most texts have none: far quicker to look for
_WORD = re.compile(r"(?<![a-z\u0400-\u04ff])[a-z\u0400-\u04ff]+")
#: The lam of الله keeps its double: it is the one common word that elongation would break.
_LONG_LAM = re.compile("(?<!ل)ل{3,}+(?=ه)")
_THRICE = re.compile(r"(.)\1\1")  # far quicker to look for than what it stands before
_LONG = re.compile(r"([^\W\d_])\1{2,}")


def _open_tag(m: re.Match[str]) -> str:
    return m[1].replace("_", " ")


def _first(m: re.Match[str]) -> str:
    return m[1]


def _join(m: re.Match[str]) -> str:
    letters = m[0][::2]
    return letters if len(set(letters)) >= 3 else m[0]


def _one_script(m: re.Match[str]) -> str:
    """A word in two scripts is put into the one whose letters cannot be the other's look-alikes."""
    word = m[0]
    cyrillic = [c for c in word if c > "z"]
    if not cyrillic or len(cyrillic) == len(word):
        return word
    if all(c in CYRILLIC_TO_LATIN for c in cyrillic):
        return "".join(CYRILLIC_TO_LATIN.get(c, c) for c in word)
    if all(c in LATIN_TO_CYRILLIC for c in word if c <= "z"):
        return "".join(LATIN_TO_CYRILLIC.get(c, c) for c in word)
    return word


_Replace = str | Callable[[re.Match[str]], str]


class _Plain:
    """Carries the text through the steps, and nothing else."""

    __slots__ = ("text",)

    def __init__(self, raw: str, table: LetterTable) -> None:
        self.text = table.fold(raw)

    def sub(self, pattern: re.Pattern[str], to: _Replace) -> None:
        self.text = pattern.sub(to, self.text)


#: What one step changed: from where on, what stood there, and what takes its place.
_Changes = list[tuple[int, str, str]]


class _Traced(_Plain):
    """Carries the text through the steps, and remembers what each of them changed: mostly nothing."""

    __slots__ = ("steps",)

    def __init__(self, raw: str, table: LetterTable) -> None:
        super().__init__(raw, table)
        self.steps: list[_Changes] = []

    def sub(self, pattern: re.Pattern[str], to: _Replace) -> None:
        changes: _Changes = []

        def change(m: re.Match[str]) -> str:
            old, new = m[0], to if isinstance(to, str) else to(m)
            if new != old:
                changes.append((m.start(), old, new))
            return new

        self.text = pattern.sub(change, self.text)
        if changes:
            self.steps.append(changes)


def _positions(raw: str, table: LetterTable, steps: Sequence[_Changes]) -> Sequence[int]:
    """The raw position of every character of the folded text."""
    if (even := _is_even(raw, table)) and not steps:
        return range(len(raw))  # letter for letter, as most texts are
    at = list(range(len(raw))) if even else [i for i, c in enumerate(raw) for _ in table[ord(c)]]
    for changes in steps:
        moved: list[int] = []
        done = 0
        for start, old, new in changes:
            moved += at[done:start]
            done = start + len(old)
            moved += _spread(old, at[start:done], new)
        at = moved + at[done:]
    return at if at == sorted(at) else list(accumulate(at, max))


def _spread(old: str, at: list[int], new: str) -> list[int]:
    """Raw positions for what replaces a piece: each character where it stood, in order."""
    if len(old) == len(new):
        return at
    out: list[int] = []
    i, last = 0, len(old) - 1
    for c in new:
        found = old.find(c, i)
        if found >= 0:
            i = found
        out.append(at[min(i, last)])
        i = min(i + 1, last)
    return out


def _table(raw: str) -> LetterTable:
    return PERSIAN if ZWNJ in raw and not PERSIAN_LETTERS.isdisjoint(raw) else PLAIN


def _is_even(raw: str, table: LetterTable) -> bool:
    """Does each of its characters become one? Looked for one by one: they are few."""
    return not any(map(raw.__contains__, table.uneven))


def _tidy(work: _Plain) -> None:
    """The steps after the letters. Each looks first, cheaply, whether it has anything to do."""
    for _ in range(4):
        text = work.text
        if "#" in text:
            work.sub(_TAG, _open_tag)
        if _TATWEEL in text:
            work.sub(_DASH, "-")
            work.sub(_BREAK, "")
            work.sub(_STRETCH, "")
        if "_" in work.text:
            work.sub(_UNDERSCORE, "-")
        if "-" in work.text:
            work.sub(_LATIN_HYPHEN, " ")
        if "  " in work.text:
            work.sub(_SPACES, " ")
        again = False
        if _CYRILLIC.search(work.text) and _MIXED.search(work.text):
            work.sub(_WORD, _one_script)
        if _THRICE.search(work.text):
            work.sub(_LONG_LAM, "لل")
            work.sub(_LONG, _first)
        if _PARTED_LETTERS.search(work.text) and _LETTERS.search(work.text):
            before = work.text
            work.sub(_LETTERS, _join)
            again = work.text != before
        if not again:
            break


_UNDERSCORE = re.compile("_")


#: A word of Arabic letters with one or two marks inside: قا_عدة, صار.وخ. Where it ends, no letter follows.
_BROKEN = re.compile(
    rf"(?<![{_ARABIC}])[{_ARABIC}]{{1,12}}(?:[._*~|·•'\-][{_ARABIC}]{{1,12}}){{1,3}}(?![{_ARABIC}])"
)
_MARKS = re.compile(r"[._*~|·•'\-]")
_PARTED = re.compile(rf"[._*~|·•'\-](?<=[{_ARABIC}].)(?=[{_ARABIC}])")
#: Says whether a word that would result is one that is looked for.
Known = Callable[[str], bool]


def broken_words(folded: str) -> Iterator[tuple[int, int, str]]:
    """Words of a folded text that marks were put into: from where to where, and whole."""
    if _PARTED.search(folded):
        for m in _BROKEN.finditer(folded):
            yield m.start(), m.end(), _MARKS.sub("", m[0])


_PARTED_BY_ZWNJ = re.compile(rf"(?<![^\W_])[^\W_]++(?:{ZWNJ}++[^\W_]++)+")


def parted_words(raw: str) -> Iterator[tuple[int, int, str]]:
    """Words of a raw text that the fold parts where they have ZWNJ: from where to where, and as one."""
    if ZWNJ in raw and _table(raw) is PERSIAN:
        for m in _PARTED_BY_ZWNJ.finditer(raw):
            yield m.start(), m.end(), _as_one(m[0])


@lru_cache(4096)  # a few hundred of them make up most of all
def _as_one(word: str) -> str:
    return fold_text(word.replace(ZWNJ, ""))


class Folded:
    """A text in its folded form, which knows its way back to the raw one."""

    def __init__(self, raw: str, known: Known | None = None) -> None:
        self.raw = raw
        self._table = _table(raw)
        work = _Traced(raw, self._table)
        _tidy(work)
        if known is not None:
            work.sub(_BROKEN, lambda m: whole if known(whole := _MARKS.sub("", m[0])) else m[0])
        self.text = work.text
        self._steps = work.steps

    def mended(self, known: Known) -> "Folded":
        """With words made whole that a mark was put into, where that makes one that is known."""
        return Folded(self.raw, known) if _PARTED.search(self.text) else self

    @cached_property
    def offsets(self) -> Sequence[int]:
        """The raw position of every folded character; worked out when first asked for."""
        return _positions(self.raw, self._table, self._steps)

    def raw_span(self, start: int, end: int) -> tuple[int, int]:
        """Where folded [start, end) stands in the raw text, with the marks on its last letter."""
        if start >= end:
            at = self.offsets[start] if start < len(self.offsets) else len(self.raw)
            return at, at
        first, last = self.offsets[start], self.offsets[end - 1] + 1
        stop = self.offsets[end] if end < len(self.offsets) else len(self.raw)
        while last < stop and unicodedata.category(self.raw[last]) in ("Mn", "Lm"):
            last += 1
        return first, last


def fold(text: str) -> Folded:
    """The folded form of a text. Pure, linear in its length, and the same however often it is applied."""
    return Folded(text)


def fold_text(text: str) -> str:
    """Only the folded text, for surfaces and queries."""
    work = _Plain(text, _table(text))
    _tidy(work)
    return work.text
