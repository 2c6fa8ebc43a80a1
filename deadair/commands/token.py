"""`deadair token`: ways in to the API and the pages: made, listed, revoked."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from deadair.config import Setup, load
from domain.clock import WallClock
from domain.credential import TOKEN_PREFIX, Scope, SignInLink, Token, hash_secret, new_secret
from domain.errors import DeadairError
from domain.instant import parse_span, say_span
from domain.subscription import Role
from storage.store import open_store

#: What a token may do when nobody says: look at everything, and take nothing out as a whole.
_USUAL = (Scope.POSTS, Scope.CLAIMS, Scope.WATCH, Scope.EPISODES)
_LONGEST_NAME = 120
_NEVER = "never"


def make(
    config: Path | None,
    name: str,
    *,
    scopes: Sequence[str],
    role: str,
    expires: str,
    per_minute: int | None,
) -> None:
    """Prints the secret, this once."""
    setup = load(config)
    given = _scopes(scopes)
    holds = _role(role)
    if holds is not Role.GUEST and Scope.PAGES not in given:
        raise DeadairError(
            "a role counts on the pages only, and this token does not open them",
            hint="add --scope pages, or leave --role out",
        )
    lasts = _span(expires)
    secret = new_secret(TOKEN_PREFIX)
    now = WallClock().now()
    token = Token(
        secret_hash=hash_secret(secret),
        name=_named(name),
        scopes=frozenset(given),
        role=holds,
        per_minute=per_minute,
        made_at=now,
        expires_at=now + lasts if lasts is not None else None,
    )
    number = asyncio.run(_add(setup, token))
    print(secret)
    until = f"until {token.expires_at:%Y-%m-%d %H:%M} UTC" if token.expires_at else "until it is revoked"
    _tell(
        f"token {number} for {token.name}: {', '.join(sorted(given))}; {until}.",
        "Above is its secret, shown this once: only a hash of it is kept. It goes into the header",
        f"Authorization: Bearer ..., never into an address. Revoke it: deadair token revoke {number}",
    )


async def _add(setup: Setup, token: Token) -> int:
    async with open_store(setup.storage, create=False) as store, store.begin() as tx:
        return await tx.credentials.add_token(token)


def show(config: Path | None, *, as_json: bool) -> None:
    setup = load(config)
    tokens = asyncio.run(_all(setup))
    now = WallClock().now()
    if as_json:
        print(json.dumps([_document(token, now) for token in tokens], ensure_ascii=False, indent=1))
        return
    if not tokens:
        print("there is no token; make one: deadair token make NAME")
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for column in ("no", "name", "may", "role", "made", "ends", "last used", "state"):
        table.add_column(column)
    for token in tokens:
        may = "all" if token.scopes == frozenset(Scope) else " ".join(sorted(token.scopes))
        cells = (
            str(token.id),
            token.name,
            may,
            token.role.value,
            _day(token.made_at),
            _day(token.expires_at) if token.expires_at else _NEVER,
            _day(token.used_at) if token.used_at else _NEVER,
            _state(token, now),
        )
        # As text: a name may hold anything, also what rich takes for markup.
        table.add_row(*(Text(cell) for cell in cells))
    Console(highlight=False).print(table)


async def _all(setup: Setup) -> Sequence[Token]:
    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        return await tx.credentials.tokens()


def revoke(config: Path | None, number: int) -> None:
    setup = load(config)
    print(asyncio.run(_revoke(setup, number)))


async def _revoke(setup: Setup, number: int) -> str:
    async with open_store(setup.storage, create=False) as store, store.begin() as tx:
        token = await tx.credentials.token_numbered(number)
        if token is None:
            raise DeadairError(f"there is no token {number}", hint="deadair token list shows those there are")
        if not await tx.credentials.revoke_token(number, WallClock().now()):
            return f"token {number} for {token.name} was revoked before"
        return f"token {number} for {token.name} opens nothing any more, nor do the sessions begun with it"


def link(config: Path | None, name: str, *, role: str) -> None:
    """Prints an address that signs in once."""
    setup = load(config)
    web = setup.config.web
    if not web.base:
        raise DeadairError(
            "nothing is served that one could sign in to",
            hint='name a place in the config: [web] listen = "127.0.0.1:8790"',
        )
    code, now = new_secret(), WallClock().now()
    made = SignInLink(
        code_hash=hash_secret(code),
        name=_named(name),
        role=_role(role),
        made_at=now,
        expires_at=now + web.link_expires,
    )
    asyncio.run(_add_link(setup, made))
    print(f"{web.base}/sign-in/{code}")
    _tell(f"It signs {made.name} in as {made.role.value}, once, within {say_span(web.link_expires)}.")


async def _add_link(setup: Setup, made: SignInLink) -> None:
    async with open_store(setup.storage, create=False) as store, store.begin() as tx:
        await tx.credentials.add_link(made)


def _tell(*lines: str) -> None:
    """To stderr: on stdout stands what is meant for programs."""
    import sys

    for line in lines:
        print(line, file=sys.stderr)


def _named(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise DeadairError(
            f"a name has 1 to {_LONGEST_NAME} letters",
            hint="say who uses it: deadair token make 'Ana, notebook'",
        )
    return name


def _scopes(given: Iterable[str]) -> tuple[Scope, ...]:
    names = [part.strip() for each in given for part in each.split(",") if part.strip()]
    if not names:
        return _USUAL
    if names == ["all"]:
        return tuple(Scope)
    known = {scope.value: scope for scope in Scope}
    for name in names:
        if name not in known:
            raise DeadairError(f"there is no scope {name!r}", hint=f"there are {', '.join(known)}, or all")
    return tuple(known[name] for name in names)


def _role(name: str) -> Role:
    try:
        return Role(name)
    except ValueError:
        raise DeadairError(
            f"there is no role {name!r}", hint=f"there are {', '.join(role.value for role in Role)}"
        ) from None


def _span(text: str) -> timedelta | None:
    if text == _NEVER:
        return None
    try:
        span = parse_span(text)
        WallClock().now() + span
    except (ValueError, OverflowError) as error:
        raise DeadairError(f"--expires: {error}", hint="write 90d, 1w, 12h, or never") from None
    if span <= timedelta(0):
        raise DeadairError("--expires: a token that ends at once opens nothing", hint="write 90d")
    return span


def _state(token: Token, now: datetime) -> str:
    if token.revoked_at is not None:
        return f"revoked {_day(token.revoked_at)}"
    return "open" if token.is_open(now) else "expired"


def _day(at: datetime) -> str:
    return f"{at:%Y-%m-%d}"


def _document(token: Token, now: datetime) -> dict[str, object]:
    def said(at: datetime | None) -> str | None:
        return at.isoformat() if at else None

    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "role": token.role.value,
        "per_minute": token.per_minute,
        "made_at": said(token.made_at),
        "expires_at": said(token.expires_at),
        "used_at": said(token.used_at),
        "revoked_at": said(token.revoked_at),
        "open": token.is_open(now),
    }
