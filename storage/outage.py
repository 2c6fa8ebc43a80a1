"""An archive that cannot be used for a while: said once when it begins and once when it is over."""

from datetime import timedelta

import structlog

from storage.errors import Busy, DiskFull, StoreError, Unreachable

log = structlog.get_logger(__name__)

#: What passes by itself, or when somebody mends it; all else is for whoever runs Deadair to look at.
PASSING = (Unreachable, Busy, DiskFull)
#: It is tried again after so long.
RETRY = timedelta(seconds=5)


class Outage:
    """Of one loop that cannot go on without the archive."""

    def __init__(self, part: str) -> None:
        self._part = part
        self._lasts = False

    def goes_on(self, error: StoreError) -> timedelta:
        """It could not be used; says after how long to try again."""
        if not self._lasts:
            log.warning(f"{self._part}: the archive cannot be used now", reason=error.what, hint=error.hint)
        self._lasts = True
        return RETRY

    def over(self) -> None:
        """It was used."""
        if self._lasts:
            log.info(f"{self._part}: the archive can be used again")
        self._lasts = False
