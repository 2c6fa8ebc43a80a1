"""MTProto 2.0 encryption, server side.

https://core.telegram.org/mtproto/description: x = 0 for what the client sends, 8 for what it gets.
"""

import os
import struct
from hashlib import sha256
from typing import NamedTuple

from telethon.crypto import AES, AuthKey

from sandbox.mtproto.transport import Garbled


class Opened(NamedTuple):
    """One decrypted message."""

    salt: int
    session_id: int
    msg_id: int
    body: bytes


def seal(key: AuthKey, salt: int, session_id: int, framed: bytes) -> bytes:
    """Encrypt one framed message for the client."""
    data = struct.pack("<qq", salt, session_id) + framed
    data += os.urandom(-(len(data) + 12) % 16 + 12)
    secret: bytes = key.key
    msg_key = sha256(secret[96:128] + data).digest()[8:24]
    aes, iv = _derive(secret, msg_key, 8)
    return struct.pack("<Q", key.key_id) + msg_key + bytes(AES.encrypt_ige(data, aes, iv))


def unseal(key: AuthKey, packet: bytes) -> Opened:
    """Decrypt one message of the client. Raises Garbled when its message key does not fit."""
    secret: bytes = key.key
    msg_key = packet[8:24]
    aes, iv = _derive(secret, msg_key, 0)
    data: bytes = AES.decrypt_ige(packet[24:], aes, iv)
    if sha256(secret[88:120] + data).digest()[8:24] != msg_key:
        raise Garbled("a message key does not fit its message")
    salt, session_id, msg_id, _seq, size = struct.unpack("<qqqii", data[:32])
    return Opened(salt, session_id, msg_id, data[32 : 32 + size])


def _derive(secret: bytes, msg_key: bytes, x: int) -> tuple[bytes, bytes]:
    a = sha256(msg_key + secret[x : x + 36]).digest()
    b = sha256(secret[x + 40 : x + 76] + msg_key).digest()
    return a[:8] + b[8:24] + a[24:32], b[:8] + a[8:24] + b[24:32]
