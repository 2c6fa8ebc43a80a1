"""Posts that are said to have been deleted, until Telegram has been asked whether they are there."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime

from collector.history import PAGE
from storage.store import Transaction

#: Marks with the numbers of those of a channel, for whoever asks after a restart.
_SAID = "collector.said_deleted."


class Doubts:
    """Those of an account that are asked about soon. They outlive connections."""

    def __init__(self) -> None:
        self._waiting: dict[int, set[int]] = {}
        self._some = asyncio.Event()

    def add(self, channel_id: int, ids: Iterable[int]) -> None:
        self._waiting.setdefault(channel_id, set()).update(ids)
        self._some.set()

    async def next(self) -> tuple[int, list[int]]:
        """A channel and up to a page of its doubtful posts; they stay until `settle`."""
        await self._some.wait()
        channel_id = next(iter(self._waiting))
        return channel_id, sorted(self._waiting[channel_id])[:PAGE]

    def put_off(self, channel_id: int) -> None:
        """It does not answer just now: others come first."""
        self._waiting[channel_id] = self._waiting.pop(channel_id, set())

    def settle(self, channel_id: int, ids: Iterable[int]) -> None:
        left = self._waiting.pop(channel_id, set()) - set(ids)
        if left:
            self._waiting[channel_id] = left
        if not self._waiting:
            self._some.clear()


async def said_deleted(tx: Transaction, channel_id: int) -> Sequence[int]:
    """Of which posts of a channel that was said, and nobody has asked since."""
    found: list[int] = (await tx.marks.get(f"{_SAID}{channel_id}")).get("ids", [])
    return found


async def keep_in_doubt(tx: Transaction, channel_id: int, ids: Iterable[int], at: datetime) -> None:
    await _keep(tx, channel_id, {*await said_deleted(tx, channel_id), *ids}, at)


async def no_longer_in_doubt(tx: Transaction, channel_id: int, ids: Iterable[int], at: datetime) -> None:
    """Telegram has been asked for these."""
    if before := await said_deleted(tx, channel_id):
        await _keep(tx, channel_id, set(before) - set(ids), at)


async def _keep(tx: Transaction, channel_id: int, ids: set[int], at: datetime) -> None:
    if ids:
        await tx.marks.set(f"{_SAID}{channel_id}", {"ids": sorted(ids)}, at)
    else:
        await tx.marks.remove(f"{_SAID}{channel_id}")
