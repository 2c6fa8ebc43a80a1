"""Marks: how far each part has come, and its sign of life."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.tables import Marks
from storage.upsert import upsert

#: Those that others read besides the part that sets them: the engine's place, how far it is with learning,
#: when the bot last polled, how an account fares (with its name behind), since when and how often backups are
#: asked for.
DECIDED: Final = "alerts"
LEARNING: Final = "engine.learning"
POLLED: Final = "bot.polling"
ACCOUNT: Final = "collector.account."
BACKUPS_ASKED: Final = "process.backups_asked"


class MarkRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def get(self, name: str) -> dict[str, Any]:
        found = await self._connection.execute(select(Marks.value).where(Marks.name == name))
        return found.scalar_one_or_none() or {}

    async def set(self, name: str, value: dict[str, Any], at: datetime) -> None:
        await upsert(self._connection, Marks, [{"name": name, "value": value, "at": at}], key=("name",))

    async def remove(self, name: str) -> None:
        await self._connection.execute(delete(Marks).where(Marks.name == name))

    async def all(self, prefix: str = "") -> Sequence[tuple[str, dict[str, Any], datetime]]:
        rows = await self._connection.execute(
            select(Marks.name, Marks.value, Marks.at)
            .where(Marks.name.startswith(prefix, autoescape=True))
            .order_by(Marks.name)
        )
        return [(name, value, at) for name, value, at in rows]
