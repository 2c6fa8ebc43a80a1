"""A query as a tree of what a post must say."""

from dataclasses import dataclass

from storage.match import Phrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Words in a row, however they are spelled."""

    start: int  #: where it stands in the query
    end: int
    raw: str
    words: Phrase  #: folded, with their readings


@dataclass(frozen=True, slots=True, kw_only=True)
class Exact:
    """A passage letter for letter."""

    start: int
    end: int
    raw: str
    words: Phrase | None  #: what of it the index knows; None: only marks and signs


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Leaf | Exact | All | Any | Not
