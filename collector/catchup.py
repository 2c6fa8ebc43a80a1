"""Reads one channel on from what is stored of it, page by page, until there is no more."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from collector import history
from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.corrected import CorrectedClock
from collector.history import PAGE, Page, before, older
from collector.ingest import Ingest, follow
from collector.translate import posts_of
from collector.watch import Proof, begun, followed, proved, skipped
from collector.watched import Roster, Watched
from domain.post import How, Post, PostKey
from storage.cursors import Cursor
from storage.store import Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """What Telegram has named as the newest post of a channel, and when it was asked for that."""

    number: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """All that there was of a channel at `at` has been read: an empty page has shown it, or the newest post
    there was, with which the last page ends. Posts and proof are yet to be stored."""

    watched: Watched
    at: datetime
    answered_at: datetime  #: when the last page had come
    told: Sequence[Post]  #: before their turn, as far as the history may bring them
    posts: Sequence[Post]
    last: int  #: the highest number read
    fetched: set[int]  #: stored before, and not known then
    read: float  #: when, in real seconds of the event loop


_Pages = Callable[[Line, Watched, int], Awaitable[Page]]

#: So many ends are stored together, unless one of them has waited for so many seconds.
_TOGETHER, _WAITS = 25, 0.25


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
        self._ends: list[End] = []
        self._foretold = ingest.foretold
        self._foretold.found.clear()  # what was found before a break says nothing of push

    async def read_on(self, watched: Watched, newest: Newest | None = None) -> None:
        """`newest`, where it is known: a page that ends with it is the last, and is stored together with
        those of other channels, by `store_ends` at the latest. Raises Trouble. What was read until then is
        kept.
        """
        await self._ingest.caught_up()
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        if cursor is None:
            await self._first_look(watched)
            return
        if watched.proof is None:
            cursor = await self._within_reach(watched, cursor)
        fetched = self._foretold.found[watched.id]
        if newest is None:
            page, at = await self._asked(history.newest, watched, cursor)
            if len(set(page.ids)) == max(page.ids, default=cursor.newest_id) - cursor.newest_id:
                # From the newest down to ours without a hole: there is nothing else.
                self._ends.append(self._end(watched, page, at, fetched))
                await self.store_ends()
                return
        while True:
            page, at = await self._asked(history.newer, watched, cursor)
            is_last = newest is not None and max(page.ids, default=0) == newest.number
            if is_last or not page.ids:
                at = newest.at if newest is not None and is_last else at
                self._ends.append(self._end(watched, page, at, fetched))
                if not is_last or len(self._ends) >= _TOGETHER or self._waited() >= _WAITS:
                    await self.store_ends()
                return
            cursor, added = await self._keep(watched, page)
            fetched.update(added)

    async def _asked(self, pages: _Pages, watched: Watched, cursor: Cursor) -> tuple[Page, datetime]:
        """A page of what follows on ours, and when it was asked for."""
        asked = self._clock.raw()
        asking = asyncio.ensure_future(pages(self._line, watched, cursor.newest_id))
        try:
            await asyncio.wait({asking}, timeout=_WAITS - self._waited() if self._ends else None)
            if not asking.done():
                await self.store_ends()  # should the line be dead, they would be read anew, and may be gone
            page = await asking
        finally:
            asking.cancel()
        await self._channels.notice(self._line, watched, page.chats)
        return page, self._clock.at(asked)

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

    def _end(self, watched: Watched, page: Page, at: datetime, fetched: set[int]) -> End:
        self._foretold.found.pop(watched.id, None)
        told = self._foretold.of(watched.id)
        if page.ids:
            told = [post for post in told if post.id <= max(page.ids)]
        now = self._clock.now()
        posts = in_turn(told, posts_of(page.messages, seen_at=now, how=how_found(watched)))
        return End(
            watched=watched,
            at=at,
            answered_at=now,
            told=told,
            posts=posts,
            last=max((*(post.id for post in posts), *page.ids), default=0),
            fetched=fetched,
            read=asyncio.get_running_loop().time(),
        )

    def _waited(self) -> float:
        """How long what was read first waits to be stored, in seconds."""
        return asyncio.get_running_loop().time() - self._ends[0].read

    async def store_ends(self) -> None:
        """What has been read to its end, in one transaction: that there was no more is what the watch spans
        rest on.
        """
        ends, self._ends = self._ends, []
        if not ends:
            return

        async def deed(tx: Transaction) -> Sequence[set[int]]:
            # Those told before that the history has not brought are gone from it.
            added = await put(tx, [post for end in ends for post in end.posts])
            cursors = await tx.posts.cursors(end.watched.id for end in ends)
            proofs, all_found = [], []
            for end in ends:
                cursor = cursors[end.watched.id]
                cursor = replace(cursor, newest_id=max(cursor.newest_id, end.last))
                found = end.fetched | {key.post_id for key in added if key.channel_id == end.watched.id}
                how = How.POLLED if found else None
                proofs.append(
                    Proof(
                        watched=end.watched,
                        cursor=cursor,
                        at=end.at,
                        answered_at=end.answered_at,
                        how=how,
                    )
                )
                all_found.append(found)
            await proved(tx, self._account, *proofs)
            return all_found

        for end, found in zip(ends, await self._archive.write(deed), strict=True):
            self._foretold.stored(end.told)
            since = end.watched.proof
            settled(end.watched, end.at, end.answered_at)
            if found and end.watched.joined and not self._roster.is_mute and since is not None:
                self.found += len(found)
                now = asyncio.get_running_loop().time()
                end.watched.pushes.found(found, since=since, until=end.at, now=now)

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
        at, answered_at = self._clock.at(asked), self._clock.now()
        told = self._foretold.of(watched.id)
        posts = in_turn(told, posts_of(page.messages, seen_at=answered_at, how=How.BACKFILLED))
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
        settled(watched, at, answered_at)
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


def settled(watched: Watched, at: datetime, answered_at: datetime) -> None:
    """It has been shown that everything up to `at` is stored, as `collector.watch.Proof` has it."""
    if not watched.is_open:
        return  # it has gone while the answer was on its way
    watched.prove(at, answered_at)
    watched.again_at = None
    if watched.trouble:
        log.info("channel can be read again", channel=watched.name)
    watched.trouble = ""
