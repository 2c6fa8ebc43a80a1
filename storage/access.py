"""Ways in: invites, and what strangers ask for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.request import Request, RequestState
from domain.subscription import Invite, Role
from storage.access_tables import Requests
from storage.tables import Invites
from storage.upsert import upsert


class AccessRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add_invite(self, invite: Invite) -> None:
        row = {name: getattr(invite, name) for name in Invite.__slots__}
        await self._connection.execute(insert(Invites).values({**row, "role": invite.role.value}))

    async def use_invite(self, code_hash: str, chat_id: int, now: datetime) -> Invite | None:
        """Use an invite up. None: there is none, or it was used, revoked, or has expired."""
        used = await self._connection.execute(
            update(Invites)
            .where(Invites.code_hash == code_hash, _is_open(now))
            .values(used_by=chat_id, used_at=now)
            .returning(Invites.__table__)
        )
        row = used.mappings().one_or_none()
        return _invite(row) if row else None

    async def open_invites(self, now: datetime) -> Sequence[Invite]:
        """Those that still open the door, the one that ends first before the others."""
        rows = await self._connection.execute(
            select(Invites.__table__)
            .where(_is_open(now))
            .order_by(Invites.expires_at, Invites.made_at, Invites.code_hash)
        )
        return [_invite(row) for row in rows.mappings()]

    async def used_invites(self, since: datetime) -> Sequence[Invite]:
        """Those that were used after `since`, the last one first."""
        rows = await self._connection.execute(
            select(Invites.__table__).where(Invites.used_at > since).order_by(Invites.used_at.desc())
        )
        return [_invite(row) for row in rows.mappings()]

    async def invite(self, beginning: str) -> Invite | None:
        """By the first letters of its hash; None where there is none, or more than one."""
        rows = await self._connection.execute(
            select(Invites.__table__).where(Invites.code_hash.startswith(beginning, autoescape=True)).limit(2)
        )
        found = rows.mappings().all()
        return _invite(found[0]) if len(found) == 1 else None

    async def revoke_invite(self, code_hash: str, at: datetime | None) -> bool:
        """Close a way in (`at` None: open it again). False: it was used in the meantime."""
        done = await self._connection.execute(
            update(Invites)
            .where(Invites.code_hash == code_hash, Invites.used_at.is_(None))
            .values(revoked_at=at)
        )
        return done.rowcount == 1

    async def request(self, user_id: int) -> Request | None:
        rows = await self._connection.execute(select(Requests.__table__).where(Requests.user_id == user_id))
        row = rows.mappings().one_or_none()
        return _request(row) if row else None

    async def put_request(self, request: Request) -> None:
        """Keep a request as it stands."""
        row = {
            "user_id": request.user_id,
            "name": request.name,
            "handle": request.handle,
            "asked_at": request.asked_at,
            "state": request.state.value,
            "decided_at": request.decided_at,
            "decided_by": request.decided_by,
            "told": {str(chat): message for chat, message in request.told.items()},
        }
        await upsert(self._connection, Requests, [row], key=("user_id",))

    async def waiting_requests(self) -> Sequence[Request]:
        """Those nobody has decided upon, the oldest first."""
        rows = await self._connection.execute(
            select(Requests.__table__)
            .where(Requests.state == RequestState.WAITING.value)
            .order_by(Requests.asked_at, Requests.user_id)
        )
        return [_request(row) for row in rows.mappings()]

    async def asked_since(self, at: datetime) -> int:
        """How many asked after `at`, whatever became of it."""
        found = await self._connection.execute(
            select(func.count()).select_from(Requests).where(Requests.asked_at > at)
        )
        return found.scalar_one()


def _is_open(now: datetime) -> ColumnElement[bool]:
    return Invites.used_at.is_(None) & Invites.revoked_at.is_(None) & (Invites.expires_at > now)


def _invite(row: Mapping[Any, Any]) -> Invite:
    return Invite(**{**row, "role": Role(row["role"])})


def _request(row: Mapping[Any, Any]) -> Request:
    told = {int(chat): message for chat, message in row["told"].items()}
    return Request(**{**row, "state": RequestState(row["state"]), "told": told})
