"""Readings: what each post was understood to be about."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.reading import Reading
from storage.tables import Readings
from storage.upsert import upsert


class ReadingRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

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
            }
            for r in readings
        ]
        await upsert(
            self._connection, Readings, rows, key=("channel_id", "post_id", "reader_version"), keep=True
        )

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
        self, at: datetime, *, until_seq: int, channel_id: int | None = None, batch: int = 5000
    ) -> AsyncIterator[Reading]:
        """Readings of posts posted since `at` and stored up to `until_seq`, in the order of posting."""
        query = select(Readings.__table__).where(Readings.posted_at >= at, Readings.seq <= until_seq)
        if channel_id is not None:
            query = query.where(Readings.channel_id == channel_id)
        async with self._connection.stream(
            query.order_by(Readings.posted_at, Readings.channel_id, Readings.post_id),
            execution_options={"yield_per": batch},
        ) as rows:
            async for row in rows.mappings():
                yield _reading(row)


def _reading(row: Mapping[Any, Any]) -> Reading:
    return Reading(**{**row, "topics": tuple(row["topics"])})
