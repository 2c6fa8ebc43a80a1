"""How each account fares, for `deadair status`: one mark each, `collector.account.NAME`."""

from typing import Any

from collector.archive import Archive
from domain.clock import Clock
from storage.store import Transaction

PREFIX = "collector.account."


class Health:
    """States: connecting, watching, unreachable, waiting, logged_out, banned, duplicated, not_logged_in,
    stopped.
    """

    def __init__(self, archive: Archive, account: str, clock: Clock) -> None:
        self._archive = archive
        self._name = PREFIX + account
        self._clock = clock
        self.state = ""
        self.since = ""

    async def set(self, state: str, detail: str = "", **numbers: int) -> None:
        """Also the sign of life of one that goes on as it was."""
        await self._archive.write(lambda tx: self.write(tx, state, detail, **numbers))

    async def write(self, tx: Transaction, state: str, detail: str = "", **numbers: int) -> None:
        now = self._clock.now()
        if state != self.state:
            self.state, self.since = state, now.isoformat()
        value: dict[str, Any] = {"state": state, "since": self.since, "detail": detail, **numbers}
        await tx.marks.set(self._name, value, now)
