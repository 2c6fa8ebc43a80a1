"""Logs an account in, once: by phone and code, or by QR code; with the password where two-step verification
is on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol, TypeVar

from telethon import errors as E  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl.functions.account import GetPasswordRequest

from collector.allowed import LOGGING_IN, WATCHING
from collector.client import Line, connected, session_path
from collector.config import AccountConfig, App, CollectorConfig
from collector.errors import (
    Banned,
    Failed,
    Locked,
    LoggedOut,
    Trouble,
    Unanswered,
    Unreachable,
    Unusable,
    Wait,
    said,
    trouble,
)
from collector.lock import only_user_of
from collector.sealed import kept_at
from domain.errors import DeadairError
from domain.instant import say_span, utc

T = TypeVar("T")
#: How often a wrong code, number or password may be given anew.
TRIES = 3
#: QR codes live for half a minute; so many are shown one after the other.
_QR_CODES = 10


class Asker(Protocol):
    """Whoever talks with the person who logs in."""

    async def phone(self) -> str:
        """The number of the account, with its country code."""

    async def code(self, where: str) -> str:
        """The code that Telegram has sent; `where` says to which place."""

    async def password(self, hint: str) -> str:
        """The password of two-step verification, with the hint the person once left for it."""

    async def show_qr(self, url: str, until: datetime) -> None:
        """Show `url` as a QR code; it is good until then. Called again with the next one."""

    async def tell(self, text: str) -> None:
        """Say something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The account that is logged in now."""

    id: int
    name: str
    username: str | None
    phone: str | None


async def login(
    account: AccountConfig,
    config: CollectorConfig,
    app: App,
    ask: Asker,
    *,
    folder: Path = Path(),
    qr: bool = False,
) -> Me:
    """Log the account in and keep the session in its file, readable for its owner only.

    One that is logged in already stays so. Raises Held while a collector runs on the session, and
    DeadairError that says what to do when Telegram refuses or cannot be reached.
    """
    path = session_path(account, folder)
    me: Me | None = None
    with only_user_of(path):
        try:
            try:
                me = await _once(account, config, app, path, ask, qr=qr)
            except (Banned, Locked, Unusable):
                raise
            except LoggedOut as lost:
                # Telegram no longer knows the key in this file: nothing can be done with it.
                kept = kept_at(path)
                aside = kept.with_name(kept.name + ".lost")
                kept.replace(aside)
                await ask.tell(f"{lost.what}. Its session was put aside as {aside.name}.")
                me = await _once(account, config, app, path, ask, qr=qr)
        except Wait as wait:
            raise _patience(account, wait) from wait
        except (Unreachable, Unanswered) as error:
            raise DeadairError(
                f"no way to Telegram: {error}",
                hint="is there a connection? Where Telegram is blocked, give the account a proxy",
            ) from error
        except Failed as error:
            raise _refused(error) from error
    if me is None:
        raise DeadairError("Telegram took the login and does not know of it", hint="try once more")
    return me


async def _once(
    account: AccountConfig, config: CollectorConfig, app: App, path: Path, ask: Asker, *, qr: bool
) -> Me | None:
    async with connected(account, config, app, path, patience=2, may=WATCHING | LOGGING_IN) as line:
        if (me := await _who(line)) is not None:
            await ask.tell(f"{me.name} is logged in already.")
            return me
        await (_by_qr(line, ask) if qr else _by_code(line, ask))
        return await _who(line)


async def _who(line: Line) -> Me | None:
    try:
        user = await line.within_limit(line.client.get_me, "users.getUsers")
    except Banned:
        raise
    except LoggedOut:
        return None
    if user is None:
        return None
    name = " ".join(part for part in (user.first_name, user.last_name) if part)
    return Me(id=user.id, name=name or str(user.id), username=user.username, phone=user.phone)


async def _by_code(line: Line, ask: Asker) -> None:
    client = line.client

    async def send() -> tuple[str, Any]:
        phone = "".join(c for c in await ask.phone() if c.isdigit() or c == "+")
        return phone, await _call(line, lambda: client.send_code_request(phone), "auth.sendCode")

    phone, sent = await _until_right(send, {E.PhoneNumberInvalidError: "Telegram knows no such number."}, ask)

    async def enter() -> None:
        nonlocal sent
        code = "".join(c for c in await ask.code(_where(sent)) if c.isalnum())
        hashed = sent.phone_code_hash
        try:
            await _call(line, lambda: client.sign_in(phone, code=code, phone_code_hash=hashed), "auth.signIn")
        except Failed as error:
            if isinstance(error.__cause__, E.PhoneCodeExpiredError):
                sent = await _call(line, lambda: client.send_code_request(phone), "auth.sendCode")
            raise

    wrong = {
        E.PhoneCodeInvalidError: "That is not the code.",
        E.PhoneCodeEmptyError: "That is not the code.",
        E.PhoneCodeExpiredError: "That code has run out; a new one was sent.",
    }
    try:
        await _until_right(enter, wrong, ask)
    except Failed as error:
        if not isinstance(error.__cause__, E.SessionPasswordNeededError):
            raise
        await _password(line, ask)


async def _password(line: Line, ask: Asker) -> None:
    hint = (await line.ask(GetPasswordRequest())).hint or ""

    async def enter() -> None:
        word = await ask.password(hint)
        await _call(line, lambda: line.client.sign_in(password=word), "auth.checkPassword")

    wrong = {E.PasswordHashInvalidError: "That is not the password."}
    await _until_right(enter, wrong, ask)


async def _by_qr(line: Line, ask: Asker) -> None:
    shown = await _call(line, line.client.qr_login, "auth.exportLoginToken")
    for _ in range(_QR_CODES):
        await ask.show_qr(shown.url, utc(shown.expires))
        scanned = asyncio.ensure_future(shown.wait())
        over = asyncio.ensure_future(line.ended())
        try:
            await asyncio.wait({scanned, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (scanned, over):
                task.cancel()
            await asyncio.gather(scanned, over, return_exceptions=True)
        if scanned.cancelled():
            over.result()  # raises what ended the line
        error = scanned.exception()
        if error is None:
            return
        if isinstance(error, E.SessionPasswordNeededError):
            await _password(line, ask)
            return
        if not isinstance(error, TimeoutError):
            raise trouble(error, line.account, "auth.exportLoginToken") or error
        await _call(line, shown.recreate, "auth.exportLoginToken")
    raise DeadairError(
        "nobody has scanned the QR code",
        hint="in Telegram on the phone: Settings, Devices, Link Desktop Device",
    )


async def _call(line: Line, call: Callable[[], Awaitable[Any]], method: str) -> Any:
    return await line.within_limit(call, method)


async def _until_right(
    attempt: Callable[[], Awaitable[T]], wrong: dict[type[Exception], str], ask: Asker
) -> T:
    """Try again when a person has mistyped, a few times; any other refusal goes up at once."""
    for n in range(TRIES):
        try:
            return await attempt()
        except Failed as error:
            word = next((text for kind, text in wrong.items() if isinstance(error.__cause__, kind)), None)
            if word is None or n == TRIES - 1:
                raise
            await ask.tell(word)
    raise AssertionError("unreachable")


def _where(sent: Any) -> str:
    kind = type(sent.type).__name__.removeprefix("SentCodeType").lower()
    return _PLACES.get(kind, kind)


_PLACES = {
    "app": "the Telegram app",
    "sms": "a text message",
    "call": "a call",
    "emailcode": "your e-mail",
}


def _patience(account: AccountConfig, wait: Wait) -> DeadairError:
    span = say_span(timedelta(seconds=wait.seconds))
    return DeadairError(
        f"Telegram takes no login of {account.name!r} for another {span}",
        hint="it asks so after too many attempts; trying sooner makes it longer",
    )


HINTS: dict[type[Exception], str] = {
    E.ConnectionApiIdInvalidError: "check DEADAIR_API_ID against my.telegram.org",
    E.ApiIdInvalidError: "check DEADAIR_API_ID and DEADAIR_API_HASH against my.telegram.org",
    E.ApiIdPublishedFloodError: "this api_id is public and blocked: get your own at my.telegram.org",
    E.PhoneNumberInvalidError: "write the number with its country code, as +44 7700 900123",
    E.PhoneNumberBannedError: "Telegram has shut this number out: use another account",
    E.PhoneNumberUnoccupiedError: "no account has this number: sign up with Telegram's own app first",
    E.PhoneCodeInvalidError: "run the command again for a new code",
    E.PhoneCodeExpiredError: "run the command again for a new code",
    E.PasswordHashInvalidError: "it is the password of two-step verification, not the code",
}


def _refused(error: Trouble) -> DeadairError:
    cause = error.__cause__
    hint = next((h for kind, h in HINTS.items() if isinstance(cause, kind)), "try again later")
    return DeadairError(f"Telegram refused the login: {said(cause) if cause else error}", hint=hint)
