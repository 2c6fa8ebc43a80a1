"""How far each channel has been read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import Cursors
from storage.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a channel has been read."""

    channel_id: int
    newest_id: int  #: every post up to here is stored, or was never there
    oldest_id: int | None  #: down to here the history has been read
    complete: bool  #: the history has been read to its end, or as far as was asked
    checked_at: datetime


class CursorRepository:
    """Part of the posts' repository: a cursor moves with the posts it speaks of."""

    _connection: AsyncConnection

    async def cursor(self, channel_id: int) -> Cursor | None:
        rows = await self._connection.execute(
            select(Cursors.__table__).where(Cursors.channel_id == channel_id)
        )
        row = rows.mappings().one_or_none()
        return Cursor(**row) if row else None

    async def cursors(self, channel_ids: Iterable[int]) -> dict[int, Cursor]:
        """How far each of these has been read; those that were never looked at are left out."""
        rows = await self._connection.execute(
            select(Cursors.__table__).where(Cursors.channel_id.in_(list(channel_ids)))
        )
        return {row["channel_id"]: Cursor(**row) for row in rows.mappings()}

    async def move_cursor(self, *cursors: Cursor) -> None:
        """Set how far channels have been read, in the same transaction as the posts it speaks of."""
        rows = [{name: getattr(cursor, name) for name in Cursor.__slots__} for cursor in cursors]
        await upsert(self._connection, Cursors, rows, key=("channel_id",))
