"""What is searchable: put in, changed, and how far the index has come."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import PostKey
from storage import words
from storage.doc_number import posted_at
from storage.keys import Wanted
from storage.marks import MarkRepository
from storage.straight import rows_of
from storage.tables import Documents, SearchPlaces
from storage.upsert import upsert

_INDEX = "index"
_PROGRESS = "SELECT post, revision, fingerprint FROM search_places WHERE name = :name"
#: Beside a channel's number: those under which its posts were indexed before it was known.
FORMER = "search.former."


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the index has come."""

    post: int = 0  #: by `posts.seq`
    revision: int = 0
    fingerprint: str = ""  #: of the way from a text to its words; another one: to be built anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """A post as it goes into the index."""

    doc: int
    key: PostKey
    band_a: int
    band_b: int
    tokens: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A post that is in the index."""

    doc: int
    key: PostKey
    named: int
    band_a: int = 0
    band_b: int = 0

    @property
    def posted_at(self) -> datetime:
        return posted_at(self.doc)


class IndexRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._marks = MarkRepository(connection)

    async def progress(self) -> Progress:
        rows = await rows_of(self._connection, _PROGRESS, {"name": _INDEX})
        return Progress(post=rows[0][0], revision=rows[0][1], fingerprint=rows[0][2]) if rows else Progress()

    async def keep(self, progress: Progress) -> None:
        row = {name: getattr(progress, name) for name in Progress.__slots__}
        await upsert(self._connection, SearchPlaces, [{"name": _INDEX, **row}], key=("name",))

    async def add(self, documents: Sequence[Indexed]) -> None:
        """Make posts searchable that were not."""
        if not documents:
            return
        rows = [
            {
                "doc": each.doc,
                "channel_id": each.key.channel_id,
                "post_id": each.key.post_id,
                "named": each.key.channel_id,
                "band_a": each.band_a,
                "band_b": each.band_b,
            }
            for each in documents
        ]
        await upsert(self._connection, Documents, rows, key=("doc",))
        await words.add(self._connection, [(each.doc, each.tokens) for each in documents])

    async def change(self, documents: Sequence[tuple[int, Sequence[str], Sequence[str]]]) -> None:
        """Give documents other tokens: number, those that stand there now, those to come."""
        if documents:
            await words.change(self._connection, documents)

    async def former_numbers(self) -> dict[int, tuple[int, ...]]:
        """Of channels whose posts were imported before they were known: the numbers their signs may have."""
        marks = await self._marks.all(FORMER)
        return {int(name.removeprefix(FORMER)): tuple(value["numbers"]) for name, value, _ in marks}

    async def clear(self) -> None:
        """Forget all words. Which post is which document stays true."""
        await words.clear(self._connection)

    async def settle(self) -> bool:
        """A step of tidying up after much was added; False: it is tidy."""
        return await words.settle(self._connection)

    async def sizes(self) -> dict[str, int]:
        """Bytes on the disk: of the index, of what it says of each post, and of the whole archive."""
        return await words.sizes(self._connection)

    async def held(self, keys: Iterable[PostKey]) -> dict[PostKey, Held]:
        """These posts as the index knows them; those that are not in it are left out."""
        wanted = Wanted(self._connection, keys)
        rows = await self._connection.execute(
            select(Documents.__table__).join_from(
                wanted.rows, Documents, wanted.are(Documents.channel_id, Documents.post_id)
            )
        )
        return {held.key: held for held in map(held_record, rows.mappings())}


def held_record(row: Mapping[Any, Any]) -> Held:
    return Held(
        doc=row["doc"],
        key=PostKey(row["channel_id"], row["post_id"]),
        named=row["named"],
        band_a=row["band_a"],
        band_b=row["band_b"],
    )
