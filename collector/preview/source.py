"""Watches channels by their public preview, without an account: the same spans, gaps and posts as the other
way.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from collector.archive import Archive
from collector.config import WEB, ChannelConfig, CollectorConfig
from collector.corrected import CorrectedClock
from collector.errors import Failed, Stumbled, Trouble, Unanswered, Unreachable, Wait
from collector.health import Health
from collector.preview.door import Closed, Door, Same
from collector.preview.entry import Entry
from collector.preview.overlooked import before, fresh, overlooked, said
from collector.preview.page import Feed
from collector.tasks import patiently, pause, quietly, together, understood, woken
from collector.watch import Proof, begun, lost, proved, read_back, skipped
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.post import How, Post, PostKind
from domain.watch import GapCause
from storage.cursors import Cursor
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Seconds in which a stopping source writes down until when it watched.
_LAST_WORDS = 2.0


class WebSource:
    """All channels with `source = "web"`, one after the other, each when it is due."""

    name = WEB

    def __init__(
        self, config: CollectorConfig, channels: Sequence[ChannelConfig], store: Store, clock: Clock
    ) -> None:
        self._config = config
        self._store = store
        self._clock = CorrectedClock(clock)
        self._archive = Archive(store)
        self.roster = Roster()
        self._entry = Entry(self._archive, channels, self.roster, self._clock, config.refresh_every)
        self.door = Door(config.preview, self._clock, within=config.answer_within)
        self._health = Health(self._archive, self.name, self._clock)
        self._due: dict[str, datetime] = {}
        self._read: set[int] = set()  #: whose history has been read
        self._unread = asyncio.Event()  #: there is a history to read
        self._is_up = False

    def watch(self, channel: ChannelConfig) -> None:
        """One more, while it runs."""
        self._entry.add(channel)
        self.roster.urgent.set()

    async def unwatch(self, key: str, detail: str) -> None:
        """One less, while it runs."""
        released = self._entry.remove(key)

        async def deed(tx: Transaction) -> None:
            await lost(tx, self.name, released, GapCause.UNKNOWN, detail)
            if released and not len(self.roster):
                await self._health.over(tx)

        await self._archive.write(deed)

    async def run(self) -> None:
        """Watch, for ever. Raises StoreError when the archive is of no use."""
        await self._entry.recall()
        if self.roster.open:
            await self._break(GapCause.OUR_STOP)
        try:
            await together(self._looking(), self._reading())
        finally:
            await quietly(self._last_words(), _LAST_WORDS)

    async def _looking(self) -> None:
        while True:
            await self._round()

    async def _reading(self) -> None:
        """The histories, one page of each channel in turn, beside the looks and never in their way."""
        while True:
            left = [w for w in self.roster.open if w.id not in self._read and w.proof is not None]
            for watched in left:
                try:
                    await understood(self._history(watched))
                except Wait as wait:
                    await patiently(self._clock, wait)
                except (Failed, Stumbled, Unanswered, Unreachable) as error:
                    log.info("history could not be read just now", channel=watched.name, error=str(error))
                    await pause(self._clock, self._config.preview.every)
                await pause(self._clock, self._config.history_pause)
            if not left:
                await woken(self._clock, self._unread, self._config.preview.every)

    async def _round(self) -> None:
        now, every = self._clock.now(), self._config.preview.every
        turns = [*self._entry.turns()]
        for name, watched, config in turns:
            if self._due.get(name, now) > now:
                continue
            if watched is not None and watched.is_released:
                continue  # it was taken out while another was looked at
            slow = watched is None or not watched.is_open
            self._due[name] = now + (self._config.return_every if slow else every)
            if not await self._turn(watched, config):
                break
            if watched is None and self._entry.is_known(config):
                self._due[name] = self._clock.now() + every
        now = self._clock.now()
        soon = min((self._due.get(name, now) for name, _, _ in self._entry.turns()), default=now + every)
        await woken(self._clock, self.roster.urgent, max(timedelta(0), min(soon - now, every)))

    async def _turn(self, watched: Watched | None, config: ChannelConfig) -> bool:
        """Look at one. False: the preview itself cannot be used just now."""
        try:
            if watched is None:
                watched = await self._entry.seek(self.door, config)
                if watched is None:
                    return True
            elif not watched.is_open and not await self._entry.try_again(self.door, watched):
                return True
            await understood(self._look(watched))
            await self._say()
        except Wait as wait:
            await self._put_off(wait)
            return False
        except (Unreachable, Unanswered) as error:
            await self._away(error)
            return False
        except (Failed, Stumbled) as error:
            await self._failed(watched, config, error)
        return True

    async def _look(self, watched: Watched) -> None:
        """The newest page, and those between it and what is stored. Raises Trouble."""
        asked = self._clock.raw()
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        how = How.BACKFILLED if cursor is None or watched.proof is None else How.POLLED
        found = await self.door.feed(self._entry.handle(watched), how=how, afresh=watched.proof is None)
        at = self._clock.at(asked)
        if isinstance(found, Closed):
            await self._entry.gone(watched, found.card)
            return
        if isinstance(found, Same):
            await self._prove(watched, at)
            return
        if not await self._entry.notice(watched, found):
            return
        if cursor is None:
            await self._first(watched, found, at)
        else:
            await self._read_on(watched, cursor, found, how, at)
        self.door.keep(self._entry.handle(watched))

    async def _first(self, watched: Watched, found: Feed, at: datetime) -> None:
        posts, answered_at = _of(watched, found), self._clock.now()

        async def deed(tx: Transaction) -> None:
            await tx.posts.put(posts)
            newest, oldest = max((*found.ids, *found.unread), default=0), min(found.ids, default=None)
            cursor = Cursor(
                channel_id=watched.id,
                newest_id=newest,
                oldest_id=oldest,
                complete=not found.ids or not self._config.history_limit,
                checked_at=at,
            )
            await tx.posts.move_cursor(cursor)
            await begun(tx, self.name, watched, at)
            await overlooked(tx, self.name, watched, found, at)
            tx.notify("posts")

        await self._archive.write(deed)
        self._settled(watched, at, answered_at)
        self._unread.set()

    async def _read_on(self, watched: Watched, cursor: Cursor, found: Feed, how: How, at: datetime) -> None:
        pages, horizon = [found], self._clock.now() - self._config.since
        is_whole = True
        while pages[-1].older is not None and min(pages[-1].ids, default=0) > cursor.newest_id + 1:
            if pages[-1].posts and pages[-1].posts[0].posted_at < horizon:
                is_whole = False
                break
            page = await self.door.feed(
                self._entry.handle(watched), how=how, before=min(pages[-1].ids), background=True
            )
            if not isinstance(page, Feed):
                raise Failed(f"the preview of {watched.name} was shut while it was read")
            if not page.ids:
                break
            pages.append(page)
        posts = [post for page in pages for post in _of(watched, page)]
        doubtful = await self._missing(watched, found)
        answered_at = self._clock.now()
        unread = fresh(pages, cursor.newest_id)
        if unread:
            log.warning("messages could not be read", channel=watched.name, source=self.name, posts=unread)
            watched.break_off(GapCause.UNKNOWN)

        async def deed(tx: Transaction) -> None:
            current = await tx.posts.cursor(watched.id)
            assert current is not None  # noqa: S101 - there was one before this, and none is ever removed
            if not is_whole:
                current = await skipped(tx, self.name, watched, current, horizon)
            if unread:
                await lost(tx, self.name, [watched], GapCause.UNKNOWN, said(unread))
                current = await skipped(tx, self.name, watched, current, at)
            stored = await tx.posts.put(posts)
            newest = max([current.newest_id, *(post.id for post in posts), *unread])
            current = replace(current, newest_id=newest)
            missed = await tx.posts.missed(watched.id, doubtful, at)
            await proved(
                tx, self.name, Proof(watched=watched, cursor=current, at=at, answered_at=answered_at)
            )
            if stored.added or stored.revised or missed:
                tx.notify("posts")

        await self._archive.write(deed)
        self._settled(watched, at, answered_at)

    async def _missing(self, watched: Watched, found: Feed) -> list[int]:
        """Posts that we hold and the page leaves out, though it shows what is around them. It is asked a
        second time, another way, before they count as deleted."""
        missing = await self._left_out(watched, found)
        if not missing:
            return []
        again = await self.door.feed(
            self._entry.handle(watched), how=How.POLLED, before=max(found.ids) + 1, background=True
        )
        if not isinstance(again, Feed):
            return []
        return sorted(missing & await self._left_out(watched, again))

    async def _left_out(self, watched: Watched, page: Feed) -> set[int]:
        if page.unread or not page.ids:
            return set()
        low, high = min(page.ids), max(page.ids)

        async def held(tx: Transaction) -> set[int]:
            numbers = set(await tx.posts.ids(watched.id, low, high)) - set(page.ids)
            gone = {d.post_id for d in await tx.posts.deletions(watched.id) if d.returned_at is None}
            posts = [await tx.posts.get(watched.id, n) for n in sorted(numbers - gone)]
            # Of what is no post the preview shows some and leaves out others.
            return {p.id for p in posts if p is not None and p.kind is PostKind.POST}

        return await self._archive.read(held)

    async def _prove(self, watched: Watched, at: datetime) -> None:
        answered_at = self._clock.now()

        async def deed(tx: Transaction) -> None:
            cursor = await tx.posts.cursor(watched.id)
            assert cursor is not None  # noqa: S101 - what is as it was has been stored before
            await proved(tx, self.name, Proof(watched=watched, cursor=cursor, at=at, answered_at=answered_at))

        await self._archive.write(deed)
        self._settled(watched, at, answered_at)

    async def _history(self, watched: Watched) -> None:
        """One page further back. Raises Trouble."""
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        if cursor is None or cursor.complete or cursor.oldest_id is None:
            self._read.add(watched.id)
            return
        handle, oldest = self._entry.handle(watched), cursor.oldest_id
        page = await self.door.feed(handle, how=How.BACKFILLED, before=oldest, background=True)
        if not isinstance(page, Feed):
            return
        page = before(page, oldest)
        posts = _of(watched, page)
        horizon = self._clock.now() - self._config.since
        lowest = min((post.id for post in posts), default=oldest)

        async def deed(tx: Transaction) -> bool:
            await tx.posts.put(posts)
            current = await tx.posts.cursor(watched.id)
            assert current is not None  # noqa: S101 - there was one before this, and none is ever removed
            if page.unread and (next_one := await tx.posts.get(watched.id, oldest)) is not None:
                await overlooked(tx, self.name, watched, page, next_one.posted_at)
            reached = any(post.posted_at <= horizon for post in posts)
            is_all = not posts or page.older is None
            held = await tx.posts.count(watched.id, from_id=lowest)
            enough = held >= self._config.history_limit
            done = reached or is_all or enough
            await tx.posts.move_cursor(replace(current, oldest_id=lowest, complete=done))
            if reached:
                await read_back(tx, self.name, watched, horizon)
            elif done and (first := await tx.posts.get(watched.id, lowest)) is not None:
                await read_back(tx, self.name, watched, first.posted_at)
            if posts:
                tx.notify("posts")
            return done

        if await self._archive.write(deed):
            self._read.add(watched.id)
            log.info("history read", channel=watched.name, source=self.name)

    def _settled(self, watched: Watched, at: datetime, answered_at: datetime) -> None:
        if watched.is_open:
            watched.prove(at, answered_at)
            if watched.trouble:
                log.info("channel can be read again", channel=watched.name, source=self.name)
            watched.trouble = ""

    async def _failed(self, watched: Watched | None, config: ChannelConfig, error: Failed | Stumbled) -> None:
        if watched is None:
            await self._entry.nowhere(config, str(error))
            return
        if not watched.trouble:
            log.warning("channel could not be read", channel=watched.name, source=self.name, error=str(error))
            watched.break_off(GapCause.UNKNOWN)
            await self._archive.write(lambda tx: lost(tx, self.name, [watched], GapCause.UNKNOWN, str(error)))
        watched.trouble = str(error)

    async def _put_off(self, wait: Wait) -> None:
        if wait.seconds > self._config.preview.every.total_seconds():
            await self._break(GapCause.FLOOD, str(wait))
            await self._health.set("throttled", str(wait))
        self._again(timedelta(seconds=wait.seconds))

    async def _away(self, error: Trouble) -> None:
        if self._is_up or not self._health.state:
            log.warning("no way to the preview", error=str(error))
        self._is_up = False
        await self._break(GapCause.LINK, str(error))
        await self._health.set("unreachable", str(error))
        self._again(min(timedelta(seconds=self._config.retry_max), self._config.preview.every))

    def _again(self, after: timedelta) -> None:
        """Nothing is asked before; then everything that was due."""
        until = self._clock.now() + after
        for name, _, _ in self._entry.turns():
            self._due[name] = max(until, self._due.get(name, until))

    async def _say(self) -> None:
        if not len(self.roster):
            return  # it was taken out while it was looked at
        if not self._is_up:
            log.info("watching", account=self.name, channels=len(self.roster.open))
        self._is_up = True
        await self._health.set("watching", channels=len(self.roster), open=len(self.roster.open))

    async def _break(self, cause: GapCause, detail: str = "") -> None:
        channels = self.roster.open
        for watched in self.roster:
            watched.break_off(cause)
            watched.cause = cause if watched.is_open else watched.cause
        await self._archive.write(lambda tx: lost(tx, self.name, channels, cause, detail))

    async def _last_words(self) -> None:
        if not len(self.roster):
            return
        async with self._store.begin() as tx:
            await lost(tx, self.name, self.roster.open, GapCause.OUR_STOP, "stopped")
            await self._health.write(tx, "stopped")


def _of(watched: Watched, page: Feed) -> list[Post]:
    return [replace(post, channel_id=watched.id) for post in page.posts]
