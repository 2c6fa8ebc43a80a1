"""One session of a client: an auth key and a session id over one connection."""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING, Any

from telethon.crypto import AuthKey
from telethon.tl import TLObject

from sandbox.mtproto.cipher import seal
from sandbox.mtproto.fault import RpcFault
from sandbox.mtproto.serial import encode

if TYPE_CHECKING:
    from sandbox.mtproto.connection import Connection

_RPC_RESULT = 0xF35C6D01
_RPC_ERROR = 0x2144CA19
_GZIP_PACKED = 0x3072CFA1
GZIP_OVER = 4096  #: bytes; a smaller answer goes as it is


class Session:
    """Numbers and encrypts what goes to the client."""

    def __init__(self, connection: Connection, key: AuthKey, session_id: int) -> None:
        self.connection = connection
        self.key = key
        self.id = session_id
        self.layer: int | None = None
        self.wants_updates = True
        self._content_sent = 0

    @property
    def account_id(self) -> int | None:
        """Who is logged in with this key."""
        return self.connection.server.logins.get(self.key.key_id)

    def send(self, body: bytes, *, content: bool = True, reply: bool = True) -> None:
        """One message. `content`: the client has to confirm it, and it is counted."""
        number = self._content_sent * 2 + (1 if content else 0)
        if content:
            self._content_sent += 1
        framed = struct.pack("<qii", self.connection.next_msg_id(reply=reply), number, len(body)) + body
        self.connection.send(seal(self.key, self.connection.server.salt, self.id, framed))

    def push(self, update: Any) -> None:
        """Something the client did not ask for."""
        self.send(_packed(encode(update)), reply=False)

    def answer(self, msg_id: int, result: Any) -> None:
        self.send(struct.pack("<Iq", _RPC_RESULT, msg_id) + _packed(encode(result)))

    def refuse(self, msg_id: int, fault: RpcFault) -> None:
        error = struct.pack("<Ii", _RPC_ERROR, fault.code) + TLObject.serialize_bytes(fault.message)
        self.send(struct.pack("<Iq", _RPC_RESULT, msg_id) + error)


def _packed(body: bytes) -> bytes:
    if len(body) <= GZIP_OVER:
        return body
    # Level 1: on loopback the time spent matters, the bytes saved do not.
    return struct.pack("<I", _GZIP_PACKED) + bytes(TLObject.serialize_bytes(gzip.compress(body, 1)))
