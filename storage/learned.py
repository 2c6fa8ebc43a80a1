"""What the engine has learned, put away in parts: a generation counts once its head is there."""

from typing import Any

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.learned_tables import Learned

#: The part that is written last and says what the others are.
HEAD = 0
#: So many parts of former generations are removed at once, so that nobody waits for it.
_AT_ONCE = 16


class LearnedRepository:
    """Generations of the engine at work count upwards from 1; those that were prepared for one which is yet
    to begin count downwards from -1, and each kind stays while the other comes and goes.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def newest(self, *, prepared: bool = False) -> int | None:
        """The newest generation that is whole; None: there is none."""
        return await self._last(prepared, Learned.part == HEAD)

    async def next(self, *, prepared: bool = False) -> int:
        """The number of a generation that nothing is there of yet."""
        last = await self._last(prepared) or 0
        return last - 1 if prepared else last + 1

    async def part(self, generation: int, part: int) -> bytes | None:
        found = await self._connection.execute(
            select(Learned.content).where(Learned.generation == generation, Learned.part == part)
        )
        return found.scalar_one_or_none()

    async def put(self, generation: int, part: int, content: bytes) -> None:
        await self._connection.execute(
            insert(Learned).values(generation=generation, part=part, content=content)
        )

    async def forget(self, before: int) -> bool:
        """Remove some parts of the generations of its kind before this one. False: there are none left."""
        is_former = (
            (Learned.generation > before) & (Learned.generation < 0)
            if before < 0
            else (Learned.generation < before) & (Learned.generation > 0)
        )
        rows = await self._connection.execute(
            select(Learned.generation, Learned.part)
            .where(is_former)
            .order_by(Learned.generation, Learned.part)
            .limit(_AT_ONCE)
        )
        found = rows.all()
        for generation, part in found:
            await self._connection.execute(
                delete(Learned).where(Learned.generation == generation, Learned.part == part)
            )
        return bool(found)

    async def _last(self, prepared: bool, *which: ColumnElement[bool]) -> int | None:
        of_kind = Learned.generation < 0 if prepared else Learned.generation > 0
        last: Any = func.min(Learned.generation) if prepared else func.max(Learned.generation)
        found = await self._connection.execute(select(last).where(of_kind, *which))
        number: int | None = found.scalar_one_or_none()
        return number
