"""What is normal of many channels at once: the engine's own rhythm by hour of week, worked out once a day."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import WINDOW, Baseline, fit
from alerts.cover import Cover
from alerts.hours import hours, instant
from alerts.rhythm import LEAST_DAYS
from domain.channel import Channel
from domain.watch import WatchSpan
from storage.store import Store

#: Channels whose eight weeks are read at once.
_PORTION = 50
WEEK = 168


@dataclass(frozen=True, slots=True)
class Usual:
    """One channel's rhythm, fit for a week from the beginning of a day (UTC) on."""

    day: int
    baseline: Baseline

    @property
    def is_known(self) -> bool:
        """Is there enough behind it to hold anything against it?"""
        return self.baseline.days >= LEAST_DAYS and self.baseline.posts >= 1

    def expected(self, first: int, n: int) -> NDArray[np.float64]:
        """Posts to be expected in each of the `n` hours from hour `first` on; beyond the week it repeats."""
        start = 24 * self.day - 1
        place = np.arange(first - start, first - start + n)
        size = len(self.baseline.hourly)
        place = np.where(place >= size, place - WEEK * (1 + (place - size) // WEEK), place)
        place = np.where(place < 0, place + WEEK * (1 + (-place - 1) // WEEK), place)
        out: NDArray[np.float64] = self.baseline.hourly[np.clip(place, 0, size - 1)] * self.baseline.rate
        return out

    def week(self, zone: ZoneInfo) -> NDArray[np.float64]:
        """Posts an hour by weekday (Monday first) and hour of the channel's own day."""
        out, n = np.zeros((7, 24)), np.zeros((7, 24))
        first = 24 * self.day
        for i, value in enumerate(self.expected(first, WEEK)):
            local = instant(first + i).astimezone(zone)
            out[local.weekday(), local.hour] += value
            n[local.weekday(), local.hour] += 1
        result: NDArray[np.float64] = out / np.maximum(n, 1)
        return result


def usual_of(channel: Channel, counts: Mapping[datetime, int], spans: Sequence[WatchSpan], day: int) -> Usual:
    """The rhythm of day number `day`, from the eight weeks before it; hours not watched enter nowhere."""
    first = 24 * day - WINDOW
    posts = np.zeros(WINDOW)
    for hour, n in counts.items():
        place = round(hours(hour)) - first
        if 0 <= place < WINDOW:
            posts[place] = n
    cover = Cover()
    for span in spans:
        cover.add(hours(span.from_at), hours(span.to_at))
    offset = instant(24.0 * day).astimezone(ZoneInfo(channel.zone)).utcoffset() or timedelta()
    watched = cover.share_by_hour(first, WINDOW)
    return Usual(day, fit(posts, watched, day, offset=offset.total_seconds() / 3600))


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
