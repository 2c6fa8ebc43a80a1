"""Clocks that are not as they should be."""

from datetime import datetime, timedelta

from domain.clock import Clock


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
