"""The part that serves: uvicorn, held to what it may cost."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import structlog
import uvicorn
from starlette.types import ASGIApp

from archive.web.config import WebConfig, host_and_port
from archive.web.patience import patient
from domain.errors import DeadairError

log = structlog.get_logger(__name__)

#: Seconds that answers under way are given when Deadair stops.
_GRACE = 1
_LONGEST_HEAD = 32 * 1024


class WebError(DeadairError):
    """Nothing can be served at the place that the config names."""


class _Server(uvicorn.Server):
    """Signals are the supervisor's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(config: WebConfig, app: ASGIApp) -> None:
    """Serve until cancelled. Raises WebError when the place is taken."""
    async with served(config, app):
        await asyncio.Event().wait()


@asynccontextmanager
async def served(config: WebConfig, app: ASGIApp) -> AsyncIterator[int]:
    """Served while the block lasts; gives the port. Raises WebError."""
    bound = _bound(config)
    port = int(bound.getsockname()[1])
    server = _Server(
        uvicorn.Config(
            app,
            http=patient(config.patience.total_seconds()),
            ws="none",
            lifespan="off",
            loop="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=list(config.proxies),
            limit_concurrency=config.connections,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=_GRACE,
            h11_max_incomplete_event_size=_LONGEST_HEAD,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started:
            if running.done():
                running.result()
                raise WebError("the server ended before it began", hint="the log above says why")
            await asyncio.sleep(0.01)
        log.info("web: serving", at=config.listen, address=config.base)
        yield port
    finally:
        server.should_exit = True
        await asyncio.gather(running, return_exceptions=True)
        bound.close()


def _bound(config: WebConfig) -> socket.socket:
    host, port = host_and_port(config.listen)
    try:
        family, kind, number, _, where = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, number)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(where)
        except BaseException:
            bound.close()
            raise
    except OSError as error:
        raise WebError(
            f"cannot serve at {config.listen}: {error.strerror or error}",
            hint="another program has that port, or this machine not that address: [web] listen",
        ) from error
    return bound
