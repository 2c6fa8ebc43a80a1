"""Reads one channel on from what is stored of it, page by page, until there is no more."""

import asyncio
from collections.abc import Iterable, Sequence
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
from domain.post import How, Post, PostKey
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
        self._foretold = ingest.foretold
        self._foretold.found.clear()  # what was found before a break says nothing of push

    async def read_on(self, watched: Watched) -> None:
        """Raises Trouble. What was read until then is kept."""
        await self._ingest.caught_up()
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        if cursor is None:
            await self._first_look(watched)
            return
        if watched.proof is None:
            cursor = await self._within_reach(watched, cursor)
        fetched = self._foretold.found[watched.id]
        while True:
            asked = self._clock.raw()
            page = await newer(self._line, watched, cursor.newest_id)
            await self._channels.notice(self._line, watched, page.chats)
            if not page.ids:
                await self._end(watched, asked, fetched)
                self._foretold.found.pop(watched.id, None)
                return
            cursor, added = await self._keep(watched, page)
            fetched.update(added)

    async def _keep(self, watched: Watched, page: Page) -> tuple[Cursor, set[int]]:
        """Posts and cursor, in one transaction. Returns which posts were not known before."""
        posts = posts_of(page.messages, seen_at=self._clock.now(), how=how_found(watched))
        told = [post for post in self._foretold.of(watched.id) if post.id <= max(page.ids)]
        posts = in_turn(told, posts)

        async def deed(tx: Transaction) -> tuple[Cursor, set[int]]:
            cursor = await tx.posts.cursor(watched.id)
            assert cursor is not None  # noqa: S101 - there was one before this, and none is ever removed
            added = await put(tx, posts)
            moved = replace(cursor, newest_id=max(cursor.newest_id, *page.ids))
            at = max((min(post.posted_at, post.seen_at) for post in posts), default=cursor.checked_at)
            await followed(tx, self._account, [(watched, moved, at)])
            return moved, {key.post_id for key in added}

        kept = await self._archive.write(deed)
        self._foretold.stored(told)
        return kept

    async def _end(self, watched: Watched, asked: datetime, fetched: set[int]) -> None:
        """An empty page shows that there is no more: that is what the watch span rests on."""
        at, since = self._clock.at(asked), watched.proof
        should_have_come = watched.joined and not self._roster.is_mute and since is not None
        told = in_turn(self._foretold.of(watched.id), ())

        async def deed(tx: Transaction) -> set[int]:
            cursor = await tx.posts.cursor(watched.id)
            assert cursor is not None  # noqa: S101 - there was one before this, and none is ever removed
            # Those that the history has not brought are gone from it.
            added = await put(tx, told)
            cursor = replace(cursor, newest_id=max(cursor.newest_id, *(post.id for post in told), 0))
            found = fetched | {key.post_id for key in added}
            await proved(tx, self._account, watched, cursor, at, How.POLLED if found else None)
            return found

        fetched |= await self._archive.write(deed)
        self._foretold.stored(told)
        settled(watched, at)
        if fetched and should_have_come and since is not None:
            self.found += len(fetched)
            now = asyncio.get_running_loop().time()
            watched.pushes.found(fetched, since=since, until=at, now=now)

    async def store_foretold(self) -> None:
        """Store what was told of channels whose history will not be read within a round: it may be gone by
        then.
        """
        soon = self._clock.now() + self._config.reconcile_every

        def is_due(watched: Watched | None) -> bool:
            if watched is None or not watched.is_open:
                return False
            return watched.torn if watched.again_at is None else watched.again_at <= soon

        await self.store([p for p in self._foretold.all() if not is_due(self._roster.get(p.channel_id))])

    async def store(self, posts: Sequence[Post]) -> None:
        """Store what asking has brought; the history before it is yet to be read."""
        if posts:
            added = await self._archive.write(lambda tx: put(tx, posts))
            self._foretold.stored(posts, added)

    async def _first_look(self, watched: Watched) -> None:
        asked = self._clock.raw()
        limit = PAGE if self._config.history_limit else 1
        page = await older(self._line, watched, 0, limit)
        await self._channels.notice(self._line, watched, page.chats)
        at = self._clock.at(asked)
        told = self._foretold.of(watched.id)
        posts = in_turn(told, posts_of(page.messages, seen_at=self._clock.now(), how=How.BACKFILLED))
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
        self._foretold.stored(told)
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


async def put(tx: Transaction, posts: Iterable[Post]) -> Sequence[PostKey]:
    """Returns those that were not known before."""
    stored = await tx.posts.put(posts)
    if stored.added or stored.revised:
        tx.notify("posts")
    return stored.added


def in_turn(told: Sequence[Post], posts: Iterable[Post]) -> list[Post]:
    """These in the order of posting, with those that were told before: what both say, as it was told first.

    Telegram gives a page newest first, and the archive is followed in the order in which it is filled.
    """
    said = {(post.id, post.hash) for post in told}
    fresh = (post for post in posts if (post.id, post.hash) not in said)
    return sorted((*told, *fresh), key=lambda post: post.id)


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
