"""Tokens, one-time links and sessions of those who ask over HTTP; of each secret only its hash."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.credential import Scope, SignInLink, Token, WebSession
from domain.subscription import Role
from storage.credential_tables import SignInLinks, Tokens, WebSessions


class CredentialRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    # -- tokens

    async def add_token(self, token: Token) -> int:
        """Keep a token. Returns its number."""
        made = await self._connection.execute(
            insert(Tokens)
            .values(
                secret_hash=token.secret_hash,
                name=token.name,
                scopes=sorted(scope.value for scope in token.scopes),
                role=token.role.value,
                per_minute=token.per_minute,
                made_at=token.made_at,
                expires_at=token.expires_at,
                used_at=token.used_at,
                revoked_at=token.revoked_at,
            )
            .returning(Tokens.id)
        )
        return int(made.scalar_one())

    async def token(self, secret_hash: str) -> Token | None:
        """By the hash of its secret; also one that is revoked or has expired."""
        rows = await self._connection.execute(
            select(Tokens.__table__).where(Tokens.secret_hash == secret_hash)
        )
        row = rows.mappings().one_or_none()
        return _token(row) if row else None

    async def token_numbered(self, number: int) -> Token | None:
        rows = await self._connection.execute(select(Tokens.__table__).where(Tokens.id == number))
        row = rows.mappings().one_or_none()
        return _token(row) if row else None

    async def tokens(self) -> Sequence[Token]:
        """All there ever were, in the order in which they were made."""
        rows = await self._connection.execute(select(Tokens.__table__).order_by(Tokens.id))
        return [_token(row) for row in rows.mappings()]

    async def token_used(self, number: int, at: datetime) -> None:
        await self._connection.execute(update(Tokens).where(Tokens.id == number).values(used_at=at))

    async def revoke_token(self, number: int, at: datetime) -> bool:
        """Close it, with the sessions that were opened by it. False: there is none, or it was closed."""
        done = await self._connection.execute(
            update(Tokens).where(Tokens.id == number, Tokens.revoked_at.is_(None)).values(revoked_at=at)
        )
        await self._connection.execute(delete(WebSessions).where(WebSessions.token_id == number))
        return done.rowcount == 1

    # -- one-time links

    async def add_link(self, link: SignInLink) -> None:
        row = {name: getattr(link, name) for name in SignInLink.__slots__}
        await self._connection.execute(insert(SignInLinks).values({**row, "role": link.role.value}))

    async def use_link(self, code_hash: str, now: datetime) -> SignInLink | None:
        """Use a link up. None: there is none, it was used, or it has expired."""
        used = await self._connection.execute(
            update(SignInLinks)
            .where(
                SignInLinks.code_hash == code_hash,
                SignInLinks.used_at.is_(None),
                SignInLinks.expires_at > now,
            )
            .values(used_at=now)
            .returning(SignInLinks.__table__)
        )
        row = used.mappings().one_or_none()
        return SignInLink(**{**row, "role": Role(row["role"])}) if row else None

    async def link(self, code_hash: str) -> SignInLink | None:
        """By the hash of its code, without using it up; also one that was used or has expired."""
        rows = await self._connection.execute(
            select(SignInLinks.__table__).where(SignInLinks.code_hash == code_hash)
        )
        row = rows.mappings().one_or_none()
        return SignInLink(**{**row, "role": Role(row["role"])}) if row else None

    # -- sessions

    async def add_session(self, session: WebSession) -> None:
        row = {name: getattr(session, name) for name in WebSession.__slots__}
        await self._connection.execute(insert(WebSessions).values({**row, "role": session.role.value}))

    async def session(self, secret_hash: str, now: datetime) -> WebSession | None:
        """By the hash of its secret. None: there is none, or its time is over."""
        rows = await self._connection.execute(
            select(WebSessions.__table__).where(
                WebSessions.secret_hash == secret_hash, WebSessions.expires_at > now
            )
        )
        row = rows.mappings().one_or_none()
        return WebSession(**{**row, "role": Role(row["role"])}) if row else None

    async def end_session(self, secret_hash: str) -> None:
        await self._connection.execute(delete(WebSessions).where(WebSessions.secret_hash == secret_hash))

    async def forget(self, before: datetime) -> None:
        """Leave nothing of sessions and links that ended before that instant."""
        await self._connection.execute(delete(WebSessions).where(WebSessions.expires_at < before))
        await self._connection.execute(delete(SignInLinks).where(SignInLinks.expires_at < before))


def _token(row: Mapping[Any, Any]) -> Token:
    known = {scope.value for scope in Scope}
    # A scope of a later version opens nothing here.
    scopes = frozenset(Scope(name) for name in row["scopes"] if name in known)
    return Token(**{**row, "scopes": scopes, "role": Role(row["role"])})
