"""Deciding for all processes who watches what."""

from collections import defaultdict
from collections.abc import Mapping
from functools import partial

import structlog

from collector.archive import Archive
from collector.config import AccountConfig
from collector.crew import Crew
from collector.entries import KNOWN
from collector.far import Orders, far, put_orders
from collector.refusals import Refusals
from collector.spread import Place, Seat, Want, spread
from domain.channel import ChannelStatus
from storage.accounts import Assignment
from storage.errors import LeaseLost
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)


class Leading:
    """From when this process came to lead until it is over, which whoever ends it says."""

    def __init__(self, crew: Crew, refusals: Refusals, store: Store) -> None:
        self._crew = crew
        self._refusals = refusals
        self._desk = Archive(store)
        self._since = crew.clock.now()
        self._ordered: Orders | None = None
        self._told_full = False
        self.is_over = False

    async def decided(self) -> Mapping[str, Place] | None:
        """Who watches what from now on. None: it is not for us to say any more."""
        assigned, able, read = await self._desk.read(self._known)
        if self._crew.keeper is not None:
            elsewhere = [name for name in self._crew.workers if name not in self._crew.here]
            self._crew.far = await self._desk.read(partial(far, names=elsewhere))
            for each in self._crew.far.values():
                self._refusals.adopt(each)
        if self.is_over:
            return None
        self._refusals.forget(read)
        seats = [self._seat(account) for account in self._crew.accounts]
        self._crew.lost = {seat.name for seat in seats if seat.is_lost}
        wants = [self._want(key, assigned, able) for key in self._crew.channels]
        places = spread(seats, wants, witnesses=self._crew.config.witness, waits=len(seats) > 1)
        self._crew.waiting = {key for key, place in places.items() if self._is_in_other_hands(key, place)}
        return places

    def _is_in_other_hands(self, key: str, place: Place) -> bool:
        """Does one that is not here watch it still, that is to let go of it first?"""
        return any(
            each.is_held and key in each.report.keys and name != (place.watcher or place.home)
            for name, each in self._crew.far.items()
        )

    async def order(self, places: Mapping[str, Place]) -> None:
        """Put it on record. Elsewhere it is taken up at once: those here have let go of what moves."""
        if self.is_over:
            return
        try:
            known = await self._desk.read(lambda tx: tx.accounts.assignments())
            await self._keep_on_record(places, known)
            if self._crew.keeper is not None:
                await self._put_orders()
        except LeaseLost:
            self.is_over = True
            return
        self._tell(places, self._crew.places)
        self._crew.places = places

    async def _put_orders(self) -> None:
        ordered = Orders(
            channels=dict(self._crew.channels),
            refused={key: tuple(names) for key, names in self._refusals.of.items() if names},
            waiting=frozenset(self._crew.waiting),
        )
        if ordered != self._ordered:
            now = self._crew.clock.now()
            await self._desk.write(partial(put_orders, ordered=ordered, now=now))
            self._ordered = ordered

    async def _keep_on_record(self, places: Mapping[str, Place], before: Mapping[str, Assignment]) -> None:
        now = self._crew.clock.now()
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

            async def deed(tx: Transaction) -> None:
                await tx.accounts.assign(fresh)
                tx.notify("fleet")

            await self._desk.write(deed)

    def _tell(self, places: Mapping[str, Place], former: Mapping[str, Place]) -> None:
        moved: dict[tuple[str, str], int] = defaultdict(int)
        for key, place in places.items():
            before = former.get(key)
            if before is not None and before.watcher not in (None, place.watcher):
                moved[str(before.watcher), place.watcher or "nobody"] += 1
        for (one, other), n in moved.items():
            log.warning("channels change their account", channels=n, was=one, now=other)
        nowhere = [key for key, place in places.items() if place.home is None]
        all_said = all(self._seat(account).is_known for account in self._crew.accounts)
        is_full = bool(nowhere) and all_said
        if is_full and not self._told_full:
            log.error(
                "channels have no account that could watch them",
                channels=len(nowhere),
                hint="add an account, or raise its `channels` in [[accounts]] where it has Premium",
            )
        self._told_full = is_full

    # -- what is known

    async def _known(
        self, tx: Transaction
    ) -> tuple[Mapping[str, Assignment], dict[str, frozenset[str]], list[str]]:
        """Who was to watch what, who can reach it, and which channels can be read, for all that is known."""
        numbers = {name.removeprefix(KNOWN): value.get("id") for name, value, _ in await tx.marks.all(KNOWN)}
        accesses = await tx.channels.accesses()
        able = {
            key: accesses.get(config.id or numbers.get(key) or 0, frozenset())
            for key, config in self._crew.channels.items()
        }
        open_ = {channel.id for channel in await tx.channels.all() if channel.status is ChannelStatus.OPEN}
        read = [key for key in able if (self._crew.channels[key].id or numbers.get(key)) in open_]
        return await tx.accounts.assignments(), able, read

    def _seat(self, account: AccountConfig) -> Seat:
        worker, elsewhere = self._crew.workers[account.name], self._crew.far.get(account.name)
        down_since, is_lost, is_known = worker.down_since, worker.is_lost, worker.has_said
        where = self._crew.keeper.name if self._crew.keeper is not None else ""
        if elsewhere is not None and account.name not in self._crew.here:
            is_lost = is_lost and not elsewhere.is_held
            where = elsewhere.holder
            if elsewhere.is_held:
                down_since, is_known = elsewhere.report.down_since, elsewhere.report.has_said
                is_lost = elsewhere.report.is_lost
            else:
                free_for = elsewhere.free_for
                now = self._crew.clock.now()
                down_since = self._since if free_for is None else now - free_for * self._crew.clock.speed
        is_away = (
            down_since is not None and self._crew.clock.now() - down_since >= self._crew.config.stand_in_after
        )
        return Seat(
            name=account.name,
            limit=account.channels,
            is_lost=is_lost or is_away,
            is_known=is_known,
            where=where,
        )

    def _want(self, key: str, assigned: Mapping[str, Assignment], able: Mapping[str, frozenset[str]]) -> Want:
        before, place = assigned.get(key), self._crew.places.get(key)
        home = place.home if place is not None else before.home if before is not None else None
        watcher = place.watcher if place is not None else before.watcher if before is not None else None
        in_it = {name for name in self._crew.here if key in (self._crew.workers[name].own or ())}
        in_it |= {name for name, each in self._crew.far.items() if key in each.report.own}
        return Want(
            key=key,
            pin=self._crew.channels[key].account,
            home=home,
            stand_in=watcher,
            witness=place.witness if place is not None else before.witness if before is not None else None,
            access=able[key] | in_it,
            refused=frozenset(self._refusals.of[key]),
        )
