"""Can the accounts watch? Their session files, the way to Telegram, the clock, the application, logins."""

import contextlib
import os
import sqlite3
import stat
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from telethon import errors as E  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import functions as F  # noqa: N812

from collector.allowed import READING
from collector.client import DC, HOST, PORT, connected, is_logged_in, session_path
from collector.config import AccountConfig, App, CollectorConfig
from collector.errors import LoggedOut, Trouble, Wait, said
from collector.lock import Held, only_user_of
from collector.login import HINTS
from collector.proxy import Proxy
from collector.reach import Place, Reached, reach
from collector.sealed import kept_at, opened, plain, row_of, sealed_path
from collector.size import write_size
from domain.check import Check
from domain.clock import Clock
from domain.errors import DeadairError
from domain.instant import say_span
from storage.examine import examine_folder, examine_room, room_above
from storage.keyring import NO_KEY, Keyring
from storage.room import Room, free

#: A clock that is off by more is worth a word,
_OFF = 5.0
#: and by more than this Telegram takes nothing from a client that does not correct it.
_FAR_OFF = 30.0
#: A collector says so often, at least, that it is at work.
_RECENT = timedelta(minutes=10)


async def examine_accounts(
    config: CollectorConfig,
    accounts: Sequence[AccountConfig],
    app: App | None,
    clock: Clock,
    *,
    folder: Path,
    at_work: Mapping[str, tuple[str, datetime]],
) -> AsyncIterator[Check]:
    """Every account in turn, and what they have in common once.

    `at_work`: what a collector last said of each account, and when. `app` None: it is not given, and nobody
    can log in. Nothing is changed, and no session is used that another process holds.
    """
    if not accounts:
        yield Check.wrong(
            "accounts",
            "no account watches: the config has no [[accounts]]",
            'add one with a name ("main"), then: deadair login main',
        )
    ways: dict[tuple[Place, str], Reached | DeadairError] = {}
    app_is_known = app is None
    for account in accounts:
        of = f"account {account.name}"
        session = session_path(account, folder)
        keyring = app.keyring if app is not None else NO_KEY
        for each in _file(of, kept_at(session), is_to_be_sealed=bool(keyring)):
            yield each
        way = _place(session, account.name, config, keyring), account.proxy
        if way not in ways:
            ways[way] = await _tried(*way, config.answer_within, clock)
            for each in _way(ways[way], way[0], account):
                yield each
        if isinstance(ways[way], DeadairError):
            yield Check.note(of, "cannot be looked at: there is no way to Telegram", "mend that first")
            continue
        if not app_is_known and app is not None:
            app_is_known = True
            yield await _app(config, account, app)
        yield await _login(config, account, app, session, at_work.get(account.name), clock)


def examine_files(folder: Path, reserve: int, room: Room = free) -> Check:
    """Can files of posts be kept? `reserve`: bytes of the disk that they leave free."""
    of = "files"
    if (wrong := examine_folder(of, folder, "[collector.files] folder")) is not None:
        return wrong
    at = room_above(folder)
    if room(at) < reserve:
        return Check.note(
            of,
            f"less than {write_size(reserve)} is free at {at}, so files wait for room; posts go on",
            "free some space there, or a smaller [collector.files] reserve",
        )
    return examine_room(at, room, of)


def _file(of: str, session: Path, *, is_to_be_sealed: bool) -> list[Check]:
    """Whoever can read a session file has the account."""
    if not session.is_file():
        return []
    found, out = session.stat(), []
    if is_to_be_sealed and session.suffix == ".session":
        out.append(
            Check.note(
                of,
                f"a key is given, and the session {session} is not encrypted yet",
                "start `deadair run`, which sees to it, or: deadair sessions encrypt",
            )
        )
    if found.st_uid != os.geteuid():
        out.append(
            Check.wrong(
                of,
                f"the session {session} belongs to another user (number {found.st_uid})",
                f"give it to this one: chown {os.geteuid()}:{os.getegid()} {session}",
            )
        )
    elif found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        out.append(
            Check.wrong(
                of,
                f"the session {session} can be read by others (mode {stat.S_IMODE(found.st_mode):o}), and "
                "whoever has it has the account",
                f"chmod 600 {session}",
            )
        )
    if session.parent.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        out.append(
            Check.wrong(
                of,
                f"others can write into {session.parent}, and so take or replace its sessions",
                f"chmod 700 {session.parent}",
            )
        )
    if not os.access(session.parent, os.W_OK) or not os.access(session, os.W_OK):
        out.append(
            Check.wrong(
                of,
                f"the session {session} cannot be written: Telegram's answers could not be kept",
                f"check who owns it and its folder: ls -la {session.parent}",
            )
        )
    return out


def _place(session: Path, account: str, config: CollectorConfig, keyring: Keyring) -> Place:
    """Where the account's session leads."""
    if config.server:
        host, _, port = config.server.rpartition(":")
        return Place(host, int(port), DC)
    with contextlib.suppress(DeadairError, sqlite3.Error):  # what ails it is told by the check of its login
        is_sealed = sealed_path(session).is_file()
        if is_sealed or session.is_file():
            content = opened(session, keyring, account) if is_sealed else plain(session, account)
            if (row := row_of(content, "server_address, port, dc_id")) and row[0] and row[1]:
                return Place(*row)
    return Place(HOST, PORT, DC)


async def _tried(place: Place, proxy: str, within: float, clock: Clock) -> Reached | DeadairError:
    try:
        return await reach(place, Proxy.parse(proxy) if proxy else None, within, clock)
    except DeadairError as error:
        return error


def _way(found: Reached | DeadairError, place: Place, account: AccountConfig) -> list[Check]:
    if isinstance(found, DeadairError):
        return [Check.failed(f"proxy of {account.name}" if account.proxy else "Telegram", found)]
    by = f" through {Proxy.parse(account.proxy)}" if account.proxy else ""
    out = [Check.well("Telegram", f"data centre {place} answers{by} in {found.took * 1000:.0f} ms")]
    off = abs(found.ahead)
    which = "behind" if found.ahead > 0 else "ahead"
    text = f"this machine's clock is {say_span(timedelta(seconds=off))} {which} of Telegram's"
    hint = "have it set by NTP: timedatectl set-ntp true"
    if off >= _FAR_OFF:
        out.append(Check.wrong("clock", text, hint))
    elif off >= _OFF:
        out.append(Check.note("clock", text, hint))
    else:
        out.append(Check.well("clock", "goes with Telegram's"))
    return out


async def _app(config: CollectorConfig, account: AccountConfig, app: App) -> Check:
    """Does Telegram know the application? Asked by a client of its own that nobody is logged in with."""
    of = "application"
    with tempfile.TemporaryDirectory(prefix="deadair-doctor-") as folder:
        may = READING | {"auth.exportLoginToken"}
        try:
            path = Path(folder) / "nobody.session"
            async with connected(account, config, app, path, pushes=False, may=may) as line:
                await line.ask(F.auth.ExportLoginTokenRequest(app.api_id, app.api_hash, except_ids=[]))
        except Wait as wait:
            return Check.note(of, f"could not be asked about: {wait}", "try again later")
        except Trouble as error:
            cause = error.__cause__
            for kind, hint in HINTS.items():
                if isinstance(cause, kind):
                    return Check.wrong(of, f"Telegram refuses api_id {app.api_id}: {said(cause)}", hint)
            return Check.wrong(of, f"could not be asked about: {error}", "try again later")
    return Check.well(of, f"Telegram knows api_id {app.api_id} and its hash")


async def _login(
    config: CollectorConfig,
    account: AccountConfig,
    app: App | None,
    session: Path,
    at_work: tuple[str, datetime] | None,
    clock: Clock,
) -> Check:
    of = f"account {account.name}"
    not_yet = Check.wrong(of, "nobody has logged in with it yet", f"deadair login {account.name}")
    try:
        if app is None and sealed_path(session).is_file():
            return Check.note(of, "has an encrypted session; without an application it cannot be tried")
        if not is_logged_in(session, account.name, app.keyring if app is not None else NO_KEY):
            return not_yet
        with only_user_of(session):
            if app is None:
                return Check.note(of, "has a session; without an application it cannot be tried")
            return await _who(config, account, app, session)
    except Held as held:
        state, at = at_work or ("", None)
        if at is not None and clock.now() - at < _RECENT and state in ("watching", "throttled"):
            return Check.well(of, f"at work in another process: {state}")
        return Check.failed(of, held)
    except DeadairError as error:
        return Check.failed(of, error)


async def _who(config: CollectorConfig, account: AccountConfig, app: App, session: Path) -> Check:
    of = f"account {account.name}"
    try:
        async with connected(account, config, app, session, pushes=False, take_over=False) as line:
            await line.ask(F.updates.GetStateRequest())
            me: Any = await line.within_limit(line.client.get_me, "users.getUsers")
    except LoggedOut as lost:
        return Check.failed(of, lost)
    except Wait as wait:
        return Check.note(of, f"is logged in; {wait}", "it is obeyed: nothing to do but wait")
    except Trouble as error:
        cause = error.__cause__
        if isinstance(cause, (E.ApiIdInvalidError, E.ConnectionApiIdInvalidError)):
            return Check.wrong(of, f"Telegram takes nothing from this application: {said(cause)}")
        return Check.wrong(of, f"could not be tried: {error}", "try again; `deadair run` goes on trying")
    name = " ".join(part for part in (me.first_name, me.last_name) if part) or str(me.id)
    return Check.well(of, f"logged in as {name}")
