"""What somebody may do whose question takes too long. Pure but for the error that it dresses."""

from collections.abc import Iterator
from contextlib import contextmanager

from archive.query import Order, Query
from domain import complaint
from domain.sentence import Sentence
from storage.errors import TooHeavy


@contextmanager
def saying_what_to_narrow(query: Query, order: Order | None = None) -> Iterator[None]:
    """Where it takes too long to find, the error says what of this very question could be less."""
    try:
        yield
    except TooHeavy as error:
        raise TooHeavy(error.what, hint=what_to_narrow(query, order)) from error


def what_to_narrow(query: Query, order: Order | None = None) -> Sentence:
    """The two that would help most: of what was not narrowed yet, else of what could be narrower."""
    ways = [
        way
        for way, helps in (
            (complaint.ASK_IN_ORDER, order is Order.RELEVANCE),
            (complaint.ASK_LESS_TIME, query.since is None),
            (complaint.ASK_CHANNELS, not query.channels and not query.groups),
            (complaint.ASK_WORDS, "*" in query.text or not query.text),
            (complaint.ASK_LESS_TIME, query.since is not None),
        )
        if helps
    ]
    first, *rest = (Sentence(way) for way in ways[:2])
    return Sentence(complaint.OR_ELSE, one=first, other=rest[0]) if rest else first
