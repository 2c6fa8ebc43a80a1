"""Mutes, quiet hours and digests: what each chat does not want to hear just now.

Whatever is changed here has the deliveries that are held for the chat looked at anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.hush import Digest, Every, Mute, QuietHours
from domain.subscription import DeliveryState
from storage.tables import Deliveries, Digests, Mutes, QuietHoursRows
from storage.upsert import upsert


class HushRepository:
    """Give notice of `deliveries` after a change: what was held may be due."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # -- mutes

    async def mute(self, mute: Mute) -> Mute:
        """Store a new one. Returns it with its number."""
        made = await self._connection.execute(
            insert(Mutes)
            .values(
                chat_id=mute.chat_id,
                channel_id=mute.channel_id,
                topic=mute.topic,
                claimant=mute.claimant,
                until=mute.until,
                reason=mute.reason,
                by=mute.by,
                made_at=mute.made_at,
                revoked_at=mute.revoked_at,
                revoked_by=mute.revoked_by,
            )
            .returning(Mutes.id)
        )
        return replace(mute, id=made.scalar_one())

    async def revoke(self, chat_id: int, mute_id: int, at: datetime, by: str = "") -> Mute | None:
        """End a mute before its time. None: it is none of this chat's, or it had ended already."""
        done = await self._connection.execute(
            update(Mutes)
            .where(
                Mutes.id == mute_id,
                Mutes.chat_id == chat_id,
                Mutes.revoked_at.is_(None),
                or_(Mutes.until.is_(None), Mutes.until > at),
            )
            .values(revoked_at=at, revoked_by=by)
            .returning(Mutes.__table__)
        )
        row = done.mappings().one_or_none()
        if row is None:
            return None
        await self.reconsider(chat_id, at)
        return Mute(**row)

    async def mutes(self, chat_id: int, now: datetime) -> Sequence[Mute]:
        """Those of a chat that stand, oldest first."""
        rows = await self._connection.execute(
            select(Mutes.__table__)
            .where(
                Mutes.chat_id == chat_id,
                Mutes.revoked_at.is_(None),
                Mutes.made_at <= now,
                or_(Mutes.until.is_(None), Mutes.until > now),
            )
            .order_by(Mutes.id)
        )
        return [Mute(**row) for row in rows.mappings()]

    async def every_mute(self, chat_id: int, limit: int = 100) -> Sequence[Mute]:
        """The newest of a chat, those that ended too, newest first."""
        rows = await self._connection.execute(
            select(Mutes.__table__).where(Mutes.chat_id == chat_id).order_by(Mutes.id.desc()).limit(limit)
        )
        return [Mute(**row) for row in rows.mappings()]

    # -- quiet hours

    async def set_quiet(self, quiet: QuietHours, now: datetime) -> None:
        """Have quiet hours from now on, in place of those there were."""
        row = {
            "chat_id": quiet.chat_id,
            "start": quiet.start.hour * 60 + quiet.start.minute,
            "end": quiet.end.hour * 60 + quiet.end.minute,
            "made_at": quiet.made_at,
            "by": quiet.by,
        }
        await upsert(self._connection, QuietHoursRows, [row], key=("chat_id",))
        await self.reconsider(quiet.chat_id, now)

    async def end_quiet(self, chat_id: int, now: datetime) -> bool:
        """Have none. False: there were none."""
        done = await self._connection.execute(delete(QuietHoursRows).where(QuietHoursRows.chat_id == chat_id))
        await self.reconsider(chat_id, now)
        return done.rowcount == 1

    async def quiet(self, chat_id: int) -> QuietHours | None:
        rows = await self._connection.execute(
            select(QuietHoursRows.__table__).where(QuietHoursRows.chat_id == chat_id)
        )
        row = rows.mappings().one_or_none()
        return _quiet(row) if row else None

    # -- digests

    async def set_digest(self, digest: Digest, now: datetime) -> None:
        """Have digests, in place of those there were."""
        row = {
            "chat_id": digest.chat_id,
            "every": digest.every.value,
            "hour": digest.hour,
            "weekday": digest.weekday,
            "instead": digest.instead,
            "made_at": digest.made_at,
            "by": digest.by,
            "sent_at": digest.sent_at,
        }
        await upsert(self._connection, Digests, [row], key=("chat_id",))
        await self.reconsider(digest.chat_id, now)

    async def end_digest(self, chat_id: int, now: datetime) -> bool:
        """Have none. False: there was none."""
        done = await self._connection.execute(delete(Digests).where(Digests.chat_id == chat_id))
        await self.reconsider(chat_id, now)
        return done.rowcount == 1

    async def digest(self, chat_id: int) -> Digest | None:
        rows = await self._connection.execute(select(Digests.__table__).where(Digests.chat_id == chat_id))
        row = rows.mappings().one_or_none()
        return _digest(row) if row else None

    async def digests(self) -> Sequence[Digest]:
        """Those of every chat."""
        rows = await self._connection.execute(select(Digests.__table__).order_by(Digests.chat_id))
        return [_digest(row) for row in rows.mappings()]

    async def digest_sent(self, chat_id: int, at: datetime) -> None:
        """Up to then the chat has been told all, so that the next one is reckoned from there."""
        await self._connection.execute(update(Digests).where(Digests.chat_id == chat_id).values(sent_at=at))

    # -- all of it

    async def reconsider(self, chat_id: int, now: datetime) -> None:
        """What a chat wants to hear has changed, or its zone: look now at all that is held for it."""
        await self._connection.execute(
            update(Deliveries)
            .where(
                Deliveries.chat_id == chat_id,
                Deliveries.state == DeliveryState.HELD.value,
                Deliveries.not_before > now,
            )
            .values(not_before=now)
        )

    async def move(self, old: int, new: int) -> None:
        """A group became a supergroup. What the new number has of its own stays as it is."""
        await self._connection.execute(update(Mutes).where(Mutes.chat_id == old).values(chat_id=new))
        for table in (QuietHoursRows, Digests):
            rows = await self._connection.execute(select(table.__table__).where(table.chat_id == old))
            if (row := rows.mappings().one_or_none()) is not None:
                await upsert(self._connection, table, [{**row, "chat_id": new}], key=("chat_id",), keep=True)
                await self._connection.execute(delete(table).where(table.chat_id == old))


def _quiet(row: Mapping[Any, Any]) -> QuietHours:
    start, end = (time(*divmod(row[name], 60)) for name in ("start", "end"))
    return QuietHours(**{**row, "start": start, "end": end})


def _digest(row: Mapping[Any, Any]) -> Digest:
    return Digest(**{**row, "every": Every(row["every"])})
