"""The clock: the only place that asks what time it is."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. Whoever owns a loop has one; everything below is told `now`."""

    def now(self) -> datetime:
        """The present instant, in UTC."""

    async def sleep(self, span: timedelta) -> None:
        """Wait until this clock has moved on by `span`."""


class WallClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(0.0, span.total_seconds()))


class FastClock:
    """A clock that starts at `start` and runs `speed` times as fast as the machine's: for demo and soak.

    What another process reads through ``origin`` keeps two processes on the same simulated time:
    give both the same `start`, `speed` and `origin` (seconds of the machine's monotonic clock).
    """

    def __init__(self, start: datetime, speed: float, *, origin: float | None = None) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an instant with a time zone")
        if speed <= 0:
            raise ValueError(f"a clock's speed is greater than zero, not {speed}")
        self.start = start.astimezone(UTC)
        self.speed = speed
        self.origin = time.monotonic() if origin is None else origin

    def now(self) -> datetime:
        return self.start + timedelta(seconds=(time.monotonic() - self.origin) * self.speed)

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(0.0, span.total_seconds() / self.speed))


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
