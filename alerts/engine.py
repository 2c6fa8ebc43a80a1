"""The engine: the panel, fed from the archive, and what it decides put into the archive and the outbox.

The one part of this room that reads or writes. Its place among the readings is kept in the transaction that
stores its episodes and alerts: killed at any moment, it neither repeats nor loses one.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.desk import Desk
from alerts.intake import Intake
from alerts.keeping import Keeping
from alerts.learning import Tell
from alerts.mark import NONE_READ, read_mark
from alerts.panel import Panel
from alerts.reports import Reports
from domain.clock import Clock
from domain.episode import Transition
from domain.errors import DeadairError
from domain.use import Use
from storage.errors import StoreError
from storage.outage import Outage
from storage.room import is_spare, spare
from storage.store import Store

log = structlog.get_logger(__name__)

#: No wait is shorter, so that a deadline that cannot be met yet does not make the engine spin.
LEAST_WAIT = timedelta(milliseconds=50)
#: Seconds of the machine's time in which what comes one by one is gathered: each step looks at all channels.
_GATHER = 0.25


class NothingToPrepare(DeadairError):
    """There is no engine whose successor could go on from what is learned."""


class Engine:
    """Owns the loop, the clock and the panel."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        rules: AlertsConfig | None = None,
        *,
        topics: Collection[str] | None = None,
        names: Mapping[str, str] | None = None,
        budgets: Budgets | None = None,
        folder: Path | None = None,
    ) -> None:
        """`topics` are those that are judged besides the channels and claimants; None: every one there is.

        `names` says what people call the claimants, `budgets` which channels and topics have their own; from
        `folder` paths in the rules count.
        """
        self._store = store
        self._clock = clock
        self._rules = rules or AlertsConfig()
        self._topics = topics
        self._names = names
        self._budgets = budgets
        self._intake: Intake | None = None
        self._decided: list[Transition] = []  #: not stored yet
        self._doubt = False  #: whether the last attempt to store came to a good end
        self._desk = Desk(store)
        self._reports = Reports(self._rules.outages, self._rules.outages_every, folder)
        self._reported = 0  #: of its rounds, the last that the panel was told of
        self._awaited: Mapping[int, datetime] = {}  #: channels of which word was asked for
        self._saved: Mapping[str, float] = {}  #: budgets that were set while it runs
        self._keeping: Keeping | None = None
        self._is_whole = False  #: whether the last step came to its end

    @property
    def panel(self) -> Panel | None:
        """What the engine knows, once it has begun: for status and explanations."""
        return self._intake.panel if self._intake else None

    async def run(self) -> None:
        """Decide until cancelled: woken by notice, by the next deadline, or by the poll."""
        try:
            await self._run()
        finally:
            await self._reports.close()

    async def _run(self) -> None:
        outage = Outage("alerts")
        with self._store.listen("readings", "watch", "channels", "opinions", "budgets") as notice:
            while True:
                try:
                    await self.step()
                    wait = self._wait()
                    outage.over()
                except StoreError as error:
                    wait = outage.goes_on(error)
                try:
                    if await notice.woken(self._clock, wait):
                        await asyncio.sleep(_GATHER / max(1.0, self._clock.speed))
                except asyncio.CancelledError:
                    await self._put_away_at_the_end()
                    raise

    async def step(self) -> Sequence[Transition]:
        """One evaluation at one instant: take in what is new, decide, and store what was decided.

        Returns the transitions that were stored. What was decided and could not be stored is kept and stored
        with the next step. Should it have been stored although an error said otherwise, the panel is built
        anew from the archive: what it knows and what the archive holds must not drift apart. So it is when
        another reader version or other budgets count from now on; what the former led to decide is not
        decided again.
        """
        now = self._clock.now()
        self._is_whole = False
        if self._doubt and self._intake is not None and not await self._intake.is_last_to_store():
            self._intake = None
        self._doubt = False
        version, saved = await self._standing()
        stored: list[Transition] = []
        if self._intake is not None and self._intake.version != version:
            log.info("alerts: another reader version counts now", before=self._intake.version, now=version)
            stored += await self._put(self._intake, now)
            self._intake = None
        if self._intake is not None and saved != self._saved:
            log.info("alerts: other budgets count now", set=len(saved))
            stored += await self._put(self._intake, now)
            self._intake = None
        self._saved = saved
        if self._intake is None:
            self._intake = await self._begun(version, saved, now)
            self._decided = []
            self._reported = 0
            self._keeping = Keeping(self._store, self._intake.fingerprint, self._intake.resumed)
        intake = self._intake
        self._hear_of_outages(intake, now)
        if not await intake.feed(now):
            return stored
        try:
            self._decided += await asyncio.to_thread(intake.panel.advance, now)
        except BaseException:
            self._intake = None
            raise
        stored += await self._put(intake, now)
        if questions := intake.panel.questions():
            await self._desk.ask(questions, now)
        if (awaited := intake.panel.awaited) != self._awaited:
            await self._desk.await_word(awaited, now)
            self._awaited = awaited
        await self._keep(intake, now)
        self._is_whole = True
        return stored

    async def prepare(self, tell: Tell | None = None) -> int:
        """Learn all by these rules, and put it away for an engine that is yet to begin: it goes on from that.

        Nothing is decided, and one that is at work is not disturbed. Returns how many channels were learned;
        `tell` is told how far it is. Raises NothingToPrepare.
        """
        now = self._clock.now()
        version, saved = await self._standing()
        async with self._store.read() as tx:
            mark = await read_mark(tx)
        if mark is None or mark.version != version:
            raise NothingToPrepare(
                "no engine has decided anything yet by the readings that count",
                hint="nothing is won by learning first: the next start learns by itself",
            )
        intake = await self._begun(version, saved, now, tell)
        keeping = Keeping(self._store, intake.fingerprint, None, prepares=True)
        await asyncio.to_thread(keeping.put_away, intake.panel, intake.place, now, intake.unsettled)
        while keeping.busy:
            await keeping.store_some()
        return len(intake.channels)

    async def _begun(
        self, version: int, saved: Mapping[str, float], now: datetime, tell: Tell | None = None
    ) -> Intake:
        return await Intake.begin(
            self._store,
            self._rules,
            version,
            now,
            topics=self._topics,
            names=self._names,
            budgets=replace(self._budgets or Budgets(), saved=saved),
            tell=tell,
        )

    async def _keep(self, intake: Intake, now: datetime) -> None:
        """Put away what was learned, now and then and piece by piece."""
        keeping = self._keeping
        if keeping is None:
            return
        if keeping.is_due(now, self._clock.speed) and is_spare(self._store, Use.LEARNED):
            await self._put_away(intake, keeping, now)
        if keeping.busy:
            await keeping.store_some()

    async def _put_away(self, intake: Intake, keeping: Keeping, now: datetime) -> None:
        await self._put(intake, now, keep_place=True)
        await asyncio.to_thread(keeping.put_away, intake.panel, intake.place, now, intake.unsettled)

    async def _put_away_at_the_end(self) -> None:
        """We are to stop: the next start goes on from here, if there is still time to store it all."""
        intake, keeping = self._intake, self._keeping
        if intake is None or keeping is None or not self._is_whole or self._doubt:
            return
        try:
            spare(self._store, Use.LEARNED)
            await self._put_away(intake, keeping, self._clock.now())
            while keeping.busy:
                await keeping.store_some()
        except StoreError as error:
            log.warning("alerts: what was learned could not be put away", why=str(error))

    async def _put(self, intake: Intake, now: datetime, *, keep_place: bool = False) -> Sequence[Transition]:
        """Store what was decided. If that fails, it is not known whether it was stored."""
        self._doubt = True
        stored = await self._desk.put(intake, self._decided, now, keep_place=keep_place)
        self._decided = []
        self._doubt = False
        return stored

    def _hear_of_outages(self, intake: Intake, now: datetime) -> None:
        if any(channel.country for channel in intake.channels.values()):
            self._reports.look(now)
        if self._reports.fetched != self._reported:
            self._reported = self._reports.fetched
            intake.panel.reported(self._reports.outages)

    async def _standing(self) -> tuple[int, Mapping[str, float]]:
        """Which reader version counts, and which budgets were set while Deadair runs."""
        async with self._store.read() as tx:
            return await tx.readings.live_version() or NONE_READ, await tx.changes.budgets()

    def _wait(self) -> timedelta:
        if self._keeping is not None and self._keeping.busy:
            return LEAST_WAIT
        due = self._intake.panel.next_due() if self._intake else None
        if due is None:
            return self._rules.poll
        return min(self._rules.poll, max(LEAST_WAIT, due - self._clock.now()))
