"""Faults at random, and a record of when nobody could have heard anything."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from domain.clock import FastClock
from sandbox.channel import Channel
from sandbox.faults import LinkState, Upset
from storage.store import Store
from tests.support.telegram import Telegram

Stretch = tuple[datetime, datetime]
DIALOGS, HISTORY, DIFFERENCE = (
    "messages.getPeerDialogs",
    "messages.getHistory",
    "updates.getChannelDifference",
)


@dataclass(eq=False)
class Line:
    """One account, on a server of its own, and what could be heard on it."""

    name: str
    telegram: Telegram
    session: Path
    clock: FastClock
    channels: list[Channel] = field(default_factory=list)
    deaf_since: datetime | None = None
    is_taken: bool = False  #: by a fault
    refused: dict[int | None, datetime] = field(default_factory=dict)  #: until when, by channel; None: all
    _deaf: list[Stretch] = field(default_factory=list)
    _unasked: list[Stretch] = field(default_factory=list)
    _doubtful: dict[int | None, list[Stretch]] = field(default_factory=dict)
    #: When the first call was refused of a stretch in which nothing may be asked, by its beginning.
    _struck: dict[datetime, datetime] = field(default_factory=dict)

    @property
    def hears(self) -> bool:
        """Is there anyone to whom a push would come?"""
        server, account = self.telegram.server, self.telegram.account.id
        return any(
            s.account_id == account and s.wants_updates and server.link.answers(s.connection.transport.writer)
            for s in server.sessions
        )

    def keep_listening(self) -> None:
        """Note it at once when somebody comes or goes: a look now and then would be late."""
        server = self.telegram.server
        remember, forget = server.remember, server.forget

        def come(session: Any) -> None:
            remember(session)
            self.listen()

        def go(session: Any) -> None:
            forget(session)
            self.listen()

        server.remember, server.forget = come, go  # type: ignore[method-assign]

    def listen(self) -> None:
        now = self.clock.now()
        if self.hears:
            if self.deaf_since is not None:
                self._deaf.append((self.deaf_since, now))
            self.deaf_since = None
        elif self.deaf_since is None:
            self.deaf_since = now

    def close_ears(self) -> None:
        if self.deaf_since is not None:
            self._deaf.append((self.deaf_since, self.clock.now()))
            self.deaf_since = None

    @contextmanager
    def doubt(self, channel: Channel | None = None) -> Iterator[None]:
        """Pushes may be lost meanwhile: to say so is right, to have asked in time as well."""
        began = self.clock.now()
        try:
            yield
        finally:
            number = None if channel is None else channel.id
            self._doubtful.setdefault(number, []).append((began, self.clock.now()))

    def is_heard(self, channel: Channel, now: datetime) -> bool:
        """Could whoever watches this channel on this line know now that nothing is missing?"""
        free = all(self.refused.get(whose, now) <= now for whose in (None, channel.id))
        return self.deaf_since is None and free

    def refuse(self, since: datetime, struck: datetime, until: datetime) -> None:
        """Nothing may be asked from `since` till `until`; whoever watches learned of it at `struck`."""
        self._unasked.append((since, until))
        self._struck[since] = struck

    def unseen(self) -> list[Stretch]:
        return [*self._deaf, *self._unasked]

    def never(self, channel: Channel) -> list[Stretch]:
        """When what was given out of it may have come to nobody."""
        return [*self.unseen(), *self.doubtful(channel)]

    def hidden(self, pushed: Iterable[datetime], slack: timedelta) -> list[Stretch]:
        """Of `unseen`, what must be on record of a channel. Posts came by push at these instants: as long as
        whoever watches did not know that nothing may be asked, each shows that until then none was missed.
        `slack`: so long it may take until all channels have been put off.
        """
        shown = sorted(pushed)
        return [
            *self._deaf,
            *(
                (max((at for at in shown if a <= at <= self._struck[a] + slack), default=a), b)
                for a, b in self._unasked
            ),
        ]

    def doubtful(self, channel: Channel) -> list[Stretch]:
        return [*self._doubtful.get(None, []), *self._doubtful.get(channel.id, [])]


class Mischief:
    """One fault after the other on every line; some strike all of them."""

    def __init__(self, days: Any, store: Store, task: asyncio.Task[None], dice: random.Random) -> None:
        self._days = days
        self._store = store
        self.task = task
        self._dice = dice
        self._clock: FastClock = days.clock
        self._busy = 0
        self.made = 0
        self.kinds: Counter[str] = Counter()
        self.ended = self._clock.now()
        self._is_restarting = False
        self._is_locked = False

    @property
    def is_busy(self) -> bool:
        return self._busy > 0

    @property
    def is_in_the_way(self) -> bool:
        """Is there no collector at work, or can it write nothing down?"""
        return self._is_restarting or self._is_locked

    def raise_if_collector_failed(self) -> None:
        if self.task.done() and not self._is_restarting:
            self.task.result()
            raise AssertionError(f"seed {self._days.seed}: the collector ended by itself")

    def close_ears(self) -> None:
        self.ended = self._clock.now()
        for line in self._days.lines:
            line.close_ears()

    async def make(self, until: datetime) -> None:
        """Until then, at random moments, on a line that is free."""
        every = 86400 / self._days.faults_a_day
        async with asyncio.TaskGroup() as group:
            while True:
                await self._clock.sleep(timedelta(seconds=self._dice.expovariate(1 / every)))
                if self._clock.now() >= until:
                    return
                free = [line for line in self._days.lines if not line.is_taken]
                if free:
                    group.create_task(self._strike(self._dice.choice(free)))

    async def _strike(self, line: Line) -> None:
        deeds = (
            (self._cut, 6),
            (self._half_open, 2),
            (self._swallow_difference, 1),
            (self._garble_difference, 1),
            (self._too_long, 1),
            (self._withhold, 2),
            (self._disturb, 2),
            (self._stumble, 2),
            (self._refuse_dialogs, 1),
            (self._refuse_channel, 1),
            (self._refuse_everything, 2),
            (self._lock_archive, 1),
            (self._restart_all, 2),
        )
        deed = self._dice.choices([d for d, _ in deeds], [w for _, w in deeds])[0]
        line.is_taken, self._busy = True, self._busy + 1
        try:
            self.kinds[deed.__name__.strip("_")] += 1
            await deed(line)
            self.made += 1
        finally:
            line.is_taken, self._busy = False, self._busy - 1

    def _span(self, shortest: float, longest: float) -> timedelta:
        """In minutes; short ones are the rule."""
        drawn = timedelta(minutes=shortest * (longest / shortest) ** self._dice.random())
        return drawn * self._days.haste

    async def _cut(self, line: Line) -> None:
        state = self._dice.choice((LinkState.REFUSED, LinkState.RESET, LinkState.CUT, LinkState.BLACK_HOLE))
        line.telegram.link.set(state)
        line.listen()
        await self._clock.sleep(self._span(20, 600))
        line.telegram.link.heal()
        line.listen()

    async def _half_open(self, line: Line) -> None:
        line.telegram.link.half_open()
        line.listen()
        await self._clock.sleep(self._span(5, 30))

    async def _swallow_difference(self, line: Line) -> None:
        """Deaf, and nobody knows, until posts are found that were not pushed."""
        fault = line.telegram.faults.swallow(DIFFERENCE)
        self._lose_one(line)
        with line.doubt():
            await self._clock.sleep(timedelta(hours=2) * self._days.haste)
            if fault in line.telegram.faults.calls:
                line.telegram.faults.calls.remove(fault)
            line.telegram.link.reset_all()

    async def _garble_difference(self, line: Line) -> None:
        line.telegram.faults.garble(DIFFERENCE)
        self._lose_one(line)
        with line.doubt():
            await self._clock.sleep(timedelta(minutes=20) * self._days.haste)
        line.telegram.faults.clear()

    async def _too_long(self, line: Line) -> None:
        line.telegram.server.too_long_after = 5
        with line.doubt():
            channel = self._dice.choice(line.channels)
            for n in range(12):
                self._days.world.post(channel, f"not pushed {n}", push=False)
            self._days.world.post(channel, "shows the hole")
            await self._clock.sleep(timedelta(minutes=20) * self._days.haste)
        line.telegram.server.too_long_after = 10_000

    def _lose_one(self, line: Line) -> None:
        channel = self._dice.choice(line.channels)
        self._days.world.post(channel, "not pushed", push=False)
        self._days.world.post(channel, "shows the hole")

    async def _withhold(self, line: Line) -> None:
        fault = line.telegram.faults.upset(Upset.WITHHOLD, times=None)
        with line.doubt():
            await self._clock.sleep(self._span(10, 180))
            line.telegram.faults.updates.remove(fault)
            await self._clock.sleep(timedelta(hours=1) * self._days.haste)

    async def _disturb(self, line: Line) -> None:
        with line.doubt():
            for upset in (Upset.DUPLICATE, Upset.REORDER, Upset.GARBLE):
                line.telegram.faults.upset(upset, times=self._dice.randint(1, 10))
            await self._clock.sleep(timedelta(hours=1) * self._days.haste)
            line.telegram.faults.clear()
            await self._clock.sleep(timedelta(hours=1) * self._days.haste)

    async def _stumble(self, line: Line) -> None:
        with line.doubt():
            for method in (DIALOGS, HISTORY, DIFFERENCE, "channels.getMessages"):
                line.telegram.faults.error(method, 500, "RPC_CALL_FAIL", times=self._dice.randint(1, 5))
            await self._clock.sleep(timedelta(minutes=20) * self._days.haste)
            line.telegram.faults.clear()

    async def _refuse_dialogs(self, line: Line) -> None:
        span = self._span(1, 600)
        line.telegram.faults.throttle(DIALOGS, self._clock.now() + span)
        line.refused[None] = self._clock.now() + span
        await self._clock.sleep(span)

    async def _refuse_channel(self, line: Line) -> None:
        channel, span = self._dice.choice(line.channels), self._span(10, 600)
        line.telegram.faults.throttle(HISTORY, self._clock.now() + span, channel=channel.id)
        line.refused[channel.id] = self._clock.now() + span
        with line.doubt(channel):
            await self._clock.sleep(span + timedelta(minutes=10) * self._days.haste)

    async def _refuse_everything(self, line: Line) -> None:
        began, span = self._clock.now(), self._span(60, 600)
        throttles = [line.telegram.faults.throttle(method, began + span) for method in (DIALOGS, HISTORY)]
        line.refused[None] = began + span
        await self._clock.sleep(span)
        # Who may not ask for many at once asks for each by itself, and only then knows that it may not ask.
        line.refuse(began, throttles[-1].struck_at or began + span, began + span)

    async def _lock_archive(self, _: Line) -> None:
        other = await asyncio.to_thread(_lock, self._days.path)
        self._is_locked = True
        await self._clock.sleep(self._span(1, 30))
        self._is_locked = False
        other.execute("ROLLBACK")
        other.close()

    async def _restart_all(self, _: Line) -> None:
        await self.stop()
        await self._clock.sleep(self._span(5, 300))
        await self.restart()

    async def stop(self) -> None:
        self._is_restarting = True
        self.task.cancel()
        await asyncio.wait({self.task})

    async def restart(self) -> None:
        await self.stop()
        self.task = self._days.collector(self._store)
        self._is_restarting = False


def _lock(path: Path) -> sqlite3.Connection:
    """Hold the file as another program does that is writing."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    other.execute("BEGIN IMMEDIATE")
    return other
