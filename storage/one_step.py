"""SQLite statements in one step each.

The driver hands every call of a cursor to the thread of its connection by itself: to open, execute, fetch and
close is four times there and back for one statement, and for small ones that costs more than all of the rest.

And with every row of a statement that is executed for many the thread gives away the interpreter's lock, and
waits to have it back for as long as something else is at work: so many rows are inserted by one.
"""

import asyncio
import contextlib
import os
import re
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Any, Self, TypeVar, cast

import aiosqlite

T = TypeVar("T")

#: So many rows come along with the execution; a statement that gives more is fetched from as it is read.
AHEAD = 500
#: So many rows are inserted by one statement, as long as it has no more variables than SQLite takes.
ROWS, _VARIABLES = 100, 32_766
_INSERT = re.compile(r"(INSERT INTO [^?]* VALUES )(\(\?(?:, \?)*\))( ON CONFLICT [^?]*)?")


def connect(database: str, **arguments: Any) -> "HurriedConnection":
    """A connection as `aiosqlite.connect` gives it, whose cursors take one step for a statement."""

    def connector() -> sqlite3.Connection:
        if not arguments.get("uri"):
            _make_for_its_user(database)
        connection.opened = sqlite3.connect(database, **arguments)
        return connection.opened

    connection = HurriedConnection(connector, AHEAD)
    connection._thread.daemon = True  # as SQLAlchemy has it: a forgotten connection holds up no end
    return connection


def _make_for_its_user(database: str) -> None:
    """A file that is not there yet is made so that nobody else reads it; what SQLite puts beside it has the
    same rights. One that is there is not opened: to close it would let go of the locks of this process.
    """
    with contextlib.suppress(OSError):  # SQLite says what is wrong
        os.close(os.open(database, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


class HurriedConnection(aiosqlite.Connection):
    """A connection whose statement ends with whoever waits for it, while that is asked for."""

    is_hurried = False
    opened: sqlite3.Connection | None = None  #: by its thread, whether or not anybody still waits for it

    def stop(self) -> asyncio.Future[Any] | None:
        """The same; one that was opened for somebody who was cancelled meanwhile is closed as well."""
        self._tx.put_nowait((None, self._shut))
        stopping: asyncio.Future[Any] | None = super().stop()
        return stopping

    def _shut(self) -> None:
        if self.opened is not None:
            self.opened.close()

    async def run(self, call: Callable[..., T], *arguments: object) -> T:
        """Have the connection's thread make this call. There is no public way to ask for that."""
        raw = self._connection
        try:
            return cast("T", await self._execute(call, *arguments))  # type: ignore[no-untyped-call]
        except asyncio.CancelledError:
            # Here and no later: the engine that gives up a connection waits for its thread.
            if self.is_hurried and raw is not None:
                interrupt(raw)
            raise

    def cursor(self) -> "_Cursor":  # type: ignore[override]  # a cursor costs nothing before it executes
        return _Cursor(self)


def interrupt(raw: sqlite3.Connection) -> None:
    """Break off what it does: the one thing that another thread may do with a connection."""
    with contextlib.suppress(sqlite3.ProgrammingError):  # one that is closed does nothing
        raw.interrupt()


class _Cursor:
    """As much of a cursor as the engine asks for."""

    def __init__(self, connection: HurriedConnection) -> None:
        self._connection = connection
        self._open: sqlite3.Cursor | None = None  #: while there are rows left to fetch
        self._ahead: deque[Any] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        await self._step(lambda cursor: cursor.execute(sql, tuple(parameters)))
        return self

    async def executemany(self, sql: str, parameters: Iterable[Any]) -> Self:
        rows = parameters if isinstance(parameters, list) else list(parameters)
        await self._step(lambda cursor: _execute_many(cursor, sql, rows))
        if len(rows) >= ROWS:
            self.rowcount = -1  # that of the last of them would say nothing
        return self

    async def _step(self, execute: Callable[[sqlite3.Cursor], object]) -> None:
        raw = self._connection._conn

        def step() -> None:
            cursor = self._open or raw.cursor()
            self._open = None
            try:
                execute(cursor)
                rows = cursor.fetchmany(AHEAD) if cursor.description else []
                self.description, self.lastrowid = cursor.description, cursor.lastrowid
                self._ahead = deque(rows)
                if len(rows) == AHEAD:
                    self._open = cursor
            finally:
                self.rowcount = cursor.rowcount
                if self._open is None:
                    cursor.close()

        await self._connection.run(step)

    async def fetchone(self) -> Any:
        found = await self.fetchmany(1)
        return found[0] if found else None

    async def fetchmany(self, size: int | None = None) -> Sequence[Any]:
        wanted = size or self.arraysize
        if len(self._ahead) < wanted and self._open is not None:
            self._ahead.extend(await self._connection.run(self._open.fetchmany, max(wanted, AHEAD)))
        return [self._ahead.popleft() for _ in range(min(wanted, len(self._ahead)))]

    async def fetchall(self) -> Sequence[Any]:
        rows, self._ahead = list(self._ahead), deque()
        if self._open is not None:
            rows += await self._connection.run(self._open.fetchall)
        return rows

    async def close(self) -> None:
        if self._open is not None:
            cursor, self._open = self._open, None
            await self._connection.run(cursor.close)

    async def __aiter__(self) -> AsyncIterator[Any]:
        while rows := await self.fetchmany(AHEAD):
            for row in rows:
                yield row


def _execute_many(cursor: sqlite3.Cursor, sql: str, rows: Sequence[Any]) -> None:
    """As `executemany`; many rows that are inserted are so many at once, in the same order."""
    many, done = _of_many(sql) if len(rows) >= ROWS else None, 0
    while many is not None and len(rows) - done >= ROWS:
        cursor.execute(many, tuple(chain.from_iterable(rows[done : done + ROWS])))
        done += ROWS
    if done < len(rows):
        cursor.executemany(sql, rows[done:])


@cache
def _of_many(sql: str) -> str | None:
    """An insertion of a row as one of many; None where it is none."""
    found = _INSERT.fullmatch(sql)
    if found is None or found[2].count("?") * ROWS > _VARIABLES:
        return None
    before, row, after = found.groups("")
    return f"{before}{', '.join([row] * ROWS)}{after}"
