"""One TCP connection of a client: unpacks what comes in and hands requests on."""

from __future__ import annotations

import asyncio
import struct
import time
from typing import TYPE_CHECKING, Any

from telethon.errors import TypeNotFoundError
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812
from telethon.tl.core import GzipPacked, MessageContainer

from sandbox.mtproto.cipher import Opened, unseal
from sandbox.mtproto.fault import CutOff, RpcFault, Unanswered
from sandbox.mtproto.handshake import Handshake
from sandbox.mtproto.serial import decode, encode
from sandbox.mtproto.session import Session
from sandbox.mtproto.transport import Transport

if TYPE_CHECKING:
    from sandbox.mtproto.server import MtprotoServer

_BAD_SALT = 48
_MSG_ID_TOO_LOW = 16
_MSG_ID_TOO_HIGH = 17
_WRAPPERS = (
    F.InvokeWithLayerRequest,
    F.InitConnectionRequest,
    F.InvokeWithoutUpdatesRequest,
    F.InvokeAfterMsgRequest,
    F.InvokeWithTakeoutRequest,
)


class Connection:
    """Serves one client until either side hangs up."""

    def __init__(self, server: MtprotoServer, transport: Transport) -> None:
        self.server = server
        self.transport = transport
        self.sessions: dict[int, Session] = {}
        self._handshake: Handshake | None = None
        self._last_msg_id = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def server_time(self) -> float:
        """The server's clock: real seconds, whatever the world's clock says. The protocol takes no other."""
        return time.time() + self.server.link.clock_skew

    def next_msg_id(self, *, reply: bool) -> int:
        """Odd and growing; 1 modulo 4 for answers, 3 for everything else."""
        now = self.server_time()
        number = (int(now) << 32) | (int((now % 1) * 2**32) & ~3)
        number = max(number, (self._last_msg_id & ~3) + 4) | (1 if reply else 3)
        self._last_msg_id = number
        return number

    def send(self, packet: bytes) -> None:
        if self.server.link.answers(self.transport.writer):
            self.transport.send(packet)

    async def run(self) -> None:
        try:
            await self.transport.detect()
            while True:
                packet = await self.transport.receive()
                if not self.server.link.answers(self.transport.writer):
                    continue  # lost on its way: neither done nor logged
                if (error := self.server.link.transport_error) is not None:
                    self.send(struct.pack("<i", error))
                elif len(packet) >= 20:
                    self._take(packet)
                await self.transport.drain()
        except OSError:
            pass  # the client went, or sent what no transport knows: either way the connection is over
        finally:
            for session in self.sessions.values():
                self.server.forget(session)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _take(self, packet: bytes) -> None:
        (key_id,) = struct.unpack("<Q", packet[:8])
        if key_id == 0:
            self._plain(packet)
        elif (key := self.server.keys.get(key_id)) is None:
            self.send(struct.pack("<i", -404))
        else:
            self._encrypted(unseal(key, packet), key)

    def _plain(self, packet: bytes) -> None:
        request = decode(packet[20:])
        if isinstance(request, T.MsgsAck):
            return
        if isinstance(request, (F.ReqPqMultiRequest, F.ReqPqRequest)) or self._handshake is None:
            self._handshake = Handshake()
        body = encode(self._handshake.answer(request, int(self.server_time())))
        if (key := self._handshake.key) is not None:
            self.server.keys[key.key_id] = key
            self._handshake = None
        self.send(struct.pack("<qqi", 0, self.next_msg_id(reply=True), len(body)) + body)

    def _encrypted(self, message: Opened, key: Any) -> None:
        known = self.sessions.get(message.session_id)
        session = known or Session(self, key, message.session_id)
        if message.salt != self.server.salt:
            # A client starts with salt 0; this tells it the salt, and corrects its clock. It sends again.
            bad = T.BadServerSalt(
                bad_msg_id=message.msg_id,
                bad_msg_seqno=0,
                error_code=_BAD_SALT,
                new_server_salt=self.server.salt,
            )
            session.send(encode(bad), content=False)
            return
        ahead = (message.msg_id >> 32) - self.server_time()
        if not -300 < ahead < 30:
            code = _MSG_ID_TOO_HIGH if ahead > 0 else _MSG_ID_TOO_LOW
            notice = T.BadMsgNotification(bad_msg_id=message.msg_id, bad_msg_seqno=0, error_code=code)
            session.send(encode(notice), content=False)
            return
        if known is None:
            self.sessions[message.session_id] = session
            self.server.remember(session)
            created = T.NewSessionCreated(
                first_msg_id=message.msg_id,
                unique_id=message.session_id & 0x7FFFFFFF,
                server_salt=self.server.salt,
            )
            session.send(encode(created), content=False, reply=False)
        self._read(session, message.msg_id, message.body)

    def _read(self, session: Session, msg_id: int, body: bytes) -> None:
        try:
            found = decode(body)
        except TypeNotFoundError as unknown:
            session.refuse(
                msg_id, RpcFault(400, f"INPUT_METHOD_INVALID_{unknown.invalid_constructor_id:08x}")
            )
            return
        self._each(session, msg_id, found)

    def _each(self, session: Session, msg_id: int, found: Any) -> None:
        if isinstance(found, MessageContainer):
            for message in found.messages:
                self._each(session, message.msg_id, message.obj)
        elif isinstance(found, GzipPacked):
            self._read(session, msg_id, found.data)
        elif isinstance(found, (F.PingRequest, F.PingDelayDisconnectRequest)):
            if not self.server.link.mute_pings:
                session.send(encode(T.Pong(msg_id=msg_id, ping_id=found.ping_id)), content=False)
        elif isinstance(found, F.DestroySessionRequest):
            session.send(encode(T.DestroySessionOk(session_id=found.session_id)), content=False)
        elif isinstance(found, F.GetFutureSaltsRequest):
            none = struct.pack("<Iqii", 0xAE500895, msg_id, int(self.server_time()), 0)
            session.send(none, content=False)
        elif not isinstance(found, (T.MsgsAck, T.MsgsStateInfo, T.MsgsStateReq, T.MsgResendReq)):
            task = asyncio.get_running_loop().create_task(self._call(session, msg_id, found))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _call(self, session: Session, msg_id: int, request: Any) -> None:
        while isinstance(request, _WRAPPERS):
            if isinstance(request, F.InvokeWithLayerRequest):
                session.layer = request.layer
            elif isinstance(request, F.InvokeWithoutUpdatesRequest):
                session.wants_updates = False
            elif isinstance(request, F.InitConnectionRequest) and not self.server.knows_app(request.api_id):
                session.refuse(msg_id, RpcFault(400, "CONNECTION_API_ID_INVALID"))
                return
            request = request.query
        try:
            session.answer(msg_id, await self.server.call(session, request))
        except RpcFault as fault:
            session.refuse(msg_id, fault)
        except Unanswered:
            return
        except CutOff:
            self.transport.abort()
