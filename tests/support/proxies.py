"""Proxies on loopback: SOCKS5, HTTP CONNECT and MTProxy, each as small as it can be and still be one."""

import asyncio
import base64
import contextlib
import struct
from collections.abc import Awaitable, Callable
from hashlib import sha256
from typing import Any

from telethon.crypto import AESModeCTR

from tests.support.listening import Listening, hang_up

_TAGS = (b"\xef" * 4, b"\xee" * 4, b"\xdd" * 4)


class _Proxy(Listening):
    """`through` counts the connections that it has made for others."""

    def __init__(self, leads_to: tuple[str, int] | None = None, port: int = 0) -> None:
        super().__init__(port)
        self.through = 0
        self.refused = 0
        self._leads_to = leads_to  #: wherever it is asked to go

    async def open(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        streams = await asyncio.open_connection(*(self._leads_to or (host, port)))
        self.through += 1
        return streams


async def _relay(
    one: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    other: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    forth: Callable[[bytes], bytes] = bytes,
    back: Callable[[bytes], bytes] = bytes,
) -> None:
    async def pump(reader: Any, writer: Any, change: Callable[[bytes], bytes]) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                writer.write(change(data))
                await writer.drain()
        writer.close()

    ways: list[Awaitable[None]] = [pump(one[0], other[1], forth), pump(other[0], one[1], back)]
    try:
        await asyncio.gather(*ways)
    finally:
        await hang_up(other[1])


class SocksProxy(_Proxy):
    """SOCKS5 (RFC 1928, 1929); with a `login` it takes nobody without."""

    def __init__(self, login: tuple[str, str] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.login = login

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        version, n = await reader.readexactly(2)
        if version != 5:
            return
        methods = await reader.readexactly(n)
        wanted = 2 if self.login else 0
        if wanted not in methods:
            self.refused += 1
            writer.write(b"\x05\xff")
            return
        writer.write(bytes((5, wanted)))
        if self.login:
            await reader.readexactly(1)
            user = await reader.readexactly((await reader.readexactly(1))[0])
            password = await reader.readexactly((await reader.readexactly(1))[0])
            if (user.decode(), password.decode()) != self.login:
                self.refused += 1
                writer.write(b"\x01\x01")
                return
            writer.write(b"\x01\x00")
        _, _, _, kind = await reader.readexactly(4)
        if kind == 1:
            host = ".".join(str(b) for b in await reader.readexactly(4))
        else:
            host = (await reader.readexactly((await reader.readexactly(1))[0])).decode()
        (port,) = struct.unpack(">H", await reader.readexactly(2))
        try:
            there = await self.open(host, port)
        except OSError:
            writer.write(b"\x05\x05\x00\x01" + bytes(6))  # connection refused
            return
        writer.write(b"\x05\x00\x00\x01" + bytes(6))
        await _relay((reader, writer), there)


class HttpProxy(_Proxy):
    """HTTP CONNECT (RFC 9110 9.3.6); with a `login` it takes nobody without."""

    def __init__(self, login: tuple[str, str] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.login = login

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        verb, target, *_ = head.split(" ", 2)
        if verb != "CONNECT":
            writer.write(b"HTTP/1.1 405 Method Not Allowed\r\n\r\n")
            return
        if self.login:
            word = base64.b64encode(":".join(self.login).encode()).decode()
            if f"basic {word}".casefold() not in head.casefold():
                self.refused += 1
                writer.write(
                    b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n"
                )
                return
        host, _, port = target.rpartition(":")
        try:
            there = await self.open(host, int(port))
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            return
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await _relay((reader, writer), there)


class MtProxy(_Proxy):
    """An MTProxy: obfuscated transport whose keys are mixed with a secret; leads to one server only.

    https://core.telegram.org/mtproto/mtproto-transports#transport-obfuscation
    """

    def __init__(self, leads_to: tuple[str, int], secret: str) -> None:
        super().__init__(leads_to)
        self.secret = secret
        self.dc: int | None = None  #: the data centre that the last client asked for

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        init = await reader.readexactly(64)
        secret, turned = bytes.fromhex(self.secret), init[55:7:-1]
        incoming = AESModeCTR(sha256(init[8:40] + secret).digest(), init[40:56])
        outgoing = AESModeCTR(sha256(turned[:32] + secret).digest(), turned[32:48])
        plain = incoming.encrypt(init)
        if plain[56:60] not in _TAGS:  # another secret: a real one hangs up as well
            self.refused += 1
            return
        self.dc = int.from_bytes(plain[60:62], "little", signed=True)
        there = await self.open("", 0)
        tag = plain[56:60]
        there[1].write(b"\xef" if tag == _TAGS[0] else tag)
        await _relay((reader, writer), there, incoming.encrypt, outgoing.encrypt)
