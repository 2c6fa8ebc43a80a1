"""Notes to those who run Deadair, in the order in which they were made."""

from collections.abc import Sequence

from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.note import Note, NoteKind
from storage.tables import Notes


class NoteRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, note: Note) -> None:
        await self._connection.execute(
            insert(Notes).values(at=note.at, kind=note.kind.value, about=note.about, why=note.why)
        )

    async def after(self, seq: int, limit: int = 500) -> Sequence[Note]:
        """Those that came after a note's number, oldest first."""
        rows = await self._connection.execute(
            select(Notes.__table__).where(Notes.seq > seq).order_by(Notes.seq).limit(limit)
        )
        return [Note(**{**row, "kind": NoteKind(row["kind"])}) for row in rows.mappings()]

    async def last_seq(self) -> int:
        found = await self._connection.execute(select(func.max(Notes.seq)))
        return found.scalar_one_or_none() or 0
