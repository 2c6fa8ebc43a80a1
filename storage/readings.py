"""Readings: what each post was understood to be about."""

from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, and_, bindparam, func, literal_column, select, type_coerce, update

from domain.post import PostKey
from domain.reading import Reading
from storage.keys import CHUNK, Wanted
from storage.reader_versions import ReaderVersions
from storage.tables import Posts, Readings
from storage.upsert import upsert

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ReadingRepository(ReaderVersions):
    """Reading and writing them, on top of which of their versions count."""

    async def put(self, readings: Iterable[Reading]) -> None:
        """Store readings; one that is there for the same reader version stays as it is."""
        rows = [
            {
                "channel_id": r.channel_id,
                "post_id": r.post_id,
                "posted_at": r.posted_at,
                "reader_version": r.reader_version,
                "topics": list(r.topics),
                "counts": r.counts,
                "claimants": list(r.claimants),
                "language": r.language,
                "pause": r.pause,
                "read_by": r.read_by,
            }
            for r in readings
        ]
        await upsert(
            self._connection, Readings, rows, key=("channel_id", "post_id", "reader_version"), keep=True
        )

    async def of_post(self, channel_id: int, post_id: int, reader_version: int) -> Reading | None:
        """How a post was read; None: it was not yet."""
        rows = await self._connection.execute(
            select(Readings.__table__).where(
                Readings.channel_id == channel_id,
                Readings.post_id == post_id,
                Readings.reader_version == reader_version,
            )
        )
        row = rows.mappings().one_or_none()
        return _reading(row) if row else None

    async def of_posts(self, keys: Iterable[PostKey], reader_version: int) -> dict[PostKey, Reading]:
        """How these posts were read; those that were not are left out."""
        wanted = Wanted(self._connection, keys)
        rows = await self._connection.execute(
            select(Readings.__table__)
            .join_from(wanted.rows, Readings, wanted.are(Readings.channel_id, Readings.post_id))
            .where(Readings.reader_version == reader_version)
        )
        found = [_reading(row) for row in rows.mappings()]
        return {PostKey(each.channel_id, each.post_id): each for each in found}

    async def of_albums(
        self, albums: Iterable[tuple[int, int]], reader_version: int
    ) -> Sequence[tuple[int, Reading]]:
        """What was read of the parts of these albums (channel, album), each with its album's number."""
        by_channel: dict[int, set[int]] = defaultdict(set)
        for channel_id, album_id in albums:
            by_channel[channel_id].add(album_id)
        out: list[tuple[int, Reading]] = []
        for channel_id, ids in by_channel.items():
            wanted = sorted(ids)
            for start in range(0, len(wanted), CHUNK):
                rows = await self._connection.execute(
                    select(Posts.album_id, Readings.__table__)
                    .join(Posts, and_(Posts.channel_id == Readings.channel_id, Posts.id == Readings.post_id))
                    .where(
                        Posts.channel_id == channel_id,
                        Posts.album_id.in_(wanted[start : start + CHUNK]),
                        Readings.reader_version == reader_version,
                    )
                )
                for row in rows.mappings():
                    fields = dict(row)
                    out.append((fields.pop("album_id"), _reading(fields)))
        return out

    async def amend(self, readings: Iterable[Reading]) -> None:
        """Topics and claimants of readings (by their `seq`) that came to light with another part of them."""
        rows = [{"s": r.seq, "t": list(r.topics), "c": list(r.claimants)} for r in readings]
        if rows:
            await self._connection.execute(
                update(Readings)
                .where(Readings.seq == bindparam("s"))
                .values(topics=bindparam("t"), claimants=bindparam("c")),
                rows,
            )

    async def taken_over_from(self, reader_version: int) -> Sequence[int]:
        """The versions whose readings of emptied posts this one took over; 0 is one that nobody knows."""
        out: list[int] = []
        while True:
            first = select(func.min(Readings.read_by)).where(
                Readings.reader_version == reader_version,
                Readings.read_by > (out[-1] if out else -1),
            )
            found = (await self._connection.execute(first)).scalar_one_or_none()
            if found is None:
                return out
            out.append(found)

    async def hours_read_by(
        self,
        readers: Collection[int],
        reader_version: int,
        start: datetime,
        end: datetime,
        channels: Collection[int] | None = None,
    ) -> frozenset[datetime]:
        """The hours of [start, end) with a counted post whose reading was taken over from one of these."""
        if not readers:
            return frozenset()
        hour = 3600
        at = (
            func.floor(func.extract("epoch", Readings.posted_at) / hour)
            if self._connection.dialect.name == "postgresql"
            else type_coerce(Readings.posted_at, BigInteger).op("/")(literal_column(str(hour * 1_000_000)))
        )
        query = (
            select(at)
            .distinct()
            .where(
                Readings.reader_version == reader_version,
                Readings.read_by.in_(sorted(readers)),
                Readings.posted_at >= start,
                Readings.posted_at < end,
                Readings.counts.is_(True),
            )
        )
        if channels is not None:
            query = query.where(Readings.channel_id.in_(sorted(channels)))
        found = await self._connection.execute(query)
        return frozenset(_EPOCH + timedelta(hours=int(row[0])) for row in found)

    async def after(self, seq: int, limit: int) -> Sequence[Reading]:
        """Readings in the order in which they were stored."""
        rows = await self._connection.execute(
            select(Readings.__table__).where(Readings.seq > seq).order_by(Readings.seq).limit(limit)
        )
        return [_reading(row) for row in rows.mappings()]

    async def last_seq(self) -> int:
        found = await self._connection.execute(select(func.max(Readings.seq)))
        return found.scalar_one_or_none() or 0

    async def since(
        self,
        at: datetime,
        *,
        until_seq: int,
        channel_id: int | None = None,
        reader_version: int | None = None,
        batch: int = 1000,
    ) -> AsyncIterator[Reading]:
        """Readings of posts posted since `at` and stored up to `until_seq`, in the order of posting."""
        query = select(Readings.__table__).where(Readings.posted_at >= at, Readings.seq <= until_seq)
        if reader_version is not None:
            query = query.where(Readings.reader_version == reader_version)
        if channel_id is not None:
            query = query.where(Readings.channel_id == channel_id)
        async with self._connection.stream(
            query.order_by(Readings.posted_at, Readings.channel_id, Readings.post_id),
            execution_options={"yield_per": batch},
        ) as rows:
            # Row by row each would be a switch between greenlets.
            async for part in rows.mappings().partitions(batch):
                for row in part:
                    yield _reading(row)


def _reading(row: Mapping[Any, Any]) -> Reading:
    return Reading(**{**row, "topics": tuple(row["topics"]), "claimants": tuple(row["claimants"])})
