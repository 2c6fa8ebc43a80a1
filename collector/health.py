"""How each account fares, for `deadair status`: one mark each, `collector.account.NAME`, and the last waits
that Telegram asked for, `collector.throttled.NAME`.
"""

from collections.abc import Collection, Iterable
from typing import Any

from collector.archive import Archive
from collector.pacing import Throttled
from domain.clock import Clock
from storage.marks import ACCOUNT
from storage.store import Transaction

THROTTLED = "collector.throttled."


async def keep_only(tx: Transaction, accounts: Collection[str]) -> None:
    """How others fared, which the config names no more, is nobody's trouble now."""
    for prefix in (ACCOUNT, THROTTLED):
        for name, _, _ in await tx.marks.all(prefix):
            if name.removeprefix(prefix) not in accounts:
                await tx.marks.remove(name)


class Health:
    """States: connecting, watching, throttled, unreachable, logged_out, banned, duplicated, not_logged_in,
    locked, unusable, stopped.
    """

    def __init__(self, archive: Archive, account: str, clock: Clock) -> None:
        self._archive = archive
        self._name = ACCOUNT + account
        self._throttled = THROTTLED + account
        self._last_throttle: Throttled | None = None
        self._clock = clock
        self.state = ""
        self.since = ""

    async def set(self, state: str, detail: str = "", **more: Any) -> None:
        """Also the sign of life of one that goes on as it was."""
        await self._archive.write(lambda tx: self.write(tx, state, detail, **more))

    async def write(self, tx: Transaction, state: str, detail: str = "", **more: Any) -> None:
        now = self._clock.now()
        if state != self.state:
            self.state, self.since = state, now.isoformat()
        value: dict[str, Any] = {"state": state, "since": self.since, "detail": detail, **more}
        await tx.marks.set(self._name, value, now)

    async def over(self, tx: Transaction) -> None:
        """There is nothing any more that it could watch, ill or well."""
        self.state = ""
        await tx.marks.remove(self._name)

    async def throttled(self, throttles: Iterable[Throttled]) -> None:
        """Keep on record what Telegram made us wait with; nothing is written while there is nothing new."""
        last = list(throttles)
        if not last or last[-1] is self._last_throttle:
            return
        now = self._clock.now()
        waits = [
            {"call": t.method, "channel": t.channel_id, "seconds": t.seconds, "at": t.at.isoformat()}
            for t in last
        ]
        await self._archive.write(lambda tx: tx.marks.set(self._throttled, {"waits": waits}, now))
        self._last_throttle = last[-1]
