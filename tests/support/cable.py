"""A network cable between a process and a PostgreSQL, which can be cut and joined again."""

import asyncio
import contextlib
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Self

_SOCKET = ".s.PGSQL.5432"


class Cable:
    """Listens on loopback while the block lasts, and leads to the server whose socket is in `folder`.

    While it is cut nothing passes and nothing is refused: what was sent arrives when it is joined again,
    as it does on a network whose packets are sent anew until somebody answers.
    """

    def __init__(self, folder: Path) -> None:
        self.port = 0
        self._path = str(folder / _SOCKET)
        self._joined = asyncio.Event()
        self._joined.set()
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        self._joined.clear()

    def join(self) -> None:
        self._joined.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._attend, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _attend(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._joined.wait()
            theirs, ours = await asyncio.open_unix_connection(self._path)
            await _first(self._pump(reader, ours), self._pump(theirs, writer))
            await _closed(ours)
        except OSError:
            pass  # the server is away: who asks is hung up on
        finally:
            self._tasks.discard(task)
            await _closed(writer)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            data = await reader.read(1 << 16)
            await self._joined.wait()  # also the word that one side has hung up
            if not data:
                return
            writer.write(data)
            await writer.drain()


async def _first(*ways: Coroutine[None, None, None]) -> None:
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
