"""Counts what is done: statements, transactions, processor time, what PostgreSQL writes into its log."""

import os
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import event, text
from sqlalchemy.engine import Engine

from storage.store import Store

_WRITES = ("INSERT", "UPDATE", "DELETE")


class Meter:
    """By part, in `found`: for how many (`n`), `reads` and `writes` (statements; one for many rows is one),
    `transactions`, `ours` and `theirs` (seconds of our processor time and of PostgreSQL's; SQLite works in
    ours), `logged` (bytes of PostgreSQL's log of writes; the tests' server writes no whole pages into it).

    `server` is the process of PostgreSQL, if there is one.
    """

    def __init__(self, store: Store, server: int | None) -> None:
        self._store = store
        self._server = server
        self._counts: Counter[str] = Counter()
        self.found: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.times: defaultdict[str, Counter[str]] = defaultdict(Counter)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear of every statement of this process for as long as the block lasts."""
        ears = (("before_cursor_execute", self._hear), ("commit", self._committed))
        for name, ear in ears:
            event.listen(Engine, name, ear)
        try:
            yield
        finally:
            for name, ear in ears:
                event.remove(Engine, name, ear)

    @asynccontextmanager
    async def of(self, part: str, n: int) -> AsyncIterator[None]:
        """What is done in the block is done by this part, for so many."""
        logged = await self._logged()
        counts, ours, theirs = Counter(self._counts), time.process_time(), _family(self._server)
        yield
        found, times = self.found[part], self.times[part]
        times["ours"] += round((time.process_time() - ours) * 1e6)
        times["theirs"] += round((_family(self._server) - theirs) * 1e6)
        found.update(self._counts - counts)
        found.update({"n": n, "logged": await self._logged() - logged})

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        word = statement.lstrip().split(None, 1)[0].upper()
        if word in _WRITES:
            self._counts["writes"] += 1
        elif word in ("SELECT", "WITH"):
            self._counts["reads"] += 1

    def _committed(self, _connection: Any) -> None:
        self._counts["transactions"] += 1

    async def _logged(self) -> int:
        if not self._store.is_postgres:
            return 0
        counts = Counter(self._counts)
        async with self._store.read() as tx:
            asked = text("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
            logged = int((await tx.connection.execute(asked)).scalar_one())
        self._counts = counts  # to ask this is no part of what is measured
        return logged


def _family(number: int | None) -> float:
    """Processor seconds of a process, its children, and those that it has outlived."""
    total = 0
    for folder in Path("/proc").iterdir() if number is not None else ():
        if folder.name.isdecimal():
            try:
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
            except OSError:  # it has just ended
                continue
            if int(folder.name) == number:
                total += sum(int(each) for each in fields[11:15])
            elif int(fields[1]) == number:
                total += sum(int(each) for each in fields[11:13])
    return total / os.sysconf("SC_CLK_TCK")
