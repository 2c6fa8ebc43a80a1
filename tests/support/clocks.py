"""Clocks that are not as they should be, and one that several processes go by."""

import asyncio
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import NoReturn

from domain.clock import Clock, FastClock


class OffClock:
    """The clock of a machine that is off by `by`, and may be put right or wrong while it runs."""

    def __init__(self, clock: Clock, by: timedelta) -> None:
        self._clock = clock
        self.by = by

    def now(self) -> datetime:
        return self._clock.now() + self.by

    async def sleep(self, span: timedelta) -> None:
        await self._clock.sleep(span)

    @property
    def speed(self) -> float:
        return self._clock.speed


class LeadingClock(FastClock):
    """One that other processes follow: how it goes is written into a file whenever that changes.

    It changes its limit only, never its speed: who hears late of a limit that was moved has stood still for
    a moment, and goes on to where the others are.
    """

    def __init__(self, path: Path, start: datetime, speed: float) -> None:
        super().__init__(start, speed)
        self._path = path
        self._off = timedelta(0)
        self.run_until(start)

    def run_until(self, limit: datetime | None) -> None:
        super().run_until(limit)
        self._write()

    def put_followers_off(self, by: timedelta) -> None:
        """Their clocks go wrong by so much, and this one does not."""
        self._off = by
        self._write()

    def _write(self) -> None:
        limit = self._limit.isoformat() if self._limit else "-"
        said = f"{self._at.isoformat()} {self._since!r} {self._speed!r} {limit} {self._off.total_seconds()!r}"
        new = self._path.with_suffix(".new")
        new.write_text(said)
        os.replace(new, self._path)


class FollowingClock(OffClock):
    """The same instants in another process of this machine, off by as much as it was told to be."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._said = path.read_text()
        at, _, speed, *_ = self._said.split()
        self._true = _Followed(datetime.fromisoformat(at), float(speed))
        super().__init__(self._true, timedelta(0))
        self._take()

    async def follow(self) -> NoReturn:
        """For as long as it is to go."""
        while True:
            await asyncio.sleep(0.01)
            said = self._path.read_text()
            if said != self._said:
                self._said = said
                self._take()

    def _take(self) -> None:
        at, since, _, limit, off = self._said.split()
        self.by = timedelta(seconds=float(off))
        until = None if limit == "-" else datetime.fromisoformat(limit)
        self._true.take(datetime.fromisoformat(at), float(since), until)


class _Followed(FastClock):
    def take(self, at: datetime, since: float, limit: datetime | None) -> None:
        # The machine's monotonic clock is one for all of its processes.
        self._at, self._since, self._limit = at, since, limit
        self._tell()
