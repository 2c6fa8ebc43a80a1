"""The clock: the only place that asks what time it is."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Whoever owns a loop has one; everything below is told `now`."""

    def now(self) -> datetime:
        """The present instant, in UTC."""

    async def sleep(self, span: timedelta) -> None:
        """Wait until this clock has moved on by `span`."""

    @property
    def speed(self) -> float:
        """How many times as fast as the machine's it runs."""


class WallClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(0.0, span.total_seconds()))

    @property
    def speed(self) -> float:
        return 1.0


class FastClock:
    """A clock that starts at `start` and runs `speed` times as fast as the machine's: for demo and soak.

    Its speed may change while others sleep on it: they wake when *its* time has come. It can be given a
    limit, at which it stands still until the limit is moved: it need not run ahead of what must keep up.
    """

    def __init__(self, start: datetime, speed: float) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an instant with a time zone")
        self._at = start.astimezone(UTC)
        self._since = time.monotonic()
        self._speed = self._checked(speed)
        self._limit: datetime | None = None
        self._changed = asyncio.Event()

    @staticmethod
    def _checked(speed: float) -> float:
        if not speed > 0:
            raise ValueError(f"a clock's speed is greater than zero, not {speed}")
        return speed

    @property
    def speed(self) -> float:
        return self._speed

    def run_at(self, speed: float) -> None:
        """Go on from the present instant at another speed."""
        self._rebase()
        self._speed = self._checked(speed)
        self._tell()

    def run_until(self, limit: datetime | None) -> None:
        """Stand still at `limit`; at once, if it has passed. None: run on."""
        self._rebase()
        self._limit = limit
        self._tell()

    def now(self) -> datetime:
        now = self._at + timedelta(seconds=(time.monotonic() - self._since) * self._speed)
        return now if self._limit is None else max(self._at, min(now, self._limit))

    async def sleep(self, span: timedelta) -> None:
        until = self.now() + span
        while (left := (until - self.now()).total_seconds() / self._speed) > 0:
            is_within = self._limit is None or until <= self._limit
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left if is_within else None):
                    await self._changed.wait()

    def _rebase(self) -> None:
        self._at, self._since = self.now(), time.monotonic()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


class SetClock:
    """A clock that stands where it is put: for tests and replay. Sleeping moves it."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock stands at an instant with a time zone")
        self.at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, span: timedelta) -> datetime:
        """Move on by `span`, and say where that is."""
        self.at += span
        return self.at

    async def sleep(self, span: timedelta) -> None:
        self.advance(max(span, timedelta()))
        await asyncio.sleep(0)

    @property
    def speed(self) -> float:
        return 1.0
