"""Says it once when something breaks, and once when it heals."""

from structlog.typing import FilteringBoundLogger


class Health:
    def __init__(self, of: str, log: FilteringBoundLogger) -> None:
        self._of = of
        self._log = log
        self.trouble = ""

    def broke(self, why: str) -> None:
        """It does not work. Said again only when the reason is another."""
        if why != self.trouble:
            self._log.warning(f"bot: {self._of} out of reach", why=why)
        self.trouble = why or "for no reason given"

    def well(self) -> None:
        if self.trouble:
            self._log.info(f"bot: {self._of} in reach again", was=self.trouble)
        self.trouble = ""
