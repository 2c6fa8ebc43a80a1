"""The reader: goes through the posts in the order in which they were stored, and stores what they are about.

Its place is kept with what it has read, in one transaction: killed at any moment, it goes on where it was.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import structlog

from claims.config import ClaimsConfig
from claims.topics import WordTopics
from domain.clock import Clock
from domain.post import Post, PostKind
from domain.reading import Reading
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)


class Reader:
    """Reads every stored post once under one reader version (see `claims.version.settle_version`)."""

    def __init__(
        self,
        store: Store,
        topics: WordTopics,
        *,
        version: int,
        clock: Clock,
        config: ClaimsConfig | None = None,
    ) -> None:
        self._store = store
        self._topics = topics
        self._clock = clock
        self._config = config or ClaimsConfig()
        self.version = version
        self.mark = f"reader.{version}"

    async def run(self) -> None:
        """Read until cancelled: woken by the notice of new posts, else by the poll."""
        with self._store.listen("posts") as notice:
            while True:
                await self.catch_up()
                await notice.woken(self._clock, timedelta(seconds=self._config.poll))

    async def catch_up(self) -> int:
        """Read all that is unread now. Returns how many posts that were."""
        total = 0
        while n := await self.read_batch():
            total += n
            await asyncio.sleep(0)
        if total > self._config.batch:
            log.info("reader: caught up", posts=total, reader_version=self.version)
        return total

    async def read_batch(self) -> int:
        """Read the next posts, at most one batch, in one transaction. Returns how many there were."""
        async with self._store.read() as tx:
            place = (await tx.marks.get(self.mark)).get("seq", 0)
            unread = await tx.posts.after(place, self._config.batch)
        if not unread:
            return 0
        unread = _whole_albums(unread, self._config.batch)
        about = await asyncio.to_thread(self._read, [post for _, post in unread])
        async with self._store.begin() as tx:
            # Another reader may have been here since; what is counted twice is never made good.
            overtaken = (await tx.marks.get(self.mark)).get("seq", 0) != place
            if not overtaken:
                await self._put(tx, unread, about)
        return await self.read_batch() if overtaken else len(unread)

    async def _put(
        self, tx: Transaction, unread: Sequence[tuple[int, Post]], about: Sequence[tuple[str, ...]]
    ) -> None:
        firsts = await tx.posts.album_firsts(
            {(post.channel_id, post.album_id) for _, post in unread if post.album_id is not None}
        )
        readings = [
            Reading(
                channel_id=post.channel_id,
                post_id=post.id,
                posted_at=post.posted_at,
                reader_version=self.version,
                topics=topics,
                counts=_counts(seq, post, firsts),
            )
            for (seq, post), topics in zip(unread, about, strict=True)
        ]
        await tx.readings.put(readings)
        await tx.tallies.add(readings)
        await tx.marks.set(self.mark, {"seq": unread[-1][0]}, self._clock.now())
        tx.notify("readings")

    def _read(self, posts: Sequence[Post]) -> list[tuple[str, ...]]:
        """The topics of each post; the parts of an album share theirs, for they are one post."""
        topics = [self._topics.topics(post.text) if post.text else () for post in posts]
        albums: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, post in enumerate(posts):
            if post.album_id is not None:
                albums[post.channel_id, post.album_id].append(i)
        for parts in albums.values():
            met = {topic for i in parts for topic in topics[i]}
            for i in parts:
                topics[i] = tuple(name for name in self._topics.names if name in met)
        return topics


def _whole_albums(unread: Sequence[tuple[int, Post]], batch: int) -> Sequence[tuple[int, Post]]:
    """Without the album at the end of a full batch, whose other parts may come with the next."""
    if len(unread) < batch:
        return unread
    last = unread[-1][1]
    if last.album_id is None:
        return unread
    end = len(unread)
    while end and unread[end - 1][1].album_id == last.album_id:
        end -= 1
    return unread[:end] or unread


def _counts(seq: int, post: Post, firsts: dict[tuple[int, int], int]) -> bool:
    if post.kind is PostKind.SERVICE:
        return False
    return post.album_id is None or firsts.get((post.channel_id, post.album_id), seq) == seq
