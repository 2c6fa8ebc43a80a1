"""The machine's clock, put right by Telegram's: posts are dated by that one, and so is what was watched."""

import time
from datetime import datetime, timedelta

import structlog

from domain.clock import Clock

log = structlog.get_logger(__name__)

#: Telegram tells its time in whole seconds; what is less than this apart is not worth a correction.
_TOLERANCE = timedelta(seconds=2)
_SECOND = timedelta(seconds=1)


class CorrectedClock:
    """A Clock. A machine whose clock is wrong, or is put right while we run, would else claim to have watched
    what is still to come, or leave out what it watched."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.offset = timedelta(0)  #: what is added to the machine's clock
        self._learned: tuple[datetime, float] | None = None  #: by that clock, and in seconds that only pass

    def now(self) -> datetime:
        return self._clock.now() + self.offset

    async def sleep(self, span: timedelta) -> None:
        await self._clock.sleep(span)

    @property
    def speed(self) -> float:
        return self._clock.speed

    def raw(self) -> datetime:
        """What the machine's clock says. `at` tells later which instant that was."""
        return self._clock.now()

    def at(self, raw: datetime) -> datetime:
        """A reading of the machine's clock as the instant that it was, by all that is known now."""
        return raw + self.offset

    @property
    def is_doubtful(self) -> bool:
        """Has the machine's clock been moved since Telegram last told its time? What it says may then be an
        hour off."""
        if self._learned is None:
            return True
        at, seconds = self._learned
        passed = timedelta(seconds=(time.monotonic() - seconds) * self.speed)
        return abs(self._clock.now() - at - passed) > _TOLERANCE

    def learn(self, told: datetime, sent: datetime) -> None:
        """Telegram said that it was `told`, in answer to what was sent when the machine's clock said
        `sent`.
        """
        received = self._clock.now()
        self._learned = received, time.monotonic()
        if self._fits(self.offset, told, sent, received):
            return
        before = self.offset
        if self._fits(timedelta(0), told, sent, received):
            self.offset = timedelta(0)
        elif told > received:
            self.offset = told - received
        else:
            self.offset = told + _SECOND - sent
        log.warning(
            "this machine's clock is not Telegram's; what is watched is dated by Telegram's",
            seconds_behind=round(self.offset.total_seconds()),
            before=round(before.total_seconds()),
            hint="have it set by NTP",
        )

    @staticmethod
    def _fits(offset: timedelta, told: datetime, sent: datetime, received: datetime) -> bool:
        return sent + offset - _SECOND - _TOLERANCE <= told <= received + offset + _TOLERANCE
