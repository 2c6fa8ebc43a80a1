"""Days of many channels on a fast clock, with faults at random; the archive must be the sandbox's record, and
the gaps what was truly unseen.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from collector.allowed import WATCHING
from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from collector.run import collect
from domain.clock import FastClock
from domain.post import How
from domain.watch import Seen
from sandbox.channel import Channel
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.soak.given import Given
from tests.soak.mischief import Line, Mischief
from tests.soak.truth import Stretches, gaps, length, outside, unexplained, union
from tests.support.collecting import APP
from tests.support.telegram import Telegram, day

#: What may be on record beyond what was truly unseen.
_BEYOND = 0.05
_RECONCILE = timedelta(minutes=3)
#: Whoever has a line, and has not proved for so long that nothing is missing, is waited for, at most so many
#: seconds. Time passes at this speed then: what a busy machine takes is no blindness of a collector.
_LAGGING, _WAITED_FOR, _WAITING_SPEED = 1.3 * _RECONCILE, 30.0, 5.0


#: In so many real seconds all channels of an account have been put off, one after the other.
_PUT_OFF = 0.5


class Days:
    """One run: everything that happens is decided by the seed, on the sandbox's clock."""

    def __init__(
        self,
        folder: Path,
        *,
        days: float,
        channels: int,
        accounts: int,
        seed: int,
        speed: float,
        posts_a_day: float,
        faults_a_day: float,
        haste: float = 1.0,
        allowance: timedelta = timedelta(0),
        stand_in_after: timedelta | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        self.folder = folder
        self.days = timedelta(days=days)
        self.n_channels = channels
        self.n_accounts = accounts
        self.seed = seed
        self.speed = speed
        self.posts_a_day = posts_a_day
        self.faults_a_day = faults_a_day
        self.haste = haste  #: by how much faults are shortened
        self.allowance = allowance  #: for each gap: how long the machine may take to be back, on the clock
        self.stand_in_after = stand_in_after  #: None: none stands in for another, none is a witness
        self.say = say
        self.clock = FastClock(day(1), 1)
        self.world = World(self.clock)
        self.path = folder / "deadair.db"
        self.given: dict[str, Given] = {}
        self.longest: list[tuple[timedelta, str]] = []  #: what is on record beyond
        self.stood_in = timedelta(0)  #: of all channels together
        self.waited = 0.0  #: real seconds in which somebody was waited for

    async def run(self) -> None:
        """Raises AssertionError, with the seed, when the archive or its gaps are not true."""
        self.folder.mkdir(parents=True, exist_ok=True)
        async with contextlib.AsyncExitStack() as stack:
            self.lines = [await self._line(n, stack) for n in range(self.n_accounts)]
            self._found_channels()
            async with open_store(StorageConfig(url=f"sqlite:///{self.path}", busy_timeout=0.2)) as store:
                await self._play(store)

    async def _line(self, n: int, stack: contextlib.AsyncExitStack) -> Line:
        server = await stack.enter_async_context(MtprotoServer(self.world))
        telegram = Telegram.__new__(Telegram)
        telegram.server, telegram.world, telegram.folder = server, self.world, self.folder
        telegram.account = self.world.add_account(f"1555010{n}")
        session = telegram.session_file(f"account{n}")
        self.given[f"account{n}"] = Given(server.render)
        return Line(name=f"account{n}", telegram=telegram, session=session, clock=self.clock)

    def _found_channels(self) -> None:
        self.configs = []
        for n in range(self.n_channels):
            line = self.lines[n % self.n_accounts]
            is_joined = n % 10 != 9
            members = [line.telegram.account] if is_joined else []
            channel = self.world.add_channel(f"Channel {n}", f"channel_{n:04}", members=members)
            self.world.post(channel, "the first", at=self.clock.now() - timedelta(days=1))
            line.channels.append(channel)
            self.configs.append(
                ChannelConfig(handle=channel.handle, id=channel.id, account=line.name, join=is_joined)
            )

    def collector(self, store: Store) -> asyncio.Task[None]:
        config = CollectorConfig.model_validate(
            {
                "reconcile_every": _RECONCILE,
                "hurry_every": "1m",
                "stand_in_after": self.stand_in_after or "100d",
                "witness": self.stand_in_after is not None,
                "probe_every": "2m",
                "recheck_posts": 400,
                "answer_within": 1.0,
                "retry_min": 0.02,
                "retry_max": 0.05,
                "history_pause": "0s",
                "call_budgets": (),
                "server_key": SANDBOX_PUBLIC_KEY,
            }
        )
        accounts = [AccountConfig(name=line.name, session=str(line.session)) for line in self.lines]
        return asyncio.create_task(
            collect(config, accounts, self.configs, store, self.clock, app=APP), name="collector"
        )

    async def _play(self, store: Store) -> None:
        task = self.collector(store)
        await self._until(task, lambda: self._is_watched(store), "every channel has been looked at", 120)
        mischief = Mischief(self, store, task, random.Random(self.seed + 1))
        for line in self.lines:
            line.keep_listening()
        began = self.clock.now()
        self.clock.run_at(self.speed)
        ends = began + self.days
        loops = [
            asyncio.create_task(self._publish(random.Random(self.seed))),
            asyncio.create_task(self._wait_for_whoever_lags(store, mischief)),
            asyncio.create_task(mischief.make(ends - self.days / 20)),
        ]
        step, told = self.days / 40, began
        try:
            while (now := self.clock.now()) < ends or mischief.is_busy:
                if now >= told:
                    told += step
                    self.say(self._progress(now - began, mischief))
                for each in loops:
                    if each.done() and each.exception() is not None:
                        each.result()
                mischief.raise_if_collector_failed()
                await asyncio.sleep(0.05)
            loops[0].cancel()
            loops[1].cancel()
            self.clock.run_at(60)
            self.unproved = [(line, channel) for line in self.lines for channel in line.channels]
            # A new connection reads recent posts again: edits and deletions of the last hours are found so.
            await mischief.restart()
            await self._until(mischief.task, lambda: self._is_whole(store), "the archive is whole", 600)
        finally:
            for each in loops:
                each.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            mischief.close_ears()
            await mischief.stop()
        await self._judge(store, mischief)

    async def _wait_for_whoever_lags(self, store: Store, mischief: Mischief) -> None:
        loop = asyncio.get_running_loop()
        since: float | None = None
        while True:
            lags = not mischief.is_in_the_way and await self._lags(store)
            if not lags:
                since = None
            elif since is None:
                since = loop.time()
            is_waited_for = since is not None and loop.time() - since < _WAITED_FOR
            self.clock.run_at(_WAITING_SPEED if is_waited_for else self.speed)
            self.waited += 0.05 * is_waited_for
            await asyncio.sleep(0.05)

    async def _lags(self, store: Store) -> bool:
        async with store.read() as tx:
            until = await tx.watch.until()
        now = self.clock.now()
        return any(
            line.is_heard(channel, now) and now - until.get(channel.id, now) > _LAGGING
            for line in self.lines
            for channel in line.channels
        )

    def _progress(self, passed: timedelta, mischief: Mischief) -> str:
        posts = sum(c.top_id for line in self.lines for c in line.channels)
        return (
            f"days: seed {self.seed}, day {passed / timedelta(days=1):.2f}"
            f" of {self.days / timedelta(days=1):g}, {posts} posts, {mischief.made} faults"
        )

    async def _publish(self, dice: random.Random) -> None:
        """Posts, edits and deletions. Nothing is deleted sooner than it would be polled."""
        everything = [c for line in self.lines for c in line.channels]
        rate = len(everything) * self.posts_a_day / 86400
        n = 0
        while True:
            await self.clock.sleep(timedelta(seconds=dice.expovariate(rate)))
            n += 1
            channel = dice.choice(everything)
            for _ in range(dice.choices((1, 3, 20), (90, 9, 1))[0]):
                self.world.post(channel, f"post {n}")
            if dice.random() < 0.1:
                self.world.edit(channel, dice.choice(channel.ids[-20:]), f"edited {n}")
            if dice.random() < 0.05:
                chosen = channel.posts[dice.choice(channel.ids[-10:])]
                if self.clock.now() - chosen.posted_at > 3 * _RECONCILE:
                    self.world.delete(channel, chosen.id)

    async def _is_watched(self, store: Store) -> bool:
        async with store.read() as tx:
            return len(await tx.watch.until()) == self.n_channels

    async def _is_whole(self, store: Store) -> bool:
        # Nothing is published any more: what is whole once stays so, and comparing costs the others time.
        self.wrong = []
        for line, channel in list(self.unproved):
            # What is given out while the line breaks, or just before, may be lost on its way.
            margin = timedelta(seconds=self.speed)
            given = [
                (self.given[each.name], union((a - margin, b + margin) for a, b in each.never(channel)))
                for each in self.lines
            ]
            if found := await unexplained(line.telegram, store, channel, given):
                self.wrong += [f"{channel.title}: {each}" for each in found]
            else:
                self.unproved.remove((line, channel))
        if self.wrong:
            return False
        async with store.read() as tx:
            return not await tx.watch.open_gaps()

    async def _until(
        self, task: asyncio.Task[None], true: Callable[[], object], what: str, within: float
    ) -> None:
        try:
            async with asyncio.timeout(within):
                while not await true():  # type: ignore[misc]
                    if task.done():
                        task.result()
                    await asyncio.sleep(0.5)
        except TimeoutError:
            wrong = getattr(self, "wrong", [])
            raise AssertionError(
                f"seed {self.seed}: it never came true that {what}; {len(wrong)}: {wrong[:6]}"
            ) from None

    async def _judge(self, store: Store, mischief: Mischief) -> None:
        """Gaps cover what was unseen, and little more."""
        unseen_all, recorded_all, beyond_all, allowed_all = (timedelta() for _ in range(4))
        uncovered: list[str] = []
        for line in self.lines:
            for channel in line.channels:
                await self._judge_one(store, line, channel, uncovered)
                unseen = union(line.unseen())
                recorded = await gaps(store, channel.id, mischief.ended)
                elsewhere = await self._seen_elsewhere(store, line, channel)
                unseen_all += length(outside(unseen, elsewhere))
                recorded_all += length(recorded.stretches)
                beyond = await self._beyond(store, line, channel, mischief.ended)
                beyond_all += length(beyond)
                self.longest += [(b - a, f"{channel.title} {a} to {b}") for a, b in beyond]
                allowed_all += self.allowance * len(recorded.stretches)
        self.say(
            f"days: seed {self.seed}, {mischief.made} faults {dict(sorted(mischief.kinds.items()))};"
            f" per channel unseen {unseen_all / self.n_channels}, on record {recorded_all / self.n_channels},"
            f" beyond {beyond_all / max(unseen_all, timedelta(seconds=1)):.1%},"
            f" watched by another account {self.stood_in / self.n_channels}; {self.waited:.0f} s waited for"
        )
        assert not uncovered, f"seed {self.seed}: {len(uncovered)} not on record: {uncovered[:5]}"
        assert beyond_all <= _BEYOND * unseen_all + allowed_all, (
            f"seed {self.seed}: gaps say {beyond_all} too much: {sorted(self.longest)[-5:]}"
        )
        assert [e for line in self.lines for e in line.telegram.server.errors] == []
        asked = {method for line in self.lines for method in line.telegram.server.log.counts}
        assert asked <= WATCHING, f"seed {self.seed}: it does more than watch: {sorted(asked - WATCHING)}"
        self._judge_joins()

    def _judge_joins(self) -> None:
        """An account is a member of its own channels already; who stands in joins those that are to be
        joined.
        """
        joins = [each for line in self.lines for each in line.telegram.server.log.of("channels.joinChannel")]
        wanted = {config.id for config in self.configs if config.join and self.stand_in_after is not None}
        strange = sorted({str(each.channel) for each in joins if each.channel not in wanted})
        assert not strange, f"seed {self.seed}: joined though nobody asked for it: {strange}"

    async def _seen_elsewhere(self, store: Store, home: Line, channel: Channel) -> Seen:
        """When another account watched in its home's place, and could: not before its home is away for so
        long that it is stood in for, whatever a witness saw.
        """
        after = self.stand_in_after
        if after is None:
            return Seen()
        async with store.read() as tx:
            spans = [s for s in await tx.watch.spans(channel.id) if s.how in (How.LIVE, How.POLLED)]
        away = self._away(home, channel, after)
        out: list[tuple[datetime, datetime]] = []
        for line in self.lines:
            if line is not home:
                claimed = union((s.from_at, s.to_at) for s in spans if s.account == line.name)
                true = union(outside(claimed, union(line.unseen())))
                out += [(max(a, c), min(b, d)) for a, b in away for c, d in true.stretches if a < d and c < b]
        return union(out)

    def _away(self, home: Line, channel: Channel, after: timedelta) -> Stretches:
        """When its home is away and stood in for. A line that comes and goes is away since it first went, be
        it that it was thought dead, as nothing was pushed by it."""
        stood_in: list[tuple[datetime, datetime]] = []
        went = came = datetime.min.replace(tzinfo=UTC)
        unseen = union(home.unseen())
        for a, b in union([*unseen.stretches, *home.doubtful(channel)]).stretches:
            if a - came >= after:
                went = a
            came = b
            stood_in.append((max(a, went + after), b))
        return [(max(a, c), min(b, d)) for a, b in stood_in for c, d in unseen.stretches if a < d and c < b]

    async def _beyond(self, store: Store, home: Line, channel: Channel, until: datetime) -> Stretches:
        """What is on record without any blindness of the account that it is on record for, or of its home."""
        async with store.read() as tx:
            found = await tx.watch.gaps(channel.id)
        out: list[tuple[datetime, datetime]] = []
        for line in self.lines:
            blind = [s for each in (line, home) for s in (*each.unseen(), *each.doubtful(channel))]
            theirs = [(g.from_at, min(g.to_at or until, until)) for g in found if g.account == line.name]
            out += outside(union(each for each in theirs if each[0] < until), union(blind))
        return union(out).stretches

    def _pushed(self, line: Line, channel: Channel) -> list[datetime]:
        """When posts of it were given out on its line as soon as they were there, in whole seconds."""
        given, soon = self.given[line.name], timedelta(seconds=0.02 * self.speed)
        firsts = [record.first for record in channel.record().values()]
        return [
            post.posted_at
            for post in firsts
            if any(timedelta(0) <= at - post.posted_at <= soon for at in given.times(post))
        ]

    async def _judge_one(self, store: Store, line: Line, channel: Channel, uncovered: list[str]) -> None:
        elsewhere = await self._seen_elsewhere(store, line, channel)
        self.stood_in += length(elsewhere.stretches)
        recorded = await gaps(store, channel.id, self.clock.now())
        recorded = union([*recorded.stretches, *elsewhere.stretches])
        # A call and its answer pass between the clock's readings on either side.
        slack = timedelta(seconds=0.02 * self.speed)
        put_off = timedelta(seconds=_PUT_OFF * self.speed)
        hidden = line.hidden(self._pushed(line, channel), put_off)
        for a, b in outside(union(hidden), recorded):
            if b - a > slack:
                async with store.read() as tx:
                    near = [
                        f"{g.cause} {g.from_at} to {g.to_at} {g.missing} {g.detail}"
                        for g in await tx.watch.gaps(channel.id, a - timedelta(hours=1))
                    ]
                deaf = [s for s in hidden if s[0] <= b and a <= s[1]]
                uncovered.append(f"{channel.title} {a} to {b}; unseen {deaf}; on record {near[:3]}")
