"""Days of many channels on a fast clock, with faults at random; the archive must be the sandbox's record, and
the gaps what was truly unseen.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from collector.allowed import READING
from collector.config import AccountConfig, ChannelConfig, CollectorConfig
from collector.run import collect
from domain.clock import FastClock
from sandbox.channel import Channel
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.soak.given import Given
from tests.soak.mischief import Line, Mischief
from tests.soak.truth import gaps, length, outside, unexplained, union
from tests.support.collecting import APP
from tests.support.telegram import Telegram, day

#: What may be on record beyond what was truly unseen.
_BEYOND = 0.05
_RECONCILE = timedelta(minutes=3)


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
        self.say = say
        self.clock = FastClock(day(1), 1)
        self.world = World(self.clock)
        self.path = folder / "deadair.db"
        self.given: dict[str, Given] = {}

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
                # What was unseen is judged account by account: none stands in for another here.
                "stand_in_after": "100d",
                "witness": False,
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
            never = [*line.unseen(channel), *line.doubtful(channel)]
            lost = union((a - margin, b + margin) for a, b in never)
            if found := await unexplained(line.telegram, store, channel, self.given[line.name], lost):
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
                unseen = union(line.unseen(channel))
                recorded = await gaps(store, channel.id, mischief.ended)
                allowed = union([*unseen.stretches, *line.doubtful(channel)])
                unseen_all += length(unseen.stretches)
                recorded_all += length(recorded.stretches)
                beyond_all += length(outside(recorded, allowed))
                allowed_all += self.allowance * len(recorded.stretches)
        self.say(
            f"days: seed {self.seed}, {mischief.made} faults {dict(sorted(mischief.kinds.items()))};"
            f" per channel unseen {unseen_all / self.n_channels}, on record {recorded_all / self.n_channels},"
            f" beyond {beyond_all / max(unseen_all, timedelta(seconds=1)):.1%}"
        )
        assert not uncovered, f"seed {self.seed}: {len(uncovered)} not on record: {uncovered[:5]}"
        assert beyond_all <= _BEYOND * unseen_all + allowed_all, (
            f"seed {self.seed}: gaps say {beyond_all} too much"
        )
        assert [e for line in self.lines for e in line.telegram.server.errors] == []
        asked = {method for line in self.lines for method in line.telegram.server.log.counts}
        assert asked <= READING, f"seed {self.seed}: it does more than read: {sorted(asked - READING)}"

    async def _judge_one(self, store: Store, line: Line, channel: Channel, uncovered: list[str]) -> None:
        recorded = await gaps(store, channel.id, self.clock.now())
        # A call and its answer pass between the clock's readings on either side.
        slack = timedelta(seconds=0.02 * self.speed)
        for a, b in outside(union(line.unseen(channel)), recorded):
            if b - a > slack:
                async with store.read() as tx:
                    near = [
                        f"{g.cause} {g.from_at} to {g.to_at} {g.missing} {g.detail}"
                        for g in await tx.watch.gaps(channel.id, a - timedelta(hours=1))
                    ]
                deaf = [s for s in line.unseen(channel) if s[0] <= b and a <= s[1]]
                uncovered.append(f"{channel.title} {a} to {b}; unseen {deaf}; on record {near[:3]}")
