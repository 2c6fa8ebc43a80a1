"""The addresses at which Deadair answers, and the one at which it knocks: can they be used?"""

import asyncio
import errno
import os
import socket
from collections.abc import Collection, Iterator
from contextlib import suppress
from urllib.parse import urlsplit

from deadair.config import Config
from deadair.health.config import host_and_port
from domain.check import Check

_WITHIN = 5.0  #: seconds


def examine_listening(config: Config, at_work: Collection[str]) -> Iterator[Check]:
    """Those that the config names. `at_work`: the parts that run now, one of which may have it already."""
    for part, key, listen in (
        ("web", "[web] listen", config.web.listen),
        ("health", "[health] listen", config.health.listen),
    ):
        if not listen:
            continue
        of = f"address of {part}"
        why = _taken(*host_and_port(listen))
        if why is None:
            yield Check.well(of, f"{listen} is free")
        elif why == errno.EADDRINUSE and part in at_work:
            yield Check.well(of, f"{listen} is in use, and the part `{part}` is at work")
        elif why == errno.EADDRINUSE:
            yield Check.wrong(
                of,
                f"{listen} is in use by another program, for no part `{part}` is at work",
                f"find it: ss -ltnp 'sport = :{host_and_port(listen)[1]}'; or another port in {key}",
            )
        elif why == errno.EACCES:
            yield Check.wrong(
                of,
                f"this user may not listen at {listen}",
                f"a port from 1024 on, in {key}; a proxy before it",
            )
        else:
            what = f"{listen} is no address of this machine ({os.strerror(why)})"
            yield Check.wrong(of, what, f"127.0.0.1, or one that `ip address` shows, in {key}")


def _taken(host: str, port: int) -> int | None:
    """Why nobody can begin to listen there now, as the system numbers it; None: one can."""
    try:
        family, kind, number, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        return errno.EADDRNOTAVAIL
    with socket.socket(family, kind, number) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            tried.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            tried.bind(address)
            tried.listen(1)
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return None


async def examine_heartbeat(url: str) -> Check | None:
    """Is there somebody at that address? Nothing is sent, for a request would be a heartbeat. None: there is
    no address. What is said names its host only: who knows the rest can feign health.
    """
    if not url:
        return None
    of, hint = "heartbeat", "is the address right ([health] heartbeat_url), and is there a way out?"
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https"):
        return Check.wrong(of, "the heartbeat's address is none", "it begins with https:// and a host")
    try:
        async with asyncio.timeout(_WITHIN):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        return Check.wrong(of, f"{host}:{port} does not answer within {_WITHIN:g} s", hint)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror or str(error)
        return Check.wrong(of, f"{host}:{port} cannot be reached: {why}", hint)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return Check.well(of, f"{host}:{port} can be reached; nothing was sent")
