"""A query's tree as the index is asked it. Pure."""

from archive.errors import QueryError
from archive.tree import All, Any, Exact, Leaf, Node, Not
from domain import complaint
from domain.sentence import Sentence
from storage.conditions import Exactly
from storage.match import ALL, Both, Either, Match


def asked(text: str, node: Node | None) -> tuple[Match, tuple[Exactly, ...]]:
    """What the words of a post must be, and which passages must stand in it letter for letter.

    Raises QueryError where such a passage stands beside other words within OR: the index cannot tell.
    """
    if node is None:
        return ALL, ()
    parts: list[Match] = []
    without: list[Match] = []
    exactly: list[Exactly] = []
    for part in node.parts if isinstance(node, All) else (node,):
        if (passages := _passages(part)) is not None:
            found, negated = passages
            exactly.append(Exactly(any_of=tuple(e.raw for e in found), without=negated))
            if not negated and all(e.words is not None for e in found):
                parts.append(Either(tuple(e.words for e in found if e.words is not None)))
            continue
        if (strange := _exact_in(part)) is not None:
            raise QueryError(
                text,
                strange.start,
                Sentence(complaint.AMONG_OTHERS),
                hint=Sentence(complaint.BESIDE_THEM, example='(one OR other) ="passage"'),
            )
        if isinstance(part, Not):
            without.append(_match(part.part))
        else:
            parts.append(_match(part))
    return Both(tuple(parts), tuple(without)), tuple(exactly)


def _passages(node: Node) -> tuple[tuple[Exact, ...], bool] | None:
    """The passages of a part that has nothing else, and whether they must be absent."""
    negated = isinstance(node, Not)
    if isinstance(node, Not):
        node = node.part
    parts = node.parts if isinstance(node, Any) else (node,)
    found = tuple(part for part in parts if isinstance(part, Exact))
    return (found, negated) if len(found) == len(parts) else None


def _exact_in(node: Node) -> Exact | None:
    match node:
        case Exact():
            return node
        case Not(part=part):
            return _exact_in(part)
        case All(parts=parts) | Any(parts=parts):
            return next((found for part in parts if (found := _exact_in(part)) is not None), None)
        case _:
            return None


def _match(node: Node) -> Match:
    match node:
        case Leaf(words=words):
            return words
        case Any(parts=parts):
            return Either(tuple(_match(part) for part in parts))
        case All(parts=parts):
            return Both(
                tuple(_match(part) for part in parts if not isinstance(part, Not)),
                tuple(_match(part.part) for part in parts if isinstance(part, Not)),
            )
        case Not(part=part):
            return Both((), (_match(part),))
        case Exact():
            raise AssertionError("passages are taken out before")
