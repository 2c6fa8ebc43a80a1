"""Pushes that nobody can read: what is new in them ends the connection, and is pushed again on the next.
So it is done without them for a while.
"""

from datetime import datetime, timedelta
from typing import NoReturn

import structlog
from telethon.errors import TypeNotFoundError

from collector.errors import Unreachable
from collector.tasks import pause
from domain.clock import Clock

log = structlog.get_logger(__name__)

#: So many connections must end by something that nobody can read.
_AFTER = 2
#: For so long is nothing pushed then.
_FOR = timedelta(days=1)


class Poisoned:
    """Those of one account; it outlives connections."""

    def __init__(self, account: str, clock: Clock) -> None:
        self._account = account
        self._clock = clock
        self._times = 0
        self._until: datetime | None = None

    @property
    def is_mute(self) -> bool:
        """Is it done without them now?"""
        return self._until is not None and self._clock.now() < self._until

    def ended(self, why: BaseException | None) -> None:
        """A connection did, by what ended its stream of updates."""
        if not isinstance(why, TypeNotFoundError):
            return
        self._times += 1
        if self._times >= _AFTER:
            self._until = self._clock.now() + _FOR
            log.error(
                "what Telegram pushes cannot be understood; channels are polled instead",
                account=self._account,
                hint="a newer Telethon may understand it",
            )

    async def try_again(self) -> NoReturn:
        """Wait until it is time to. Raises Unreachable then."""
        await pause(self._clock, _FOR)
        raise Unreachable("whether pushes can be understood again is tried on a new connection")
