"""Finds every known surface in a folded text, in one pass whose time grows with the text alone."""

from codecs import charmap_build, charmap_encode
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from claims.affixes import (
    ARABIC_CONJUNCTIONS,
    ARABIC_SUFFIXES_OF_TAA,
    LONGEST_PREFIX,
    LONGEST_SUFFIX,
    NAME_SUFFIXES,
    Script,
    prefix_fits,
    suffix_fits,
)
from claims.normalise import Folded
from claims.surfaces import Pattern

T = TypeVar("T")


class Hit(NamedTuple, Generic[T]):
    """A surface that stands in the text as a word of its own, in folded positions without its clitics."""

    start: int
    end: int
    what: T


#: All that one text may stand for.
Group = tuple[tuple[Pattern, T], ...]


class Finder(Generic[T]):
    """A set of patterns, each standing for something. Build once; finding is thread-safe."""

    def __init__(self, entries: Iterable[tuple[Pattern, T]]) -> None:
        index: dict[str, int] = {}
        groups: list[list[tuple[Pattern, T]]] = []
        for pattern, what in entries:
            at = index.setdefault(pattern.text, len(groups))
            if at == len(groups):
                groups.append([])
            groups[at].append((pattern, what))
        self._groups: list[Group[T]] = [*map(tuple, groups)]
        self._views: dict[Hashable, list[Group[T]]] = {}
        self._code = _Code(index)
        #: Those that another text may be taken for.
        self._unsure = {at: text for text, at in index.items() if not self._code.is_sure(text)}
        self._machine = (
            BytesAhoCorasick(
                [self._code(text) for text in index],
                matchkind=MatchKind.Standard,
                implementation=Implementation.ContiguousNFA,
            )
            if index
            else None
        )

    def __reduce__(self) -> tuple[type["Finder[T]"], tuple[list[tuple[Pattern, T]]]]:
        """Another process builds it anew: the machine cannot be sent."""
        return Finder, ([entry for group in self._groups for entry in group],)

    def view(self, key: Hashable, speaks: Callable[[Pattern, T], bool]) -> list[Group[T]]:
        """What `find` takes as `among`: only the entries for which `speaks`; worked out once for each key."""
        found = self._views.get(key)
        if found is None:
            found = []
            for group in self._groups:
                kept = tuple(entry for entry in group if speaks(*entry))
                found.append(group if len(kept) == len(group) else kept)  # nothing is held twice
            self._views[key] = found
        return found

    def find(self, folded: Folded, among: list[Group[T]] | None = None) -> list[Hit[T]]:
        """All hits, overlapping ones too, in order of their ends."""
        if self._machine is None:
            return []
        text = folded.text
        length = len(text)
        groups = self._groups if among is None else among
        unsure = self._unsure
        out: list[Hit[T]] = []
        for which, start, end in self._machine.find_matches_as_indexes(self._code(text), overlapping=True):
            group = groups[which]
            if not group or (which in unsure and text[start:end] != unsure[which]):
                continue
            suffix = _suffix(text, end) if end < length and text[end].isalnum() else None
            if suffix == _NONE_FITS:
                continue
            prefix = _prefix(text, start) if start and text[start - 1].isalnum() else None
            if prefix == _NONE_FITS:
                continue
            for pattern, what in group:
                if suffix is None:
                    if pattern.needs_suffix:
                        continue
                elif not _takes_suffix(pattern, suffix, end - start):
                    continue
                if prefix is not None and not _takes_prefix(pattern, prefix):
                    continue
                if pattern.exact_case is not None and not _reads(folded, start, end, pattern.exact_case):
                    continue
                out.append(Hit(start, end + len(suffix or ""), what))
        return out


class _Code:
    """Texts as bytes, one for each character, so that a byte's place is that of its character.

    There is a byte for each of 254 characters, none beyond 0xFFFD, which would make this slow; all others
    have that of `?`.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        often = Counter(char for text in texts for char in text if char not in "\0?" and char <= "\ufffd")
        self._known = frozenset(char for char, _ in often.most_common(254))
        self._map = charmap_build("".join(["\0?", *sorted(self._known)]).ljust(256, "\ufffe"))

    def __call__(self, text: str) -> bytes:
        return charmap_encode(text, "replace", self._map)[0]

    def is_sure(self, text: str) -> bool:
        """Is the code of this text that of no other?"""
        return self._known.issuperset(text)


#: Is attached to no surface, whatever the surface is.
_NONE_FITS = "\0"


def _suffix(text: str, end: int) -> str | None:
    """The letters at `end` and behind it, in the same word; None where letters and digits are two words."""
    after = text[end]
    if after.isdecimal() ^ text[end - 1].isdecimal():
        return None
    if after.isdecimal():
        return _NONE_FITS
    stop, limit = end, min(len(text), end + LONGEST_SUFFIX + 1)
    while stop < limit and text[stop].isalpha():
        stop += 1
    return text[end:stop] if stop - end <= LONGEST_SUFFIX else _NONE_FITS


def _prefix(text: str, start: int) -> str | None:
    """The letters that stand before, in the same word; None where letters and digits are two words."""
    before = text[start - 1]
    if before.isdecimal() ^ text[start].isdecimal():
        return None
    if before.isdecimal():
        return _NONE_FITS
    first, floor = start - 1, max(0, start - LONGEST_PREFIX - 1)
    while first > floor and text[first - 1].isalpha():
        first -= 1
    return text[first:start] if start - first <= LONGEST_PREFIX else _NONE_FITS


def _takes_suffix(pattern: Pattern, suffix: str, length: int) -> bool:
    if pattern.bare:
        return False
    if pattern.script is Script.ARABIC:
        if pattern.needs_suffix:
            return suffix in ARABIC_SUFFIXES_OF_TAA
        if pattern.name and not (pattern.sorani and suffix in NAME_SUFFIXES):
            return False
    return suffix_fits(pattern.script, suffix, length, turkish=pattern.turkish)


def _takes_prefix(pattern: Pattern, prefix: str) -> bool:
    if pattern.bare:
        return False
    if pattern.lil:
        return prefix in ARABIC_CONJUNCTIONS
    return prefix_fits(pattern.script, prefix, pattern.letters, definite=pattern.definite)


def _reads(folded: Folded, start: int, end: int, raw: str) -> bool:
    """Does this stretch read exactly so in the raw text?"""
    if raw not in folded.raw:
        return False
    a, b = folded.raw_span(start, end)
    return folded.raw[a:b] == raw
