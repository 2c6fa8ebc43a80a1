"""Reads one channel on from what is stored of it, page by page, until there is no more."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import structlog

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.corrected import CorrectedClock
from collector.history import PAGE, Page, before, newer, older
from collector.ingest import Ingest, follow
from collector.translate import posts_of
from collector.watch import begun, followed, proved, skipped
from collector.watched import Roster, Watched
from domain.post import How, PostKey
from storage.posts import Cursor
from storage.store import Transaction

log = structlog.get_logger(__name__)


class CatchUp:
    """On one connection. `found`: posts that push should have brought before."""

    def __init__(
        self,
        line: Line,
        account: str,
        roster: Roster,
        archive: Archive,
        channels: Channels,
        ingest: Ingest,
        clock: CorrectedClock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._ingest = ingest
        self._clock = clock
        self._config = config
        self.found = 0
        #: Posts that were found by asking since a channel was last read to its end.
        self._came_upon: defaultdict[int, set[int]] = defaultdict(set)

    def came_upon(self, posts: Iterable[PostKey]) -> None:
        """These were told by the way and are stored; what lies before them is yet to be read."""
        for channel_id, post_id in posts:
            self._came_upon[channel_id].add(post_id)

    async def read_on(self, watched: Watched) -> None:
        """Raises Trouble. What was read until then is kept."""
        await self._ingest.caught_up()
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        if cursor is None:
            await self._first_look(watched)
            return
        if watched.proof is None:
            cursor = await self._within_reach(watched, cursor)
        fetched = self._came_upon[watched.id]
        while True:
            asked = self._clock.raw()
            page = await newer(self._line, watched, cursor.newest_id)
            await self._channels.notice(self._line, watched, page.chats)
            if not page.ids:
                await self._end(watched, asked, fetched)
                del self._came_upon[watched.id]
                return
            cursor, added = await self._keep(watched, page)
            fetched.update(added)

    async def _keep(self, watched: Watched, page: Page) -> tuple[Cursor, set[int]]:
        """Posts and cursor, in one transaction. Returns which posts were not known before."""
        posts = posts_of(page.messages, seen_at=self._clock.now(), how=how_found(watched))

        async def deed(tx: Transaction) -> tuple[Cursor, set[int]]:
            cursor = await tx.posts.cursor(watched.id)
            assert cursor is not None  # noqa: S101 - there was one before this, and none is ever removed
            stored = await tx.posts.put(posts)
            moved = replace(cursor, newest_id=max(cursor.newest_id, *page.ids))
            at = max((min(post.posted_at, post.seen_at) for post in posts), default=cursor.checked_at)
            await followed(tx, self._account, [(watched, moved, at)])
            if stored.added or stored.revised:
                tx.notify("posts")
            return moved, {key.post_id for key in stored.added}

        return await self._archive.write(deed)

    async def _end(self, watched: Watched, asked: datetime, fetched: set[int]) -> None:
        """An empty page shows that there is no more: that is what the watch span rests on."""
        at, since = self._clock.at(asked), watched.proof
        should_have_come = watched.joined and not self._roster.is_mute and since is not None
        how = How.POLLED if fetched else None

        async def deed(tx: Transaction) -> None:
            cursor = await tx.posts.cursor(watched.id)
            assert cursor is not None  # noqa: S101 - there was one before this, and none is ever removed
            await proved(tx, self._account, watched, cursor, at, how)

        await self._archive.write(deed)
        settled(watched, at)
        if fetched and should_have_come and since is not None:
            self.found += len(fetched)
            now = asyncio.get_running_loop().time()
            watched.pushes.found(fetched, since=since, until=at, now=now)

    async def _first_look(self, watched: Watched) -> None:
        asked = self._clock.raw()
        limit = PAGE if self._config.history_limit else 1
        page = await older(self._line, watched, 0, limit)
        await self._channels.notice(self._line, watched, page.chats)
        at = self._clock.at(asked)
        posts = posts_of(page.messages, seen_at=self._clock.now(), how=How.BACKFILLED)
        newest, oldest = max(page.ids, default=0), min(page.ids, default=None)

        async def deed(tx: Transaction) -> bool:
            await tx.posts.put(posts)
            cursor = Cursor(
                channel_id=watched.id,
                newest_id=newest,
                oldest_id=oldest,
                complete=not page.ids or not self._config.history_limit,
                checked_at=at,
            )
            await tx.posts.move_cursor(cursor)
            await begun(tx, self._account, watched, at)
            tx.notify("posts")
            pushed = await tx.posts.ids(watched.id, newest + 1, 1 << 60)
            reached, torn = follow(newest, pushed)
            await tx.posts.move_cursor(replace(cursor, newest_id=reached))
            return torn

        torn = await self._archive.write(deed)
        settled(watched, at)
        if torn:
            self._roster.tear(watched)

    async def _within_reach(self, watched: Watched, cursor: Cursor) -> Cursor:
        """After an absence longer than the history we read, go on from there: the rest is a gap for good."""
        horizon = self._clock.now() - self._config.since
        if cursor.checked_at >= horizon:
            return cursor
        reached = await before(self._line, watched, horizon)
        if reached <= cursor.newest_id:
            return cursor
        log.warning("away for longer than history is read", channel=watched.name, until=horizon.isoformat())

        async def deed(tx: Transaction) -> Cursor:
            moved = await skipped(tx, self._account, watched, cursor, horizon)
            moved = replace(moved, newest_id=reached)
            await tx.posts.move_cursor(moved)
            return moved

        return await self._archive.write(deed)


def how_found(watched: Watched) -> How:
    """How a post comes to us that is found by asking."""
    return How.BACKFILLED if watched.proof is None else How.POLLED


def settled(watched: Watched, at: datetime) -> None:
    """It has been shown that everything up to `at` is stored."""
    if not watched.is_open:
        return  # it has gone while the answer was on its way
    watched.proof = at
    watched.again_at = None
    if watched.trouble:
        log.info("channel can be read again", channel=watched.name)
    watched.trouble = ""
