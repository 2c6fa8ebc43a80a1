"""What may be removed once its time is over, and what may not because something cites it.

Of a file the record stays with its SHA-256, which the chain holds fast too; only its bytes go. What posts say
is removed by storage/removing.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, cast, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.orm import aliased

from domain.file import FileState
from domain.post import PostKey
from domain.watch import Seen
from storage.keys import CHUNK, Wanted, key_parts
from storage.tables import Claims, Counters, Episodes, Opinions, PostFiles, Posts

#: Who is told of a silence looks at what was posted before it: so much of it is kept.
BEFORE = timedelta(days=2)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Cited:
    """What alerts and opinions are about: stretches of channels, and single posts."""

    stretches: Mapping[int, Seen] = field(default_factory=dict)
    posts: set[tuple[int, int]] = field(default_factory=set)

    def holds(self, channel_id: int, post_id: int, posted_at: datetime) -> bool:
        stretches = self.stretches.get(channel_id)
        return (channel_id, post_id) in self.posts or (stretches is not None and stretches.at(posted_at))


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """What of one post has outlived its time."""

    channel_id: int
    post_id: int
    version: int = 0  #: of a file
    posted_at: datetime
    n: int = 1
    size: int = 0
    sha256: str = ""


class RetentionRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def cited(self, channel_id: int | None = None) -> Cited:
        """By every episode that was told or that somebody has an opinion on, from `BEFORE` it to its end; of
        one channel, or of all with the posts that tell of acts that were told.
        """
        opinions = select(Opinions.episode_id)
        query = select(
            Episodes.channel_id,
            Episodes.members,
            Episodes.since_at,
            Episodes.closed_at,
            Episodes.incident_id,
        ).where(Episodes.opened_at.is_not(None) | Episodes.id.in_(opinions))
        if channel_id is not None:
            query = query.where((Episodes.channel_id == channel_id) | self._is_member(channel_id))
        incidents, posts = set(), set()
        stretches: dict[int, list[tuple[datetime, datetime]]] = defaultdict(list)
        for subject, members, since_at, closed_at, incident_id in await self._connection.execute(query):
            if incident_id is not None:
                incidents.add(incident_id)
            for number in {subject, *members} - {None}:
                stretches[number].append((since_at - BEFORE, closed_at or _NEVER))
        if channel_id is None:
            posts = await self._telling_of(sorted(incidents))
        # Merged, for there may be thousands of them, and a hundred thousand posts.
        return Cited({number: Seen.merged(given) for number, given in stretches.items()}, posts)

    def _is_member(self, channel_id: int) -> ColumnElement[bool]:
        if self._connection.dialect.name == "postgresql":
            return cast(Episodes.members, JSONB).contains([channel_id])
        each = func.json_each(Episodes.members).table_valued("value")
        return select(each.c.value).where(each.c.value == channel_id).exists()

    async def _telling_of(self, incidents: Sequence[int]) -> set[tuple[int, int]]:
        out: set[tuple[int, int]] = set()
        for start in range(0, len(incidents), CHUNK):
            found = await self._connection.execute(
                select(Claims.channel_id, Claims.post_id).where(
                    Claims.incident_id.in_(incidents[start : start + CHUNK])
                )
            )
            out.update((channel_id, post_id) for channel_id, post_id in found)
        return out | await self._parts_with(out)

    async def _parts_with(self, posts: Iterable[tuple[int, int]]) -> set[tuple[int, int]]:
        """All parts of the albums that these are parts of: what one says, another shows."""
        wanted, part = Wanted(self._connection, (PostKey(*key) for key in posts)), aliased(Posts)
        found = await self._connection.execute(
            select(part.channel_id, part.id)
            .join_from(wanted.rows, Posts, wanted.are(Posts.channel_id, Posts.id))
            .join(part, and_(part.channel_id == Posts.channel_id, part.album_id == Posts.album_id))
        )
        return {(channel_id, post_id) for channel_id, post_id in found}

    async def parts(self, channel_id: int, albums: Iterable[int]) -> dict[int, set[int]]:
        """The posts that are parts of these albums of a channel, by the album's number."""
        out: dict[int, set[int]] = defaultdict(set)
        wanted = sorted(set(albums))
        for start in range(0, len(wanted), CHUNK):
            found = await self._connection.execute(
                select(Posts.album_id, Posts.id).where(
                    Posts.channel_id == channel_id, Posts.album_id.in_(wanted[start : start + CHUNK])
                )
            )
            for album_id, post_id in found:
                out[album_id or 0].add(post_id)
        return out

    async def claimed(self, channel_id: int, posts: Iterable[int]) -> set[int]:
        """Of these posts those in which a claim was read; it quotes them, whatever its reader version."""
        out: set[int] = set()
        for _, part in key_parts(PostKey(channel_id, i) for i in posts):
            found = await self._connection.execute(
                select(Claims.post_id)
                .where(
                    Claims.channel_id == channel_id,
                    Claims.post_id.between(part[0], part[-1]),
                    Claims.post_id.in_(part),
                )
                .distinct()
            )
            out.update(found.scalars())
        return out

    async def old_files(self, channel_id: int, before: datetime) -> Sequence[Old]:
        """Files kept since before that; what stands in two posts is counted with each."""
        rows = await self._connection.execute(
            select(PostFiles.post_id, PostFiles.version, PostFiles.size, PostFiles.sha256, Posts.posted_at)
            .join(Posts, and_(Posts.channel_id == PostFiles.channel_id, Posts.id == PostFiles.post_id))
            .where(
                PostFiles.channel_id == channel_id,
                PostFiles.state == FileState.KEPT.value,
                PostFiles.at < before,
            )
            .order_by(PostFiles.post_id, PostFiles.version)
        )
        return [
            Old(
                channel_id=channel_id,
                post_id=post_id,
                version=version,
                posted_at=posted_at,
                size=size or 0,
                sha256=sha256 or "",
            )
            for post_id, version, size, sha256, posted_at in rows
        ]

    async def old_counters(self, channel_id: int, before: datetime) -> Sequence[Old]:
        """Samples taken before that, by post."""
        rows = await self._connection.execute(
            select(Counters.post_id, func.count(), func.min(Posts.posted_at))
            .join(Posts, and_(Posts.channel_id == Counters.channel_id, Posts.id == Counters.post_id))
            .where(Counters.channel_id == channel_id, Counters.at < before)
            .group_by(Counters.post_id)
            .order_by(Counters.post_id)
        )
        return [
            Old(channel_id=channel_id, post_id=post_id, posted_at=posted_at, n=n)
            for post_id, n, posted_at in rows
        ]

    async def expire_files(self, files: Sequence[Old], at: datetime, why: str) -> None:
        """Their bytes are to go; what is known of them stays."""
        for start in range(0, len(files), CHUNK):
            keys = [(f.channel_id, f.post_id, f.version) for f in files[start : start + CHUNK]]
            await self._connection.execute(
                update(PostFiles)
                .where(
                    tuple_(PostFiles.channel_id, PostFiles.post_id, PostFiles.version).in_(keys),
                    PostFiles.state == FileState.KEPT.value,
                )
                .values(state=FileState.EXPIRED.value, at=at, why=why)
            )

    async def spent(self, since: datetime | None, before: datetime) -> Sequence[str]:
        """The files that expired in [since, before), or ever before then, and that no post keeps any more, by
        SHA-256.
        """
        kept = select(PostFiles.sha256).where(
            PostFiles.state == FileState.KEPT.value, PostFiles.sha256.is_not(None)
        )
        found = await self._connection.execute(
            select(PostFiles.sha256)
            .where(
                PostFiles.state == FileState.EXPIRED.value,
                *([] if since is None else [PostFiles.at >= since]),
                PostFiles.at < before,
                PostFiles.sha256.is_not(None),
                PostFiles.sha256.not_in(kept),
            )
            .distinct()
            .order_by(PostFiles.sha256)
        )
        return [digest for digest in found.scalars() if digest is not None]

    async def drop_counters(self, channel_id: int, posts: Sequence[int], before: datetime) -> None:
        for start in range(0, len(posts), CHUNK):
            await self._connection.execute(
                delete(Counters).where(
                    Counters.channel_id == channel_id,
                    Counters.post_id.in_(posts[start : start + CHUNK]),
                    Counters.at < before,
                )
            )
