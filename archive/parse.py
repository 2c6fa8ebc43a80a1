"""A query as it is typed, read into a tree. Pure.

طائرة مسيرة        both words, anywhere in a post, however they are spelled
"طائرة مسيرة"      in a row            ="طائِرة"          letter for letter
drone OR uav       one of them         attack -drill      without; also NOT drill
طائر*              words that begin so (a OR b) c         brackets
"""

import re
from collections.abc import Iterable
from math import prod
from typing import NoReturn

from archive.errors import QueryError
from archive.readings import readings_of
from archive.tokens import words_of
from archive.tree import All, Any, Exact, Leaf, Node, Not
from claims.letters import ZWNJ
from claims.normalise import fold_text
from domain import complaint
from domain.sentence import Sentence
from storage.match import Phrase

LONGEST = 1000  #: characters of a query
MOST = 60  #: words and phrases in it
DEEPEST = 12  #: brackets within brackets
#: Letters that must stand before a star.
LEAST_PREFIX = 2

_QUOTES = {'"': '"', "“": "”", "”": "”", "„": "”", "«": "»", "״": "״"}
_ENDS = {'"': '"', "“": "”“", "”": "”", "„": "”“", "«": "»", "״": "״"}
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\s()\"“”„«»]+")
_FILTERS = frozenset(
    [
        *("channel", "group", "lang", "language", "topic", "claimant", "place", "weapon", "kind", "media"),
        *("forwarded", "from", "edited", "deleted", "links", "views", "since", "until"),
    ]
)


def parse(text: str) -> Node | None:
    """The tree of a query; None for an empty one, which asks for everything. Raises QueryError."""
    if len(text) > LONGEST:
        raise QueryError(text[:40] + "...", 40, Sentence(complaint.TOO_LONG, most=LONGEST, n=len(text)))
    if "\0" in text:
        raise QueryError(text, text.index("\0"), Sentence(complaint.NUL))
    return _Parser(text).whole()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._leaves = 0

    def whole(self) -> Node | None:
        self._skip()
        if self._at >= len(self._text):
            return None
        node = self._either(0)
        if self._at < len(self._text):
            self._fail(self._at, Sentence(complaint.CLOSES_NONE), Sentence(complaint.OPEN_IT))
        return node

    def _either(self, depth: int) -> Node:
        parts = [self._both(depth)]
        while self._keyword("OR"):
            parts.append(self._both(depth, after="OR"))
        if len(parts) == 1:
            return parts[0]
        for part in parts:
            if not has_something(part):
                instead = Sentence(complaint.BOTH_WITHOUT, example="NOT a AND NOT b")
                self._fail(0, Sentence(complaint.ONLY_WITHOUT), instead)
        return Any(tuple(parts))

    def _both(self, depth: int, after: str = "") -> Node:
        parts: list[Node] = []
        while True:
            self._skip()
            if self._at >= len(self._text) or self._text[self._at] == ")" or self._looks_at("OR"):
                break
            start = self._at
            if self._keyword("AND"):
                self._skip()
                if not parts:
                    instead = Sentence(complaint.WRITE, example="first AND second")
                    self._fail(start, Sentence(complaint.AND_FIRST), instead)
                if self._at >= len(self._text) or self._text[self._at] == ")" or self._looks_at("OR", "AND"):
                    self._fail(self._at, Sentence(complaint.MISSING_AFTER, keyword="AND"))
            parts.append(self._negated(depth))
        if not parts:
            if after:
                self._fail(self._at, Sentence(complaint.MISSING_AFTER, keyword=after))
            if self._looks_at("OR"):
                instead = Sentence(complaint.WRITE, example="one OR other")
                self._fail(self._at, Sentence(complaint.OR_FIRST), instead)
            is_within = self._at < len(self._text)
            self._fail(self._at, Sentence(complaint.NOTHING_HERE if is_within else complaint.WORD_MISSING))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _negated(self, depth: int) -> Node:
        start = self._at
        if self._keyword("NOT"):
            self._skip()
            if self._at >= len(self._text) or self._text[self._at] == ")" or self._looks_at("OR", "AND"):
                self._fail(self._at, Sentence(complaint.MISSING_AFTER, keyword="NOT"))
            return _not(self._negated(depth))
        if self._text[start] == "-" and start + 1 < len(self._text) and not self._text[start + 1].isspace():
            self._at += 1
            return _not(self._negated(depth))
        return self._primary(depth)

    def _primary(self, depth: int) -> Node:
        text, start = self._text, self._at
        char = text[start]
        if char == "(":
            if depth >= DEEPEST:
                self._fail(start, Sentence(complaint.TOO_DEEP, most=DEEPEST))
            self._at += 1
            node = self._either(depth + 1)
            self._skip()
            if self._at >= len(text):
                self._fail(start, Sentence(complaint.NEVER_CLOSED), Sentence(complaint.CLOSE_IT))
            self._at += 1
            return node
        if char == "=" and start + 1 < len(text) and text[start + 1] in _QUOTES:
            self._at += 1
            return self._exact(start, self._quoted())
        if char in _QUOTES:
            return self._leaf(start, self._quoted(), self._star())
        if char == ")":
            self._fail(start, Sentence(complaint.CLOSES_NONE), Sentence(complaint.OPEN_IT))
        return self._bare(start)

    def _bare(self, start: int) -> Node:
        found = _WORD.match(self._text, start)
        if found is None:
            self._at += 1
            self._fail(
                start,
                Sentence(complaint.OPENS_NOTHING),
                Sentence(complaint.QUOTE_AS, example='"two words"'),
            )
        raw = found[0]
        self._at = found.end()
        if raw.startswith("=") and len(raw) > 1:
            return self._exact(start, raw[1:])
        name, colon, value = raw.partition(":")
        if colon and name.lower() in _FILTERS and not value.startswith("//"):
            self._fail(
                start,
                Sentence(complaint.NO_WORD, name=f"{name}:"),
                Sentence(complaint.FILTERS, example=f"--{name.lower()} {value or 'VALUE'}"),
            )
        if raw == "*":
            self._fail(start, Sentence(complaint.STAR_ALONE), Sentence(complaint.EMPTY_FINDS_ALL))
        return self._leaf(start, raw.removesuffix("*"), raw.endswith("*"))

    def _quoted(self) -> str:
        start = self._at
        ends = _ENDS[self._text[start]]
        stop = next((n for n in range(start + 1, len(self._text)) if self._text[n] in ends), None)
        if stop is None:
            self._fail(start, Sentence(complaint.QUOTE_OPEN), Sentence(complaint.CLOSE_QUOTE, mark=ends[0]))
        self._at = stop + 1
        return self._text[start + 1 : stop]

    def _star(self) -> bool:
        if self._at < len(self._text) and self._text[self._at] == "*":
            self._at += 1
            return True
        return False

    def _leaf(self, start: int, raw: str, prefix: bool) -> Leaf | Any:
        spellings = [words for words in map(words_of, _folds(raw)) if words]
        if not spellings:
            self._fail(
                start,
                Sentence(complaint.HOLDS_NO_WORD, words=repr(raw)),
                Sentence(complaint.LETTERS, example=f'="{raw}"') if raw.strip() else "",
            )
        if prefix:
            spellings = [words for words in spellings if len(words[-1]) >= LEAST_PREFIX]
        if not spellings:
            self._fail(
                start,
                Sentence(complaint.BEGINS_TOO_MANY, words=f"{raw}*"),
                Sentence(complaint.BEFORE_STAR, n=LEAST_PREFIX),
            )
        self._counted(start)
        leaves = tuple(
            Leaf(start=start, end=self._at, raw=raw, words=_phrase(words, prefix=prefix))
            for words in spellings
        )
        return leaves[0] if len(leaves) == 1 else Any(leaves)

    def _exact(self, start: int, raw: str) -> Exact:
        if not raw.strip():
            self._fail(start, Sentence(complaint.NOTHING_IN_IT))
        self._counted(start)
        # Its first and last word may be cut out of longer ones: of those the index is asked only the middle.
        words = words_of(fold_text(raw))[1:-1]
        known = Phrase(tuple((word,) for word in words)) if words and not _joins(raw) else None
        return Exact(start=start, end=self._at, raw=raw, words=known)

    def _counted(self, start: int) -> None:
        self._leaves += 1
        if self._leaves > MOST:
            self._fail(start, Sentence(complaint.TOO_MANY, most=MOST))

    def _skip(self) -> None:
        if (found := _SPACE.match(self._text, self._at)) is not None:
            self._at = found.end()

    def _looks_at(self, *keywords: str) -> bool:
        found = _WORD.match(self._text, self._at)
        return found is not None and found[0] in keywords

    def _keyword(self, keyword: str) -> bool:
        self._skip()
        if self._looks_at(keyword):
            self._at += len(keyword)
            return True
        return False

    def _fail(self, at: int, why: str, hint: str = "") -> NoReturn:
        raise QueryError(self._text, at, why, hint=hint)


def _not(node: Node) -> Node:
    return node.part if isinstance(node, Not) else Not(node)


def has_something(node: Node) -> bool:
    """Does it say what must stand there, and not only what must not?"""
    match node:
        case Not():
            return False
        case All(parts=parts):
            return any(has_something(part) for part in parts)
        case _:
            return True


def _folds(raw: str) -> list[str]:
    """The folded words. Whether ZWNJ parts words hangs on all letters of a text, so both are sought."""
    if ZWNJ not in raw:
        return [fold_text(raw)]
    return list(dict.fromkeys(fold_text(raw.replace(ZWNJ, by)).strip() for by in (" ", "")))


#: SQLite is asked for every combination of a phrase's readings.
_COMBINATIONS = 300


def _phrase(words: Iterable[str], *, prefix: bool) -> Phrase:
    """In long phrases the words behind the first are sought with fewer readings, from the last on."""
    places = [readings_of(word, first=n == 0) for n, word in enumerate(words)]
    last = len(places) - 1
    while prod(map(len, places)) > _COMBINATIONS and last > 0:
        places[last] = places[last][:1]
        last -= 1
    return Phrase(tuple(places), prefix)


#: A passage in which the fold may join single letters is told by its letters alone.
_joins = re.compile(r"(?<!\w)\w\W\w(?!\w)").search
