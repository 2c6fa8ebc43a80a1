"""The five transports of MTProto, server side, and their obfuscated forms.

https://core.telegram.org/mtproto/mtproto-transports
"""

import asyncio
import os
import struct
from enum import StrEnum
from typing import Any
from zlib import crc32

from telethon.crypto import AESModeCTR

from sandbox.link import reset

LARGEST_PACKET = 1 << 24


class Framing(StrEnum):
    FULL = "full"
    ABRIDGED = "abridged"
    INTERMEDIATE = "intermediate"
    PADDED = "padded"


_TAGS = {
    b"\xef" * 4: Framing.ABRIDGED,
    b"\xee" * 4: Framing.INTERMEDIATE,
    b"\xdd" * 4: Framing.PADDED,
}


class Garbled(ConnectionError):
    """What came in is no MTProto transport."""


class Transport:
    """One TCP connection as a stream of packets; the framing is told from the client's first bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.framing = Framing.FULL
        self.obfuscated = False
        self._sent = 0
        self._buffer = b""
        self._incoming: Any = None  # AES-CTR of the obfuscated forms, one running stream per direction
        self._outgoing: Any = None

    async def _read(self, n: int) -> bytes:
        while len(self._buffer) < n:
            chunk = await self.reader.read(65536)
            if not chunk:
                raise ConnectionError("the client closed the connection")
            self._buffer += self._incoming.encrypt(chunk) if self._incoming else chunk
        out, self._buffer = self._buffer[:n], self._buffer[n:]
        return out

    async def detect(self) -> None:
        """Tell the framing. The full one has no tag, but its second word, a counter, starts at zero."""
        head = await self._read(4)
        if head[0] == 0xEF:
            self.framing, self._buffer = Framing.ABRIDGED, head[1:] + self._buffer
            return
        if head in _TAGS:
            self.framing = _TAGS[head]
            return
        second = await self._read(4)
        if second == bytes(4):
            self._buffer = head + second + self._buffer
            return
        self._deobfuscate(head + second + await self._read(56))

    def _deobfuscate(self, init: bytes) -> None:
        """The keys lie in the client's 64 random bytes: forwards for its way, backwards for ours."""
        backwards = init[55:7:-1]
        self._incoming = AESModeCTR(init[8:40], init[40:56])
        self._outgoing = AESModeCTR(backwards[:32], backwards[32:48])
        tag = self._incoming.encrypt(init)[56:60]
        if tag not in _TAGS:
            raise Garbled(f"no transport has the tag {tag.hex()}")
        self.framing, self.obfuscated = _TAGS[tag], True
        if self._buffer:
            self._buffer = self._incoming.encrypt(self._buffer)

    async def receive(self) -> bytes:
        """The next packet."""
        if self.framing is Framing.FULL:
            head = await self._read(8)
            (size,) = struct.unpack("<i", head[:4])
            body = await self._read(_sane(size - 8))
            if crc32(head + body[:-4]) != struct.unpack("<I", body[-4:])[0]:
                raise Garbled("a packet's checksum is wrong")
            return body[:-4]
        if self.framing is Framing.ABRIDGED:
            words = (await self._read(1))[0]
            if words >= 0x7F:
                words = int.from_bytes(await self._read(3), "little")
            return await self._read(_sane(words * 4))
        (size,) = struct.unpack("<i", await self._read(4))
        data = await self._read(_sane(size))
        return data[: len(data) // 4 * 4] if self.framing is Framing.PADDED else data

    def send(self, data: bytes) -> None:
        """Hand one packet to the socket; a connection on its way out takes none."""
        if self.writer.is_closing():
            return
        if self.framing is Framing.FULL:
            out = struct.pack("<ii", len(data) + 12, self._sent) + data
            out += struct.pack("<I", crc32(out))
            self._sent += 1
        elif self.framing is Framing.ABRIDGED:
            words = len(data) // 4
            out = (bytes((words,)) if words < 0x7F else b"\x7f" + words.to_bytes(3, "little")) + data
        else:
            if self.framing is Framing.PADDED:
                data += os.urandom(os.urandom(1)[0] % 4)
            out = struct.pack("<i", len(data)) + data
        self.writer.write(self._outgoing.encrypt(out) if self._outgoing else out)

    async def drain(self) -> None:
        await self.writer.drain()

    def abort(self) -> None:
        """End the connection with a reset."""
        reset(self.writer)

    def close(self) -> None:
        self.writer.close()


def _sane(size: int) -> int:
    if not 4 <= size <= LARGEST_PACKET:
        raise Garbled(f"a packet of {size} bytes")
    return size
