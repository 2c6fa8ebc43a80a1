"""Channels, their handles through time, and what befell them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus, Handle, Headcount, going_by
from storage.chain import SEALED, ChainRepository, adoption_entry
from storage.channel_tables import Headcounts
from storage.hush_tables import Mutes
from storage.indexing import FORMER
from storage.keys import CHUNK
from storage.marks import MarkRepository
from storage.tables import (
    Accesses,
    Chains,
    ChannelEvents,
    Channels,
    Claims,
    Counters,
    Deletions,
    Documents,
    Exported,
    Followed,
    Handles,
    Links,
    Marks,
    PostFiles,
    Posts,
    Raws,
    Readings,
    Removals,
    Revisions,
    Subscriptions,
    Tallies,
    WatchSpans,
)
from storage.types import undecoded
from storage.upsert import upsert

#: What goes with the posts of a channel when it is given another number.
_OF_POSTS = (
    *(Posts, Revisions, Deletions, Raws, Removals, Links, Chains, Counters, Followed, PostFiles),
    *(Readings, Tallies, Claims, WatchSpans, Documents, Exported),
    # And what people want to hear of it.
    *(Subscriptions, Mutes),
)

_ROWS = select(Channels.id, *undecoded(*(c for c in Channels.__table__.c if c.name != "id")))


class ChannelRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def all(self) -> Sequence[Channel]:
        rows = await self._connection.execute(select(Channels.__table__).order_by(Channels.id))
        return [_channel(row) for row in rows.mappings()]

    async def rows(self) -> Mapping[int, tuple[Any, ...]]:
        """Every channel as it stands in the archive, by its number: not to be read, only to be held against
        what stood there before. That costs a tenth of `all`.
        """
        rows = await self._connection.execute(_ROWS)
        return {row[0]: tuple(row) for row in rows}

    async def some(self, channel_ids: Iterable[int]) -> Sequence[Channel]:
        """These, as far as there are any, in the order of their numbers."""
        out: list[Channel] = []
        wanted = sorted(channel_ids)
        for start in range(0, len(wanted), CHUNK):
            chunk = Channels.id.in_(wanted[start : start + CHUNK])
            rows = await self._connection.execute(
                select(Channels.__table__).where(chunk).order_by(Channels.id)
            )
            out += [_channel(row) for row in rows.mappings()]
        return out

    async def get(self, channel_id: int) -> Channel | None:
        rows = await self._connection.execute(select(Channels.__table__).where(Channels.id == channel_id))
        row = rows.mappings().one_or_none()
        return _channel(row) if row else None

    async def by_name(self, name: str) -> Channel | None:
        """By @handle (any case) or number, else by exact title."""
        return _likeliest(going_by(name, await self.all()))

    async def by_handle(self, handle: str) -> Channel | None:
        """The channel that goes by this @handle now, in any case."""
        rows = await self._connection.execute(
            select(Channels.__table__).where(func.lower(Channels.handle) == handle.removeprefix("@").lower())
        )
        return _likeliest([_channel(row) for row in rows.mappings()])

    async def adopt(self, channel_id: int, handle: str) -> int | None:
        """Give a channel that has just been found what was imported under its handle before it was known.

        Files often know a channel by name only; its posts are then kept under an invented, negative number.
        Returns that number, or None: there was nothing, or the channel has posts of its own already.
        """
        lower = func.lower(Channels.handle) == handle.removeprefix("@").lower()
        found = await self._connection.execute(select(Channels.id).where(lower, Channels.id < 0))
        imported = found.scalars().first()
        own = await self._connection.execute(select(Posts.seq).where(Posts.channel_id == channel_id).limit(1))
        if imported is None or own.first() is not None:
            return None
        for table in _OF_POSTS:
            await self._connection.execute(
                update(table).where(table.channel_id == imported).values(channel_id=channel_id)
            )
        chain = ChainRepository(self._connection)
        if await chain.heads([channel_id]):
            await chain.append([adoption_entry(channel_id, imported)])
        await self._connection.execute(
            update(Marks).where(Marks.name == f"{SEALED}{imported}").values(name=f"{SEALED}{channel_id}")
        )
        await self._keep_former(channel_id, imported)
        await self._connection.execute(delete(Handles).where(Handles.channel_id == imported))
        await self._connection.execute(delete(Channels).where(Channels.id == imported))
        return imported

    async def _keep_former(self, channel_id: int, imported: int) -> None:
        """The index knows its posts by the number they had; the mark tells search so."""
        indexed = select(Documents.doc).where(Documents.named == imported, Documents.channel_id == channel_id)
        at = await self._connection.execute(
            select(func.max(Posts.seen_at)).where(Posts.channel_id == channel_id)
        )
        seen_at = at.scalar_one_or_none()
        if seen_at is None or (await self._connection.execute(indexed.limit(1))).first() is None:
            return
        await MarkRepository(self._connection).set(f"{FORMER}{channel_id}", {"numbers": [imported]}, seen_at)

    async def save(self, channel: Channel, at: datetime) -> None:
        """Store what is known of a channel. A new handle closes the former one."""
        before = await self.get(channel.id)
        values = {
            "id": channel.id,
            "title": channel.title,
            "handle": channel.handle,
            "status": channel.status.value,
            "group": channel.group,
            "zone": channel.zone,
            "country": channel.country,
            "audience": channel.audience,
            "flags": list(channel.flags) or None,
            "added_at": (before.added_at if before else None) or channel.added_at or at,
        }
        await upsert(self._connection, Channels, [values], key=("id",))
        if channel.handle != (before.handle if before else None):
            await self._connection.execute(
                update(Handles)
                .where(Handles.channel_id == channel.id, Handles.to_at.is_(None))
                .values(to_at=at)
            )
            if channel.handle:
                await self._connection.execute(
                    insert(Handles).values(channel_id=channel.id, name=channel.handle, from_at=at)
                )

    async def befell(self, event: ChannelEvent) -> ChannelEvent:
        """Record what befell a channel and let its status follow."""
        await self._connection.execute(
            insert(ChannelEvents).values(
                channel_id=event.channel_id,
                at=event.at,
                change=event.change.value,
                status=event.status.value,
                before=event.before,
                after=event.after,
                evidence=event.evidence,
            )
        )
        if (channel := await self.get(event.channel_id)) and channel.status is not event.status:
            await self.save(replace(channel, status=event.status), event.at)
        return event

    async def events_after(self, seq: int, limit: int = 1000) -> Sequence[tuple[int, ChannelEvent]]:
        """What befell channels, in the order in which it was recorded, each with its number."""
        rows = await self._connection.execute(
            select(ChannelEvents.__table__)
            .where(ChannelEvents.seq > seq)
            .order_by(ChannelEvents.seq)
            .limit(limit)
        )
        return [(row["seq"], event_record(row)) for row in rows.mappings()]

    async def counted(self, count: Headcount) -> None:
        """Keep how many members a channel has; the same instant twice is one."""
        row = {
            "channel_id": count.channel_id,
            "at": count.at,
            "members": count.members,
            "within": count.within,
        }
        await upsert(self._connection, Headcounts, [row], key=("channel_id", "at"))

    async def headcounts(self, channel_id: int, since: datetime | None = None) -> Sequence[Headcount]:
        """How many members it had, oldest first."""
        query = select(Headcounts.__table__).where(Headcounts.channel_id == channel_id)
        if since is not None:
            query = query.where(Headcounts.at >= since)
        rows = await self._connection.execute(query.order_by(Headcounts.at))
        return [Headcount(**row) for row in rows.mappings()]

    async def handles(self, channel_id: int) -> Sequence[Handle]:
        rows = await self._connection.execute(
            select(Handles.__table__).where(Handles.channel_id == channel_id).order_by(Handles.seq)
        )
        return [_handle(row) for row in rows.mappings()]

    async def all_handles(self) -> Mapping[int, Sequence[Handle]]:
        """Of every channel that has or had one, as `handles` gives them."""
        out: dict[int, list[Handle]] = defaultdict(list)
        rows = await self._connection.execute(select(Handles.__table__).order_by(Handles.seq))
        for row in rows.mappings():
            out[row["channel_id"]].append(_handle(row))
        return out

    async def access_hash(self, channel_id: int, account: str) -> int | None:
        found = await self._connection.execute(
            select(Accesses.access_hash).where(Accesses.channel_id == channel_id, Accesses.account == account)
        )
        return found.scalar_one_or_none()

    async def accesses(self) -> Mapping[int, frozenset[str]]:
        """Which accounts know how to reach each channel."""
        out: dict[int, set[str]] = defaultdict(set)
        for channel_id, account in await self._connection.execute(
            select(Accesses.channel_id, Accesses.account)
        ):
            out[channel_id].add(account)
        return {channel_id: frozenset(accounts) for channel_id, accounts in out.items()}

    async def save_access(self, channel_id: int, account: str, access_hash: int) -> None:
        row = {"channel_id": channel_id, "account": account, "access_hash": access_hash}
        await upsert(self._connection, Accesses, [row], key=("channel_id", "account"))


def event_record(row: Mapping[Any, Any]) -> ChannelEvent:
    return ChannelEvent(
        channel_id=row["channel_id"],
        at=row["at"],
        change=ChannelChange(row["change"]),
        status=ChannelStatus(row["status"]),
        before=row["before"],
        after=row["after"],
        evidence=row["evidence"],
    )


def _handle(row: Mapping[Any, Any]) -> Handle:
    return Handle(name=row["name"], from_at=row["from_at"], to_at=row["to_at"])


def _channel(row: Mapping[Any, Any]) -> Channel:
    fields = dict(row)
    status, flags = ChannelStatus(fields["status"]), tuple(fields["flags"] or ())
    return Channel(**{**fields, "status": status, "flags": flags})


def _likeliest(found: Sequence[Channel]) -> Channel | None:
    """One that Telegram knows (its number is positive) before one that only a file has told us of."""
    return min(found, key=lambda channel: channel.id < 0, default=None)
