"""One account at its work: connects, watches, and when the line breaks says so and connects anew."""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import NoReturn

import structlog
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812

from collector.archive import Archive
from collector.awaited import heed
from collector.backfill import Backfill
from collector.budget import Budget
from collector.catchup import put
from collector.channels import Channels, handle_of
from collector.client import Line, connected, is_logged_in
from collector.config import AccountConfig, App, ChannelConfig, CollectorConfig
from collector.corrected import CorrectedClock
from collector.counting import Counting
from collector.doubts import Doubts
from collector.errors import (
    Failed,
    LoggedOut,
    NotLoggedIn,
    Stumbled,
    Trouble,
    Unanswered,
    Unusable,
    Wait,
)
from collector.files import Files
from collector.health import Health
from collector.holes import Holes
from collector.ingest import Ingest
from collector.listener import Listener
from collector.lock import only_user_of
from collector.pacing import Pace
from collector.poisoned import Poisoned
from collector.recheck import Recheck
from collector.reckoning import Reckoning
from collector.reconcile import Reconciler
from collector.resolving import Elsewhere, Resolver, key_of
from collector.stretch import History, Stretches
from collector.tasks import patiently, quietly, tireless, together, understood
from collector.tending import Tending
from collector.translate import post_of
from collector.watch import lost
from collector.watchdog import Backoff, probe
from collector.watched import Roster, Watched
from collector.witness import Looks, Watcher, Witness
from domain.clock import Clock
from domain.post import How, Post
from domain.watch import GapCause
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Seconds in which a stopping account writes down until when it watched.
_LAST_WORDS = 2.0


class Account:
    """Holds what outlives a connection: the roster, the queue, the doubts."""

    def __init__(
        self,
        config: CollectorConfig,
        account: AccountConfig,
        app: App,
        session: Path,
        store: Store,
        clock: Clock,
        *,
        history: History | None = None,
        elsewhere: Elsewhere = lambda _config, _why: False,
        whose: Callable[[int], Watcher | None] = lambda _number: None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        """`history`: what is asked for of the past, where it is not what the config says.

        `elsewhere` is asked whether another account takes a channel that this one cannot read, `whose` which
        one watches a channel that this one does not; `changed` is called when this one comes, goes, or has
        said which channels it is in.
        """
        self._history = history
        self.name = account.name
        self.session = session
        self._config = config
        self._account = account
        self._app = app
        self._clock = CorrectedClock(clock)
        self._store = store
        self._archive = Archive(store)
        self._roster = Roster()
        self._resolver = Resolver(self._archive, self.name, self._roster, self._clock, elsewhere=elsewhere)
        self._ingest = Ingest(self._archive, self.name, self._roster)
        self._doubts = Doubts()
        self._channels = Channels(
            self._archive, self.name, self._roster, self._clock, config.refresh_every, elsewhere=elsewhere
        )
        self._health = Health(self._archive, self.name, self._clock)
        self._listener = Listener(
            self._roster,
            self._ingest,
            self._doubts,
            self._clock,
            whose,
        )
        self._pace = Pace(self._clock, [Budget.parse(each) for each in config.call_budgets])
        self._reckoning = Reckoning(self._archive, self.name, self._roster, self._clock, config)
        self._looks = Looks()
        self._refuse = elsewhere
        self._poisoned = Poisoned(self.name, self._clock)
        self._has_listed = False
        self._changed = changed
        self._line: Line | None = None  # the connection on which it watches
        self.was_up = False  #: it has watched since it was started
        self.is_lost = False  #: a person must do something before it can watch
        self.down_since: datetime | None = None  #: it has no line to Telegram
        self._was_down_since: datetime | None = None
        self._came_at: datetime | None = None
        self.own: frozenset[str] | None = None  #: the channels it is in, by their keys; None: not said yet

    @property
    def has_said(self) -> bool:
        """Which channels it is in; or that it cannot say so now."""
        return self.own is not None or self.down_since is not None or self.is_lost

    @property
    def keys(self) -> frozenset[str]:
        """The channels it is to watch."""
        return frozenset(key_of(w.config) for w in self._roster) | frozenset(
            key_of(config) for config in self._resolver.pending
        )

    async def take(self, configs: Sequence[ChannelConfig], cause: GapCause) -> None:
        """Watch these as well, from now on. `cause`: why nobody has until then."""
        self._resolver.want(configs)
        await self._resolver.recall(cause)
        if self._resolver.pending:
            self._resolver.wanted.set()

    async def release(self, keys: Collection[str], detail: str, cause: GapCause = GapCause.ACCOUNT) -> None:
        """These are another account's to watch; from the last proof on, until it does, nobody sees them."""
        self._resolver.drop(keys)
        released = [w for w in self._roster if key_of(w.config) in keys]
        open_ = [w for w in released if w.is_open]
        for watched in released:
            watched.is_released = True
            self._roster.by_id.pop(watched.id, None)
        foretold = [post for w in released for post in self._ingest.foretold.of(w.id)]
        await self._lose(foretold, open_, cause, detail)

    def read_on(self, channel_id: int) -> None:
        """Read a channel's history at once, if it is one of this account's."""
        if (watched := self._roster.get(channel_id)) is not None and watched.is_open:
            self._roster.tear(watched)

    async def whose(self, channel_id: int, post_id: int, number: int) -> str | None:
        """The handle of the channel that a post of ours was forwarded from; None when it cannot be told."""
        watched, line = self._roster.get(channel_id), self._line
        if watched is None or line is None:
            return None
        source = T.InputChannelFromMessage(peer=watched.peer, msg_id=post_id, channel_id=number)
        try:
            answer = await line.ask(F.channels.GetChannelsRequest([source]), background=True)
        except Trouble as error:
            log.info("who a post comes from could not be asked", channel=watched.name, error=str(error))
            return None
        chat = next((c for c in answer.chats if c.id == number), None)
        return handle_of(chat) if isinstance(chat, T.Channel) else None

    def look_at(self, channels: Mapping[str, tuple[ChannelConfig, Watcher]]) -> None:
        """Be the witness of these, and of no others."""
        self._looks.wanted = channels

    @property
    def numbers(self) -> Collection[int]:
        """Of the channels that it watches, as far as they are known."""
        return self._roster.by_id.keys()

    @property
    def as_watcher(self) -> Watcher:
        """What a witness of its channels needs of it."""
        return Watcher(caught_up=self._ingest.caught_up, look_again=self.read_on, doubt=self._doubts.add)

    async def run(self) -> None:
        """Watch, for ever. Raises LoggedOut when a person must log in, Held when another process has the
        session, StoreError when the archive is of no use."""
        try:
            with only_user_of(self.session):
                await self._run()
        except Unusable as error:
            await self._health.set(error.state, error.what, hint=error.hint)
            raise

    async def _run(self) -> None:
        await self._resolver.recall()
        await self._break(GapCause.OUR_STOP)
        try:
            if not is_logged_in(self.session, self.name, self._app.keyring):
                raise NotLoggedIn(
                    f"nobody has logged in with the account {self.name!r} yet",
                    hint=f"do it once: deadair login {self.name}",
                )
            await together(self._ingest.run(), self._stay_connected())
        except LoggedOut as error:
            self.is_lost = True
            await self._break(GapCause.ACCOUNT, error.what)
            await self._health.set(error.state, error.what, hint=error.hint)
            self._changed()
            raise
        finally:
            await quietly(self._last_words(), _LAST_WORDS)

    async def _stay_connected(self) -> None:
        backoff = Backoff(self._config.retry_min, self._config.retry_max)
        loop = asyncio.get_running_loop()
        was_told = False
        while True:
            began = loop.time()
            healed, line = asyncio.Event(), None
            self._roster.mute(self._poisoned.is_mute)
            try:
                async with connected(
                    self._account,
                    self._config,
                    self._app,
                    self.session,
                    prepare=self._listener.attach,
                    pace=self._pace,
                    clock=self._clock,
                    pushes=not self._roster.is_mute,
                ) as line:
                    await line.ask(F.updates.GetStateRequest())
                    self._came()
                    await understood(self._watch(line, healed, was_told))
            except LoggedOut:
                raise
            except Wait as wait:
                self._went()
                await self._break(GapCause.FLOOD, str(wait))
                await self._health.set("throttled", str(wait))
                await patiently(self._clock, wait)
            except Trouble as error:
                self._went()
                self._poisoned.ended(None if line is None else line.why_over)
                if healed.is_set() or not was_told:
                    log.warning("no line to Telegram", account=self.name, error=str(error))
                was_told = True
                cause = GapCause.UNKNOWN if isinstance(error, Stumbled) else GapCause.LINK
                await self._break(cause, str(error))
                await self._health.set("unreachable", str(error))
            await asyncio.sleep(backoff.next(loop.time() - began))

    def _came(self) -> None:
        was_away = self.is_lost or self.down_since is not None
        self._was_down_since, self._came_at = self.down_since, self._clock.now()
        self.is_lost, self.down_since = False, None
        if was_away:
            self._changed()

    def _went(self) -> None:
        if self.down_since is not None:
            return
        now = self._clock.now()
        # A line that comes and goes is down for as long as it does.
        is_short = self._came_at is not None and now - self._came_at < self._config.stand_in_after
        self.down_since = (self._was_down_since if is_short else None) or now
        self._changed()

    async def _watch(self, line: Line, healed: asyncio.Event, was_down: bool) -> None:
        """All that is done on one connection, until it ends. Raises Unreachable or LoggedOut."""
        await self._list_own(line)
        await self._resolver.run(line)
        self._line = line
        reconciler = Reconciler(
            line,
            self.name,
            self._roster,
            self._archive,
            self._channels,
            self._ingest,
            self._health,
            self._pace,
            self._reckoning,
            self._clock,
            self._config,
        )
        after = (line, self.name, self._roster, self._archive, self._channels, self._clock, self._config)
        recheck = Recheck(
            line, self._roster, self._archive, self._ingest, self._channels, self._clock, self._config
        )
        counting = Counting(line, self._roster, self._archive, self._channels, self._clock, self._config)
        tending = Tending(line, self._roster, self._channels, self._resolver, self._clock, self._config)

        witness = Witness(
            line,
            self.name,
            self._looks,
            self._archive,
            self._clock,
            self._config,
            refuse=self._refuse,
        )

        holes, apart = Holes(*after), None
        if self._history is not None and self._history.until is not None:
            apart = Stretches(line, self.name, self._archive, self._clock, self._history, holes.fill)

        async def then() -> None:
            """What comes after the first round: until then nothing is more urgent than that."""
            await reconciler.first_round.wait()
            self.was_up = True
            healed.set()
            log.info(
                "watching again" if was_down else "watching",
                account=self.name,
                channels=len(self._roster.open),
            )
            backfill = Backfill(*after, history=self._history, apart=apart)
            beside = (backfill, recheck, holes, counting, Files(*after), tending, witness)
            runs = (*(part.run for part in beside), tending.join)
            again = self._config.reconcile_every
            await together(*(tireless(self._clock, again, run, self._failed) for run in runs))

        await together(
            line.ended(),
            reconciler.run(),
            recheck.confirm(self._doubts),
            probe(line, self._config.probe_every, self._clock),
            heed(self._store, self._archive, self._roster, self._clock),
            self._find_what_is_wanted(line),
            then(),
            *([self._poisoned.try_again()] if self._roster.is_mute else []),
        )

    def _failed(self, how: str) -> None:
        self._roster.failures[how] = self._clock.now()

    async def _find_what_is_wanted(self, line: Line) -> NoReturn:
        while True:
            await self._resolver.wanted.wait()
            self._resolver.wanted.clear()
            await self._resolver.run(line)

    async def _list_own(self, line: Line) -> None:
        """The account's own channels, once: the client then knows where each one's stream stands. A hole
        before the first update of a channel is invisible to it otherwise."""
        dialogs = None
        if not (self._has_listed or self._roster.is_mute):
            try:
                dialogs = await line.dialogs()
            except (Wait, Failed, Unanswered) as error:
                log.info("the account's own channels were not listed", account=self.name, error=str(error))
        if dialogs is None:
            self.own = self.own or frozenset()
            self._changed()
            return
        self._has_listed = True
        self.own = await self._resolver.keep_own(dialog.entity for dialog in dialogs)
        self._changed()
        for dialog in dialogs:
            if (watched := self._roster.get(getattr(dialog.entity, "id", None))) is not None:
                watched.joined = not getattr(dialog.entity, "left", False)
                # It may be gone before the history is read.
                post = post_of(dialog.message, seen_at=self._clock.now(), how=How.BACKFILLED)
                if post is not None and not (watched.is_open and self._ingest.foretold.keep(post)):
                    self._ingest.take(post)

    async def _break(self, cause: GapCause, detail: str = "") -> None:
        """We see nothing any more, from the last proof on: said at once, so that nobody takes it for a
        silence.
        """
        for watched in self._roster:
            watched.break_off(cause)
            watched.cause = cause if watched.is_open else watched.cause
        await self._lose(self._ingest.foretold.all(), self._roster.open, cause, detail)

    async def _lose(self, told: Sequence[Post], open_: Sequence[Watched], cause: GapCause, why: str) -> None:
        """Of these channels nothing more is seen for now; what was told of them may be gone by then."""

        async def deed(tx: Transaction) -> None:
            await put(tx, told)
            await lost(tx, self.name, open_, cause, why)

        await self._archive.write(deed)
        self._ingest.foretold.stored(told)

    async def _last_words(self) -> None:
        async with self._store.begin() as tx:
            await self._ingest.store_left(tx)
            await put(tx, self._ingest.foretold.all())
            await lost(tx, self.name, self._roster.open, GapCause.OUR_STOP, "stopped")
            if self._health.state in ("", "watching", "unreachable", "throttled"):
                await self._health.write(tx, "stopped")
