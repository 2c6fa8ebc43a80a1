"""Rows for exports: many at a time, straight from the tables; a record of each would be most of the work."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.doc_number import SEQ_BITS
from storage.keys import CHUNK, bound, one_of
from storage.tables import Claims, Deletions, Incidents, Posts, Readings, Revisions

_MASK = (1 << SEQ_BITS) - 1
Rows = Sequence[Mapping[Any, Any]]


class ExportRepository:
    """`at`: as of that instant, so that what came later leaves an export as it was."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def _of(self, query: Any, docs: Iterable[int]) -> Sequence[Mapping[Any, Any]]:
        """The rows that belong to these posts."""
        postgres = self._connection.dialect.name == "postgresql"
        asked = query.where(one_of("posts.seq", postgres=postgres))
        rows = await self._connection.execute(asked, bound((doc & _MASK for doc in docs), postgres=postgres))
        return rows.mappings().all()

    async def posts(self, docs: Sequence[int], reader_version: int | None) -> Rows:
        """Posts as first seen and how they were read, in the order of `docs`."""
        query = select(
            Posts.seq,
            Posts.channel_id,
            Posts.id,
            Posts.posted_at,
            Posts.seen_at,
            Posts.how,
            Posts.text,
            Posts.hash,
            Posts.edited_at,
            Posts.album_id,
            Posts.media,
            Posts.forward,
            Posts.reply_to,
            Posts.author,
            Posts.views,
            Posts.forwards,
            Posts.removed_at,
            Readings.language,
            Readings.topics,
            Readings.claimants,
        ).outerjoin(
            Readings,
            and_(
                Readings.channel_id == Posts.channel_id,
                Readings.post_id == Posts.id,
                Readings.reader_version == (reader_version if reader_version is not None else -1),
            ),
        )
        found = {row["seq"]: row for row in await self._of(query, docs)}
        return [found[doc & _MASK] for doc in docs if doc & _MASK in found]

    async def revisions(
        self, docs: Sequence[int], until_seq: int
    ) -> dict[tuple[int, int], list[Mapping[Any, Any]]]:
        """The later versions of these posts, by channel and post, oldest first."""
        query = (
            select(Revisions.__table__)
            .join(Posts, and_(Posts.channel_id == Revisions.channel_id, Posts.id == Revisions.post_id))
            .where(Revisions.seq <= until_seq)
            .order_by(Revisions.channel_id, Revisions.post_id, Revisions.number)
        )
        out: dict[tuple[int, int], list[Mapping[Any, Any]]] = defaultdict(list)
        for row in await self._of(query, docs):
            out[row["channel_id"], row["post_id"]].append(row)
        return out

    async def deletions(self, docs: Sequence[int], at: datetime) -> dict[tuple[int, int], Mapping[Any, Any]]:
        """Of the posts that were known to be gone at `at`: how."""
        query = (
            select(Deletions.__table__)
            .join(Posts, and_(Posts.channel_id == Deletions.channel_id, Posts.id == Deletions.post_id))
            .where(
                Deletions.first_missed_at <= at,
                Deletions.returned_at.is_(None) | (Deletions.returned_at > at),
            )
        )
        return {(row["channel_id"], row["post_id"]): row for row in await self._of(query, docs)}

    async def claims(self, docs: Sequence[int], reader_version: int, until_id: int) -> Rows:
        """Every version of every claim of these posts."""
        query = (
            select(Claims.__table__)
            .join(Posts, and_(Posts.channel_id == Claims.channel_id, Posts.id == Claims.post_id))
            .where(Claims.reader_version == reader_version, Claims.id <= until_id)
        )
        rows = await self._of(query, docs)
        return sorted(
            rows, key=lambda r: (r["posted_at"], r["channel_id"], r["post_id"], r["number"], r["version"])
        )

    async def incidents(self, ids: Sequence[int]) -> Rows:
        """With how many claims each has, and in which channels."""
        out: list[Mapping[Any, Any]] = []
        for start in range(0, len(ids), CHUNK):
            part = ids[start : start + CHUNK]
            rows = await self._connection.execute(
                select(Incidents.__table__).where(Incidents.id.in_(part)).order_by(Incidents.id)
            )
            out += rows.mappings().all()
        return out

    async def last(self) -> dict[str, int]:
        """The numbers up to which posts, revisions and claims are stored."""
        found = await self._connection.execute(
            select(
                select(func.coalesce(func.max(Posts.seq), 0)).scalar_subquery(),
                select(func.coalesce(func.max(Revisions.seq), 0)).scalar_subquery(),
                select(func.coalesce(func.max(Claims.id), 0)).scalar_subquery(),
            )
        )
        post, revision, claim = found.one()
        return {"post": post, "revision": revision, "claim": claim}
