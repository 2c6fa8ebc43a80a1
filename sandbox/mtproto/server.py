"""The MTProto server: keys, logins and sessions over one link, and the methods it answers."""

import asyncio
import inspect
import os
from datetime import UTC, datetime
from typing import Any

from telethon.crypto import AuthKey
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from domain.errors import DeadairError
from sandbox.account import Account
from sandbox.faults import Deed, Fault, Faults
from sandbox.link import Link
from sandbox.mtproto.call import METHODS, WITHOUT_LOGIN, Call, channel_of, name_of
from sandbox.mtproto.centre import HOME
from sandbox.mtproto.connection import Connection
from sandbox.mtproto.fault import CutOff, RpcFault, Unanswered
from sandbox.mtproto.log import Logged, MethodLog
from sandbox.mtproto.logins import Logins, read_token
from sandbox.mtproto.methods import (  # noqa: F401 - each registers its methods
    account,
    auth,
    channels,
    config,
    contacts,
    dialogs,
    invites,
    messages,
    updates,
    upload,
    users,
)
from sandbox.mtproto.methods.channels import hollow
from sandbox.mtproto.methods.messages import LARGEST_PAGE
from sandbox.mtproto.push import Pusher
from sandbox.mtproto.render import Renderer
from sandbox.mtproto.serial import UNKNOWN_CONSTRUCTOR, Encoded, encode
from sandbox.mtproto.session import Session
from sandbox.mtproto.transport import Transport
from sandbox.world import World


class MtprotoServer:
    """A Telegram for stock clients, over the world given: point a session at 127.0.0.1 and its `port`."""

    def __init__(self, world: World, *, faults: Faults | None = None, centre: int = HOME) -> None:
        self.world = world
        self.centre = centre
        self.centres: dict[int, MtprotoServer] = {centre: self}  #: all of this Telegram
        self.exported: dict[bytes, tuple[int, int]] = {}  #: ticket -> for which centre, and of which account
        self.faults = faults or Faults()
        self.render = Renderer(world)
        self.log = MethodLog()
        self.errors: list[str] = []  #: methods nobody has faked, and our own mistakes: tests assert it empty
        self.keys: dict[int, AuthKey] = {}
        self.logins: dict[int, int] = {}  #: auth key id -> account
        self.attempts = Logins()
        self.sessions: set[Session] = set()
        #: A client that lags behind by more happenings than this gets "difference too long".
        self.too_long_after = 10_000
        #: The applications there are, api_id -> api_hash; None: any is taken.
        self.apps: dict[int, str] | None = None
        self.salt = int.from_bytes(os.urandom(8), "little", signed=True)
        self.link = Link(self._serve)
        self._pusher = Pusher(self)
        if centre == HOME:
            world.subscribe(self._pusher.tell)

    def another_centre(self, number: int) -> "MtprotoServer":
        """A further data centre: of the same accounts, faults and log, with keys and a line of its own.

        It is to be started by itself; files lie there whose `detail` names it, and it pushes nothing.
        """
        other = MtprotoServer(self.world, faults=self.faults, centre=number)
        other.log, other.errors, other.apps = self.log, self.errors, self.apps
        other.centres, other.exported = self.centres, self.exported
        self.centres[number] = other
        return other

    @property
    def port(self) -> int:
        return self.link.port

    async def start(self, port: int = 0) -> int:
        """Listen on loopback; 0 takes any free port. Returns the port."""
        self._pusher.start()
        return await self.link.start(port)

    async def stop(self) -> None:
        await self.link.stop()

    async def __aenter__(self) -> "MtprotoServer":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # -- who is there

    def authorise(self, who: Account) -> AuthKey:
        """An auth key that is logged in already: a client that has it skips handshake and login."""
        key = AuthKey(os.urandom(256))
        self.keys[key.key_id] = key
        self.logins[key.key_id] = who.id
        return key

    def log_out(self, who: Account) -> None:
        """End every login of this account, as a person does from another device."""
        for each in self.centres.values():
            each.logins = {key: number for key, number in each.logins.items() if number != who.id}

    def forget_keys(self, who: Account) -> None:
        """Telegram knows the auth keys of this account no more: packets with them are answered with -404."""
        gone = {key for key, number in self.logins.items() if number == who.id}
        self.log_out(who)
        self.keys = {key: value for key, value in self.keys.items() if key not in gone}

    def accept_login(self, shown: str | bytes, who: Account) -> None:
        """A person scans the QR code of a client: `shown` is its token, or its tg:// address.

        Raises DeadairError when no such code is shown, or no longer.
        """
        token = self.attempts.tokens.get(read_token(shown))
        if token is None or token.accepted_by is not None or token.expires_at <= datetime.now(UTC):
            raise DeadairError("no QR code with this token waits to be accepted", hint="codes last 30 s")
        token.accepted_by = who.id
        notice = T.UpdateShort(update=T.UpdateLoginToken(), date=self.world.clock.now())
        for session in self.sessions_of(token.key_id):
            session.push(notice)

    def remember(self, session: Session) -> None:
        self.sessions.add(session)

    def forget(self, session: Session) -> None:
        self.sessions.discard(session)

    def sessions_of(self, key_id: int) -> list[Session]:
        return [s for s in self.sessions if s.key.key_id == key_id]

    def knows_app(self, api_id: int, api_hash: str | None = None) -> bool:
        """Is there such an application? Without its hash: is there one of that number?"""
        if self.apps is None:
            return True
        return api_id in self.apps and api_hash in (None, self.apps[api_id])

    # -- calls

    async def call(self, session: Session, request: Any) -> Any:
        """Answer one request. Raises RpcFault, Unanswered or CutOff."""
        name, channel, account_id = name_of(request), channel_of(request), session.account_id
        entry = self.log.add(
            Logged(
                at=self.world.clock.now(), account=account_id, method=name, channel=channel, request=request
            )
        )
        try:
            if left := self.faults.wait_left(name, channel, account_id, entry.at):
                raise RpcFault(420, f"FLOOD_WAIT_{left}")
            fault = self.faults.next(name, channel, account_id, request)
            if fault is not None:
                await _before(fault)
            result = await self._answer(name, session, request)
            if fault is not None:
                result = _after(fault, result)
        except RpcFault as refusal:
            entry.outcome = refusal.message
            raise
        except (Unanswered, CutOff) as end:
            entry.outcome = type(end).__name__
            raise
        entry.outcome = "ok"
        return result

    async def _answer(self, name: str, session: Session, request: Any) -> Any:
        handler = METHODS.get(name)
        if handler is None:
            self.errors.append(f"method not faked: {name}")
            raise RpcFault(400, f"METHOD_NOT_FAKED_{name}")
        call = Call(server=self, session=session)
        if name not in WITHOUT_LOGIN or session.account_id is not None:
            refused = call.account.refused
            # With 401 the login is void, and what needs none goes on; anything else stops every call.
            if refused is not None and not (refused[0] == 401 and name in WITHOUT_LOGIN):
                raise RpcFault(*refused)
        try:
            found = handler(call, request)
            return await found if inspect.isawaitable(found) else found
        except RpcFault:
            raise
        except Exception as mistake:  # a mistake of the sandbox must fail the test, not the client's patience
            self.errors.append(f"{name}: {mistake!r}")
            # 400, for a client tries a 500 again and again.
            raise RpcFault(400, "SANDBOX_MISTAKE") from mistake

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Connection(self, Transport(reader, writer)).run()


async def _before(fault: Fault) -> None:
    match fault.deed:
        case Deed.ERROR:
            raise RpcFault(fault.code, fault.message)
        case Deed.DELAY:
            await asyncio.sleep(fault.seconds)
        case Deed.SWALLOW:
            raise Unanswered
        case Deed.DROP_BEFORE:
            raise CutOff


def _after(fault: Fault, result: Any) -> Any:
    match fault.deed:
        case Deed.DROP_AFTER:
            raise CutOff
        case Deed.LOSE_ANSWER:
            raise Unanswered
        case Deed.GARBLE:
            return _garbled(result)
        case Deed.TWICE:
            result.messages = [*result.messages[:1], *result.messages[: LARGEST_PAGE - 1]]
        case Deed.HOLLOW:
            result.messages = [hollow(each) for each in result.messages]
    return result


def _garbled(result: Any) -> Any:
    """Something new among the updates of a difference; anything else is replaced."""
    if isinstance(result, (T.updates.Difference, T.updates.ChannelDifference)):
        result.other_updates = [*result.other_updates, Encoded(UNKNOWN_CONSTRUCTOR)]
        return Encoded(encode(result))
    return Encoded(UNKNOWN_CONSTRUCTOR)
