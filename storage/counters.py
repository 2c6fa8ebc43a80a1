"""Counters of posts over time, and which posts are to be looked at when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.counters import Sample
from domain.post import How, PostKey, PostKind
from storage.documents import details_record
from storage.tables import Counters, Followed, Posts
from storage.upsert import upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A post as far as it matters here, with its number in the order of storing."""

    seq: int
    key: PostKey
    posted_at: datetime
    seen_at: datetime
    is_counted: bool  #: it is a post, and not from a file


class CounterRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def stored_after(self, seq: int, limit: int) -> Sequence[Stored]:
        """Posts in the order in which they were stored."""
        rows = await self._connection.execute(
            select(
                Posts.seq, Posts.channel_id, Posts.id, Posts.posted_at, Posts.seen_at, Posts.kind, Posts.how
            )
            .where(Posts.seq > seq)
            .order_by(Posts.seq)
            .limit(limit)
        )
        return [
            Stored(
                seq=row.seq,
                key=PostKey(row.channel_id, row.id),
                posted_at=row.posted_at,
                seen_at=row.seen_at,
                is_counted=row.kind == PostKind.POST.value and row.how != How.IMPORTED.value,
            )
            for row in rows
        ]

    async def follow(self, posts: Iterable[tuple[PostKey, datetime, datetime]]) -> None:
        """Have these posts looked at: each with when it was posted and when it is due. One that is followed
        already stays as it is."""
        rows = [
            {"channel_id": key.channel_id, "post_id": key.post_id, "posted_at": posted_at, "due_at": due_at}
            for key, posted_at, due_at in posts
        ]
        await upsert(self._connection, Followed, rows, key=("channel_id", "post_id"), keep=True)

    async def ripe(
        self, channel_ids: Sequence[int], now: datetime, slack: timedelta, limit: int
    ) -> tuple[int, Sequence[tuple[int, datetime]]] | None:
        """The channel whose posts are most worth a look, and the posts: those due longest, with when each was
        posted. A channel waits for up to `slack` until there is a full page of them. None: nothing is ripe.
        """
        oldest, n = func.min(Followed.due_at), func.count()
        found = await self._connection.execute(
            select(Followed.channel_id)
            .where(Followed.channel_id.in_(channel_ids), Followed.due_at <= now)
            .group_by(Followed.channel_id)
            .having(or_(oldest <= now - slack, n >= limit))
            .order_by(oldest)
            .limit(1)
        )
        channel_id = found.scalar_one_or_none()
        if channel_id is None:
            return None
        rows = await self._connection.execute(
            select(Followed.post_id, Followed.posted_at)
            .where(Followed.channel_id == channel_id, Followed.due_at <= now)
            .order_by(Followed.due_at, Followed.post_id)
            .limit(limit)
        )
        return channel_id, [(post_id, posted_at) for post_id, posted_at in rows]

    async def soonest(self, channel_ids: Sequence[int]) -> datetime | None:
        """When the next of these channels' posts is due."""
        found = await self._connection.execute(
            select(func.min(Followed.due_at)).where(Followed.channel_id.in_(channel_ids))
        )
        return found.scalar_one_or_none()

    async def add(self, samples: Sequence[Sample]) -> None:
        rows = [
            {
                "channel_id": s.channel_id,
                "post_id": s.post_id,
                "at": s.at,
                "due": round(s.due.total_seconds()),
                "views": s.views,
                "forwards": s.forwards,
                "replies": s.replies,
                "reactions": None if s.reactions is None else [list(each) for each in s.reactions],
            }
            for s in samples
        ]
        await upsert(self._connection, Counters, rows, key=("channel_id", "post_id", "at"), keep=True)

    async def put_off(self, channel_id: int, due: Mapping[int, datetime | None]) -> None:
        """When each of these posts is to be looked at next; None: never again."""
        over = [{"c": channel_id, "i": post_id} for post_id, at in due.items() if at is None]
        later = [{"c": channel_id, "i": i, "due": at} for i, at in due.items() if at is not None]
        at = (Followed.channel_id == bindparam("c")) & (Followed.post_id == bindparam("i"))
        if over:
            await self._connection.execute(delete(Followed).where(at), over)
        if later:
            await self._connection.execute(update(Followed).where(at).values(due_at=bindparam("due")), later)

    async def give_up(self, before: datetime) -> int:
        """Follow no more what was due before that, and could not be looked at: of it nothing is known."""
        done = await self._connection.execute(delete(Followed).where(Followed.due_at < before))
        return done.rowcount

    async def of(self, channel_id: int, post_id: int) -> Sequence[Sample]:
        """All that is known of a post's counters, oldest first: its first sight, unless that was a file's,
        and every look since."""
        out: list[Sample] = []
        firsts = await self._connection.execute(
            select(Posts.seen_at, Posts.how, Posts.views, Posts.forwards, Posts.details).where(
                Posts.channel_id == channel_id, Posts.id == post_id
            )
        )
        for seen_at, how, views, forwards, document in firsts:
            details = details_record(document)
            first = Sample(
                channel_id=channel_id,
                post_id=post_id,
                at=seen_at,
                due=timedelta(0),
                views=views,
                forwards=forwards,
                replies=details.replies,
                reactions=details.reactions,
            )
            known = (first.views, first.forwards, first.replies, first.reactions)
            if how != How.IMPORTED.value and known != (None,) * 4:
                out.append(first)
        rows = await self._connection.execute(
            select(Counters.__table__)
            .where(Counters.channel_id == channel_id, Counters.post_id == post_id)
            .order_by(Counters.at)
        )
        return out + [_sample(row) for row in rows.mappings()]


def _sample(row: Mapping[Any, Any]) -> Sample:
    reactions = row["reactions"]
    return Sample(
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        at=row["at"],
        due=timedelta(seconds=row["due"]),
        views=row["views"],
        forwards=row["forwards"],
        replies=row["replies"],
        reactions=None if reactions is None else tuple((sign, n) for sign, n in reactions),
    )
