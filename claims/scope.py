"""What each reader version looked for. What nobody looked for in an emptied post is unknown, not zero.

Rules in code are left out: they read the same entries better, and every release has others.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from claims.lexicon.entries import Layer
from domain.claim import OUT_OF_VOCABULARY, UNKNOWN_GROUP
from storage.store import Transaction

if TYPE_CHECKING:
    from claims.version import Reads

TOPIC: Final = "topic"
CLAIMANT: Final = "claimant"
PLACE: Final = "place"
WEAPON: Final = "weapon"
#: By rules alone: whoever read at all looked for every one.
KIND: Final = "kind"
LANGUAGE: Final = "language"
_LAYERS = ((TOPIC, Layer.TOPIC), (CLAIMANT, Layer.ACTOR), (PLACE, Layer.PLACE), (WEAPON, Layer.WEAPON))

#: For each sort of entry the names with a hash of what each means.
Entries = Mapping[str, Mapping[str, str]]


class _Everything(Container[tuple[str, str]]):
    def __contains__(self, entry: object) -> bool:
        return True


#: What was not looked for by nobody knows whom.
EVERYTHING: Final[Container[tuple[str, str]]] = _Everything()


def _mark(version: int) -> str:
    return f"looked_for.{version}"


def entries(reads: "Reads") -> Entries:
    """All that somebody who reads with this looks for."""
    lexicon = reads.lexicon
    members = {name: lexicon.unions.get(name, ()) for name in lexicon.topics}
    by_layer: dict[str, dict[str, object]] = {
        TOPIC: {
            name: [(each, sorted(lexicon.surfaces.get((Layer.TOPIC, each), ()))) for each in others]
            for name, others in members.items()
        },
        CLAIMANT: {**lexicon.actors, UNKNOWN_GROUP: ()},
        PLACE: {**lexicon.places, OUT_OF_VOCABULARY: ()},
        WEAPON: {**lexicon.weapons},
    }
    out = {
        what: {
            name: _hash(repr(entry), *map(repr, sorted(lexicon.surfaces.get((layer, name), ()))))
            for name, entry in by_layer[what].items()
        }
        for what, layer in _LAYERS
    }
    out[TOPIC] |= own_topics(reads.topics.definitions(), out[TOPIC])
    return out


def own_topics(
    definitions: Iterable[tuple[str, Iterable[str], Iterable[str]]], known: Mapping[str, str]
) -> dict[str, str]:
    """The operator's own topics; `known` are those of the lexicon, with which they may be met."""
    return {
        name: _hash(*sorted(set(words)), "", *(f"{other} {known.get(other, '')}" for other in sorted(others)))
        for name, words, others in definitions
    }


def _hash(*parts: str) -> str:
    written = "\0".join(parts).encode("utf-8", "surrogatepass")
    return blake2b(written, digest_size=8).hexdigest()


async def record(tx: Transaction, version: int, reads: "Reads", now: datetime) -> None:
    """Keep what a version looks for. What was kept of it before stays: it is the same by its number."""
    if not await tx.marks.get(_mark(version)):
        await tx.marks.set(_mark(version), {what: dict(names) for what, names in entries(reads).items()}, now)


async def looked_for(tx: Transaction, version: int | None) -> Entries:
    """What a version looks for; nothing where that is not known."""
    return {} if version is None else await tx.marks.get(_mark(version))


@dataclass(frozen=True, slots=True)
class Scope:
    """Beside what one reader version looks for, what those looked for whose readings it took over."""

    now: Entries | None = None  #: None: it is not known
    #: By the version that really read (`Reading.read_by`; 0: nobody knows which); None: it is not known.
    former: Mapping[int, Entries | None] = field(default_factory=dict)

    @classmethod
    async def of(cls, tx: Transaction, version: int | None) -> "Scope":
        if version is None:
            return cls()
        readers = await tx.readings.taken_over_from(version)
        if not readers:
            return cls()
        known = {n: await looked_for(tx, n) or None for n in (*readers, version)}
        return cls(known[version], {n: known[n] for n in readers})

    def missed(self, what: str, names: Iterable[str]) -> tuple[int, ...]:
        """Which of those readers did not look for one of these as it is meant now."""
        wanted = tuple(names)
        return tuple(
            n for n in self.former if not all(self._looked(n, what, name) for name in wanted)
        )  # fmt: skip

    def missed_by(self, reader: int) -> Container[tuple[str, str]]:
        """The topics and claimants of now that this reader did not look for."""
        if self.now is None or self.former.get(reader) is None:
            return EVERYTHING
        return frozenset(
            (what, name)
            for what in (TOPIC, CLAIMANT)
            for name in self.now.get(what, {})
            if not self._looked(reader, what, name)
        )

    def _looked(self, reader: int, what: str, name: str) -> bool:
        if what in (KIND, LANGUAGE):
            return reader > 0
        known = self.former[reader]
        if self.now is None or known is None:
            return False
        meant = known.get(what, {}).get(name)
        # What nobody looks for any more is as it was found.
        return meant is not None and self.now.get(what, {}).get(name, meant) == meant
