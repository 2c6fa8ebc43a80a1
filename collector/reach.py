"""Is there a way to Telegram at all? Asked with the first packet of a handshake, which needs no login."""

import asyncio
import contextlib
import logging
import os
import struct
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from telethon.network import ConnectionTcpFull, ConnectionTcpMTProxyRandomizedIntermediate
from telethon.network.mtprotostate import MTProtoState
from telethon.tl.functions import ReqPqMultiRequest

from collector.proxy import BadProxy, Proxy
from domain.clock import Clock, WallClock
from domain.errors import DeadairError

_RES_PQ = 0x05162463


class NoWay(DeadairError):
    """Telegram cannot be reached, and it is not the proxy."""


@dataclass(frozen=True, slots=True)
class Place:
    """A data centre's address."""

    host: str
    port: int
    dc: int = 2

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """Telegram has answered."""

    took: float  #: seconds from the first packet to its answer
    ahead: float  #: seconds by which its clock is ahead of this machine's


async def reach(place: Place, proxy: Proxy | None, within: float, clock: Clock | None = None) -> Reached:
    """Knock at a data centre, through the proxy where there is one.

    Raises BadProxy or NoWay with what is wrong and what to do.
    """
    kind: Any = ConnectionTcpFull
    if proxy is not None and proxy.secret is not None:
        kind = ConnectionTcpMTProxyRandomizedIntermediate
    quiet = logging.getLogger("telethon.knocking")
    quiet.setLevel(logging.CRITICAL)
    loggers: Any = defaultdict(lambda: quiet)
    connection = kind(place.host, place.port, place.dc, loggers=loggers, proxy=proxy and proxy.for_client)
    is_through = False
    try:
        async with asyncio.timeout(within):
            await connection.connect(timeout=within)
            is_through = True
            return await _knock(connection, loggers, clock or WallClock())
    except Exception as error:  # python-socks has errors of no common kind, and Telethon changes them
        raise _trouble(error, place, proxy, is_through) from error
    finally:
        await _hang_up(connection)


async def _hang_up(connection: Any) -> None:
    with contextlib.suppress(Exception):
        async with asyncio.timeout(1):
            await connection.disconnect()
    # One that got half through has a socket, and no idea of it.
    if connection._writer is not None:
        connection._writer.transport.abort()
        with contextlib.suppress(OSError):
            await connection._writer.wait_closed()


async def _knock(connection: Any, loggers: Any, clock: Clock) -> Reached:
    body = bytes(ReqPqMultiRequest(int.from_bytes(os.urandom(16), "little", signed=True)))
    state = MTProtoState(auth_key=None, loggers=loggers)
    began, sent = time.monotonic(), clock.now().timestamp()
    await connection.send(struct.pack("<qqi", 0, state._get_new_msg_id(), len(body)) + body)
    answer = await connection.recv()
    took = time.monotonic() - began
    if len(answer) < 24 or struct.unpack_from("<I", answer, 20)[0] != _RES_PQ:
        raise ConnectionError(f"what answers there is not Telegram ({answer[:8].hex() or 'nothing'})")
    told = struct.unpack_from("<q", answer, 8)[0] / 2**32
    # The truth lies between sending and receiving.
    early, late = told - (sent + took), told - sent
    ahead = 0.0 if early <= 0 <= late else early if early > 0 else late
    return Reached(took=took, ahead=ahead)


def _trouble(error: Exception, place: Place, proxy: Proxy | None, is_through: bool) -> DeadairError:
    if proxy is None:
        said = _said(error)
        return NoWay(
            f"Telegram's data centre at {place} cannot be reached: {said}",
            hint="is this machine connected, and its firewall open for it? Where Telegram is blocked, give "
            "the account a proxy",
        )
    if is_through and proxy.secret is None:
        said = _said(error)
        return NoWay(
            f"the proxy {proxy} lets us through, but Telegram at {place} does not answer: {said}",
            hint="the net behind the proxy may keep Telegram out: use another one",
        )
    if is_through and isinstance(error, TimeoutError):
        return BadProxy(
            f"the proxy {proxy} takes the connection and stays silent",
            hint="its secret is probably another: copy the proxy's link once more",
        )
    return proxy.trouble(error, f"Telegram at {place}")


def _said(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    if isinstance(error, asyncio.IncompleteReadError):  # of a length that was never one
        return "what answers there is not Telegram, or it hung up within its answer"
    return "no answer in time" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
