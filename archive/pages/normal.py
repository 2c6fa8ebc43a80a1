"""What is normal of many channels at once: the engine's own rhythm by hour of week, worked out once a day."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from alerts.baseline import WINDOW
from alerts.hours import instant
from archive.usual import Usual, usual_of
from domain.channel import Channel
from domain.watch import WatchSpan
from storage.store import Store

#: Channels whose eight weeks are read at once.
_PORTION = 50


@dataclass(slots=True)
class Usuals:
    """Keeps them until the day is over; works out those of new channels as they come."""

    _day: int = -1
    _version: int = -1
    _known: dict[int, Usual] = field(default_factory=dict)
    _working: asyncio.Task[None] | None = None

    async def of(
        self, store: Store, channels: Sequence[Channel], version: int, day: int, *, patience: float
    ) -> Mapping[int, Usual]:
        """Those that are known within `patience` seconds; the others are being worked out meanwhile."""
        if (day, version) != (self._day, self._version):
            await self.stop()
            self._day, self._version, self._known = day, version, {}
        missing = [c for c in channels if c.id not in self._known]
        if missing and (self._working is None or self._working.done()):
            self._working = asyncio.create_task(self._work(store, missing, version, day))
        if missing and self._working is not None:
            await asyncio.wait([self._working], timeout=patience)
            if self._working.done():
                self._working.result()  # what went wrong is told, not hidden
        return dict(self._known)

    async def stop(self) -> None:
        """Leave off working."""
        if self._working is not None and not self._working.done():
            self._working.cancel()
            await asyncio.wait([self._working])
        self._working = None

    async def _work(self, store: Store, channels: Sequence[Channel], version: int, day: int) -> None:
        end = instant(24.0 * day)
        start = end - timedelta(hours=WINDOW)
        for n in range(0, len(channels), _PORTION):
            part = channels[n : n + _PORTION]
            ids = [c.id for c in part]
            async with store.read() as tx:
                counts = await tx.overview.hours(ids, version, start, end)
                spans = await tx.overview.spans(ids, start)

            def fitted(
                part: Sequence[Channel] = part,
                counts: dict[int, dict[datetime, int]] = counts,
                spans: dict[int, list[WatchSpan]] = spans,
            ) -> dict[int, Usual]:
                return {c.id: usual_of(c, counts.get(c.id, {}), spans.get(c.id, ()), day) for c in part}

            self._known.update(await asyncio.to_thread(fitted))
