"""The line between clients and the sandbox, as a test or a scenario wants it."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from domain.errors import DeadairError
from sandbox.faults import LinkState

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Link:
    """A listening socket that can be shut and opened again, at once and on the same port."""

    def __init__(self, serve: Serve, host: str = "127.0.0.1") -> None:
        self.host = host
        self.port = 0
        self.state = LinkState.OPEN
        self.clock_skew = 0.0  #: seconds by which the server's clock is ahead of the machine's
        self.mute_pings = False
        self.taken = 0  #: how many connections have been made, those that were reset at once included
        self.transport_error: int | None = None  #: -404 or -429: what every packet is answered with
        self._serve = serve
        self._held: socket.socket | None = None
        self._listening: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._deaf: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> int:
        """Listen; 0 takes any free port. Returns the port."""
        # Bound and never listening: it keeps the number ours while the port is shut.
        if port:
            _refuse_taken(self.host, port)
        self._held = _bound(self.host, port)
        self.port = self._held.getsockname()[1]
        self._listen()
        return self.port

    async def stop(self) -> None:
        self._shut()
        self.reset_all()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._held is not None:
            self._held.close()
            self._held = None

    def set(self, state: LinkState | str) -> None:
        """Open, refuse, reset, cut or swallow. Connections that stand are reset by all but the last."""
        self.state = LinkState(state)
        if self.state is LinkState.REFUSED:
            self._shut()
        elif self._listening is None and self._held is not None:
            self._listen()
        if self.state in (LinkState.REFUSED, LinkState.RESET, LinkState.CUT):
            self.reset_all()

    def reset_all(self) -> None:
        """Cut every connection with a reset; new ones are as welcome as before."""
        for writer in list(self._writers):
            reset(writer)

    def half_open(self) -> None:
        """Connections that stand are never answered again, nor told; new ones are."""
        self._deaf |= self._writers

    def answers(self, writer: asyncio.StreamWriter) -> bool:
        """Is anything sent on this connection to arrive?"""
        return self.state is not LinkState.BLACK_HOLE and writer not in self._deaf

    def heal(self) -> None:
        """As on the first day; connections that were deaf are cut."""
        for writer in list(self._deaf):
            reset(writer)
        self.clock_skew, self.mute_pings, self.transport_error = 0.0, False, None
        self.set(LinkState.OPEN)

    @property
    def connections(self) -> int:
        return len(self._writers)

    def _listen(self) -> None:
        self._listening = _bound(self.host, self.port)
        self._listening.listen(512)
        self._accepting = asyncio.get_running_loop().create_task(self._accept(self._listening))
        self._keep(self._accepting)

    def _shut(self) -> None:
        if self._accepting is not None:
            self._accepting.cancel()
            self._accepting = None
        if self._listening is not None:
            # A cancelled accept leaves the loop's reader in place until its next turn; the port closes now.
            asyncio.get_running_loop().remove_reader(self._listening.fileno())
            self._listening.close()
            self._listening = None

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            sock, _ = await loop.sock_accept(listening)
            self.taken += 1
            if self.state is LinkState.RESET:
                _reset_on_close(sock)
                sock.close()
                continue
            self._keep(loop.create_task(self._attend(sock)))

    async def _attend(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader(limit=1 << 20)
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, sock)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        self._writers.add(writer)
        try:
            if self.state is LinkState.CUT:
                await reader.read(1)
                reset(writer)
                return
            await self._serve(reader, writer)
        finally:
            self._writers.discard(writer)
            self._deaf.discard(writer)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def reset(writer: asyncio.StreamWriter) -> None:
    """End a connection with a reset, not with a farewell."""
    sock = writer.get_extra_info("socket")
    if sock is not None and sock.fileno() >= 0:
        _reset_on_close(sock)
    writer.transport.abort()


def _reset_on_close(sock: Any) -> None:
    # Linger on, for zero seconds: the kernel sends RST in place of FIN.
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _refuse_taken(host: str, port: int) -> None:
    """Sharing a port, as below, would let two sandboxes listen on one without a word."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise DeadairError(
                f"MTProto cannot listen on port {port}: {error.strerror}",
                hint="choose another port, or 0 for any free one",
            ) from error


def _bound(host: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.setblocking(False)
    sock.bind((host, port))
    return sock
