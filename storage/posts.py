"""Posts, their revisions and deletions."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from domain.post import Deletion, Post, PostKey, PostKind
from storage.cursors import CursorRepository
from storage.documents import post_record
from storage.intake import PostIntake, Stored
from storage.keys import CHUNK, key_parts
from storage.revisions import RevisionRepository
from storage.straight import rows_of
from storage.tables import Channels, Deletions, Posts

#: So many numbers are read at once.
_NUMBERS = 10_000

__all__ = ["Census", "PostRepository", "Stored"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Census:
    """What became of the numbers of a stretch; each is of one kind."""

    posts: int = 0  #: an album counts as one
    album_parts: int = 0  #: the others of an album
    service: int = 0
    deleted: int = 0
    unknown: int = 0  #: nothing is held under them


class PostRepository(PostIntake, RevisionRepository, CursorRepository):
    """Reading, on top of the intake."""

    async def after(self, seq: int, limit: int) -> Sequence[tuple[int, Post]]:
        """Posts in the order in which they were stored, each with its number, as first seen."""
        rows = await self._connection.execute(
            select(Posts.__table__).where(Posts.seq > seq).order_by(Posts.seq).limit(limit)
        )
        return [(row["seq"], post_record(row)) for row in rows.mappings()]

    async def waiting(self, seq: int, limit: int) -> Sequence[tuple[int, datetime]]:
        """Of the posts that were stored after number `seq`, in that order, their channels and when they were
        posted.
        """
        rows = await self._connection.execute(
            select(Posts.channel_id, Posts.posted_at).where(Posts.seq > seq).order_by(Posts.seq).limit(limit)
        )
        return [(channel_id, at) for channel_id, at in rows]

    async def last_seq(self) -> int:
        """The number of the post that was stored last; 0 when there is none."""
        found = await self._connection.execute(select(func.max(Posts.seq)))
        return found.scalar_one_or_none() or 0

    async def get(self, channel_id: int, post_id: int) -> Post | None:
        rows = await self._connection.execute(
            select(Posts.__table__).where(Posts.channel_id == channel_id, Posts.id == post_id)
        )
        row = rows.mappings().one_or_none()
        return post_record(row) if row else None

    async def last_seen_at(self, channel_id: int, post_id: int) -> datetime:
        """When a post that is held was last seen to be there."""
        found = await self._connection.execute(
            select(Posts.last_seen_at).where(Posts.channel_id == channel_id, Posts.id == post_id)
        )
        return found.scalar_one()

    async def of(
        self,
        channel_id: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        batch: int = 2000,
    ) -> AsyncIterator[Post]:
        """A channel's posts in the order in which they were posted, as first seen, in flat memory."""
        last: tuple[datetime, int] | None = None
        while True:
            query = select(Posts.__table__).where(Posts.channel_id == channel_id)
            if since is not None:
                query = query.where(Posts.posted_at >= since)
            if until is not None:
                query = query.where(Posts.posted_at < until)
            if last is not None:
                query = query.where(
                    (Posts.posted_at > last[0]) | and_(Posts.posted_at == last[0], Posts.id > last[1])
                )
            rows = await self._connection.execute(query.order_by(Posts.posted_at, Posts.id).limit(batch))
            page = [post_record(row) for row in rows.mappings()]
            for post in page:
                yield post
            if len(page) < batch:
                return
            last = (page[-1].posted_at, page[-1].id)

    async def newest(self, channel_id: int, limit: int = 5) -> Sequence[Post]:
        """The newest posts, newest first."""
        rows = await self._connection.execute(
            select(Posts.__table__)
            .where(Posts.channel_id == channel_id, Posts.kind == PostKind.POST.value)
            .order_by(Posts.posted_at.desc(), Posts.id.desc())
            .limit(limit)
        )
        return [post_record(row) for row in rows.mappings()]

    async def ids(self, channel_id: int, low: int, high: int) -> Sequence[int]:
        """The ids held within [low, high], deleted ones included."""
        rows = await self._connection.execute(
            select(Posts.id)
            .where(Posts.channel_id == channel_id, Posts.id >= low, Posts.id <= high)
            .order_by(Posts.id)
        )
        return list(rows.scalars())

    async def numbers(self, channel_id: int, low: int, high: int) -> AsyncIterator[tuple[int, datetime]]:
        """The ids held within [low, high] in order, deleted ones included, each with when it was posted."""
        while low <= high:
            rows = await self._connection.execute(
                select(Posts.id, Posts.posted_at)
                .where(Posts.channel_id == channel_id, Posts.id >= low, Posts.id <= high)
                .order_by(Posts.id)
                .limit(_NUMBERS)
            )
            part = [(number, at) for number, at in rows]
            for each in part:
                yield each
            if len(part) < _NUMBERS:
                return
            low = part[-1][0] + 1

    async def posted_at(self, channel_id: int, ids: Iterable[int]) -> dict[int, datetime]:
        """When those of these posts that are held were posted."""
        out: dict[int, datetime] = {}
        for _, part in key_parts(PostKey(channel_id, number) for number in ids):
            rows = await self._connection.execute(
                select(Posts.id, Posts.posted_at).where(Posts.channel_id == channel_id, Posts.id.in_(part))
            )
            out |= {row.id: row.posted_at for row in rows}
        return out

    async def census(self, channel_id: int, low: int, high: int) -> Census:
        """What became of the numbers within [low, high]."""
        is_deleted = Deletions.post_id.is_not(None)
        rows = await self._connection.execute(
            select(
                Posts.kind,
                is_deleted,
                func.count(),
                func.count(Posts.album_id),
                func.count(Posts.album_id.distinct()),
            )
            .outerjoin(
                Deletions,
                and_(
                    Deletions.channel_id == Posts.channel_id,
                    Deletions.post_id == Posts.id,
                    Deletions.returned_at.is_(None),
                ),
            )
            .where(Posts.channel_id == channel_id, Posts.id >= low, Posts.id <= high)
            .group_by(Posts.kind, is_deleted)
        )
        posts = parts = service = deleted = 0
        for kind, is_gone, n, of_albums, albums in rows:
            if is_gone:
                deleted += n
            elif kind == PostKind.SERVICE.value:
                service += n
            else:
                parts += of_albums - albums
                posts += n - (of_albums - albums)
        return Census(
            posts=posts,
            album_parts=parts,
            service=service,
            deleted=deleted,
            unknown=max(0, high - low + 1) - posts - parts - service - deleted,
        )

    async def around(self, channel_id: int, low: int, high: int) -> tuple[datetime | None, datetime | None]:
        """When the last post held before number `low` was posted, and by when the first one after `high` had
        been posted and seen.
        """
        before = await self._connection.execute(
            select(Posts.posted_at)
            .where(Posts.channel_id == channel_id, Posts.id < low)
            .order_by(Posts.id.desc())
            .limit(1)
        )
        found = await self._connection.execute(
            select(Posts.posted_at, Posts.seen_at)
            .where(Posts.channel_id == channel_id, Posts.id > high)
            .order_by(Posts.id)
            .limit(1)
        )
        after = found.one_or_none()
        return before.scalar_one_or_none(), None if after is None else max(after.posted_at, after.seen_at)

    async def last_before(self, channel_id: int, at: datetime) -> int:
        """The highest number held of what was posted until then; 0 when there is none."""
        found = await self._connection.execute(
            select(func.max(Posts.id)).where(Posts.channel_id == channel_id, Posts.posted_at <= at)
        )
        return found.scalar_one() or 0

    async def album_firsts(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """The number of the part of each album that was stored first, as (channel, album) -> seq."""
        by_channel: dict[int, set[int]] = defaultdict(set)
        for channel_id, album_id in keys:
            by_channel[channel_id].add(album_id)
        firsts: dict[tuple[int, int], int] = {}
        for channel_id, albums in by_channel.items():
            wanted = sorted(albums)
            for start in range(0, len(wanted), CHUNK):
                rows = await self._connection.execute(
                    select(Posts.album_id, func.min(Posts.seq))
                    .where(Posts.channel_id == channel_id, Posts.album_id.in_(wanted[start : start + CHUNK]))
                    .group_by(Posts.album_id)
                )
                firsts.update({(channel_id, album): seq for album, seq in rows if album is not None})
        return firsts

    async def deletions(self, channel_id: int) -> Sequence[Deletion]:
        rows = await self._connection.execute(
            select(Deletions.__table__)
            .where(Deletions.channel_id == channel_id)
            .order_by(Deletions.post_id, Deletions.first_missed_at)
        )
        return [Deletion(**row) for row in rows.mappings()]

    async def deleted_since(self, at: datetime) -> Sequence[Deletion]:
        """Posts of all channels that were found missing at `at` or later and have not come back, in that
        order.
        """
        rows = await self._connection.execute(
            select(Deletions.__table__)
            .where(Deletions.first_missed_at >= at, Deletions.returned_at.is_(None))
            .order_by(Deletions.first_missed_at, Deletions.post_id)
        )
        return [Deletion(**row) for row in rows.mappings()]

    async def last_missed_at(self) -> datetime | None:
        """When a post was found missing last, of any channel."""
        found = await self._connection.execute(select(func.max(Deletions.first_missed_at)))
        at: datetime | None = found.scalar_one_or_none()
        return at

    async def standing_ids(self, channel_id: int) -> Sequence[int]:
        """The ids held that are not known to be deleted, newest first."""
        rows = await self._connection.execute(
            select(Posts.id)
            .outerjoin(
                Deletions,
                and_(
                    Deletions.channel_id == Posts.channel_id,
                    Deletions.post_id == Posts.id,
                    Deletions.returned_at.is_(None),
                ),
            )
            .where(Posts.channel_id == channel_id, Deletions.post_id.is_(None))
            .order_by(Posts.id.desc())
        )
        return list(rows.scalars())

    async def count(
        self, channel_id: int | None = None, *, since: datetime | None = None, from_id: int | None = None
    ) -> int:
        """How many are held: of a channel, posted since then, from that number on."""
        query = select(func.count()).select_from(Posts)
        if from_id is not None:
            query = query.where(Posts.id >= from_id)
        if since is not None:
            query = query.where(Posts.posted_at >= since)
        if channel_id is not None:
            query = query.where(Posts.channel_id == channel_id)
        return (await self._connection.execute(query)).scalar_one()

    async def count_after(self, seq: int) -> int:
        """How many posts were stored after that one."""
        found = await self._connection.execute(select(func.count()).where(Posts.seq > seq))
        return found.scalar_one()

    async def count_versions_after(self, seq: int, revision_seq: int) -> int:
        """How many posts and edits were stored after those."""
        rows = await rows_of(
            self._connection,
            "SELECT (SELECT count(*) FROM posts WHERE seq > :post) "
            "+ (SELECT count(*) FROM revisions WHERE seq > :revision)",
            {"post": seq, "revision": revision_seq},
        )
        return int(rows[0][0])

    async def span(self, channel_id: int) -> tuple[datetime, datetime] | None:
        """When the first and the last stored post of a channel were posted."""
        found = await self._connection.execute(
            select(func.min(Posts.posted_at), func.max(Posts.posted_at)).where(Posts.channel_id == channel_id)
        )
        row = found.one()
        first: datetime | None = row[0]
        last: datetime | None = row[1]
        return None if first is None or last is None else (first, last)

    async def first_at(self, channel_ids: Sequence[int]) -> datetime | None:
        """When the first post held of any of these channels was posted."""
        first = select(func.min(Posts.posted_at)).where(Posts.channel_id == Channels.id).scalar_subquery()
        found = await self._connection.execute(
            select(func.min(first)).select_from(Channels).where(Channels.id.in_(list(channel_ids)))
        )
        at: datetime | None = found.scalar_one_or_none()
        return at

    async def id_range(
        self, channel_id: int, start: datetime, end: datetime
    ) -> tuple[int | None, int | None]:
        """The lowest and the highest number held of what was posted within [start, end)."""
        found = await self._connection.execute(
            select(func.min(Posts.id), func.max(Posts.id)).where(
                Posts.channel_id == channel_id, Posts.posted_at >= start, Posts.posted_at < end
            )
        )
        low, high = found.one()
        return low, high
