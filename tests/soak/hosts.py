"""Every part on several hosts that share a PostgreSQL: processes are killed, paused and woken, the database
is restarted, hosts are cut off from it. Then the archive is held against what was published, and against one
that a single process made of it undisturbed; and the phone against what was claimed.
"""

import asyncio
import json
import os
import random
import signal
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

from benchmarks.pipeline.stage import SECRETS, is_through, until
from domain.clock import WallClock
from domain.finding import Kind
from domain.lease import Lease
from domain.subscription import Subscription
from sandbox.botapi.people import Person
from sandbox.channel import Channel
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.server import Sandbox
from storage.config import StorageConfig
from storage.errors import StoreError
from storage.store import open_store
from tests.support.cable import Cable
from tests.support.claiming import claims_of_acts
from tests.support.collecting import differences
from tests.support.console import DEADAIR, environment
from tests.support.forked import Forked
from tests.support.postgres import Postgres
from tests.support.reading import understood
from tests.support.warm import forked, warm_up

#: Seconds after which a part is done elsewhere; short, that the run need not wait for it.
LEASE = 5.0
PATIENCE = 90.0
PARTS = ("collector", "reader", "indexer", "alerts", "bot")
#: What may befall them.
KILL, PAUSE, RESTART, CUT = "killed", "paused", "database restarted", "cut off"

Groups = Sequence[Sequence[str]]


class Host:
    """Its folder, its cable, and a process for each group of parts."""

    def __init__(self, name: str, folder: Path, cable: Cable, groups: Groups) -> None:
        self.name = name
        self.folder = folder
        self.cable = cable
        self.groups = [tuple(group) for group in groups]
        self.processes: dict[tuple[str, ...], Forked] = {}
        self.database = ""

    def start(self, group: tuple[str, ...]) -> None:
        only = [word for part in group for word in ("--only", part)]
        url = f"postgresql://deadair@127.0.0.1:{self.cable.port}/{self.database}"
        with self.log(group).open("ab") as log:
            self.processes[group] = forked(
                DEADAIR,
                "run",
                *only,
                cwd=self.folder,
                env=environment(**SECRETS, DEADAIR_STORAGE_URL=url),
                stdout=log,
                stderr=log,
            )

    def log(self, group: tuple[str, ...]) -> Path:
        return self.folder / f"{'-'.join(group)}.log"

    def end(self) -> None:
        for process in self.processes.values():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGCONT)
            process.send_signal(signal.SIGINT)
        for process in self.processes.values():
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


class Hosts:
    """One run; what befalls whom is decided by the seed, who has which lease then by the machine."""

    def __init__(
        self,
        folder: Path,
        server: Postgres,
        *,
        hosts: int,
        groups: Groups,
        seed: int,
        lease: float = LEASE,
        say: Callable[[str], None] = print,
    ) -> None:
        """`lease`: in seconds; who is paused or cut off is so for about twice that."""
        self.folder, self.server, self.lease = folder, server, lease
        self.dice = random.Random(seed)
        self.what = f"seed {seed}, logs in {folder}"
        self.say = say
        self.n_hosts, self.groups = hosts, groups
        self.hosts: list[Host] = []
        self.channels: list[Channel] = []
        self.claimed: dict[tuple[int, int], str] = {}  #: the posts that claim an act, and where
        self.befell: Counter[str] = Counter()
        self._acts = claims_of_acts()
        self._answers: set[int] = set()  #: what the bot said before there was anything to tell
        self._claims_go_on = asyncio.Event()
        self._claims_go_on.set()

    async def run(self, events: Sequence[str]) -> Counter[str]:
        """Let these happen, one after the other, and compare. Raises AssertionError."""
        warm_up()
        url = await self.server.database()
        async with AsyncExitStack() as stack:
            self.sandbox = await stack.enter_async_context(Sandbox())
            self.person: Person = self.sandbox.bot_api.person("Sara")
            for n in range(4):
                made = self.sandbox.world.add_channel(
                    f"Channel {n}", f"channel_{n}", members=[self.sandbox.account]
                )
                self.channels.append(made)
                for k in range(20):
                    self.sandbox.world.post(
                        made, f"كلام عادي {k}", at=self.sandbox.clock.now() - timedelta(hours=20 - k)
                    )
            self.store = await stack.enter_async_context(open_store(StorageConfig(url=url)))
            for n in range(self.n_hosts):
                await self._add_host(stack, f"host{n}", url)
            stack.push_async_callback(self._end)
            for host in self.hosts:
                for group in host.groups:
                    host.start(group)
            # All start at once, each of them seconds of work.
            starting = PATIENCE + 10 * self.n_hosts * len(self.groups)
            await self._until("ready", self._is_ready, starting)
            self.person.say("/start")
            await self._until("let in", self._is_let_in)
            async with self.store.begin() as tx:
                await tx.subscriptions.subscribe(
                    Subscription(chat_id=self.person.id, kind=Kind.CLAIM, made_at=WallClock().now())
                )
            await asyncio.sleep(1)
            self._answers = {message.id for message in self.sandbox.bot_api.sent(self.person.id)}
            publishing = [asyncio.create_task(self._publish()), asyncio.create_task(self._claim())]
            try:
                for n, event in enumerate(events, 1):
                    await asyncio.sleep(self.dice.uniform(3, 5))
                    await self._befall(event)
                    self.befell[event] += 1
                    self.say(f"hosts: {event} ({n} of {len(events)}), {len(self.claimed)} claims")
                    self._refuse_dead()
                await asyncio.sleep(self.lease)
            finally:
                for task in publishing:
                    task.cancel()
                await asyncio.gather(*publishing, return_exceptions=True)
            await self._until("through", lambda: is_through(self.store, self.channels))
            await self._until("told", self._is_told)
            await self._until("watched", self._is_watched)
            await self._compare()
        return self.befell

    async def _add_host(self, stack: AsyncExitStack, name: str, url: str) -> None:
        folder = self.folder / name
        folder.mkdir()
        cable = await stack.enter_async_context(Cable(self.server.folder))
        host = Host(name, folder, cable, self.groups)
        host.database = url.partition("?")[0].rpartition("/")[2]
        (folder / "config.toml").write_text(self._config(), encoding="utf-8")
        self.sandbox.session_file(folder / "sessions" / "main.session")
        self.hosts.append(host)

    def _config(self) -> str:
        return "\n".join(
            [
                "[storage]",
                f'lease = "{self.lease:g}s"',
                "[collector]",
                f'server = "127.0.0.1:{self.sandbox.port}"',
                f'server_key = """\n{SANDBOX_PUBLIC_KEY.strip()}\n"""',
                'history_pause = "0s"',
                "call_budgets = []",
                'reconcile_every = "2s"',
                "[bot]",
                f'api_base = "{self.sandbox.bot_url}"',
                f"owners = [{self.person.id}]",
                'lease = "40s"',
                'timeout = "5s"',
                'polling = "3s"',
                '[[accounts]]\nname = "main"',
                *(f'[[channels]]\nhandle = "{c.handle}"' for c in self.channels),
            ]
        )

    async def _end(self) -> None:
        for host in self.hosts:
            host.cable.join()
        await asyncio.gather(*(asyncio.to_thread(host.end) for host in self.hosts))

    def _refuse_dead(self) -> None:
        for host in self.hosts:
            for group, process in host.processes.items():
                assert process.poll() is None, (
                    f"{self.what}: {host.name} {group} has ended: {host.log(group).read_text()[-2000:]}"
                )

    # -- what is published

    async def _publish(self) -> None:
        n = 0
        while True:
            n += 1
            self.sandbox.world.post(self.dice.choice(self.channels), f"كلام عادي آخر {n}")
            await asyncio.sleep(0.4)

    async def _claim(self) -> None:
        for n, words in enumerate(self._acts):
            await self._claims_go_on.wait()
            channel = self.channels[n % len(self.channels)]
            post = self.sandbox.world.post(channel, words)
            self.claimed[channel.id, post.id] = words
            await asyncio.sleep(1.0)

    @asynccontextmanager
    async def _nothing_on_its_way(self) -> AsyncIterator[None]:
        """A courier that dies between sending and writing that down sends once more, as is said of it. So
        none is under way while one may die: what else they do goes on.
        """
        self._claims_go_on.clear()
        try:
            await self._until("told", self._is_told)
            yield
        finally:
            self._claims_go_on.set()

    # -- what befalls them

    async def _befall(self, event: str) -> None:
        match event:
            case "killed":
                await self._kill()
            case "paused":
                await self._pause()
            case "database restarted":
                await asyncio.to_thread(self.server.stop)
                await asyncio.sleep(self.dice.uniform(0.1, 1))
                await asyncio.to_thread(self.server.start)
            case "cut off":
                await self._cut_off()
            case other:
                raise ValueError(other)

    async def _kill(self) -> None:
        """One of those that have something to do."""
        async with self._nothing_on_its_way():
            host, group, lease = await self._one_at_work()
            host.processes[group].kill()
            await asyncio.to_thread(host.processes[group].wait)
            await self._until("replaced", lambda: self._is_replaced(lease))
            host.start(group)

    async def _pause(self) -> None:
        """For longer than its lease, and woken."""
        async with self._nothing_on_its_way():
            host, group, lease = await self._one_at_work()
            os.kill(host.processes[group].pid, signal.SIGSTOP)
        try:
            await self._until("replaced", lambda: self._is_replaced(lease))
            await asyncio.sleep(self.lease)
        finally:
            os.kill(host.processes[group].pid, signal.SIGCONT)
        await self._until("known to be replaced", lambda: self._has_lost(host, group, lease))

    async def _cut_off(self) -> None:
        """A whole host, which has something to do."""
        host, _, lease = await self._one_at_work()
        host.cable.cut()
        try:
            await self._until("replaced", lambda: self._is_replaced(lease))
            await asyncio.sleep(self.lease)
        finally:
            host.cable.join()

    async def _one_at_work(self) -> tuple[Host, tuple[str, ...], Lease]:
        found: list[tuple[Host, tuple[str, ...], Lease]] = []

        async def some() -> bool:
            leases = {_process_of(lease.holder): lease for lease in await self._leases()}
            found[:] = [
                (host, group, leases[process.pid])
                for host in self.hosts
                for group, process in host.processes.items()
                if process.pid in leases
            ]
            return bool(found)

        await self._until("anybody at work", some)
        # By their names, so that the seed decides.
        return self.dice.choice(sorted(found, key=lambda each: each[2].name))

    async def _leases(self) -> Sequence[Lease]:
        try:
            async with self.store.read() as tx:
                now = await tx.leases.now()
                return [lease for lease in await tx.leases.all() if lease.is_held(now)]
        except StoreError:
            return []

    async def _is_replaced(self, former: Lease) -> bool:
        return any(
            lease.name == former.name and lease.holder != former.holder and lease.token > former.token
            for lease in await self._leases()
        )

    async def _has_lost(self, host: Host, group: tuple[str, ...], lease: Lease) -> bool:
        said = await asyncio.to_thread(host.log(group).read_text)
        told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
        return any((each["event"], each.get("lease")) == ("lease lost", lease.name) for each in told)

    # -- how it stands

    async def _until(
        self, what: str, true: Callable[[], Awaitable[bool]], patience: float = PATIENCE
    ) -> None:
        async def holds() -> bool:
            try:
                return await true()
            except StoreError:
                return False

        try:
            await until(holds, patience)
        except TimeoutError:
            told = await self._told()
            untold = [self.claimed[key] for key, message in told.items() if message is None]
            raise AssertionError(
                f"{self.what}: not {what} within {patience:g} s; claims not told: {len(untold)}, {untold[:9]}"
            ) from None

    async def _is_ready(self) -> bool:
        self._refuse_dead()
        leases = {lease.name for lease in await self._leases()}
        async with self.store.read() as tx:
            watched, judged = len(await tx.watch.until()), await tx.marks.get("alerts")
            standbys = {standby.name for standby in await tx.leases.standbys()}
        wanted = {"reader", "indexer", "alerts", "bot", "collector", "collector:main"}
        is_manned = wanted <= leases and (self.n_hosts == 1 or wanted <= standbys)
        through = await is_through(self.store, self.channels)
        return bool(judged) and watched == len(self.channels) and is_manned and through

    async def _is_let_in(self) -> bool:
        async with self.store.read() as tx:
            return bool(await tx.subscriptions.of(self.person.id))

    async def _told(self) -> Mapping[tuple[int, int], int | None]:
        """Of each claim, in which message it was told; None: not yet."""
        async with self.store.read() as tx:
            version = await tx.readings.live_version() or 0
            acts = {}
            for key in list(self.claimed):  # more are claimed meanwhile
                found = await tx.claims.of_post(*key, version)
                acts[key] = next((c.incident_id for c in found if c.incident_id), 0)
            episodes = await tx.episodes.of_incidents(filter(None, acts.values()))
            return {
                key: await tx.outbox.message_of(episodes[act].id, self.person.id) if act in episodes else None
                for key, act in acts.items()
            }

    async def _is_told(self) -> bool:
        told = await self._told()
        async with self.store.read() as tx:
            waiting, _ = await tx.outbox.backlog()
        return waiting == 0 and all(message is not None for message in told.values())

    async def _is_watched(self) -> bool:
        async with self.store.read() as tx:
            return not await tx.watch.open_gaps()

    # -- what came of it

    async def _compare(self) -> None:
        for channel in self.channels:
            found = await differences(self.sandbox, self.store, channel)  # type: ignore[arg-type]
            assert not found, f"{self.what}: {channel.title}: {found[:5]}"
        assert len(self.claimed) > 5, f"{self.what}: too little was claimed to show anything"
        doubled = self.sandbox.bot_api.duplicates(self.person.id)
        assert not doubled, f"{self.what}: told twice: {[m[0].versions[0].text for m in doubled][:3]}"
        sent = {message.id for message in self.sandbox.bot_api.sent(self.person.id)} - self._answers
        told = await self._told()
        assert set(told.values()) == sent, f"{self.what}: what is on record as told is not what was sent"
        async with self.store.read() as tx:
            others = await tx.episodes.newest(100)
            claims = [claim async for claim in tx.claims.each(1)]
            acts = {claim.incident_id for claim in claims if claim.incident_id is not None}
            episodes = await tx.episodes.of_incidents(acts)
        assert not others, f"{self.what}: something was told of that did not befall: {others[:3]}"
        assert len(episodes) == len(acts) == len(told), f"{self.what}: not every act is told of, once"
        assert self.sandbox.errors == [], self.what
        await self._end()
        await self._compare_with_one_process()

    async def _compare_with_one_process(self) -> None:
        """Everything that was published, collected and read by one process that nothing befalls."""
        url = await self.server.database()
        self.hosts, self.groups = [], [("collector", "reader", "indexer")]
        async with AsyncExitStack() as stack, open_store(StorageConfig(url=url)) as alone:
            await self._add_host(stack, "alone", url)
            stack.push_async_callback(self._end)
            (host,) = self.hosts
            host.start(host.groups[0])
            await self._until("read by one process", lambda: is_through(alone, self.channels))
            kinds = ("claims", "readings", "incidents", "tallies")
            ours, theirs = await understood(self.store), await understood(alone)
            for kind, mine, its in zip(kinds, ours, theirs, strict=True):
                # Of the same second, in whichever order they were stored.
                differ = set(map(repr, mine)) ^ set(map(repr, its))
                assert not differ, f"{self.what}: {kind} differ from one process's: {sorted(differ)[:4]}"
                assert len(mine) == len(its), f"{self.what}: {kind} are doubled"


def _process_of(holder: str) -> int:
    return int(holder.split("/")[1]) if holder.count("/") == 2 else 0
