"""Files of posts: which are wanted, which are kept, and why the others are not."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.file import FileState, PostFile
from domain.post import Media
from storage.chain import ChainRepository, file_entry
from storage.documents import media_record
from storage.tables import PostFiles, Posts, Revisions
from storage.upsert import upsert

_KEY = ("channel_id", "post_id", "version")
_PENDING = (FileState.WAITING.value, FileState.HELD.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A stored version of a post that shows something, with its number in the order of storing."""

    seq: int
    channel_id: int
    post_id: int
    version: int
    media: Media | None


class FileRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def posts_after(self, seq: int, limit: int) -> Sequence[Shown]:
        """Posts in the order in which they were stored."""
        rows = await self._connection.execute(
            select(Posts.seq, Posts.channel_id, Posts.id, Posts.media)
            .where(Posts.seq > seq)
            .order_by(Posts.seq)
            .limit(limit)
        )
        return [
            Shown(seq=s, channel_id=c, post_id=i, version=0, media=media_record(media))
            for s, c, i, media in rows
        ]

    async def revisions_after(self, seq: int, limit: int) -> Sequence[Shown]:
        """The same of revisions."""
        rows = await self._connection.execute(
            select(Revisions.seq, Revisions.channel_id, Revisions.post_id, Revisions.number, Revisions.media)
            .where(Revisions.seq > seq)
            .order_by(Revisions.seq)
            .limit(limit)
        )
        return [
            Shown(seq=s, channel_id=c, post_id=i, version=number, media=media_record(media))
            for s, c, i, number, media in rows
        ]

    async def ends(self) -> dict[str, int]:
        """The numbers of the post and of the revision that were stored last."""
        out = {}
        for name, column in (("posts", Posts.seq), ("revisions", Revisions.seq)):
            out[name] = (await self._connection.execute(select(func.max(column)))).scalar_one() or 0
        return out

    async def add(self, files: Iterable[PostFile]) -> None:
        """Put files down as wanted or not; those that are known already stay as they are."""
        await upsert(self._connection, PostFiles, [_row(f) for f in files], key=_KEY, keep=True)

    async def next(self, channel_ids: Collection[int], now: datetime) -> PostFile | None:
        """The file that has waited longest, of those that may be tried now."""
        rows = await self._connection.execute(
            select(PostFiles.__table__)
            .where(
                PostFiles.channel_id.in_(list(channel_ids)),
                PostFiles.state.in_(_PENDING),
                PostFiles.again_at <= now,
            )
            .order_by(PostFiles.again_at, PostFiles.channel_id, PostFiles.post_id, PostFiles.version)
            .limit(1)
        )
        row = rows.mappings().one_or_none()
        return None if row is None else _record(row)

    async def wanted(self, file_ids: Collection[str]) -> set[str]:
        """Which of these, by Telegram's numbers, are still to be fetched."""
        rows = await self._connection.execute(
            select(PostFiles.file_id).where(PostFiles.file_id.in_(file_ids), PostFiles.state.in_(_PENDING))
        )
        return set(rows.scalars())

    async def same_as(self, file_id: str) -> tuple[str, int | None] | None:
        """SHA-256 and size of a file of Telegram's that is kept already, be it of another post."""
        rows = await self._connection.execute(
            select(PostFiles.sha256, PostFiles.size)
            .where(PostFiles.file_id == file_id, PostFiles.state == FileState.KEPT.value)
            .limit(1)
        )
        row = rows.one_or_none()
        return None if row is None or row[0] is None else (row[0], row[1])

    async def settle(self, file: PostFile) -> None:
        """What has become of it. A file that is kept is linked into its channel's chain."""
        row = _row(file)
        await self._connection.execute(
            update(PostFiles)
            .where(
                PostFiles.channel_id == file.channel_id,
                PostFiles.post_id == file.post_id,
                PostFiles.version == file.version,
            )
            .values({name: value for name, value in row.items() if name not in _KEY})
        )
        if file.state is FileState.KEPT:
            await ChainRepository(self._connection).append([file_entry(row)])

    async def kept_bytes(self) -> int:
        """The room that all kept files take, each counted once."""
        once = (
            select(PostFiles.sha256, func.max(PostFiles.size).label("size"))
            .where(PostFiles.state == FileState.KEPT.value)
            .group_by(PostFiles.sha256)
            .subquery()
        )
        found = await self._connection.execute(select(func.coalesce(func.sum(once.c.size), 0)))
        return int(found.scalar_one())

    async def of(self, channel_id: int, post_id: int | None = None) -> Sequence[PostFile]:
        """The files of a post, or of all posts of a channel."""
        query = select(PostFiles.__table__).where(PostFiles.channel_id == channel_id)
        if post_id is not None:
            query = query.where(PostFiles.post_id == post_id)
        rows = await self._connection.execute(query.order_by(PostFiles.post_id, PostFiles.version))
        return [_record(row) for row in rows.mappings()]

    async def kept(self, channel_id: int, after: str, limit: int) -> Sequence[tuple[str, int, int]]:
        """What a channel keeps: each file once, by SHA-256 beyond `after`, with its size and a post of it."""
        rows = await self._connection.execute(
            select(PostFiles.sha256, func.max(PostFiles.size), func.min(PostFiles.post_id))
            .where(
                PostFiles.channel_id == channel_id,
                PostFiles.state == FileState.KEPT.value,
                PostFiles.sha256 > after,
            )
            .group_by(PostFiles.sha256)
            .order_by(PostFiles.sha256)
            .limit(limit)
        )
        return [(digest, size or 0, post_id) for digest, size, post_id in rows if digest is not None]


def _row(file: PostFile) -> dict[str, Any]:
    row = {name: getattr(file, name) for name in PostFile.__slots__}
    return {**row, "state": file.state.value}


def _record(row: Mapping[Any, Any]) -> PostFile:
    return PostFile(**{**row, "state": FileState(row["state"])})
