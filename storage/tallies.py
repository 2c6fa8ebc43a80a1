"""Tallies: how many posts each series had in each hour."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.reading import Reading
from domain.series import Bucket, SeriesKey
from domain.watch import Seen
from storage.tables import Tallies
from storage.upsert import upsert


class TallyRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, readings: Iterable[Reading], *, known: bool = False) -> None:
        """Count readings that were not counted before; ones that do not count are left out.

        With `known` the posts have been counted, and only these topics and claimants of them have not.
        """
        counted: Counter[tuple[int, str, str, int, datetime]] = Counter()
        for reading in readings:
            if reading.counts:
                hour = reading.posted_at.replace(minute=0, second=0, microsecond=0)
                series = [] if known else [("", "")]
                series += ((topic, "") for topic in reading.topics)
                series += (("", claimant) for claimant in reading.claimants)
                for topic, claimant in series:
                    counted[reading.channel_id, topic, claimant, reading.reader_version, hour] += 1
        rows = [
            {"channel_id": c, "topic": t, "claimant": a, "reader_version": v, "hour": h, "n": n}
            for (c, t, a, v, h), n in sorted(counted.items())
        ]
        key = ("channel_id", "topic", "claimant", "reader_version", "hour")
        await upsert(self._connection, Tallies, rows, key=key, add=("n",))

    async def hours(
        self, series: SeriesKey, reader_version: int, start: datetime, end: datetime
    ) -> dict[datetime, int]:
        """Counts of the hours in [start, end) in which something came; says nothing of the others."""
        rows = await self._connection.execute(
            select(Tallies.hour, Tallies.n).where(
                Tallies.channel_id == series.channel_id,
                Tallies.topic == (series.topic or ""),
                Tallies.claimant == (series.claimant or ""),
                Tallies.reader_version == reader_version,
                Tallies.hour >= start,
                Tallies.hour < end,
            )
        )
        return {hour: n for hour, n in rows}  # noqa: C416 - mypy cannot make a dict of rows

    async def strands(
        self, channel_id: int, reader_version: int, since: datetime
    ) -> Sequence[tuple[str | None, str | None, int]]:
        """The topics and claimants a channel had after `since`, each as (topic, claimant, posts), the most
        frequent first."""
        n = func.sum(Tallies.n)
        rows = await self._connection.execute(
            select(Tallies.topic, Tallies.claimant, n)
            .where(
                Tallies.channel_id == channel_id,
                Tallies.reader_version == reader_version,
                Tallies.hour >= since,
                (Tallies.topic != "") | (Tallies.claimant != ""),
            )
            .group_by(Tallies.topic, Tallies.claimant)
            .order_by(n.desc(), Tallies.topic, Tallies.claimant)
        )
        return [(topic or None, claimant or None, int(count)) for topic, claimant, count in rows]

    async def buckets(
        self, series: SeriesKey, reader_version: int, starts: Sequence[datetime], seen: Seen
    ) -> Sequence[Bucket]:
        """Hourly buckets from the given starts: a count where the whole hour was watched, else None."""
        if not starts:
            return []
        hour = timedelta(hours=1)
        counts = await self.hours(series, reader_version, starts[0], starts[-1] + hour)
        return [
            Bucket(start=at, observed=counts.get(at, 0) if seen.all_of(at, at + hour) else None)
            for at in starts
        ]
