"""All accounts at their work: channels go to those that can watch them, and on to others when one is lost.

The accounts may be at work in several processes, each under a lease of its own. Who watches what is decided
in one of them, the one that leads; the others do as it has put on record.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import NoReturn

import structlog

from collector.account import Account
from collector.archive import Archive
from collector.client import is_logged_in, session_path
from collector.config import AccountConfig, App, ChannelConfig, CollectorConfig
from collector.crew import Crew
from collector.errors import LoggedOut
from collector.far import Report, far, orders, put_report
from collector.leading import Leading
from collector.lock import Held
from collector.mending import changed, mended
from collector.refusals import Refusals
from collector.resolving import key_of
from collector.spread import Place
from collector.stretch import History
from collector.tasks import together, woken
from collector.witness import Watcher
from domain.clock import Clock, WallClock
from domain.errors import DeadairError
from domain.watch import GapCause
from storage.errors import LeaseLost
from storage.keeper import Keeper
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: How often is looked at what other processes do, where no notice of it comes.
_HEAR_EVERY = timedelta(seconds=5)

#: The lease of the one that leads, and of each account.
LEADS = "collector"
WATCHES = "collector:"


class Fleet:
    """Owns the accounts, and sees to it that each watches what it is to.

    `is_all`: nothing else watches, so that without an account that can be used there is nothing to start.
    `keeper`: of the leases of the accounts; without one no other process has any, and this one decides.
    """

    def __init__(
        self,
        config: CollectorConfig,
        accounts: Sequence[AccountConfig],
        store: Store,
        clock: Clock,
        *,
        app: App,
        folder: Path,
        is_all: bool = True,
        history: History | None = None,
        keeper: Keeper | None = None,
    ) -> None:
        self._is_all = is_all
        self._store = store
        self._app = app
        self._folder = folder
        self._history = history
        self._archive = Archive(store)
        self._ready = asyncio.Event()  #: it is known who leads
        self._changed = asyncio.Event()
        self._placing = asyncio.Lock()
        self._crew = Crew(config=config, accounts=accounts, clock=clock, keeper=keeper)
        self._refusals = Refusals(self._crew, self._changed.set)
        self._leading: Leading | None = None
        self._changing: dict[int, Watcher] = {}  #: whose channels those were that change their account now
        self._reported: dict[str, Report] = {}
        self._crew.workers = {account.name: self._made(account, store) for account in accounts}
        if keeper is None:
            self._crew.here = dict.fromkeys(self.workers, store)

    @property
    def workers(self) -> Mapping[str, Account]:
        """All accounts, by name, whether they are at work here or not."""
        return self._crew.workers

    def _made(self, account: AccountConfig, store: Store) -> Account:
        return Account(
            self._crew.config,
            account,
            self._app,
            session_path(account, self._folder),
            store,
            self._crew.clock,
            history=self._history,
            elsewhere=self._refusals.elsewhere_of(account.name),
            whose=self._watcher_of,
            changed=self._changed.set,
        )

    def _watcher_of(self, channel_id: int) -> Watcher | None:
        """Who of those at work here watches a channel, or has just let it go for another to take."""
        workers = self._crew.at_work().values()
        found = next((w.as_watcher for w in workers if channel_id in w.numbers), None)
        return found or self._changing.get(channel_id)

    async def run(self) -> None:
        """Watch what the one that leads decides, until cancelled; beside `lead`, where that may be this one.

        Raises DeadairError when none of the accounts can be used at the start.
        """
        refused: dict[str, DeadairError] = {}
        keeping = (self._keep(account, refused) for account in self._crew.accounts)
        beside = [self._hear(self._crew.keeper)] if self._crew.keeper is not None else []
        await together(*keeping, self._arrange(), *beside)

    async def lead(self, store: Store, channels: Sequence[ChannelConfig]) -> None:
        """Decide for all processes who watches what, until cancelled."""
        async with self._placing:
            self._crew.channels = {key_of(channel): channel for channel in channels}
            self._crew.places = {}
            self._leading = leading = Leading(self._crew, self._refusals, store)
        try:
            await self._place()
            self._ready.set()
            await asyncio.Event().wait()
        finally:
            leading.is_over = True

    def watch(self, channel: ChannelConfig) -> None:
        """One more, while it runs."""
        self._crew.channels[key_of(channel)] = channel
        self._changed.set()

    async def unwatch(self, key: str, detail: str) -> None:
        """One less, while it runs: when this returns, nobody of the fleet looks at it any more."""
        async with self._placing:
            self._crew.channels.pop(key, None)
            for worker in self._crew.at_work().values():
                await self._let_go(worker, {key}, detail, GapCause.UNKNOWN)
            self._crew.places = {other: place for other, place in self._crew.places.items() if other != key}
        self._changed.set()

    def read_on(self, channel_id: int) -> None:
        """Have a channel's history read at once, by whoever watches it."""
        for name in self._crew.here:
            self.workers[name].read_on(channel_id)

    async def whose(self, channel_id: int, post_id: int, number: int) -> str | None:
        """The handle of the channel that a post of ours was forwarded from; None when it cannot be told."""
        for name in list(self._crew.here):
            if (handle := await self.workers[name].whose(channel_id, post_id, number)) is not None:
                return handle
        return None

    async def _keep(self, account: AccountConfig, refused: dict[str, DeadairError]) -> None:
        name, session = account.name, self._crew.workers[account.name].session
        await self._ready.wait()
        while True:
            try:
                if await self._is_only_elsewhere(name, session):
                    log.info("account is logged in on another host only", account=name)
                    await changed(session)
                await self._watch(account)
            except (LoggedOut, Held) as error:
                worker = self.workers[name]
                if not worker.was_up:
                    refused.setdefault(name, error)
                    if self._is_all and len(refused) == len(self.workers):
                        raise next(iter(refused.values())) from None
                worker.is_lost = True
                self._changed.set()
                log.error("account cannot watch", account=name, error=error.what, hint=error.hint)
                await mended(session, error)
                log.info("account tries again", account=name)

    async def _watch(self, account: AccountConfig) -> None:
        if self._crew.keeper is None:
            await self._crew.workers[account.name].run()
        else:
            await self._crew.keeper.alone(WATCHES + account.name, partial(self._watch_here, account))

    async def _watch_here(self, account: AccountConfig, store: Store) -> None:
        """Anew each time that it is ours: what the former one knew may have changed elsewhere."""
        former, worker = self._crew.workers[account.name], self._made(account, store)
        worker.is_lost, worker.was_up = former.is_lost, former.was_up
        self._crew.workers[account.name] = worker
        self._crew.here[account.name] = store
        try:
            await self._place()
            await worker.run()
        finally:
            del self._crew.here[account.name]
            self._reported.pop(account.name, None)
            self._changed.set()

    async def _is_only_elsewhere(self, name: str, session: Path) -> bool:
        """Is it at work in another process, and could not be here?"""
        if self._crew.keeper is None or is_logged_in(session, name, self._app.keyring):
            return False
        known = await self._archive.read(partial(far, names=[name]))
        return known[name].is_held and known[name].holder != self._crew.keeper.name

    async def _hear(self, keeper: Keeper) -> NoReturn:
        """Of other processes; and see to it that each has its share."""
        with self._store.listen("fleet") as notice:
            while True:
                await notice.woken(WallClock(), _HEAR_EVERY)
                if not self._ready.is_set() and await self._archive.read(_is_led):
                    self._ready.set()
                if not self._leads or len(self._crew.here) < len(self.workers):
                    self._changed.set()
                if self._store.is_postgres:
                    await keeper.even_out(WATCHES)

    async def _arrange(self) -> None:
        while True:
            await woken(self._crew.clock, self._changed, self._crew.config.stand_in_after / 4)
            await self._place()

    async def _place(self) -> None:
        """Decide anew who watches what, and see to it."""
        async with self._placing:
            try:
                await self._place_all()
            finally:
                self._changing = {}

    async def _place_all(self) -> None:
        leading = self._leading if self._leads else None
        places = await leading.decided() if leading is not None else None
        if places is None:
            places = await self._told()
        at_work = self._crew.at_work()  # one that comes meanwhile places its own
        watching = {
            name: {key for key, place in places.items() if name == (place.watcher or place.home)}
            - self._crew.waiting
            for name in at_work
        }
        first: dict[str, str] = {}
        for name, worker in at_work.items():
            if leaving := worker.keys - watching[name]:
                for key in leaving:
                    first[key] = name
                to = ", ".join(sorted({str(places[key].watcher) for key in leaving if key in places}))
                if moved := leaving & places.keys():
                    # What is pushed to the next one before it has taken them is no stranger's.
                    self._changing |= dict.fromkeys(worker.numbers, worker.as_watcher)
                    detail = f"its account changes from {name} to {to}"
                    await self._let_go(worker, moved, detail, GapCause.ACCOUNT)
                await self._let_go(worker, leaving - places.keys(), "no longer watched", GapCause.UNKNOWN)
        if leading is not None:
            # Only when those here have let go: elsewhere it is taken as soon as it is on record.
            await leading.order(places)
        for name, worker in at_work.items():
            coming = [self._crew.channels[key] for key in sorted(watching[name] - worker.keys)]
            for cause, some in (
                (GapCause.ACCOUNT, [c for c in coming if key_of(c) in first]),
                (GapCause.OUR_STOP, [c for c in coming if key_of(c) not in first]),
            ):
                if some:
                    with suppress(LeaseLost):  # its keeper ends it
                        await worker.take(some, cause)

        for name, worker in at_work.items():
            worker.look_at(
                {
                    key: (self._crew.channels[key], at_work[place.watcher].as_watcher)
                    for key, place in places.items()
                    if place.witness == name and place.watcher in at_work
                }
            )
        if not self._leads:
            await self._report()

    @property
    def _leads(self) -> bool:
        return self._leading is not None and not self._leading.is_over

    @staticmethod
    async def _let_go(worker: Account, keys: Collection[str], detail: str, cause: GapCause) -> None:
        if keys:
            with suppress(LeaseLost):  # its keeper ends it, and whoever has it now knows what it watched
                await worker.release(keys, detail, cause)

    # -- where another leads

    async def _told(self) -> Mapping[str, Place]:
        """Who watches what, by the word of the one that leads."""
        assigned, ordered = await self._archive.read(orders)
        self._crew.channels = dict(ordered.channels)
        self._crew.waiting = set(ordered.waiting)
        for key, names in ordered.refused.items():
            self._refusals.add(key, names)
        self._crew.places = {
            key: Place(home=each.home, watcher=each.watcher, witness=each.witness)
            for key, each in assigned.items()
            if key in self._crew.channels
        }
        return self._crew.places

    async def _report(self) -> None:
        """How those here fare, for the one that leads."""
        if self._crew.keeper is None:
            return
        for name, store in list(self._crew.here.items()):
            worker = self.workers[name]
            report = Report(
                holder=self._crew.keeper.name,
                has_said=worker.has_said,
                is_lost=worker.is_lost,
                down_since=worker.down_since,
                own=worker.own or frozenset(),
                keys=worker.keys,
                refused={key: tuple(n) for key, n in self._refusals.of.items() if name in n},
            )
            if self._reported.get(name) == report:
                continue
            with suppress(LeaseLost):
                now = self._crew.clock.now()
                await Archive(store).write(partial(put_report, name=name, report=report, now=now))
                self._reported[name] = report


async def _is_led(tx: Transaction) -> bool:
    leader = await tx.leases.get(LEADS)
    return leader is not None and leader.is_held(await tx.leases.now())
