"""Asks for the newest post of every channel: did we miss anything? Only this says until when a channel was
watched.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector import history
from collector.archive import Archive
from collector.catchup import CatchUp, Newest, how_found, put, settled
from collector.channels import Channels
from collector.client import Line
from collector.config import CollectorConfig
from collector.corrected import CorrectedClock
from collector.errors import Failed, Gone, Unanswered, Unreachable, Wait
from collector.health import Health
from collector.history import PAGE
from collector.ingest import Ingest
from collector.pacing import Pace
from collector.reckoning import Reckoning
from collector.tasks import woken
from collector.translate import posts_of
from collector.watch import Proof, lost, proved
from collector.watched import DEAF_AFTER, Roster, Watched
from domain.post import Post, PostKey
from domain.watch import GapCause
from storage.store import Transaction

log = structlog.get_logger(__name__)


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
        pace: Pace,
        reckoning: Reckoning,
        clock: CorrectedClock,
        config: CollectorConfig,
    ) -> None:
        self._line = line
        self._account = account
        self._roster = roster
        self._archive = archive
        self._channels = channels
        self._ingest = ingest
        self._health = health
        self._pace = pace
        self._reckoning = reckoning
        self._clock = clock
        self._config = config
        self._catch_up = CatchUp(line, account, roster, archive, channels, ingest, clock, config)
        self.first_round = asyncio.Event()  #: set once every channel has been looked at
        self._deaf_rounds = 0
        self._pushed_before, self._found_before = ingest.pushed, 0
        self._refused: list[tuple[Watched, str]] = []  #: for long, and not on record yet
        self._confirm_at = clock.now()  #: when those that can be asked together are next

    async def run(self) -> None:
        """Look at every channel in turn, and meanwhile at those that cannot wait. Raises Unreachable when
        push is dead.
        """
        while True:
            started = self._clock.now()
            self._confirm_at = started + self._config.confirm_every
            await self._look(self._ready(self._roster.open))
            self.first_round.set()
            self._listen_for_deafness()
            await self._reckoning.reckon()
            await self._say()
            await self._between(started + self._config.reconcile_every)

    async def _between(self, due: datetime) -> None:
        """Until the next round: what was torn, what may be asked again, what is not pushed, and what can be
        asked with many others.
        """
        while (now := self._clock.now()) < due:
            # A clock that was put right in the meantime must not put off the next round.
            due = min(due, now + self._config.reconcile_every)
            wanted_at = (at for w in self._roster.open if (at := self._wanted_at(w)) is not None)
            soon = min(self._confirm_at, due, *wanted_at)
            await woken(self._clock, self._roster.urgent, max(soon - now, timedelta(0)))
            now = self._clock.now()
            wanted = [
                w
                for w in self._ready(self._roster.open)
                if w.torn or ((at := self._wanted_at(w)) is not None and at <= now)
            ]
            if wanted:
                await self._look(wanted)
            if await self._confirm() or wanted:
                await self._reckoning.reckon()

    async def _confirm(self) -> bool:
        """If it is time: ask those that can be asked together. Where they cannot, the next round asks each by
        itself; unless it begins to look as if nothing may be asked at all.
        """
        now = self._clock.now()
        if now < self._confirm_at <= now + self._config.confirm_every:
            return False
        self._confirm_at = now + self._config.confirm_every
        joined = [w for w in self._ready(self._roster.open) if w.joined and not w.torn]
        done, behind = await self._ask_all(joined)
        for watched in joined:
            if watched.id in behind and watched.is_open:
                await self._each(watched, behind[watched.id])
        if history.READ in self._pace.waiting():
            await self._sound(w for w in joined if w.id not in done and w.id not in behind)
        await self._store_rest()
        return True

    async def _sound(self, unasked: Iterable[Watched]) -> None:
        """Of these nothing was said, and another's history is refused: each is asked for its own until one is
        answered, so that they do not count as watched until their round comes if none would be.
        """
        for watched in unasked:
            if watched.is_open:
                await self._each(watched, None)
                if watched.again_at is None:
                    return

    def _ready(self, channels: Sequence[Watched]) -> list[Watched]:
        now = self._clock.now()
        return [w for w in channels if w.again_at is None or w.again_at <= now]

    def _wanted_at(self, watched: Watched) -> datetime | None:
        """When it is to be asked before its next round."""
        if watched.again_at is not None:
            return watched.again_at
        until = watched.awaited_until
        if until is not None and (watched.asked_at is None or watched.asked_at < until):
            return until
        if watched.asked_at is not None and (
            self._roster.is_mute or (watched.joined and watched.pushes.fail)
        ):
            return watched.asked_at + self._config.hurry_every
        return None

    async def _say(self) -> None:
        waiting = {method: until.isoformat() for method, until in self._pace.waiting().items()}
        is_blind = any(w.proof is None and w.cause is GapCause.FLOOD for w in self._roster.open)
        await self._health.set(
            "throttled" if is_blind else "watching",
            self._roster.trouble(self._clock.now()),
            channels=len(self._roster),
            open=len(self._roster.open),
            pushed=self._ingest.pushed,
            missed_by_push=self._reckoning.missed,
            **({"throttled": waiting} if waiting else {}),
            **({"clock_off_by": round(off)} if (off := self._clock.offset.total_seconds()) else {}),
        )
        await self._health.throttled(self._pace.throttles)

    async def _look(self, channels: Sequence[Watched]) -> None:
        done, behind = await self._ask_all([w for w in channels if w.joined and not w.torn])
        for watched in channels:
            if watched.id not in done and watched.is_open:
                before = len(self._refused)
                await self._each(watched, behind.get(watched.id))
                if len(self._refused) == before:
                    await self._store_refused()
                await self._confirm()
        await self._store_rest()

    async def _store_rest(self) -> None:
        await self._store_refused()
        await self._catch_up.store_ends()
        await self._catch_up.store_foretold()

    async def _ask_all(self, joined: Sequence[Watched]) -> tuple[set[int], dict[int, Newest]]:
        """Those that need no more just now, and of those that are behind how far they are to be read; of the
        rest nothing was said.
        """
        done: set[int] = set()
        behind: dict[int, Newest] = {}
        for start in range(0, len(joined), PAGE):
            quiet, far = await self._ask_many(joined[start : start + PAGE])
            done |= quiet
            behind |= far
        return done, behind

    async def _ask_many(self, joined: Sequence[Watched]) -> tuple[set[int], dict[int, Newest]]:
        """The newest number of many channels in one call. Returns those that need no more just now, and of
        those that are behind how far they are to be read.
        """
        asked = self._clock.raw()
        peers = [T.InputDialogPeer(w.peer) for w in joined]
        try:
            answer = await self._line.ask(F.messages.GetPeerDialogsRequest(peers=peers))
        except (Gone, Failed, Unanswered):
            return set(), {}  # one of them spoils it for all: each is asked by itself
        except Wait as wait:
            if wait.seconds > self._config.reconcile_every.total_seconds():
                return set(), {}  # each by itself is another kind of call
            for watched in joined:
                watched.again_at = self._clock.now() + timedelta(seconds=wait.seconds)
            return {w.id for w in joined}, {}
        # What was pushed before this answer is to be stored before it is claimed to have been seen.
        await self._ingest.caught_up()
        at = self._clock.at(asked)
        tops = {d.peer.channel_id: d.top_message for d in answer.dialogs if isinstance(d.peer, T.PeerChannel)}
        for watched in joined:
            watched.asked_at = at
            try:
                await self._channels.notice(self._line, watched, answer.chats)
            except Gone as gone:
                await self._channels.gone(self._line, watched, gone)
        told = [w for w in joined if w.id in tops and w.is_open]
        newest = {m.peer_id.channel_id: m for m in answer.messages if isinstance(m.peer_id, T.PeerChannel)}
        seen_at = self._clock.now()

        async def deed(tx: Transaction) -> tuple[set[int], list[Post], Sequence[PostKey]]:
            cursors = await tx.posts.cursors(w.id for w in told)
            read = [(w, cursor) for w in told if (cursor := cursors.get(w.id)) is not None]
            quiet = [(w, cursor) for w, cursor in read if tops[w.id] <= cursor.newest_id]
            await proved(
                tx, self._account, *(Proof(watched=w, cursor=c, at=at, answered_at=seen_at) for w, c in quiet)
            )
            foretold = [post for w, _ in quiet for post in self._ingest.foretold.of(w.id)]
            return {w.id for w, _ in quiet}, foretold, await put(tx, foretold)

        quiet, foretold, added = await self._archive.write(deed)
        self._ingest.foretold.stored(foretold, added)
        for watched in told:
            if watched.id in quiet:
                settled(watched, at, seen_at)
        # The history of the others is read next; until then their newest post may be gone.
        posts = [
            post
            for w in told
            if w.id in newest and w.id not in quiet
            for post in posts_of([newest[w.id]], seen_at=seen_at, how=how_found(w))
        ]
        await self._catch_up.store([post for post in posts if not self._ingest.foretold.keep(post)])
        return quiet, {w.id: Newest(number=tops[w.id], at=at) for w in told if w.id not in quiet}

    async def _each(self, watched: Watched, newest: Newest | None) -> None:
        """One channel by itself. What goes wrong with it does not stop the others."""
        watched.torn = False
        watched.again_at = None
        watched.asked_at = self._clock.now()
        try:
            # What Telegram refuses of one history it mostly refuses of all: they are put off in no time.
            self._pace.obey(history.READ, watched.id)
            await self._catch_up.read_on(watched, newest)
        except Gone as gone:
            await self._channels.gone(self._line, watched, gone)
        except Wait as wait:
            await self._put_off(watched, wait)
        except (Failed, Unanswered) as error:
            if not watched.trouble:
                log.warning("channel could not be read just now", channel=watched.name, error=str(error))
            watched.trouble = str(error)
            if isinstance(error, Unanswered):
                await self._still_there()

    async def _put_off(self, watched: Watched, wait: Wait) -> None:
        """Longer than a round, it is a gap that is told; the others go on meanwhile."""
        watched.again_at = self._clock.now() + timedelta(seconds=wait.seconds)
        if wait.seconds <= self._config.reconcile_every.total_seconds():
            return
        if watched.proof is None and watched.cause is GapCause.FLOOD:
            return
        log.warning("Telegram makes us wait", channel=watched.name, seconds=wait.seconds, call=wait.method)
        watched.break_off(GapCause.FLOOD)
        self._refused.append((watched, f"{wait.seconds:.0f} s"))

    async def _store_refused(self) -> None:
        """What Telegram refuses of one channel it mostly refuses of all: they are written down together."""
        if not self._refused:
            return
        refused, self._refused = self._refused, []

        async def deed(tx: Transaction) -> None:
            for watched, detail in refused:
                await lost(tx, self._account, [watched], GapCause.FLOOD, detail)

        await self._archive.write(deed)
        await self._say()

    async def _still_there(self) -> None:
        """One call was not answered: is it that call, or the line? Raises Unreachable."""
        try:
            await self._line.ask(F.updates.GetStateRequest())
        except Unanswered as silence:
            raise Unreachable(str(silence)) from silence
        except (Wait, Failed):
            return

    def _listen_for_deafness(self) -> None:
        """Proof that something was missed, and not mere quiet, is what a new connection is made for."""
        pushed, self._pushed_before = self._ingest.pushed - self._pushed_before, self._ingest.pushed
        found, self._found_before = self._catch_up.found - self._found_before, self._catch_up.found
        if found and not pushed:
            self._deaf_rounds += 1
        elif pushed:
            self._deaf_rounds, self._roster.deaf_after = 0, DEAF_AFTER
        if self._deaf_rounds >= self._roster.deaf_after:
            self._roster.deaf_after *= 2
            raise Unreachable("posts come, but none is pushed: the stream of updates is dead")
