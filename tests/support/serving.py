"""The archive served over real HTTP on loopback, and clients of it."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from archive.web.config import WebConfig
from archive.web.serve import served
from deadair.wiring import web_app
from domain.clock import SetClock
from domain.credential import TOKEN_PREFIX, Scope, SignInLink, Token, hash_secret, new_secret
from domain.subscription import Role
from storage.store import Store
from tests.support.searching import DAY, NOON

#: Whom a client trusts to speak for others over TLS, which is not here: else each would read all authorities.
_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
#: When the tests ask: a day after what `searching.fill` holds.
ASKED_AT = NOON + DAY


@dataclass
class Served:
    """A running server."""

    store: Store
    clock: SetClock
    config: WebConfig
    port: int

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def settled(self) -> None:
        """Wait for what the server does when it has answered."""
        async with self.store.begin():  # one writer at a time: whoever was before us is done
            pass
        await asyncio.sleep(0.05)

    def client(self, token: str | None = None, **more: Any) -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(
            base_url=self.base, headers=headers, timeout=30, trust_env=False, verify=_NOBODY, **more
        )


@asynccontextmanager
async def serving(store: Store, at: datetime = ASKED_AT, **config: Any) -> AsyncIterator[Served]:
    clock = SetClock(at)
    web = WebConfig(**{"listen": "127.0.0.1:0", "per_minute": 100_000, "wrong_per_minute": 1000, **config})
    async with web_app(web, store, clock) as app, served(web, app) as port:
        yield Served(store, clock, web, port)


async def make_token(
    store: Store,
    *scopes: Scope,
    name: str = "researcher",
    role: Role = Role.GUEST,
    lasts: timedelta | None = timedelta(days=30),
    made_at: datetime = ASKED_AT,
    per_minute: int | None = None,
) -> str:
    """A token's secret; of no scopes: of all."""
    secret = new_secret(TOKEN_PREFIX)
    async with store.begin() as tx:
        await tx.credentials.add_token(
            Token(
                secret_hash=hash_secret(secret),
                name=name,
                scopes=frozenset(scopes or Scope),
                role=role,
                per_minute=per_minute,
                made_at=made_at,
                expires_at=made_at + lasts if lasts is not None else None,
            )
        )
    return secret


async def make_link(
    store: Store,
    *,
    role: Role = Role.ANALYST,
    chat_id: int | None = None,
    lasts: timedelta = timedelta(minutes=15),
    made_at: datetime = ASKED_AT,
) -> str:
    """A one-time link's code."""
    code = new_secret()
    async with store.begin() as tx:
        await tx.credentials.add_link(
            SignInLink(
                code_hash=hash_secret(code),
                name="Ana",
                role=role,
                chat_id=chat_id,
                made_at=made_at,
                expires_at=made_at + lasts,
            )
        )
    return code
