"""All accounts at their work: channels go to those that can watch them, and on to others when one is lost."""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from collector.account import Account
from collector.archive import Archive
from collector.client import session_path
from collector.config import AccountConfig, App, ChannelConfig, CollectorConfig
from collector.entries import KNOWN
from collector.errors import LoggedOut
from collector.lock import Held
from collector.resolving import Elsewhere, key_of
from collector.sealed import kept_at
from collector.spread import Place, Seat, Want, spread
from collector.stretch import History
from collector.tasks import together, woken
from domain.clock import Clock
from domain.errors import DeadairError
from domain.watch import GapCause
from storage.accounts import Assignment
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: Real seconds between two looks at whether a person has logged in again.
_LOOK_EVERY = 2.0


class Fleet:
    """Owns the accounts. Only here is it decided who watches what. `is_all`: nothing else watches, so that
    without an account that can be used there is nothing to start."""

    def __init__(
        self,
        config: CollectorConfig,
        accounts: Sequence[AccountConfig],
        channels: Sequence[ChannelConfig],
        store: Store,
        clock: Clock,
        *,
        app: App,
        folder: Path,
        is_all: bool = True,
        history: History | None = None,
    ) -> None:
        self._is_all = is_all
        self._config = config
        self._accounts = accounts
        self._channels = {key_of(channel): channel for channel in channels}
        self._archive = Archive(store)
        self._clock = clock
        self._changed = asyncio.Event()
        self._placing = asyncio.Lock()
        self._refused: dict[str, list[str]] = defaultdict(list)  #: channel -> accounts that cannot read it
        self._exhausted: dict[str, datetime] = {}  #: channels that none of them can read, and since when
        self._places: Mapping[str, Place] = {}
        self._told_full = False
        self.workers = {
            account.name: Account(
                config,
                account,
                app,
                session_path(account, folder),
                store,
                clock,
                history=history,
                elsewhere=self._elsewhere_of(account.name),
                changed=self._changed.set,
            )
            for account in accounts
        }

    async def run(self) -> None:
        """Watch, until cancelled. Raises DeadairError when none of the accounts can be used at the start."""
        await self._place()
        refused: dict[str, DeadairError] = {}
        await together(*(self._keep(worker, refused) for worker in self.workers.values()), self._arrange())

    def watch(self, channel: ChannelConfig) -> None:
        """One more, while it runs."""
        self._channels[key_of(channel)] = channel
        self._changed.set()

    async def unwatch(self, key: str, detail: str) -> None:
        """One less, while it runs: when this returns, nobody of the fleet looks at it any more."""
        async with self._placing:
            self._channels.pop(key, None)
            for worker in self.workers.values():
                await worker.release({key}, detail, GapCause.UNKNOWN)
            self._places = {other: place for other, place in self._places.items() if other != key}

    def read_on(self, channel_id: int) -> None:
        """Have a channel's history read at once, by whoever watches it."""
        for worker in self.workers.values():
            worker.read_on(channel_id)

    async def whose(self, channel_id: int, post_id: int, number: int) -> str | None:
        """The handle of the channel that a post of ours was forwarded from; None when it cannot be told."""
        for worker in self.workers.values():
            if (handle := await worker.whose(channel_id, post_id, number)) is not None:
                return handle
        return None

    async def _keep(self, worker: Account, refused: dict[str, DeadairError]) -> None:
        while True:
            try:
                await worker.run()
            except (LoggedOut, Held) as error:
                if not worker.was_up:
                    refused.setdefault(worker.name, error)
                    if self._is_all and len(refused) == len(self.workers):
                        raise next(iter(refused.values())) from None
                worker.is_lost = True
                self._changed.set()
                log.error("account cannot watch", account=worker.name, error=error.what, hint=error.hint)
                await _mended(worker.session, error)
                log.info("account tries again", account=worker.name)

    async def _arrange(self) -> None:
        while True:
            await woken(self._clock, self._changed, self._config.stand_in_after / 4)
            await self._place()

    async def _place(self) -> None:
        """Decide anew who watches what, and see to it."""
        async with self._placing:
            await self._place_all()

    async def _place_all(self) -> None:
        known = await self._archive.read(self._known)
        seats = [self._seat(account) for account in self._accounts]
        wants = [self._want(key, *known) for key in self._channels]
        places = spread(seats, wants, witnesses=self._config.witness, waits=len(seats) > 1)
        await self._keep_on_record(places, known[0])
        self._tell(places)
        self._places = places
        watching = {
            name: {key for key, place in places.items() if name == (place.watcher or place.home)}
            for name in self.workers
        }
        first: dict[str, str] = {}
        for name, worker in self.workers.items():
            if leaving := worker.keys - watching[name]:
                for key in leaving:
                    first[key] = name
                to = {places[key].watcher for key in leaving if key in places}
                detail = f"its account changes from {name} to {', '.join(sorted(filter(None, to)))}"
                await worker.release(leaving, detail)
        for name, worker in self.workers.items():
            coming = [self._channels[key] for key in sorted(watching[name] - worker.keys)]
            for cause, some in (
                (GapCause.ACCOUNT, [c for c in coming if key_of(c) in first]),
                (GapCause.OUR_STOP, [c for c in coming if key_of(c) not in first]),
            ):
                if some:
                    await worker.take(some, cause)

        for name, worker in self.workers.items():
            worker.look_at(
                {
                    key: (self._channels[key], self.workers[place.watcher].as_watcher)
                    for key, place in places.items()
                    if place.witness == name and place.watcher is not None
                }
            )

    async def _known(self, tx: Transaction) -> tuple[Mapping[str, Assignment], dict[str, frozenset[str]]]:
        numbers = {name.removeprefix(KNOWN): value.get("id") for name, value, _ in await tx.marks.all(KNOWN)}
        accesses = await tx.channels.accesses()
        able = {
            key: accesses.get(config.id or numbers.get(key) or 0, frozenset())
            for key, config in self._channels.items()
        }
        return await tx.accounts.assignments(), able

    def _seat(self, account: AccountConfig) -> Seat:
        worker = self.workers[account.name]
        since = worker.down_since
        is_away = since is not None and self._clock.now() - since >= self._config.stand_in_after
        return Seat(
            name=account.name,
            limit=account.channels,
            is_lost=worker.is_lost or is_away,
            is_known=worker.has_said,
        )

    def _want(self, key: str, assigned: Mapping[str, Assignment], able: Mapping[str, frozenset[str]]) -> Want:
        before, place = assigned.get(key), self._places.get(key)
        home = place.home if place is not None else before.home if before is not None else None
        watcher = place.watcher if place is not None else before.watcher if before is not None else None
        in_it = {name for name, worker in self.workers.items() if key in (worker.own or ())}
        return Want(
            key=key,
            pin=self._channels[key].account,
            home=home,
            stand_in=watcher,
            witness=place.witness if place is not None else before.witness if before is not None else None,
            access=able[key] | in_it,
            refused=frozenset(self._refused[key]),
        )

    def _elsewhere_of(self, name: str) -> Elsewhere:
        def elsewhere(config: ChannelConfig, why: str) -> bool:
            """May another account read what this one cannot? When none can, the one that had it says so."""
            key, now = key_of(config), self._clock.now()
            place = self._places.get(key)
            stands_in = place is not None and place.home not in (None, name)
            if key in self._exhausted and now - self._exhausted[key] > self._config.return_every:
                del self._exhausted[key]
                self._refused[key].clear()
            if not stands_in and (name == config.account or key in self._exhausted):
                return False
            refused = self._refused[key]
            others = [n for n, w in self.workers.items() if n not in (name, *refused) and not w.is_lost]
            if not others and not stands_in and not refused:
                return False
            if name not in refused:
                refused.append(name)
            if not others and not stands_in:
                self._exhausted[key] = now
                refused[:] = [n for n in self.workers if n != refused[0]]
            log.info("another account is asked for the channel", channel=config.name, account=name, said=why)
            self._changed.set()
            return True

        return elsewhere

    async def _keep_on_record(self, places: Mapping[str, Place], before: Mapping[str, Assignment]) -> None:
        now = self._clock.now()
        fresh = []
        for key, place in places.items():
            known = before.get(key)
            if place.home is None or (
                known is not None
                and (known.home, known.watcher, known.witness) == (place.home, place.watcher, place.witness)
            ):
                continue
            fresh.append(
                Assignment(key=key, home=place.home, watcher=place.watcher, witness=place.witness, at=now)
            )
        if fresh:
            await self._archive.write(lambda tx: tx.accounts.assign(fresh))

    def _tell(self, places: Mapping[str, Place]) -> None:
        moved: dict[tuple[str, str], int] = defaultdict(int)
        for key, place in places.items():
            before = self._places.get(key)
            if before is not None and before.watcher not in (None, place.watcher):
                moved[str(before.watcher), place.watcher or "nobody"] += 1
        for (one, other), n in moved.items():
            log.warning("channels change their account", channels=n, was=one, now=other)
        nowhere = [key for key, place in places.items() if place.home is None]
        all_said = all(worker.has_said for worker in self.workers.values())
        is_full = bool(nowhere) and all_said
        if is_full and not self._told_full:
            log.error(
                "channels have no account that could watch them",
                channels=len(nowhere),
                hint="add an account, or raise its `channels` in [[accounts]] where it has Premium",
            )
        self._told_full = is_full


async def _mended(session: Path, error: DeadairError) -> None:
    """Wait until a person may have done something about it: the session file has changed, or its holder may
    be gone.
    """
    before = _stamp(session)
    await asyncio.sleep(_LOOK_EVERY)
    if not isinstance(error, Held):
        while _stamp(session) == before:  # noqa: ASYNC110 - another process changes it, and sets no event
            await asyncio.sleep(_LOOK_EVERY)


def _stamp(session: Path) -> tuple[int, int] | None:
    try:
        stat = kept_at(session).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size
