"""Reads a channel's history, newest first, page by page, beside the live stream; goes on where it stopped."""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import NoReturn

import structlog

from collector.ahead import Ahead, Read
from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.errors import Failed, Gone, Trouble, Unanswered, Wait
from collector.history import PAGE, Page, older
from collector.stretch import History, Stretches
from collector.tasks import pause
from collector.translate import posts_of
from collector.watch import read_back
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.instant import utc
from domain.post import How, Post
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: So many pages are stored together where none waits for the next.
_BURST = 20
#: While the histories of so many channels or fewer are left, they are read ahead of their turn: what waits is
#: kept in memory.
_AHEAD = 3


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
        *,
        history: History | None = None,
        apart: Stretches | None = None,
    ) -> None:
        """`history`: what is asked for, where it is not what the config says; `apart`: a stretch that is read
        instead of what follows on what has been read.
        """
        self._history = history
        self._apart = apart
        self._ahead: dict[int, Ahead] = {}
        self._are_few = True  #: the channels whose history is not read yet
        self._held: dict[int, int] = {}  # posts of each channel down to where it has been read
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._clock = clock
        self._config = config
        self._done: set[int] = set()
        self._again_at: dict[int, datetime] = {}  # channels that Telegram makes us wait with

    async def run(self) -> NoReturn:
        """Read all histories, one page of each channel in turn, so that none waits for the longest."""
        try:
            await self._in_turn()
        finally:
            for number in list(self._ahead):
                await self._ahead.pop(number).stop()

    async def _in_turn(self) -> NoReturn:
        while True:
            now = self._clock.now()
            left = [w for w in self._roster.open if w.id not in self._done]
            ready = [w for w in left if self._again_at.get(w.id, now) <= now]
            self._are_few = len(left) <= _AHEAD
            for watched in ready:
                await self._turn(watched)
            if not ready:
                await pause(self._clock, self._config.reconcile_every)

    async def _turn(self, watched: Watched) -> None:
        try:
            if await (self._apart.page(watched) if self._apart is not None else self.page(watched)):
                self._done.add(watched.id)
            else:
                await pause(self._clock, self._config.history_pause)
        except Wait as wait:
            log.info("history waits", channel=watched.name, seconds=wait.seconds)
            self._again_at[watched.id] = self._clock.now() + timedelta(seconds=wait.seconds)
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
        horizon = self._history.since if self._history else self._clock.now() - self._config.since
        read = await self._next(watched, cursor.oldest_id, horizon)
        held = await self._held_from(watched, cursor.oldest_id) + len(read.posts)

        async def deed(tx: Transaction) -> End | None:
            await tx.posts.put(read.posts)
            current = await tx.posts.cursor(watched.id)
            assert current is not None  # noqa: S101 - there was one before this, and none is ever removed
            end = await self._end(tx, watched, read, horizon, is_enough=self._left(held) == 0)
            await tx.posts.move_cursor(replace(current, oldest_id=read.lowest, complete=end is not None))
            if end is not None and end.since is not None:
                await read_back(tx, self._account, watched, end.since)
            if read.posts:
                tx.notify("posts")
            return end

        end = await self._archive.write(deed)
        self._held[watched.id] = held
        if end is not None:
            await self._no_more(watched)
            log.info("history read", channel=watched.name, since=str(end.since), because=end.why)
        return end is not None

    async def _held_from(self, watched: Watched, oldest_id: int) -> int:
        """Posts down to where it has been read; to count them anew at every page would make a long history
        longer.
        """
        if (held := self._held.get(watched.id)) is None:
            held = await self._archive.read(lambda tx: tx.posts.count(watched.id, from_id=oldest_id))
            self._held[watched.id] = held
        return held

    def _left(self, held: int) -> int | None:
        """How many posts more than those that are held are wanted; None: as many as there are."""
        limit = self._history.limit if self._history else self._config.history_limit
        return max(0, limit - held) if limit else None

    async def _next(self, watched: Watched, oldest_id: int, horizon: datetime) -> Read:
        """What follows; where no pause is wanted between pages, a burst of them, ahead of its turn."""
        if self._config.history_pause:
            return await self._read(watched, oldest_id, horizon, pages=1)
        ahead = self._ahead.get(watched.id)
        if ahead is None or ahead.is_over or ahead.below != oldest_id:
            await self._no_more(watched)
            left = self._left(await self._held_from(watched, oldest_id))
            if not self._are_few:
                return await self._burst(watched, oldest_id, horizon, left)
            ahead = Ahead(lambda below, left: self._burst(watched, below, horizon, left), oldest_id, left)
            self._ahead[watched.id] = ahead
        return await ahead.next()

    async def _burst(self, watched: Watched, below: int, horizon: datetime, left: int | None) -> Read:
        pages = _BURST if left is None else max(1, min(_BURST, math.ceil(left / PAGE)))
        return await self._read(watched, below, horizon, pages=pages)

    async def _no_more(self, watched: Watched) -> None:
        if (ahead := self._ahead.pop(watched.id, None)) is not None:
            await ahead.stop()

    async def _read(self, watched: Watched, oldest_id: int, horizon: datetime, *, pages: int) -> Read:
        """The next pages, so many at once, so that storing costs less; or as many as are answered. Raises
        Trouble when none is.
        """
        posts: list[Post] = []
        page: Page | None = None
        for _ in range(pages):
            try:
                page = await older(self._line, watched, oldest_id, background=True)
            except Trouble:
                if page is None:
                    raise
                break
            posts += posts_of(page.messages, seen_at=self._clock.now(), how=How.BACKFILLED)
            await self._channels.notice(self._line, watched, page.chats)
            oldest_id = min(page.ids, default=oldest_id)
            if _is_last(page, horizon):
                break
        assert page is not None  # noqa: S101 - else it has been raised
        posts.sort(key=attrgetter("id"))  # an archive lays them closer together in this order
        return Read(posts=posts, last=page, lowest=oldest_id, is_end=_is_last(page, horizon))

    async def _end(
        self, tx: Transaction, watched: Watched, read: Read, horizon: datetime, *, is_enough: bool
    ) -> End | None:
        """Is this the last page? An empty one is, and nothing less: a short page is not the end of a
        history.
        """
        page, lowest = read.last, read.lowest
        if _reaches(page, horizon):
            return End(why="as far back as was asked", since=horizon)
        if page.ids and lowest > 1:
            if not is_enough:
                return None
            why = "as many posts as were asked"
        else:
            why = "its beginning"
        # Its lowest number may be that of a deleted post: the first that is there dates the beginning.
        held = await tx.posts.ids(watched.id, lowest, lowest + 10 * PAGE)
        first = await tx.posts.get(watched.id, held[0]) if held else None
        return End(why=why, since=first.posted_at if first else None)


def _is_last(page: Page, horizon: datetime) -> bool:
    return not page.ids or _reaches(page, horizon)


def _reaches(page: Page, horizon: datetime) -> bool:
    oldest = min((m.date for m in page.messages if getattr(m, "date", None) is not None), default=None)
    return oldest is not None and utc(oldest) <= horizon
