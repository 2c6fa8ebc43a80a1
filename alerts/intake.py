"""From the archive to the panel: readings, what could be seen, what befell channels; nothing twice."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import structlog

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.keeping import Kept, newest, take_up
from alerts.learned import fingerprint
from alerts.learning import Tell, learning
from alerts.lessons import heard
from alerts.mark import Mark, Taken, decided, read_mark, taken_in
from alerts.panel import Panel
from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus
from domain.episode import Episode, State
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: What a rhythm is learned from, and a day more so that its first day is whole.
HISTORY = timedelta(days=57)
BATCH = 5000
#: With more unread posts than this the reader is catching up, and nothing can be decided yet.
UNREAD = 1000
#: A reader that has stored nothing for so long is not reading the archive again.
REREADING = timedelta(minutes=20)
#: The whole record of the watch is read again so often; in between only its newest part.
REVIEW = timedelta(hours=1)
#: So many of the newest episodes are looked through for those that told of a silence still running.
ENDED = 1000
#: Answers of the outside that are older than this are about silences that are over, or were told.
_ANSWERS = timedelta(days=1)
#: So many posts out of order make it worth learning a channel anew.
OUT_OF_ORDER = 5
#: So many readings are put in the order of posting at hand; more are learned as the archive orders them.
MANY = 250_000
#: Of what was put away, so many channels may be learned anew one by one, or this part of all if that is more.
FEW, PART = 5, 0.05


class Intake:
    """Where the engine stands in the archive, and the panel that has been told so much of it."""

    def __init__(self, store: Store, panel: Panel, version: int, mark: Mark, of: str) -> None:
        self._store = store
        self.panel = panel
        self.version = version  #: of the reader whose readings it was told
        self.mark = mark
        self.fingerprint = of  #: of what decides how anything is learned
        self.resumed: datetime | None = None  #: of when is what it went on from, if anything was put away
        self.n_stored = mark.n_stored  #: how often our place was stored
        self.seq = mark.seq  #: the last reading that was taken in
        self.event_seq = mark.event_seq
        self.channels: dict[int, Channel] = {}
        self._rows: Mapping[int, tuple[Any, ...]] = {}  # channels as they stood when they were read last
        self._told: dict[int, tuple[int, Any, Any]] = {}  # watch spans as the panel was told them, by number
        self._reviewed: datetime | None = None
        self._heard_at = mark.until - _ANSWERS  # the last answer of the outside that was taken in
        self._behind: Counter[int] = Counter()
        self._schooled: set[int] = set()  #: channels of whose episodes people said something new
        self._opinion_seq = -1  #: the last of people's words that was taken in
        self._awaited = False  #: whether people spoke of an episode that is not over

    @property
    def place(self) -> Mark:
        """What is stored to go on from here."""
        return replace(
            self.mark,
            version=self.version,
            seq=self.seq,
            event_seq=self.event_seq,
            until=max(self.panel.decided_until, self.mark.until),
            held=tuple(self.panel.held),
            n_stored=self.n_stored,
        )

    async def is_last_to_store(self) -> bool:
        """Does the archive hold our place as we stored it? Else an attempt that seemed to fail did not."""
        async with self._store.read() as tx:
            mark = await read_mark(tx)
        return mark is not None and mark.n_stored == self.n_stored

    @classmethod
    async def begin(
        cls,
        store: Store,
        rules: AlertsConfig,
        version: int,
        now: datetime,
        *,
        topics: Collection[str] | None = None,
        names: Mapping[str, str] | None = None,
        budgets: Budgets | None = None,
        tell: Tell | None = None,
    ) -> "Intake":
        """Build the panel from what the archive holds: eight weeks of history and the open episodes.

        What was decided is not decided again, be it that it was understood otherwise then. `tell`: see
        `learning`.
        """
        budgets = budgets or Budgets()
        of = fingerprint(rules, topics, budgets)

        def made(mark: Mark) -> "Intake":
            panel = Panel([], rules, decide_from=mark.since, topics=topics, names=names, budgets=budgets)
            return cls(store, panel, version, mark, of)

        async with store.read() as tx:
            known = await read_mark(tx)
            if known is not None and known.version == version:
                kept = await newest(tx, known, of, now)
                intake = made(known)
                if kept is not None and await intake._resume(tx, kept, now, tell):
                    return intake
            intake = made(known or Mark(version=version, since=now, until=now))
            panel = intake.panel
            # The first time, what is there already is history; later, only what was decided upon before.
            taken = Taken(intake.seq)
            if known is None:
                intake.seq = await tx.readings.last_seq()
                taken = Taken(intake.seq)
                while events := await tx.channels.events_after(intake.event_seq):
                    intake.event_seq = events[-1][0]
            elif known.version != version:
                intake.mark = known.changed()
                intake.seq = await tx.readings.last_seq()
                taken = await taken_in(tx, known, version)
            ended = await intake._prepare(tx, now)
            n = 0
            async with learning(store, now - HISTORY, now, tell) as progress:
                async for reading in intake._history(tx, now):
                    if taken.holds(reading):
                        panel.learn(reading)
                        n += 1
                    else:
                        panel.post(reading)
                    await progress.reached(reading.posted_at)
            await intake._restore(tx, now, ended, first_time=known is None)
        log.info(
            "alerts: ready",
            channels=len(intake.channels),
            posts=n,
            reader_version=version,
            first_time=known is None,
        )
        return intake

    async def _prepare(self, tx: Transaction, now: datetime) -> Sequence[Episode]:
        """Tell the panel what it must know before it learns. Returns the episodes that are over."""
        await self._admit(tx)
        if (unread := await self._unread(tx, now)) is not None:
            await self._see(tx, now, unread)
        await self._heed(tx, now)
        ended = [e for e in await tx.episodes.newest(ENDED) if e.state is State.CLOSED]
        self.panel.recall(ended)
        return ended

    async def _restore(
        self, tx: Transaction, now: datetime, ended: Sequence[Episode], *, first_time: bool
    ) -> None:
        """Tell the panel, once it has learned, what was decided."""
        former = {} if first_time else await decided(tx, self.mark, self.panel, now - HISTORY)
        self.panel.restore(await tx.episodes.unfinished(), ended=ended, former=former)
        self._told.clear()  # what it takes up as out of sight is seen again by being told of it
        self.panel.wake(now)

    async def _resume(self, tx: Transaction, kept: Kept, now: datetime, tell: Tell | None) -> bool:
        """Take up what was put away, and learn only what came since. False: that does not do.

        A channel that is not in it, or to which something else applies now, is learned anew with the others'
        newest posts, all in the order of posting; too many of them make it worth beginning from nothing.
        """
        ended = await self._prepare(tx, now)
        taken = await take_up(tx, kept, self.panel)
        if taken is None:
            return False
        fresh: list[Reading] = []
        async for reading in self._fresh(tx, kept.seq):
            if reading.seq > self.seq:
                break
            fresh.append(reading)
            if len(fresh) > MANY:
                log.info("alerts: too much came since what was put away; all is learned anew")
                return False
        behind = Counter(r.channel_id for r in fresh if self.panel.is_behind(r))
        anew = {c for c in self.channels if c not in taken or behind[c] >= OUT_OF_ORDER}
        if len(anew) > max(FEW, len(self.channels) * PART):
            log.info("alerts: what was put away as learned fits too few channels; all is learned anew")
            return False
        readings = [r for r in fresh if r.channel_id not in anew]
        for channel_id in sorted(anew):
            if channel_id in taken:
                self.panel.relearn(channel_id, ())
            readings += [r async for r in self._history(tx, now, channel_id)]
        readings.sort(key=lambda r: (r.posted_at, r.channel_id, r.post_id))
        since = readings[0].posted_at if readings else now
        async with learning(self._store, since, now, tell) as progress:
            for reading in readings:
                self.panel.learn(reading)
                await progress.reached(reading.posted_at)
        await self._restore(tx, now, ended, first_time=False)
        self.resumed = kept.at
        log.info(
            "alerts: ready",
            channels=len(self.channels),
            posts=len(readings),
            reader_version=self.version,
            taken_up=len(self.channels) - len(anew),
        )
        return True

    @property
    def unsettled(self) -> frozenset[int]:
        """Channels that are about to be learned anew."""
        return frozenset({*self._behind, *self._schooled})

    async def feed(self, now: datetime) -> bool:
        """Tell the panel what is new. False: the reader is still catching up, and nothing can be decided."""
        async with self._store.read() as tx:
            await self._admit(tx)
            unread = await self._unread(tx, now)
            fresh = [r async for r in self._fresh(tx, self.seq)]
            behind = [r.channel_id for r in fresh if self.panel.is_behind(r)]
            self._schooled |= await self._heed(tx, now)
            if behind:
                self._reviewed = None
            elif unread is not None and (self._behind or self._schooled or self.panel.taught_blind):
                await self._relearn(tx, now)
            self._behind.update(behind)
            for reading in fresh:
                self.panel.post(reading)
                self.seq = reading.seq
            for seq, event in await tx.channels.events_after(self.event_seq):
                self.event_seq = seq
                self.panel.befell(event)
            for testimony in await tx.testimonies.answered_since(self._heard_at):
                self._heard_at = testimony.answered_at or self._heard_at
                self.panel.heard(testimony)
            if unread is None:
                return False
            await self._see(tx, now, unread)
        return True

    async def _admit(self, tx: Transaction) -> None:
        rows = await tx.channels.rows()
        others = [number for number, row in rows.items() if self._rows.get(number) != row]
        channels = [c for c in await tx.channels.some(others) if self.channels.get(c.id) != c]
        before = await self._statuses(tx) if channels else {}
        for channel in channels:
            self.channels[channel.id] = channel
            since = max(channel.added_at or self.mark.since, self.mark.since)
            self.panel.admit(replace(channel, status=before.get(channel.id, channel.status)), since)
        self._rows = rows

    async def _statuses(self, tx: Transaction) -> Mapping[int, ChannelStatus]:
        """How channels stood before what befell them that the panel has not been told of yet."""
        out: dict[int, ChannelStatus] = {}
        for _, event in await tx.channels.events_after(self.event_seq):
            if event.channel_id not in out:
                out[event.channel_id] = _status_before(event)
        return out

    async def _unread(self, tx: Transaction, now: datetime) -> Mapping[int, datetime] | None:
        """For each channel with posts not yet read, when the oldest of them was posted; None: too many.

        While another reader version reads the archive again, nobody reads for the one that counts: then
        nothing is decided until the other one counts.
        """
        places = {name: (value, at) for name, value, at in await tx.marks.all("reader.")}
        ours, read_at = places.pop(f"reader.{self.version}", ({}, None))
        waiting = await tx.posts.waiting(ours.get("seq", 0), UNREAD + 1)
        others = [at for name, (_, at) in places.items() if name.removeprefix("reader.").isdecimal()]
        again = any((read_at is None or at > read_at) and now - at < REREADING for at in others)
        if len(waiting) > UNREAD or (waiting and again):
            return None
        oldest: dict[int, datetime] = {}
        for channel_id, posted_at in waiting:
            oldest[channel_id] = min(posted_at, oldest.get(channel_id, posted_at))
        return oldest

    async def _see(self, tx: Transaction, now: datetime, unread: Mapping[int, datetime]) -> None:
        """What could be seen, but not past a post that nobody has read yet.

        All of the record is looked at, and the panel told what is other than it was told, or waits for.
        """
        review = self._reviewed is None or now - self._reviewed >= REVIEW
        since = now - HISTORY if review else now - 2 * REVIEW
        rows, waits = await tx.watch.rows_since(since), self.panel.parked
        others = [seq for seq, row in rows.items() if row[0] in waits or self._told.get(seq) != row]
        for seq, span in await tx.watch.some(others):
            if self._watched(span, unread.get(span.channel_id)) and span.channel_id in self.channels:
                self._told[seq] = rows[seq]
        if review:
            self._told = {seq: row for seq, row in self._told.items() if seq in rows}
        for gap in await tx.watch.open_gaps():
            self.panel.blinded(gap)
        if review and not unread:
            self._reviewed = now

    def _watched(self, span: WatchSpan, until: datetime | None) -> bool:
        """Was the panel told all of it?"""
        if until is None or span.to_at < until:
            self.panel.span(span)
            return True
        if span.from_at < until:
            self.panel.span(replace(span, to_at=until - timedelta(milliseconds=1)))
        return False

    async def _fresh(self, tx: Transaction, seq: int) -> AsyncIterator[Reading]:
        """The readings that count and came after number `seq`."""
        while batch := await tx.readings.after(seq, BATCH):
            for reading in batch:
                if reading.reader_version == self.version:
                    yield reading
            seq = batch[-1].seq

    async def _heed(self, tx: Transaction, now: datetime) -> frozenset[int]:
        """What people said of episodes since we last looked; the channels to which it makes a difference."""
        last = await tx.opinions.last_seq()
        if last == self._opinion_seq and not self._awaited:
            return frozenset()
        judged = await tx.opinions.standing(since=now - HISTORY)
        self._opinion_seq = last
        self._awaited = any(episode.closed_at is None for episode, _ in judged)
        return self.panel.heed(heard(judged))

    async def _relearn(self, tx: Transaction, now: datetime) -> None:
        """Channels are learned anew whose history, or the record of its watch, came out of order, and those
        of whose past people said something new.
        """
        known = self.panel.decided_until
        disordered = {channel_id for channel_id, n in self._behind.items() if n >= OUT_OF_ORDER}
        for channel_id in sorted(disordered | self._schooled | self.panel.taught_blind):
            readings = [r async for r in self._history(tx, now, channel_id) if r.posted_at <= known]
            self.panel.relearn(channel_id, readings)
            log.info("alerts: learned anew", channel=channel_id, posts=len(readings))
        self._behind.clear()
        self._schooled.clear()

    async def _history(
        self, tx: Transaction, now: datetime, channel_id: int | None = None
    ) -> AsyncIterator[Reading]:
        async for reading in tx.readings.since(
            now - HISTORY, until_seq=self.seq, channel_id=channel_id, reader_version=self.version
        ):
            yield reading


def _status_before(event: ChannelEvent) -> ChannelStatus:
    if event.before in set(ChannelStatus):
        return ChannelStatus(event.before)
    return ChannelStatus.PRIVATE if event.change is ChannelChange.BACK else ChannelStatus.OPEN
