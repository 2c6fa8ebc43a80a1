"""The door: who asks, by which token or session, and how often they may."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from starlette.requests import Request

from archive import complaint
from archive.web.config import WebConfig
from archive.web.csrf import csrf_of
from archive.web.problem import Problem
from archive.web.rates import Grant, Rates
from domain.clock import Clock
from domain.credential import (
    TOKEN_PREFIX,
    Scope,
    SignInLink,
    Token,
    WebSession,
    hash_secret,
    new_secret,
)
from domain.sentence import Sentence
from domain.subscription import Role
from storage.errors import StoreError
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: A token's last use is kept to within this.
_NOTED: Final = timedelta(minutes=1)
#: Names under which people put tokens into addresses, where logs and histories keep them.
_TOKEN_NAMES: Final = frozenset(
    {"token", "access_token", "api_key", "apikey", "key", "auth", "authorization", "bearer"}
)
_SHORTEST, _LONGEST = 20, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody who signed in to the pages."""

    name: str
    role: Role
    session: WebSession
    csrf: str  #: what every form of theirs carries
    language: str | None = None  #: of the chat by which they came; None: as their browser says
    zone: str | None = None  #: the same


class Slots:
    """So many at the same time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.taken = 0

    def begin(self) -> bool:
        """Take one, if one is free; whoever has one gives it back by `end`."""
        if self.taken >= self._most:
            return False
        self.taken += 1
        return True

    def end(self) -> None:
        self.taken -= 1


class Door:
    """One for an application: it remembers how often each has asked."""

    def __init__(
        self,
        config: WebConfig,
        store: Store,
        clock: Clock,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.config = config
        self.store = store
        self.hurried = store.hurried(config.query_longest)  #: for whatever is answered at once
        self.clock = clock
        self.cookie = "__Host-deadair" if config.is_secure else "deadair"
        self.exports = Slots(config.exports_at_once)
        self._monotonic = monotonic
        self._rates = Rates()
        self._noted: dict[int, datetime] = {}
        self._errands: set[asyncio.Task[None]] = set()

    # -- programs

    async def bearer(self, request: Request) -> Token:
        """Whose token comes with a request. Raises Problem: 400, 401 or 429."""
        secret = _bearer_of(request)
        token = None
        if secret.startswith(TOKEN_PREFIX) and _SHORTEST <= len(secret) <= _LONGEST:
            async with self.store.read() as tx:
                token = await tx.credentials.token(hash_secret(secret))
        now = self.clock.now()
        if token is None:
            self.wrong(request)
            raise _refused("token-unknown", "there is no such token", "make one: deadair token make NAME")
        if not token.is_open(now):
            self.wrong(request)
            if token.revoked_at is not None:
                raise _refused("token-revoked", "this token was revoked", "ask ops for another one")
            raise _refused("token-expired", "this token has expired", "make another: deadair token make NAME")
        self._note(token, now)
        return token

    def admit(self, who: str, per_minute: int | None) -> Grant:
        """Count a request. Raises Problem 429 when there were too many."""
        grant = self._rates.ask(who, per_minute or self.config.per_minute, self._monotonic())
        if not grant.ok:
            raise too_many(grant, Sentence(complaint.TOO_MANY_REQUESTS))
        return grant

    def wrong(self, request: Request) -> None:
        """Something that opens nothing was tried. Raises Problem 429 after too many of them."""
        who = f"wrong {request.client.host if request.client else 'somebody'}"
        grant = self._rates.ask(who, self.config.wrong_per_minute, self._monotonic())
        if not grant.ok:
            raise too_many(grant, Sentence(complaint.TOO_MANY_WRONG))

    def _note(self, token: Token, now: datetime) -> None:
        """Keep when it was last used; nobody waits for that."""
        last = self._noted.get(token.id) or token.used_at
        if last is None or now - last >= _NOTED:
            self._noted[token.id] = now
            self._errand(self._used(token.id, now))

    async def _used(self, number: int, now: datetime) -> None:
        async with self.store.begin() as tx:
            await tx.credentials.token_used(number, now)

    def _errand(self, doing: Coroutine[Any, Any, None]) -> None:
        async def run() -> None:
            try:
                await doing
            except StoreError as error:
                log.warning("web: the last use of a token is not kept", reason=error.what)

        task = asyncio.create_task(run())
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def close(self) -> None:
        """End what is still under way."""
        for task in self._errands:
            task.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)

    # -- people

    async def visitor(self, request: Request) -> Visitor | None:
        """Who signed in; None when nobody did, or when it is over."""
        secret = request.cookies.get(self.cookie, "")
        if not _SHORTEST <= len(secret) <= _LONGEST:
            return None
        now = self.clock.now()
        async with self.store.read() as tx:
            session = await tx.credentials.session(hash_secret(secret), now)
            return await _standing(tx, session, secret, now) if session is not None else None

    async def sign_in_by_link(self, request: Request, code: str) -> str:
        """Use a one-time link up. Returns the cookie's value. Raises Problem 403, or 429."""
        now = self.clock.now()
        async with self.store.begin() as tx:
            link = await tx.credentials.use_link(hash_secret(code), now)
            if link is not None:
                return await self._begin(tx, _session_of(link), now)
            known = await tx.credentials.link(hash_secret(code))
        self.wrong(request)
        raise _spent(known)

    async def look_at_link(self, request: Request, code: str) -> None:
        """Uses nothing up. Raises Problem 403 for a link that opens nothing any more, or 429."""
        now = self.clock.now()
        async with self.store.read() as tx:
            known = await tx.credentials.link(hash_secret(code))
        if known is None:
            self.wrong(request)
        if known is None or known.used_at is not None or known.expires_at <= now:
            raise _spent(known)

    async def sign_in_by_token(self, request: Request, secret: str) -> str:
        """The same by a token of scope `pages`."""
        now = self.clock.now()
        secret = secret.strip()
        if secret.startswith(TOKEN_PREFIX) and len(secret) <= _LONGEST:
            async with self.store.begin() as tx:
                token = await tx.credentials.token(hash_secret(secret))
                if token is not None and token.is_open(now) and Scope.PAGES in token.scopes:
                    session = WebSession(
                        secret_hash="",
                        name=token.name,
                        role=token.role,
                        token_id=token.id,
                        made_at=now,
                        expires_at=now,
                    )
                    return await self._begin(tx, session, now)
        self.wrong(request)
        raise Problem(
            403,
            "token-refused",
            Sentence(complaint.OPENS_NO_PAGES),
            hint=Sentence(complaint.WHY_NO_PAGES),
        )

    async def _begin(self, tx: Transaction, session: WebSession, now: datetime) -> str:
        secret = new_secret()
        await tx.credentials.forget(now - timedelta(days=1))
        await tx.credentials.add_session(
            replace(
                session,
                secret_hash=hash_secret(secret),
                made_at=now,
                expires_at=now + self.config.session,
            )
        )
        return secret

    async def sign_out(self, request: Request) -> None:
        async with self.store.begin() as tx:
            await tx.credentials.end_session(hash_secret(request.cookies.get(self.cookie, "")))


async def _standing(tx: Transaction, session: WebSession, secret: str, now: datetime) -> Visitor | None:
    """The session as it stands today: it ends with the chat or token by which it began, and has its role."""
    name, role, language, zone = session.name, session.role, None, None
    if session.chat_id is not None:
        subscriber = await tx.subscriptions.subscriber(session.chat_id)
        if subscriber is None:
            return None
        name, role = subscriber.name, subscriber.role
        language, zone = subscriber.language, subscriber.zone
    if session.token_id is not None:
        token = await tx.credentials.token_numbered(session.token_id)
        if token is None or not token.is_open(now):
            return None
    return Visitor(name=name, role=role, session=session, csrf=csrf_of(secret), language=language, zone=zone)


def _spent(link: SignInLink | None) -> Problem:
    """Why a link opens nothing, and how one comes by another."""
    if link is None:
        why = Sentence(complaint.LINK_UNKNOWN)
    elif link.used_at is not None:
        why = Sentence(complaint.LINK_USED)
    else:
        why = Sentence(complaint.LINK_TOO_OLD, at=link.expires_at)
    hint = Sentence(complaint.ANOTHER_LINK, command="/web", other="deadair token link")
    return Problem(403, "link-spent", why, hint=hint)


def _session_of(link: SignInLink) -> WebSession:
    return WebSession(
        secret_hash="",
        name=link.name,
        role=link.role,
        chat_id=link.chat_id,
        made_at=link.made_at,
        expires_at=link.expires_at,
    )


def _bearer_of(request: Request) -> str:
    """The secret of the one Authorization header. Raises Problem when there is none, or it came otherwise."""
    for name, value in request.query_params.multi_items():
        if name.casefold() in _TOKEN_NAMES or value.startswith(TOKEN_PREFIX):
            raise Problem(
                400,
                "token-in-address",
                "a token stands in the address, where logs and histories keep it",
                hint="send it as `Authorization: Bearer ...`; if it was a real one, revoke it",
            )
    given = request.headers.getlist("authorization")
    if not given:
        raise _refused("token-missing", "no token was sent", "send it as `Authorization: Bearer ...`")
    if len(given) > 1:
        raise Problem(400, "token-twice", "two Authorization headers were sent", hint="send one token, once")
    kind, _, secret = given[0].strip().partition(" ")
    if kind.casefold() != "bearer" or not secret.strip() or "," in secret:
        raise _refused(
            "token-missing", "the Authorization header holds no bearer token", "write `Bearer TOKEN`"
        )
    return secret.strip()


def _refused(code: str, detail: str, hint: str) -> Problem:
    challenge = 'Bearer realm="deadair"' + ("" if code == "token-missing" else ', error="invalid_token"')
    return Problem(401, code, detail, hint=hint, headers={"WWW-Authenticate": challenge})


def too_many(grant: Grant, detail: str) -> Problem:
    wait = max(1, int(grant.wait + 0.999))
    return Problem(
        429,
        "too-many-requests",
        detail,
        hint=Sentence(complaint.COME_BACK, span=timedelta(seconds=wait)),
        headers={"Retry-After": str(wait), **rate_headers(grant)},
    )


def rate_headers(grant: Grant) -> dict[str, str]:
    return {
        "RateLimit-Limit": str(grant.limit),
        "RateLimit-Remaining": str(grant.left),
        "RateLimit-Reset": str(max(0, int(grant.wait + 0.999))),
    }
