"""The later versions of posts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import Post, PostKey, Revision
from storage.documents import entities_record, media_record, post_record
from storage.keys import Wanted
from storage.tables import Posts, Revisions
from storage.versions import those_that_stood


@dataclass(frozen=True, slots=True, kw_only=True)
class Revised:
    """A revision beside its post as first seen."""

    seq: int
    revision: Revision
    post: Post
    stood: bool  #: False: an older copy that came later; it was never what the channel showed from then on


@dataclass(frozen=True, slots=True, kw_only=True)
class Edits:
    """How many posts of a channel were edited, and when last, by Telegram's clock."""

    posts: int
    last_at: datetime


class RevisionRepository:
    """Part of the posts' repository."""

    _connection: AsyncConnection

    async def revisions(self, channel_id: int, post_id: int | None = None) -> Sequence[Revision]:
        """The later versions of a post, or of all posts of a channel, oldest first."""
        query = select(Revisions.__table__).where(Revisions.channel_id == channel_id)
        if post_id is not None:
            query = query.where(Revisions.post_id == post_id)
        rows = await self._connection.execute(query.order_by(Revisions.post_id, Revisions.number))
        return [revision_record(row) for row in rows.mappings()]

    async def standing(self, channel_id: int) -> dict[int, int]:
        """Which version of each post stands now; 0 is the post as first seen."""
        rows = await self._connection.execute(
            select(Posts.id, Posts.current).where(Posts.channel_id == channel_id)
        )
        return {row.id: row.current for row in rows}

    async def revisions_after(self, seq: int, limit: int) -> Sequence[Revised]:
        """Revisions in the order in which they were stored, each with its number and its post."""
        rows = await self._connection.execute(
            select(Revisions.__table__).where(Revisions.seq > seq).order_by(Revisions.seq).limit(limit)
        )
        found = [(row["seq"], revision_record(row)) for row in rows.mappings()]
        keys = {PostKey(revision.channel_id, revision.post_id) for _, revision in found}
        posts: dict[PostKey, tuple[Post, int]] = {}
        came: dict[PostKey, list[tuple[datetime | None, datetime]]] = defaultdict(list)
        wanted = Wanted(self._connection, keys)
        firsts = await self._connection.execute(
            select(Posts.__table__).join_from(wanted.rows, Posts, wanted.are(Posts.channel_id, Posts.id))
        )
        for row in firsts.mappings():
            post = post_record(row)
            posts[post.key] = (post, row["current"])
            came[post.key].append((post.edited_at, post.seen_at))
        later = await self._connection.execute(
            select(Revisions.channel_id, Revisions.post_id, Revisions.edited_at, Revisions.seen_at)
            .join_from(wanted.rows, Revisions, wanted.are(Revisions.channel_id, Revisions.post_id))
            .order_by(Revisions.channel_id, Revisions.post_id, Revisions.number)
        )
        for channel_id, post_id, edited_at, seen_at in later:
            came[PostKey(channel_id, post_id)].append((edited_at, seen_at))
        out = []
        for number, revision in found:
            key = PostKey(revision.channel_id, revision.post_id)
            post, current = posts[key]
            stood = revision.number in those_that_stood(came[key], current)
            out.append(Revised(seq=number, revision=revision, post=post, stood=stood))
        return out

    async def edits(self, channel_id: int, since: datetime, until: datetime) -> Edits | None:
        """What was edited in [since, until]; None: nothing that is known."""
        rows = await self._connection.execute(
            select(func.count(distinct(Revisions.post_id)), func.max(Revisions.edited_at)).where(
                Revisions.channel_id == channel_id,
                Revisions.edited_at >= since,
                Revisions.edited_at <= until,
            )
        )
        posts, last_at = rows.one()
        return None if last_at is None else Edits(posts=posts, last_at=last_at)


def revision_record(row: Mapping[Any, Any]) -> Revision:
    return Revision(
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        number=row["number"],
        seen_at=row["seen_at"],
        edited_at=row["edited_at"],
        text=row["text"],
        entities=entities_record(row["entities"]),
        media=media_record(row["media"]),
    )
