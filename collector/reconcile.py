"""Asks for the newest post of every channel: did we miss anything? Only this says until when a channel was
watched.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.archive import Archive
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.errors import Failed, Gone, Unanswered, Unreachable, Wait
from collector.health import Health
from collector.history import PAGE, Page, before, newer, older
from collector.ingest import Ingest, follow
from collector.tasks import woken
from collector.translate import posts_of
from collector.watch import begun, lost, proved, skipped
from collector.watched import Roster, Watched
from domain.clock import Clock
from domain.post import How
from domain.watch import GapCause
from storage.posts import Cursor
from storage.store import Transaction

log = structlog.get_logger(__name__)

#: So many rounds in which posts were found that nothing was pushed of, and nothing was pushed at all: it is
#: deaf.
_DEAF_AFTER = 3


class Reconciler:
    """The loop of one connection."""

    def __init__(
        self,
        line: Line,
        account: str,
        roster: Roster,
        archive: Archive,
        channels: Channels,
        ingest: Ingest,
        health: Health,
        clock: Clock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._ingest = ingest
        self._health = health
        self._clock = clock
        self._config = config
        self.first_round = asyncio.Event()  #: set once every channel has been looked at
        self.missed = 0  #: posts that push did not bring
        self._waiting: set[str] = set()  #: calls that Telegram makes us wait with
        self._deaf_rounds = 0
        self._pushed_before = ingest.pushed

    async def run(self) -> None:
        """Look at every channel in turn, and at once at one that was torn. Raises Unreachable when push is
        dead.
        """
        while True:
            started = self._clock.now()
            missed_before = self.missed
            await self._round()
            self.first_round.set()
            self._listen_for_deafness(self.missed - missed_before)
            open_ = len(self._roster.open)
            await self._health.set(
                "watching",
                channels=len(self._roster),
                open=open_,
                pushed=self._ingest.pushed,
                missed_by_push=self.missed,
            )
            due = started + self._config.reconcile_every
            while (left := due - self._clock.now()) > timedelta(0):
                if not await woken(self._clock, self._roster.urgent, left):
                    break
                for watched in [w for w in self._roster.open if w.torn]:
                    await self._each(watched)

    async def _round(self) -> None:
        joined = [w for w in self._roster.open if w.joined and not w.torn]
        quiet: set[int] = set()
        for start in range(0, len(joined), PAGE):
            quiet |= await self._ask_many(joined[start : start + PAGE])
        for watched in self._roster.open:
            if watched.id not in quiet:
                await self._each(watched)

    async def _ask_many(self, joined: list[Watched]) -> set[int]:
        """The newest number of many channels in one call. Returns those that need no more in this round."""
        at = self._clock.now()
        peers = [T.InputDialogPeer(w.peer) for w in joined]
        try:
            answer = await self._line.ask(F.messages.GetPeerDialogsRequest(peers=peers))
        except (Gone, Failed, Unanswered):
            return set()  # one of them spoils it for all: each is asked by itself
        except Wait as wait:
            # Asking each by itself instead would only bring the next wait.
            await self._be_patient(wait, joined)
            return {w.id for w in joined}
        tops = {d.peer.channel_id: d.top_message for d in answer.dialogs if isinstance(d.peer, T.PeerChannel)}
        for watched in joined:
            try:
                await self._channels.notice(self._line, watched, answer.chats)
            except Gone as gone:
                await self._channels.gone(self._line, watched, gone)
        asked = [w for w in joined if w.id in tops and w.is_open]

        async def deed(tx: Transaction) -> set[int]:
            settled = set()
            for watched in asked:
                cursor = await tx.posts.cursor(watched.id)
                if cursor is not None and tops[watched.id] <= cursor.newest_id:
                    await proved(tx, self._account, watched, cursor, at)
                    settled.add(watched.id)
            return settled

        settled = await self._archive.write(deed)
        for watched in asked:
            if watched.id in settled:
                self._settled(watched, at)
        return settled

    async def _each(self, watched: Watched) -> None:
        """One channel by itself. What goes wrong with it does not stop the others."""
        watched.torn = False
        try:
            await self.read_on(watched)
        except Gone as gone:
            await self._channels.gone(self._line, watched, gone)
        except Wait as wait:
            await self._be_patient(wait, [watched])
        except (Failed, Unanswered) as error:
            if not watched.trouble:
                log.warning("channel could not be read just now", channel=watched.name, error=str(error))
            watched.trouble = str(error)
            if isinstance(error, Unanswered):
                await self._still_there()

    async def read_on(self, watched: Watched) -> None:
        """Read what follows on what is stored, page by page, until there is no more. Raises Trouble."""
        cursor = await self._archive.read(lambda tx: tx.posts.cursor(watched.id))
        if cursor is None:
            await self._first_look(watched)
            return
        if watched.proof is None:
            cursor = await self._within_reach(watched, cursor)
        while True:
            at = self._clock.now()
            page = await newer(self._line, watched, cursor.newest_id)
            await self._channels.notice(self._line, watched, page.chats)
            cursor = await self._keep(watched, page, at)
            if not page.ids:
                self._settled(watched, at)
                return

    async def _keep(self, watched: Watched, page: Page, at: datetime) -> Cursor:
        """Posts, cursor and, where the page shows that there is no more, the watch span: in one
        transaction.
        """
        known_gap = watched.proof is None
        seen_at = self._clock.now()
        posts = posts_of(page.messages, seen_at=seen_at, how=How.BACKFILLED if known_gap else How.POLLED)

        async def deed(tx: Transaction) -> tuple[Cursor, int]:
            cursor = await tx.posts.cursor(watched.id)
            assert cursor is not None  # noqa: S101 - there was one before this, and none is ever removed
            if not page.ids:
                return await proved(tx, self._account, watched, cursor, at), 0
            stored = await tx.posts.put(posts)
            moved = replace(cursor, newest_id=max(cursor.newest_id, *page.ids))
            await tx.posts.move_cursor(moved)
            if stored.added or stored.revised:
                tx.notify("posts")
            return moved, len(stored.added)

        cursor, added = await self._archive.write(deed)
        if watched.joined and not known_gap:
            self.missed += added
        return cursor

    async def _first_look(self, watched: Watched) -> None:
        at = self._clock.now()
        limit = PAGE if self._config.history_limit else 1
        page = await older(self._line, watched, 0, limit)
        await self._channels.notice(self._line, watched, page.chats)
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
        self._settled(watched, at)
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

    def _settled(self, watched: Watched, at: datetime) -> None:
        if not watched.is_open:
            return  # it has gone while the answer was on its way
        watched.proof = at
        if watched.trouble:
            log.info("channel can be read again", channel=watched.name)
        watched.trouble = ""
        self._waiting.clear()

    async def _be_patient(self, wait: Wait, channels: Iterable[Watched]) -> None:
        """Wait as long as Telegram says. Longer than a round, it is a gap that is told; the rest goes on
        meanwhile: until then the client refuses such a call by itself, and asks nothing.
        """
        is_long = wait.seconds > self._config.reconcile_every.total_seconds()
        if wait.method not in self._waiting:
            log.warning(
                "Telegram makes us wait", account=self._account, seconds=wait.seconds, call=wait.method
            )
        self._waiting.add(wait.method)
        if not is_long:
            await asyncio.sleep(wait.seconds)
            self._waiting.discard(wait.method)
            return
        touched = [w for w in channels if w.proof is not None or w.cause is not GapCause.FLOOD]
        for watched in touched:
            watched.break_off(GapCause.FLOOD)
        await self._archive.write(
            lambda tx: lost(tx, self._account, touched, GapCause.FLOOD, f"{wait.seconds:.0f} s")
        )
        await self._health.set("waiting", str(wait))

    async def _still_there(self) -> None:
        """One call was not answered: is it that call, or the line? Raises Unreachable."""
        try:
            await self._line.ask(F.updates.GetStateRequest())
        except Unanswered as silence:
            raise Unreachable(str(silence)) from silence
        except (Wait, Failed):
            return

    def _listen_for_deafness(self, missed: int) -> None:
        """Proof that something was missed, and not mere quiet, is what a new connection is made for."""
        pushed, self._pushed_before = self._ingest.pushed - self._pushed_before, self._ingest.pushed
        if missed and not pushed:
            self._deaf_rounds += 1
        elif pushed:
            self._deaf_rounds = 0
        if self._deaf_rounds >= _DEAF_AFTER:
            raise Unreachable("posts come, but none is pushed: the stream of updates is dead")
