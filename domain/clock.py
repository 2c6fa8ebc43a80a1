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


class WallClock:
    """The time of the machine."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, span: timedelta) -> None:
        await asyncio.sleep(max(0.0, span.total_seconds()))


class FastClock:
    """A clock that starts at `start` and runs `speed` times as fast as the machine's: for demo and soak.

    Its speed may change while others sleep on it: they wake when *its* time has come.
    """

    def __init__(self, start: datetime, speed: float) -> None:
        if start.tzinfo is None:
            raise ValueError("a clock starts at an instant with a time zone")
        self._at = start.astimezone(UTC)
        self._since = time.monotonic()
        self._speed = self._checked(speed)
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
        self._at, self._since, self._speed = self.now(), time.monotonic(), self._checked(speed)
        self._changed.set()
        self._changed = asyncio.Event()

    def now(self) -> datetime:
        return self._at + timedelta(seconds=(time.monotonic() - self._since) * self._speed)

    async def sleep(self, span: timedelta) -> None:
        until = self.now() + span
        while (left := (until - self.now()).total_seconds() / self._speed) > 0:
            # A sleeper needs to hear of a change of speed only if it sleeps long enough to notice.
            if left < 0.02:
                await asyncio.sleep(left)
                return
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(left):
                    await self._changed.wait()


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
