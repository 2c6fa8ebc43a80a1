"""Finds every known surface in a folded text, in one pass whose time grows with the text alone."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, NamedTuple, TypeVar

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

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
        self._groups = groups
        self._views: dict[Hashable, list[list[tuple[Pattern, T]]]] = {}
        self._machine = (
            AhoCorasick(
                list(index), matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA
            )
            if index
            else None
        )

    def view(self, key: Hashable, speaks: Callable[[Pattern, T], bool]) -> list[list[tuple[Pattern, T]]]:
        """What `find` takes as `among`: only the entries for which `speaks`; worked out once for each key."""
        found = self._views.get(key)
        if found is None:
            found = [[entry for entry in group if speaks(*entry)] for group in self._groups]
            self._views[key] = found
        return found

    def find(self, folded: Folded, among: list[list[tuple[Pattern, T]]] | None = None) -> list[Hit[T]]:
        """All hits, overlapping ones too, in order of their ends."""
        if self._machine is None:
            return []
        text = folded.text
        groups = self._groups if among is None else among
        out: list[Hit[T]] = []
        for which, start, end in self._machine.find_matches_as_indexes(text, overlapping=True):
            for pattern, what in groups[which]:
                stop = _stands(folded, text, start, end, pattern)
                if stop:
                    out.append(Hit(start, stop, what))
        return out


def _stands(folded: Folded, text: str, start: int, end: int, pattern: Pattern) -> int:
    """Where the word ends with its ending, or 0 when the surface is only a part of a word."""
    stop = end
    if end < len(text):
        after = text[end]
        if after.isalnum() and not (after.isdecimal() ^ text[end - 1].isdecimal()):
            if pattern.bare or after.isdecimal():
                return 0
            limit = min(len(text), end + LONGEST_SUFFIX + 1)
            while stop < limit and text[stop].isalpha():
                stop += 1
            suffix = text[end:stop]
            if len(suffix) > LONGEST_SUFFIX:
                return 0
            if pattern.needs_suffix and pattern.script is Script.ARABIC:
                if suffix not in ARABIC_SUFFIXES_OF_TAA:
                    return 0
            elif (
                pattern.name
                and pattern.script is Script.ARABIC
                and not (pattern.sorani and suffix in NAME_SUFFIXES)
            ) or not suffix_fits(pattern.script, suffix, end - start, turkish=pattern.turkish):
                return 0
        elif pattern.needs_suffix:
            return 0
    elif pattern.needs_suffix:
        return 0
    if start:
        before = text[start - 1]
        if before.isalnum() and not (before.isdecimal() ^ text[start].isdecimal()):
            if pattern.bare or before.isdecimal():
                return 0
            first = start - 1
            floor = max(0, start - LONGEST_PREFIX - 1)
            while first > floor and text[first - 1].isalpha():
                first -= 1
            prefix = text[first:start]
            if len(prefix) > LONGEST_PREFIX:
                return 0
            if pattern.lil:
                if prefix not in ARABIC_CONJUNCTIONS:
                    return 0
            elif not prefix_fits(pattern.script, prefix, pattern.letters, definite=pattern.definite):
                return 0
    if pattern.exact_case is not None:
        if pattern.exact_case not in folded.raw:
            return 0
        a, b = folded.raw_span(start, end)
        if folded.raw[a:b] != pattern.exact_case:
            return 0
    return stop
