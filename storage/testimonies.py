"""Questions to the outside about silences, and the answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.testimony import Outside, Testimony
from storage.channel_tables import Testimonies
from storage.upsert import upsert


class TestimonyRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def ask(self, channel_id: int, since_at: datetime, at: datetime) -> None:
        """What does the outside see of this silence? Asked a second time, it is still one question."""
        row = {
            "channel_id": channel_id,
            "since_at": since_at,
            "asked_at": at,
            "answered_at": None,
            "says": None,
            "posts": [],
            "detail": "",
        }
        await upsert(self._connection, Testimonies, [row], key=("channel_id", "since_at"), keep=True)

    async def waiting(self) -> Sequence[Testimony]:
        """The questions that nobody has answered yet, oldest first."""
        rows = await self._connection.execute(
            select(Testimonies.__table__).where(Testimonies.answered_at.is_(None)).order_by(Testimonies.seq)
        )
        return [_testimony(row) for row in rows.mappings()]

    async def answer(
        self, seq: int, says: Outside, at: datetime, *, posts: Sequence[int], detail: str
    ) -> None:
        """The first answer stands."""
        await self._connection.execute(
            update(Testimonies)
            .where(Testimonies.seq == seq, Testimonies.answered_at.is_(None))
            .values(answered_at=at, says=says.value, posts=list(posts), detail=detail)
        )

    async def answered_since(self, at: datetime) -> Sequence[Testimony]:
        """The answers given at `at` or later, in their order."""
        rows = await self._connection.execute(
            select(Testimonies.__table__)
            .where(Testimonies.answered_at >= at)
            .order_by(Testimonies.answered_at, Testimonies.seq)
        )
        return [_testimony(row) for row in rows.mappings()]

    async def of(self, channel_id: int) -> Sequence[Testimony]:
        """Everything asked about one channel, oldest first."""
        rows = await self._connection.execute(
            select(Testimonies.__table__)
            .where(Testimonies.channel_id == channel_id)
            .order_by(Testimonies.since_at)
        )
        return [_testimony(row) for row in rows.mappings()]


def _testimony(row: Mapping[Any, Any]) -> Testimony:
    fields = dict(row)
    says = fields["says"]
    return Testimony(**{**fields, "says": Outside(says) if says else None, "posts": tuple(fields["posts"])})
