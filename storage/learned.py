"""What the engine has learned, put away in parts: a generation counts once its head is there."""

from sqlalchemy import delete, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.learned_tables import Learned

#: The part that is written last and says what the others are.
HEAD = 0
#: So many parts of former generations are removed at once, so that nobody waits for it.
_AT_ONCE = 16


class LearnedRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def newest(self) -> int | None:
        """The newest generation that is whole; None: there is none."""
        found = await self._connection.execute(
            select(func.max(Learned.generation)).where(Learned.part == HEAD)
        )
        return found.scalar_one_or_none()

    async def next(self) -> int:
        """The number of a generation that nothing is there of yet."""
        found = await self._connection.execute(select(func.max(Learned.generation)))
        return (found.scalar_one_or_none() or 0) + 1

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
        """Remove some parts of generations before this one. False: there are none left."""
        rows = await self._connection.execute(
            select(Learned.generation, Learned.part)
            .where(Learned.generation < before)
            .order_by(Learned.generation, Learned.part)
            .limit(_AT_ONCE)
        )
        found = rows.all()
        for generation, part in found:
            await self._connection.execute(
                delete(Learned).where(Learned.generation == generation, Learned.part == part)
            )
        return bool(found)
