"""What the words of a post must be for a search to find it, and how each engine is asked that.

Words are folded already, and the readings that a word may have (with an article, with "and" before it) are
its alternatives. Beside words a document has *signs*, which begin with `=` as no word can: its channel.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import prod

#: Stands in every document, so that a search may begin with all of them.
EVERYTHING = "=a"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that follow each other: of each place the alternatives. With `prefix` the last goes on."""

    places: tuple[tuple[str, ...], ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class Sign:
    """One of these signs."""

    any_of: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Both:
    """All of `parts`, and none of `without`."""

    parts: tuple["Match", ...] = ()
    without: tuple["Match", ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    parts: tuple["Match", ...]


Match = Phrase | Sign | Both | Either

#: All documents.
ALL = Sign((EVERYTHING,))


def is_everything(match: Match) -> bool:
    """Does it ask nothing of a document?"""
    if isinstance(match, Both):
        return not match.without and all(is_everything(part) for part in match.parts)
    return match == ALL


def spread(match: Match) -> int:
    """Of how many words and phrases one is sought: of a phrase, every choice of its readings."""
    match match:
        case Phrase(places=places):
            return prod(len(place) for place in places)
        case Sign(any_of=signs):
            return len(signs)
        case Either(parts=parts):
            return sum(spread(part) for part in parts)
        case Both(parts=parts, without=without):
            return sum(spread(part) for part in (*parts, *without))


def readings(match: Match) -> frozenset[str]:
    """All words that stand there beside others of which one will do."""
    match match:
        case Phrase():
            return frozenset(word for place in _whole_places(match) for word in place if len(place) > 1)
        case Sign():
            return frozenset()
        case Either(parts=parts):
            return frozenset().union(*(readings(part) for part in parts))
        case Both(parts=parts, without=without):
            return frozenset().union(*(readings(part) for part in (*parts, *without)))


def narrowed(match: Match, there: Container[str]) -> Match:
    """The same without those of its `readings` that are not `there`, and stand in no document."""
    match match:
        case Phrase(places=places):
            whole = _whole_places(match)
            # Where none is left, the first one says as well that there is nothing.
            kept = (tuple(word for word in place if word in there) or place[:1] for place in whole)
            return replace(match, places=(*kept, *places[len(whole) :]))
        case Sign():
            return match
        case Either(parts=parts):
            return Either(tuple(narrowed(part, there) for part in parts))
        case Both(parts=parts, without=without):
            return Both(
                tuple(narrowed(part, there) for part in parts),
                tuple(narrowed(part, there) for part in without),
            )


def certain(match: Match) -> Match | None:
    """What is found for its words alone, wherever in a post they stand; None: nothing is.

    All that answers to it answers to `match`. Where `match` asks for no phrase it is the same.
    """
    match match:
        case Phrase(places=places):
            return match if len(places) == 1 else None
        case Sign():
            return match
        case Either(parts=parts):
            found = tuple(sure for part in parts if (sure := certain(part)) is not None)
            return Either(found) if found else None
        case Both(parts=parts, without=without):
            all_of = tuple(sure for part in parts if (sure := certain(part)) is not None)
            return Both(all_of, tuple(map(_possible, without))) if len(all_of) == len(parts) else None


def uncertain(match: Match) -> Match:
    """What answers to this and what answers to `certain(match)` together answer to `match`; some to both."""
    match match:
        case Either(parts=parts):
            return _either(uncertain(part) for part in parts if certain(part) != part)
        case Both(parts=parts, without=without) if all(_possible(part) == part for part in without):
            if sum(certain(part) != part for part in parts) == 1:
                each = (part if certain(part) == part else uncertain(part) for part in parts)
                return Both(tuple(each), without)
    return match


def _either(parts: Iterable[Match]) -> Match:
    first, *others = parts
    return Either((first, *others)) if others else first


def _possible(match: Match) -> Match:
    """Likewise without a phrase; all that answers to `match` answers to it."""
    match match:
        case Phrase(places=places, prefix=prefix):
            *before, last = places
            return Both((*(Phrase((place,)) for place in before), Phrase((last,), prefix)))
        case Sign():
            return match
        case Either(parts=parts):
            return Either(tuple(map(_possible, parts)))
        case Both(parts=parts, without=without):
            never = tuple(sure for part in without if (sure := certain(part)) is not None)
            return Both(tuple(map(_possible, parts)), never)


def _whole_places(phrase: Phrase) -> tuple[tuple[str, ...], ...]:
    """Those whose words do not go on."""
    return phrase.places[:-1] if phrase.prefix else phrase.places


def fts5(match: Match) -> str:
    """For SQLite. Every word is quoted: nothing in it can pass for syntax."""
    match match:
        case Phrase(places=places, prefix=prefix):
            end = "*" if prefix else ""
            return _any(f"{_quoted(' '.join(words))}{end}" for words in product(*places))
        case Sign(any_of=signs):
            return _any(_quoted(sign) for sign in signs)
        case Either(parts=parts):
            return _any(fts5(part) for part in parts)
        case Both(parts=parts, without=without):
            wanted = " AND ".join(fts5(part) for part in parts or (ALL,))
            if not without:
                return f"({wanted})"
            return f"(({wanted}) NOT {_any(fts5(part) for part in without)})"


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""') + '"'


def _any(parts: Iterable[str]) -> str:
    return "(" + " OR ".join(parts) + ")"


def tsquery(match: Match) -> str:
    """For PostgreSQL, likewise quoted."""
    match match:
        case Phrase(places=places, prefix=prefix):
            last = len(places) - 1
            return "(" + " <-> ".join(_place(p, prefix and i == last) for i, p in enumerate(places)) + ")"
        case Sign(any_of=signs):
            return _place(signs, False)
        case Either(parts=parts):
            return "(" + " | ".join(tsquery(part) for part in parts) + ")"
        case Both(parts=parts, without=without):
            wanted = [tsquery(part) for part in parts or (ALL,)] + [f"!({tsquery(part)})" for part in without]
            return "(" + " & ".join(wanted) + ")"


def _place(words: Sequence[str], prefix: bool) -> str:
    end = ":*" if prefix else ""
    return "(" + " | ".join(f"{lexeme(word)}{end}" for word in words) + ")"


def lexeme(word: str) -> str:
    """A word as PostgreSQL's vectors and queries are written."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def tsvector(tokens: Sequence[str]) -> str:
    """The words of a document as PostgreSQL writes them, each with its places."""
    places: dict[str, list[int]] = {}
    for n, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(n)
    return " ".join(
        f"{lexeme(token)}:{','.join(map(str, at[:_MOST_PLACES]))}" for token, at in places.items()
    )


#: PostgreSQL keeps no more places of one word.
_MOST_PLACES = 255
