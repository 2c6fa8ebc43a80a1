"""Reads a channel's history, newest first, page by page, beside the live stream; goes on where it stopped."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.errors import Failed, Gone, Unanswered, Wait
from collector.history import Page, older
from collector.tasks import pause
from collector.translate import posts_of
from collector.watch import read_back
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.instant import utc
from domain.post import How
from storage.posts import Cursor
from storage.store import Transaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Why no more is read, and from when on the history has been read."""

    why: str
    since: datetime | None


class Backfill:
    def __init__(
        self,
        line: Line,
        account: str,
        roster: Roster,
        archive: Archive,
        channels: Channels,
        clock: Clock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._clock = clock
        self._config = config
        self._done: set[int] = set()

    async def run(self) -> None:
        """Read all histories, one page of each channel in turn, so that none waits for the longest."""
        while True:
            for watched in [w for w in self._roster.open if w.id not in self._done]:
                await self._turn(watched)
            if all(w.id in self._done for w in self._roster.open):
                await pause(self._clock, self._config.reconcile_every)

    async def _turn(self, watched: Watched) -> None:
        try:
            if await self.page(watched):
                self._done.add(watched.id)
            else:
                await pause(self._clock, self._config.history_pause)
        except Wait as wait:
            log.info("history waits", channel=watched.name, seconds=wait.seconds)
            await asyncio.sleep(wait.seconds)
        except (Failed, Unanswered) as error:
            log.warning("history could not be read just now", channel=watched.name, error=str(error))
            await pause(self._clock, self._config.reconcile_every)
        except Gone as gone:
            await self._channels.gone(self._line, watched, gone)

    async def page(self, watched: Watched) -> bool:
        """One page further back. True when there is no more to read. Raises Trouble."""
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        if cursor is None:
            return False  # its first look is still to come
        if cursor.complete or cursor.oldest_id is None:
            return True
        page = await older(self._line, watched, cursor.oldest_id)
        await self._channels.notice(self._line, watched, page.chats)
        horizon = self._clock.now() - self._config.since
        posts = posts_of(page.messages, seen_at=self._clock.now(), how=How.BACKFILLED)
        lowest = min(page.ids, default=cursor.oldest_id)

        async def deed(tx: Transaction) -> End | None:
            await tx.posts.put(posts)
            current = await tx.posts.cursor(watched.id)
            assert current is not None  # noqa: S101 - there was one before this, and none is ever removed
            end = await self._end(tx, watched, current, page, horizon)
            await tx.posts.move_cursor(replace(current, oldest_id=lowest, complete=end is not None))
            if end is not None and end.since is not None:
                await read_back(tx, self._account, watched, end.since)
            if posts:
                tx.notify("posts")
            return end

        end = await self._archive.write(deed)
        if end is not None:
            log.info("history read", channel=watched.name, since=str(end.since), because=end.why)
        return end is not None

    async def _end(
        self, tx: Transaction, watched: Watched, cursor: Cursor, page: Page, horizon: datetime
    ) -> End | None:
        """Is this the last page? An empty one is, and nothing less: a short page is not the end of a
        history.
        """
        dates = [utc(m.date) for m in page.messages if getattr(m, "date", None) is not None]
        if dates and min(dates) <= horizon:
            return End(why="as far back as was asked", since=horizon)
        if not page.ids or min(page.ids) <= 1:
            lowest = min(page.ids, default=cursor.oldest_id or 0)
            first = await tx.posts.get(watched.id, lowest)
            return End(why="its beginning", since=first.posted_at if first else None)
        if await tx.posts.count(watched.id) >= self._config.history_limit:
            return End(why="as many posts as were asked", since=min(dates, default=None))
        return None
