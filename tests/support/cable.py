"""A network cable between a process and a PostgreSQL, which can be cut and joined again."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path

from tests.support.listening import Listening, hang_up

_SOCKET = ".s.PGSQL.5432"


class Cable(Listening):
    """Leads to the server whose socket is in `folder`.

    While it is cut nothing passes and nothing is refused: what was sent arrives when it is joined again,
    as it does on a network whose packets are sent anew until somebody answers.
    """

    def __init__(self, folder: Path, host: str = "127.0.0.1") -> None:
        super().__init__(host=host)
        self._path = str(folder / _SOCKET)
        self._joined = asyncio.Event()
        self._joined.set()

    def cut(self) -> None:
        self._joined.clear()

    def join(self) -> None:
        self._joined.set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._joined.wait()
        theirs, ours = await asyncio.open_unix_connection(self._path)
        try:
            await _first(self._pump(reader, ours), self._pump(theirs, writer))
        finally:
            await hang_up(ours)

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
