"""Channels of which the engine awaits word: what is due of them waits until it is known who could be seen."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.marks import MarkRepository

_NAME = "alerts.awaited"


class AwaitedRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._marks = MarkRepository(connection)

    async def put(self, channels: Mapping[int, datetime], at: datetime) -> None:
        """In place of those before."""
        until = {str(channel_id): until.isoformat() for channel_id, until in channels.items()}
        await self._marks.set(_NAME, until, at)

    async def all(self) -> dict[int, datetime]:
        """By channel, until when it must be known whether its posts could be seen."""
        found = await self._marks.get(_NAME)
        return {int(channel_id): datetime.fromisoformat(until) for channel_id, until in found.items()}
