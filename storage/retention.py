"""What may be removed once its time is over, and what may not because somebody was told of it.

Posts, their versions, raw copies and claims are not among it: the chain holds them fast. Of a file the record
stays with its SHA-256, which the chain holds fast too; only its bytes go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.file import FileState
from storage.keys import CHUNK
from storage.tables import Claims, Counters, Episodes, Opinions, PostFiles, Posts

#: Who is told of a silence looks at what was posted before it: so much of it is kept.
BEFORE = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Cited:
    """What alerts and opinions are about: stretches of channels, and single posts."""

    stretches: dict[int, list[tuple[datetime, datetime | None]]] = field(default_factory=dict)
    posts: set[tuple[int, int]] = field(default_factory=set)

    def holds(self, channel_id: int, post_id: int, posted_at: datetime) -> bool:
        if (channel_id, post_id) in self.posts:
            return True
        return any(
            start <= posted_at and (end is None or posted_at <= end)
            for start, end in self.stretches.get(channel_id, ())
        )


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

    async def cited(self) -> Cited:
        """By every episode that was told or that somebody has an opinion on, from `BEFORE` it to its end."""
        cited = Cited()
        opinions = select(Opinions.episode_id)
        rows = await self._connection.execute(
            select(
                Episodes.channel_id,
                Episodes.members,
                Episodes.since_at,
                Episodes.closed_at,
                Episodes.incident_id,
            ).where(Episodes.opened_at.is_not(None) | Episodes.id.in_(opinions))
        )
        incidents = set()
        for channel_id, members, since_at, closed_at, incident_id in rows:
            if incident_id is not None:
                incidents.add(incident_id)
            for number in {channel_id, *members} - {None}:
                cited.stretches.setdefault(number, []).append((since_at - BEFORE, closed_at))
        wanted = sorted(incidents)
        for start in range(0, len(wanted), CHUNK):
            found = await self._connection.execute(
                select(Claims.channel_id, Claims.post_id).where(
                    Claims.incident_id.in_(wanted[start : start + CHUNK])
                )
            )
            cited.posts.update((channel_id, post_id) for channel_id, post_id in found)
        return cited

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

    async def spent(self, since: datetime, before: datetime) -> Sequence[str]:
        """The files that expired in [since, before) and that no post keeps any more, by SHA-256."""
        kept = select(PostFiles.sha256).where(
            PostFiles.state == FileState.KEPT.value, PostFiles.sha256.is_not(None)
        )
        found = await self._connection.execute(
            select(PostFiles.sha256)
            .where(
                PostFiles.state == FileState.EXPIRED.value,
                PostFiles.at >= since,
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
