"""Many channels at once, for whoever shows them side by side."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.channel import ChannelEvent
from domain.episode import Episode
from domain.opinion import Opinion
from domain.watch import Gap, WatchSpan
from storage.channels import event_record
from storage.episodes import IS_REAL, episode_record
from storage.keys import CHUNK
from storage.opinions import opinion_record
from storage.tables import ChannelEvents, Channels, Episodes, Gaps, Opinions, Posts, Tallies, WatchSpans
from storage.watch import gap_record, span_record


class OverviewRepository:
    """Every answer is by channel; one that has nothing is left out."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def hours(
        self, channel_ids: Sequence[int], reader_version: int, start: datetime, end: datetime
    ) -> dict[int, dict[datetime, int]]:
        """How many posts came in the hours of [start, end) in which one did."""
        out: dict[int, dict[datetime, int]] = defaultdict(dict)
        for wanted in _parts(channel_ids):
            rows = await self._connection.execute(
                select(Tallies.channel_id, Tallies.hour, Tallies.n).where(
                    Tallies.channel_id.in_(wanted),
                    Tallies.topic == "",
                    Tallies.claimant == "",
                    Tallies.reader_version == reader_version,
                    Tallies.hour >= start,
                    Tallies.hour < end,
                )
            )
            for channel_id, hour, n in rows:
                out[channel_id][hour] = n
        return dict(out)

    async def strands(
        self, channel_id: int, reader_version: int, start: datetime, end: datetime
    ) -> dict[tuple[str, str], dict[datetime, int]]:
        """The same of one channel's topics and claimants: by (topic, ""), or ("", claimant)."""
        rows = await self._connection.execute(
            select(Tallies.topic, Tallies.claimant, Tallies.hour, Tallies.n).where(
                Tallies.channel_id == channel_id,
                Tallies.reader_version == reader_version,
                Tallies.hour >= start,
                Tallies.hour < end,
                (Tallies.topic != "") | (Tallies.claimant != ""),
            )
        )
        out: dict[tuple[str, str], dict[datetime, int]] = defaultdict(dict)
        for topic, claimant, hour, n in rows:
            out[topic, claimant][hour] = n
        return dict(out)

    async def spans(self, channel_ids: Sequence[int], since: datetime) -> dict[int, list[WatchSpan]]:
        """The stretches watched that end after `since`, in order of their beginning."""
        out: dict[int, list[WatchSpan]] = defaultdict(list)
        for wanted in _parts(channel_ids):
            rows = await self._connection.execute(
                select(WatchSpans.__table__)
                .where(WatchSpans.channel_id.in_(wanted), WatchSpans.to_at > since)
                .order_by(WatchSpans.from_at, WatchSpans.seq)
            )
            for row in rows.mappings():
                out[row["channel_id"]].append(span_record(row))
        return dict(out)

    async def gaps(self, channel_ids: Sequence[int]) -> dict[int, Gap]:
        """The gap that still lasts; of several the oldest."""
        out: dict[int, Gap] = {}
        for wanted in _parts(channel_ids):
            rows = await self._connection.execute(
                select(Gaps.__table__)
                .where(Gaps.channel_id.in_(wanted), Gaps.to_at.is_(None))
                .order_by(Gaps.from_at, Gaps.seq)
            )
            for row in rows.mappings():
                out.setdefault(row["channel_id"], gap_record(row))
        return out

    async def events(self, channel_id: int, limit: int = 100) -> list[ChannelEvent]:
        """What befell one channel, the newest first."""
        rows = await self._connection.execute(
            select(ChannelEvents.__table__)
            .where(ChannelEvents.channel_id == channel_id)
            .order_by(ChannelEvents.seq.desc())
            .limit(limit)
        )
        return [event_record(row) for row in rows.mappings()]

    async def episodes(
        self,
        limit: int,
        *,
        before: int | None = None,
        state: str | None = None,
        kind: str | None = None,
        channel_id: int | None = None,
    ) -> list[Episode]:
        """The newest first, those numbered below `before`; of one state, kind or channel if given.

        Tests are among them only where their kind is asked for.
        """
        query = select(Episodes.__table__).order_by(Episodes.id.desc()).limit(limit)
        if kind is None:
            query = query.where(IS_REAL)
        if before is not None:
            query = query.where(Episodes.id < before)
        for column, value in (
            (Episodes.state, state),
            (Episodes.kind, kind),
            (Episodes.channel_id, channel_id),
        ):
            if value is not None:
                query = query.where(column == value)
        rows = await self._connection.execute(query)
        return [episode_record(row) for row in rows.mappings()]

    async def opinions(self, episode_ids: Sequence[int]) -> dict[int, Opinion]:
        """The word that stands, by episode; those of which nobody said anything are left out."""
        out: dict[int, Opinion] = {}
        for wanted in _parts(episode_ids):
            rows = await self._connection.execute(
                select(Opinions.__table__).where(Opinions.episode_id.in_(wanted)).order_by(Opinions.seq)
            )
            for row in rows.mappings():
                out[row["episode_id"]] = opinion_record(row)
        return out

    async def last_posts(self) -> dict[int, datetime]:
        """When the newest post held of each channel was posted."""
        last = select(func.max(Posts.posted_at)).where(Posts.channel_id == Channels.id).scalar_subquery()
        rows = await self._connection.execute(select(Channels.id, last))
        found: list[tuple[int, datetime | None]] = [(channel_id, at) for channel_id, at in rows]
        return {channel_id: at for channel_id, at in found if at is not None}


def _parts(channel_ids: Sequence[int]) -> list[list[int]]:
    wanted = sorted(set(channel_ids))
    return [wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)]
