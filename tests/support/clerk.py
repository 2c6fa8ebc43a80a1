"""Says statements to a server by one connection that lasts, in a loop of its own: those of tests come and go.

A connection of PostgreSQL's is a process: to begin one for each database that is made or thrown away costs as
much as the copy.
"""

import asyncio
import threading
from typing import Any

import asyncpg


class Clerk:
    """Connects when it is first needed, and anew when the server was away."""

    def __init__(self, **where: Any) -> None:
        """`where`: as asyncpg wants it."""
        self._where = where
        self._connection: asyncpg.Connection | None = None
        self._one = asyncio.Lock()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    async def execute(self, statement: str) -> None:
        """From any loop."""
        await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._say(statement), self._loop))

    async def _say(self, statement: str) -> None:
        async with self._one:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(**self._where)
            await self._connection.execute(statement)

    def end(self) -> None:
        """Whether or not the server still answers."""
        if self._connection is not None:
            self._loop.call_soon_threadsafe(self._connection.terminate)
        self._loop.call_soon_threadsafe(self._loop.call_later, 0.01, self._loop.stop)
        self._thread.join()
        self._loop.close()
