"""What chats answered to alerts: seen, snoozed, or not before it changes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.acknowledgement import Acknowledgement, Answer
from storage.tables import Acknowledgements


class AcknowledgementRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, answer: Acknowledgement) -> Acknowledgement:
        """Keep an answer; it counts until the next of the same chat on the same episode.

        With it a snooze that was running is done with.
        """
        await self._connection.execute(
            update(Acknowledgements)
            .where(
                Acknowledgements.episode_id == answer.episode_id,
                Acknowledgements.chat_id == answer.chat_id,
                Acknowledgements.reminded_at.is_(None),
            )
            .values(reminded_at=answer.at)
        )
        made = await self._connection.execute(
            insert(Acknowledgements)
            .values(
                episode_id=answer.episode_id,
                chat_id=answer.chat_id,
                answer=answer.answer.value,
                until=answer.until,
                by=answer.by,
                at=answer.at,
                reminded_at=answer.reminded_at,
            )
            .returning(Acknowledgements.id)
        )
        return replace(answer, id=made.scalar_one())

    async def standing(self, episode_id: int, chat_id: int) -> Acknowledgement | None:
        """The answer that counts; None: nobody has answered."""
        rows = await self._connection.execute(
            select(Acknowledgements.__table__)
            .where(Acknowledgements.episode_id == episode_id, Acknowledgements.chat_id == chat_id)
            .order_by(Acknowledgements.id.desc())
            .limit(1)
        )
        row = rows.mappings().one_or_none()
        return _acknowledgement(row) if row else None

    async def run_out(self, now: datetime) -> Sequence[Acknowledgement]:
        """Snoozes that count, whose time is over, and of which nothing has come yet."""
        rows = await self._connection.execute(
            select(Acknowledgements.__table__)
            .where(Acknowledgements.until <= now, Acknowledgements.reminded_at.is_(None))
            .order_by(Acknowledgements.id)
        )
        return [_acknowledgement(row) for row in rows.mappings()]

    async def next_out(self) -> datetime | None:
        """When the next snooze runs out."""
        found = await self._connection.execute(
            select(func.min(Acknowledgements.until)).where(Acknowledgements.reminded_at.is_(None))
        )
        return found.scalar_one_or_none()

    async def reminded(self, acknowledgement_id: int, at: datetime) -> None:
        """A snooze is done with."""
        await self._connection.execute(
            update(Acknowledgements).where(Acknowledgements.id == acknowledgement_id).values(reminded_at=at)
        )

    async def move(self, old: int, new: int) -> None:
        """A group became a supergroup."""
        await self._connection.execute(
            update(Acknowledgements).where(Acknowledgements.chat_id == old).values(chat_id=new)
        )


def _acknowledgement(row: Mapping[Any, Any]) -> Acknowledgement:
    return Acknowledgement(**{**row, "answer": Answer(row["answer"])})
