"""A connection to Telegram by the stock client, every call on it under a time limit."""

import asyncio
import logging
import os
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

import structlog
from telethon import events
from telethon.crypto import rsa
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpMTProxyRandomizedIntermediate,
)
from telethon.sessions import SQLiteSession
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.allowed import WATCHING, name_of
from collector.config import AccountConfig, App, CollectorConfig
from collector.corrected import CorrectedClock
from collector.errors import (
    Failed,
    Trouble,
    Unanswered,
    Unreachable,
    Unusable,
    Wait,
    is_passing,
    said,
    trouble,
)
from collector.pacing import Pace
from collector.proxy import BadProxy, Proxy
from collector.reach import Place, reach
from collector.sealed import SealedSession, key_of, opened, plain, seal, sealed_path
from collector.stock import StockClient, forget_end
from domain.errors import DeadairError
from domain.instant import utc
from domain.place import place
from storage.keyring import NO_KEY, Keyring

log = structlog.get_logger(__name__)

_TRANSPORTS = {
    "full": ConnectionTcpFull,
    "abridged": ConnectionTcpAbridged,
    "intermediate": ConnectionTcpIntermediate,
}
#: Takes every kind of secret that the client knows.
_MTPROXY = ConnectionTcpMTProxyRandomizedIntermediate
#: Seconds a client is given to say goodbye.
_FAREWELL = 0.7
#: The data centre a sandbox passes for, and a new session begins with.
DC = 2
HOST, PORT = "149.154.167.51", 443


class Line:
    """One connected client. Its errors are those of collector/errors.py."""

    def __init__(
        self,
        client: StockClient,
        account: str,
        within: float,
        *,
        pace: Pace | None = None,
        clock: CorrectedClock | None = None,
    ) -> None:
        self.client = client
        self.account = account
        self.within = within
        self._pace = pace
        self._clock = clock

    async def ask(self, request: Any, *, background: bool = False) -> Any:
        """The answer to one request. Raises Trouble: Wait, Gone, Nobody, Unanswered, Failed, Unreachable,
        LoggedOut. What is asked in the `background` leaves part of the budget to the rest.
        """
        method, channel_id = name_of(request), _channel_of(request)
        # The client remembers waits too, by method alone and for real seconds: ours are the ones that count.
        self.client._flood_waited_requests.pop(request.CONSTRUCTOR_ID, None)
        return await self.paced(lambda: self.client(request), method, channel_id, background=background)

    async def dialogs(self) -> Any:
        """The account's own channels, all of them; the client learns from it where each one's stream
        stands.
        """
        return await self.paced(lambda: self.client.get_dialogs(limit=None), "messages.getDialogs")

    async def paced(
        self,
        call: Callable[[], Awaitable[Any]],
        method: str,
        channel_id: int | None = None,
        *,
        background: bool = False,
    ) -> Any:
        """A call in its turn. Raises Wait, without asking, while Telegram wants none of its kind."""
        if self._pace is not None:
            await self._pace.turn(method, channel_id, background=background)
        sent = self._clock.raw() if self._clock is not None else None
        try:
            answer = await self.within_limit(call, method)
        except Wait as wait:
            if self._pace is not None:
                self._pace.told(wait, method, channel_id)
            raise
        if self._clock is not None and sent is not None:
            if (told := _dated(answer)) is not None:
                self._clock.learn(told, sent)
            elif self._clock.is_doubtful:
                await self.ask(F.updates.GetStateRequest())  # it is dated, and most answers are not
        return answer

    async def within_limit(self, call: Callable[[], Awaitable[Any]], method: str) -> Any:
        """The same for what is more than one request."""
        # A task of its own: when the client hangs up it cancels what waits for an answer, and that must not
        # be mistaken for our being cancelled.
        try:
            task = asyncio.ensure_future(call())
        except OSError as error:
            raise Unreachable(said(error)) from error
        try:
            await asyncio.wait({task}, timeout=self.within)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if not task.done():
            task.cancel()
            raise Unanswered(f"no answer to {method} within {self.within:g} s")
        if task.cancelled():
            raise Unreachable("the connection was closed")
        fault = task.exception()
        if fault is None:
            return task.result()
        if (ours := trouble(fault, self.account, method)) is None:
            # A mistake of the client's: it must not take down what watches other channels.
            log.warning("the client failed at a call", call=method, account=self.account, exc_info=fault)
            ours = Failed(f"{method}: {said(fault)}")
        raise ours from fault

    def waiting_updates(self) -> object:
        """What the client's one loop of updates has still before it; the same thing for long means that it
        hangs. None: nothing."""
        queue, differences = self.client._updates_queue._queue, self.client._message_box.getting_diff_for
        first = queue[0] if queue else None
        return (first, frozenset(map(str, differences))) if queue or differences else None

    @property
    def why_over(self) -> BaseException | None:
        """What ended the stream of updates, and the connection with it; None when nothing did."""
        error: BaseException | None = self.client._updates_error
        return error

    async def ended(self) -> NoReturn:
        """Wait until the connection is over. Raises Unreachable or LoggedOut."""
        over = self.client.disconnected
        try:
            await asyncio.wait({over})
        finally:
            over.cancel()
        error = None if over.cancelled() else over.exception() or self.why_over
        if error is not None and (ours := trouble(error, self.account)) is not None:
            raise ours from error
        raise Unreachable("the connection was closed" if error is None else said(error)) from error

    def listen(self, callback: Callable[[Any], Awaitable[None]], kinds: Sequence[type]) -> None:
        """Have every pushed update of these kinds handed over, in Telegram's order."""
        self.client.add_event_handler(callback, events.Raw(types=list(kinds)))

    def listen_to_differences(
        self,
        change: Callable[[Any], None],
        skip: Callable[[int], None],
        forget: Callable[[int], None],
        early: Callable[[Any], None],
    ) -> None:
        """What the client would keep to itself of what it is told: see `StockClient.hand_over`."""
        self.client.hand_over(change, skip, forget, early)


@asynccontextmanager
async def connected(
    account: AccountConfig,
    config: CollectorConfig,
    app: App,
    session: Path,
    *,
    patience: int = 0,
    prepare: Callable[[Line], None] | None = None,
    pace: Pace | None = None,
    clock: CorrectedClock | None = None,
    pushes: bool = True,
    may: frozenset[str] = WATCHING,
    take_over: bool = True,
) -> AsyncIterator[Line]:
    """A new client, connected. `patience`: how often it repeats a request that Telegram stumbled over.

    Without `pushes` Telegram is asked to send no updates, and the client asks for none. `prepare` is called
    before it connects: what is to hear of every update must be there before the first. `may`: the methods
    that may be called. `take_over`: a plain session is encrypted from now on where a key is given.
    Raises Unreachable when nobody answers in time, LoggedOut when the session is worth nothing any more.
    """
    client = _build(account, config, app, session, patience, pushes, take_over)
    client.may = may
    line = Line(client, account.name, config.answer_within, pace=pace, clock=clock)
    if prepare is not None:
        prepare(line)
    try:
        try:
            await line.within_limit(client.connect, "connect")
        except (Unanswered, Unreachable) as silence:
            raise await _why(silence, account, client.session, config.answer_within) from silence
        yield line
    finally:
        await _hang_up(client)


async def _why(silence: Trouble, account: AccountConfig, session: Any, within: float) -> Unreachable:
    """The client keeps to itself why it could not connect; of a proxy it is worth finding out."""
    if account.proxy:
        place = Place(session.server_address or HOST, session.port or PORT, session.dc_id or DC)
        try:
            await reach(place, Proxy.parse(account.proxy), within)
        except BadProxy as bad:
            return Unreachable(f"{bad.what}; {bad.hint}")
        except DeadairError as error:
            return Unreachable(error.what)
    return Unreachable(str(silence))


def session_path(account: AccountConfig, folder: Path) -> Path:
    """Where the account's session is kept; a relative path counts from the config's folder."""
    path = place(folder, account.session_path)
    return path if path.suffix == ".session" else path.with_name(path.name + ".session")


def is_logged_in(session: Path, account: str, keyring: Keyring = NO_KEY) -> bool:
    """Does the file hold a login at all? Whether Telegram still takes it only Telegram can tell.

    Raises Unusable when the file is no session, Locked when it is encrypted for no key that is given.
    """
    if sealed_path(session).is_file():
        content = opened(session, keyring, account)
    elif not session.is_file() or session.stat().st_size == 0:
        return False
    else:
        content = plain(session, account)
    try:
        return bool(key_of(content))
    except sqlite3.Error as error:
        raise _useless(session, account, error) from error


def _useless(path: Path, account: str, error: Exception) -> Unusable:
    return Unusable(
        f"the session file {path} of account {account!r} cannot be used: {error}",
        hint=f"check its owner; if it is damaged, remove it and run: deadair login {account}",
    )


def _build(
    account: AccountConfig,
    config: CollectorConfig,
    app: App,
    path: Path,
    patience: int,
    pushes: bool,
    take_over: bool,
) -> StockClient:
    if config.server:
        _trust(config.server_key)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        session = _session(path, account.name, app.keyring, take_over=take_over)
        if config.server:
            _lead(session, config.server)
    except (OSError, sqlite3.Error) as error:
        if is_passing(error):
            raise Unreachable(f"the session file cannot be written just now: {error}") from error
        raise _useless(path, account.name, error) from error
    proxy = Proxy.parse(account.proxy) if account.proxy else None
    name = f"telethon.{account.name}"
    # What goes wrong with the connection comes to us as an error; told twice it would be told at every retry.
    logging.getLogger(f"{name}.network.mtprotosender").setLevel(logging.CRITICAL)
    logging.getLogger(f"{name}.network.connection").setLevel(logging.CRITICAL)
    return StockClient(
        session,
        app.api_id,
        app.api_hash,
        connection=_MTPROXY if proxy and proxy.secret else _TRANSPORTS[config.transport],
        proxy=proxy and proxy.for_client,
        timeout=max(1, round(config.answer_within)),
        # One try each and no reconnecting: Telethon's own is a hot loop when connections are taken and reset,
        # fetches nothing that was missed, and survives neither a wrong clock nor a deaf update loop.
        request_retries=patience,
        connection_retries=0,
        retry_delay=0,
        auto_reconnect=False,
        raise_last_call_error=True,
        flood_sleep_threshold=0,
        sequential_updates=True,
        catch_up=pushes,
        receive_updates=pushes,
        base_logger=name,
        device_model="Deadair",
    )


def _session(path: Path, account: str, keyring: Keyring, *, take_over: bool) -> SQLiteSession:
    """The client's session, encrypted where there is a key. Raises OSError, sqlite3.Error, Locked."""
    if keyring and take_over and seal(path, keyring, account):
        log.info("session encrypted from now on", account=account, file=str(sealed_path(path)))
    if sealed_path(path).is_file():
        return SealedSession(sealed_path(path), keyring, opened(path, keyring, account))
    if keyring and not path.is_file():
        return SealedSession(sealed_path(path), keyring)
    # Before SQLite makes it with wider rights: who reads this file is the account.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)
    return SQLiteSession(str(path))


def _lead(session: SQLiteSession, server: str) -> None:
    """To the server that stands for Telegram. Raises OSError, sqlite3.Error."""
    host, _, port = server.rpartition(":")
    if (session.server_address, session.port) == (host, int(port)):
        return
    try:
        session.set_dc(DC, host, int(port))
        session.save()
    except (OSError, sqlite3.Error):
        session.close()
        raise


def _trust(key: str) -> None:
    if not key:
        return
    try:
        pem = key if "-----BEGIN" in key else place(Path(), key).read_text("ascii")
        rsa.add_key(pem, old=False)
    except (OSError, ValueError) as error:
        raise DeadairError(
            f"collector.server_key is of no use: {error}",
            hint="it is the sandbox's public key in PEM (BEGIN RSA PUBLIC KEY), or the path of such a file",
        ) from error


async def _hang_up(client: StockClient) -> None:
    leaving = asyncio.ensure_future(client.disconnect())
    done, _ = await asyncio.wait({leaving}, timeout=_FAREWELL)
    for task in done:
        if not task.cancelled():
            task.exception()  # whatever it was, the connection is over
    forget_end(client._sender)
    # What ended later than the rest notes something more, and opens the file anew for it.
    with suppress(OSError, sqlite3.Error):
        client.session.close()


def _dated(answer: Any) -> datetime | None:
    """When Telegram gave this answer, where it says so."""
    state = answer if isinstance(answer, T.updates.State) else getattr(answer, "state", None)
    date = getattr(state, "date", None)
    return utc(date) if isinstance(date, datetime) else None


def _channel_of(request: Any) -> int | None:
    """The channel that a request is about, where it is about one."""
    for field in ("channel", "peer"):
        number = getattr(getattr(request, field, None), "channel_id", None)
        if isinstance(number, int):
            return number
    return None
