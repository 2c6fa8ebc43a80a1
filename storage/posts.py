"""Posts, their revisions and deletions. Nothing is ever overwritten or removed."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.post import Deletion, How, Post, PostKey, PostKind, Revision
from storage.documents import (
    entities_document,
    entities_record,
    forward_document,
    forward_record,
    media_document,
    media_record,
)
from storage.tables import Cursors, Deletions, Posts, Revisions
from storage.upsert import upsert

_CHUNK = 500  # ids in one IN (...): well below SQLite's limit of 32 766 variables


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What became of a batch."""

    added: tuple[PostKey, ...] = ()
    revised: tuple[PostKey, ...] = ()
    same: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a channel has been read."""

    channel_id: int
    newest_id: int  #: every post up to here is stored, or was never there
    oldest_id: int | None  #: down to here the history has been read
    complete: bool  #: the history has been read to its end, or as far as was asked
    checked_at: datetime


class PostRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, posts: Iterable[Post]) -> Stored:
        """Store posts once, however often and by whatever way they come.

        A known post with another text or media appends a Revision. Which version stands now is decided by
        Telegram's edit time, so that an older copy that comes later (an import) does not pass for an edit.
        """
        waiting: dict[PostKey, list[Post]] = defaultdict(list)
        for post in posts:
            waiting[post.key].append(post)
        added: list[PostKey] = []
        revised: list[PostKey] = []
        same = 0
        while waiting:
            # One version of each post at a time, so that two versions in a batch are told apart.
            batch = [versions.pop(0) for versions in waiting.values()]
            waiting = {key: versions for key, versions in waiting.items() if versions}
            known = await self._known(post.key for post in batch)
            new = [post for post in batch if post.key not in known]
            if new:
                await upsert(
                    self._connection, Posts, [_row(p) for p in new], key=("channel_id", "id"), keep=True
                )
                added += [post.key for post in new]
            seen = [post for post in batch if post.key in known]
            changed = [post for post in seen if post.hash != known[post.key]["current_hash"]]
            revised += [post.key for post in changed if await self._revise(post, known[post.key])]
            same += len(seen) - len(changed)
            await self._seen_again(seen, known)
        return Stored(added=tuple(added), revised=tuple(revised), same=same)

    async def _known(self, keys: Iterable[PostKey]) -> dict[PostKey, Mapping[Any, Any]]:
        by_channel: dict[int, list[int]] = defaultdict(list)
        for key in keys:
            by_channel[key.channel_id].append(key.post_id)
        found: dict[PostKey, Mapping[Any, Any]] = {}
        for channel_id, ids in by_channel.items():
            for start in range(0, len(ids), _CHUNK):
                rows = await self._connection.execute(
                    select(
                        Posts.id,
                        Posts.hash,
                        Posts.current,
                        Posts.current_hash,
                        Posts.edited_at,
                        Posts.last_seen_at,
                    ).where(Posts.channel_id == channel_id, Posts.id.in_(ids[start : start + _CHUNK]))
                )
                for row in rows.mappings():
                    found[PostKey(channel_id, row["id"])] = row
        return found

    async def _revise(self, post: Post, known: Mapping[Any, Any]) -> bool:
        rows = await self._connection.execute(
            select(Revisions.number, Revisions.hash, Revisions.edited_at)
            .where(Revisions.channel_id == post.channel_id, Revisions.post_id == post.id)
            .order_by(Revisions.number)
        )
        versions = [(0, known["hash"], known["edited_at"]), *((n, h, e) for n, h, e in rows)]
        stands = next(v for v in versions if v[0] == known["current"])
        newer = stands[2] is None or (post.edited_at is not None and post.edited_at > stands[2])
        if any(h == post.hash for _, h, _ in versions) and not (
            newer and post.edited_at is not None and post.edited_at != stands[2]
        ):
            return False  # an older version that we hold already
        number = versions[-1][0] + 1
        await self._connection.execute(
            insert(Revisions).values(
                channel_id=post.channel_id,
                post_id=post.id,
                number=number,
                seen_at=post.seen_at,
                edited_at=post.edited_at,
                text=post.text,
                hash=post.hash,
                entities=entities_document(post.entities),
                media=media_document(post.media),
            )
        )
        if newer:
            await self._connection.execute(
                update(Posts)
                .where(Posts.channel_id == post.channel_id, Posts.id == post.id)
                .values(current=number, current_hash=post.hash)
            )
        return True

    async def _seen_again(self, posts: Sequence[Post], known: Mapping[PostKey, Mapping[Any, Any]]) -> None:
        later = [
            {"c": p.channel_id, "i": p.id, "at": p.seen_at}
            for p in posts
            if p.how is not How.IMPORTED and p.seen_at > known[p.key]["last_seen_at"]
        ]
        if not later:
            return
        await self._connection.execute(
            update(Posts)
            .where(Posts.channel_id == bindparam("c"), Posts.id == bindparam("i"))
            .values(last_seen_at=bindparam("at")),
            later,
        )
        await self._connection.execute(
            update(Deletions)
            .where(
                Deletions.channel_id == bindparam("c"),
                Deletions.post_id == bindparam("i"),
                Deletions.returned_at.is_(None),
                Deletions.first_missed_at < bindparam("at"),
            )
            .values(returned_at=bindparam("at")),
            later,
        )

    async def missed(self, channel_id: int, ids: Iterable[int], at: datetime) -> Sequence[Deletion]:
        """These posts were asked for at `at` and are not there. Returns the deletions not recorded before."""
        wanted = sorted(set(ids))
        out: list[Deletion] = []
        for start in range(0, len(wanted), _CHUNK):
            part = wanted[start : start + _CHUNK]
            rows = await self._connection.execute(
                select(Posts.id, Posts.last_seen_at)
                .outerjoin(
                    Deletions,
                    and_(
                        Deletions.channel_id == Posts.channel_id,
                        Deletions.post_id == Posts.id,
                        Deletions.returned_at.is_(None),
                    ),
                )
                .where(Posts.channel_id == channel_id, Posts.id.in_(part), Deletions.post_id.is_(None))
            )
            out += [
                Deletion(
                    channel_id=channel_id,
                    post_id=post_id,
                    last_seen_at=min(last_seen, at),
                    first_missed_at=at,
                )
                for post_id, last_seen in rows
            ]
        rows_in = [
            {
                "channel_id": d.channel_id,
                "post_id": d.post_id,
                "first_missed_at": d.first_missed_at,
                "last_seen_at": d.last_seen_at,
            }
            for d in out
        ]
        await upsert(
            self._connection, Deletions, rows_in, key=("channel_id", "post_id", "first_missed_at"), keep=True
        )
        return out

    async def delete_known(self, deletions: Sequence[Deletion]) -> None:
        """Record deletions that somebody else has watched; the same one twice is one."""
        rows = [
            {
                "channel_id": d.channel_id,
                "post_id": d.post_id,
                "first_missed_at": d.first_missed_at,
                "last_seen_at": d.last_seen_at,
                "returned_at": d.returned_at,
            }
            for d in deletions
        ]
        await upsert(
            self._connection, Deletions, rows, key=("channel_id", "post_id", "first_missed_at"), keep=True
        )

    async def after(self, seq: int, limit: int) -> Sequence[tuple[int, Post]]:
        """Posts in the order in which they were stored, each with its number, as first seen."""
        rows = await self._connection.execute(
            select(Posts.__table__).where(Posts.seq > seq).order_by(Posts.seq).limit(limit)
        )
        return [(row["seq"], _post(row)) for row in rows.mappings()]

    async def get(self, channel_id: int, post_id: int) -> Post | None:
        rows = await self._connection.execute(
            select(Posts.__table__).where(Posts.channel_id == channel_id, Posts.id == post_id)
        )
        row = rows.mappings().one_or_none()
        return _post(row) if row else None

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
            page = [_post(row) for row in rows.mappings()]
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
        return [_post(row) for row in rows.mappings()]

    async def ids(self, channel_id: int, low: int, high: int) -> Sequence[int]:
        """The ids held within [low, high], deleted ones included."""
        rows = await self._connection.execute(
            select(Posts.id)
            .where(Posts.channel_id == channel_id, Posts.id >= low, Posts.id <= high)
            .order_by(Posts.id)
        )
        return list(rows.scalars())

    async def album_heads(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """The first post of each album, as (channel, album) -> post id."""
        by_channel: dict[int, set[int]] = defaultdict(set)
        for channel_id, album_id in keys:
            by_channel[channel_id].add(album_id)
        heads: dict[tuple[int, int], int] = {}
        for channel_id, albums in by_channel.items():
            rows = await self._connection.execute(
                select(Posts.album_id, func.min(Posts.id))
                .where(Posts.channel_id == channel_id, Posts.album_id.in_(sorted(albums)))
                .group_by(Posts.album_id)
            )
            heads.update({(channel_id, album_id): head for album_id, head in rows if album_id is not None})
        return heads

    async def album_firsts(self, keys: Iterable[tuple[int, int]]) -> dict[tuple[int, int], int]:
        """The number of the part of each album that was stored first, as (channel, album) -> seq."""
        by_channel: dict[int, set[int]] = defaultdict(set)
        for channel_id, album_id in keys:
            by_channel[channel_id].add(album_id)
        firsts: dict[tuple[int, int], int] = {}
        for channel_id, albums in by_channel.items():
            wanted = sorted(albums)
            for start in range(0, len(wanted), _CHUNK):
                rows = await self._connection.execute(
                    select(Posts.album_id, func.min(Posts.seq))
                    .where(Posts.channel_id == channel_id, Posts.album_id.in_(wanted[start : start + _CHUNK]))
                    .group_by(Posts.album_id)
                )
                firsts.update({(channel_id, album): seq for album, seq in rows if album is not None})
        return firsts

    async def revisions(self, channel_id: int, post_id: int | None = None) -> Sequence[Revision]:
        """The later versions of a post, or of all posts of a channel, oldest first."""
        query = select(Revisions.__table__).where(Revisions.channel_id == channel_id)
        if post_id is not None:
            query = query.where(Revisions.post_id == post_id)
        rows = await self._connection.execute(query.order_by(Revisions.post_id, Revisions.number))
        return [
            Revision(
                channel_id=row["channel_id"],
                post_id=row["post_id"],
                number=row["number"],
                seen_at=row["seen_at"],
                edited_at=row["edited_at"],
                text=row["text"],
                entities=entities_record(row["entities"]),
                media=media_record(row["media"]),
            )
            for row in rows.mappings()
        ]

    async def deletions(self, channel_id: int) -> Sequence[Deletion]:
        rows = await self._connection.execute(
            select(Deletions.__table__)
            .where(Deletions.channel_id == channel_id)
            .order_by(Deletions.post_id, Deletions.first_missed_at)
        )
        return [Deletion(**row) for row in rows.mappings()]

    async def count(self, channel_id: int | None = None) -> int:
        query = select(func.count()).select_from(Posts)
        if channel_id is not None:
            query = query.where(Posts.channel_id == channel_id)
        return (await self._connection.execute(query)).scalar_one()

    async def span(self, channel_id: int) -> tuple[datetime, datetime] | None:
        """When the first and the last stored post of a channel were posted."""
        found = await self._connection.execute(
            select(func.min(Posts.posted_at), func.max(Posts.posted_at)).where(Posts.channel_id == channel_id)
        )
        row = found.one()
        first: datetime | None = row[0]
        last: datetime | None = row[1]
        return None if first is None or last is None else (first, last)

    async def cursor(self, channel_id: int) -> Cursor | None:
        rows = await self._connection.execute(
            select(Cursors.__table__).where(Cursors.channel_id == channel_id)
        )
        row = rows.mappings().one_or_none()
        return Cursor(**row) if row else None

    async def move_cursor(self, cursor: Cursor) -> None:
        """Set how far a channel has been read, in the same transaction as the posts it speaks of."""
        row = {name: getattr(cursor, name) for name in Cursor.__slots__}
        await upsert(self._connection, Cursors, [row], key=("channel_id",))


def _row(post: Post) -> dict[str, Any]:
    digest = post.hash
    return {
        "channel_id": post.channel_id,
        "id": post.id,
        "posted_at": post.posted_at,
        "seen_at": post.seen_at,
        "last_seen_at": post.seen_at,
        "how": post.how.value,
        "kind": post.kind.value,
        "text": post.text,
        "hash": digest,
        "current": 0,
        "current_hash": digest,
        "edited_at": post.edited_at,
        "entities": entities_document(post.entities),
        "media": media_document(post.media),
        "album_id": post.album_id,
        "forward": forward_document(post.forward),
        "reply_to": post.reply_to,
        "author": post.author,
        "views": post.views,
        "forwards": post.forwards,
        "raw": post.raw,
    }


def _post(row: Mapping[Any, Any]) -> Post:
    return Post(
        channel_id=row["channel_id"],
        id=row["id"],
        posted_at=row["posted_at"],
        seen_at=row["seen_at"],
        how=How(row["how"]),
        kind=PostKind(row["kind"]),
        text=row["text"],
        edited_at=row["edited_at"],
        entities=entities_record(row["entities"]),
        media=media_record(row["media"]),
        album_id=row["album_id"],
        forward=forward_record(row["forward"]),
        reply_to=row["reply_to"],
        author=row["author"],
        views=row["views"],
        forwards=row["forwards"],
        raw=row["raw"],
    )
