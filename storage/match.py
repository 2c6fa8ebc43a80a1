"""What the words of a post must be for a search to find it, and how each engine is asked that.

Words are folded already, and the readings that a word may have (with an article, with "and" before it) are
its alternatives. Beside words a document has *signs*, which begin with `=` as no word can: its channel.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

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
    return "(" + " | ".join(f"{_lexeme(word)}{end}" for word in words) + ")"


def _lexeme(word: str) -> str:
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"


def tsvector(tokens: Sequence[str]) -> str:
    """The words of a document as PostgreSQL writes them, each with its places."""
    places: dict[str, list[int]] = {}
    for n, token in enumerate(tokens, 1):
        places.setdefault(token, []).append(n)
    return " ".join(
        f"{_lexeme(token)}:{','.join(map(str, at[:_MOST_PLACES]))}" for token, at in places.items()
    )


#: PostgreSQL keeps no more places of one word.
_MOST_PLACES = 255
