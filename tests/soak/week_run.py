"""A Deadair with a Telegram of its own, through the week, whatever befalls it; and what it told."""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from alerts.mark import read_mark
from benchmarks.pipeline.stage import SECRETS, is_through, until
from deadair.config import version_of
from deadair.health.marks import CONFIG
from domain.episode import Episode, Move
from domain.finding import Kind
from domain.subscription import DeliveryState, Subscription
from sandbox.botapi.people import Person
from sandbox.channel import Channel
from sandbox.mtproto.keys import SANDBOX_PUBLIC_KEY
from sandbox.scenario import Scenario
from sandbox.server import Sandbox
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.soak.week_events import Event
from tests.support.clocks import LeadingClock
from tests.support.deadair_process import DeadairProcess

#: So far may the clock run ahead of what is known to have been watched and decided.
_LEASH = timedelta(minutes=20)
#: While an alert is on its way to the phone, in steps so small that it is not late; and while somebody starts
#: or takes up a config, so slowly that what a busy machine takes of it is no blindness.
_CREEP, _CRAWL = timedelta(seconds=10), timedelta(seconds=0.3)
#: A run that is shorter says nothing of memory.
TELLING = timedelta(days=3)
#: What befell it so long before something is told explains that it is told at another instant.
_EXPLAINED_BY = timedelta(days=2)
_LOOK = 0.05  #: real seconds between two looks at where it stands
_SAMPLE = 0.2  #: and between two at its memory
_PATIENCE = 300.0
_SPEED = 6_000.0


@dataclass(frozen=True, slots=True)
class Told:
    """An alert that was sent to the phone, as the archive has it."""

    kind: Kind
    of: str
    move: Move
    at: datetime  #: the instant of which it tells


@dataclass(slots=True)
class Sample:
    memory: float
    files: int


@dataclass(slots=True)
class Run:
    """One Deadair with a Telegram of its own, and all that befell it."""

    name: str
    folder: Path
    played: Scenario
    events: Sequence[Event]
    say: Callable[[str], None]
    dice: random.Random
    samples: list[Sample] = field(default_factory=list)
    befell: Counter[str] = field(default_factory=Counter)
    deaths: list[tuple[datetime, datetime]] = field(default_factory=list)  #: away from then till then
    off: list[tuple[datetime, datetime | None, timedelta]] = field(default_factory=list)
    clock: LeadingClock = field(init=False)
    sandbox: Sandbox = field(init=False)
    store: Store = field(init=False)
    process: DeadairProcess = field(init=False)
    person: Person = field(init=False)
    _config: Path = field(init=False)
    _answers: set[int] = field(init=False)  #: what the bot said before there was anything to tell
    _n_config: int = 0
    _sampled: float = 0.0

    async def start(self, stack: AsyncExitStack) -> None:
        self.folder.mkdir(parents=True)
        clock = self.folder / "clock"
        self.clock = LeadingClock(clock, self.played.starts, _SPEED)
        self.sandbox = await stack.enter_async_context(Sandbox(self.played, clock=self.clock))
        self.person = self.sandbox.bot_api.person("Sara")
        self.sandbox.session_file(self.folder / "sessions" / "main.session")
        self._config = self.folder / "config.toml"
        self._config.write_text(self._text(), encoding="utf-8")
        url = f"sqlite:///{self.folder / 'deadair.db'}"
        self.store = await stack.enter_async_context(open_store(StorageConfig(url=url)))
        self.process = DeadairProcess(self.folder, clock, afresh=self.played.live >= TELLING, **SECRETS)
        stack.callback(lambda: self.process.is_up and self.process.end(signal.SIGKILL))
        self.process.start()

    async def play(self) -> None:
        """Once all of the past is read and the subscriber is let in, the live part to its end."""
        await self._until("ready", self._is_ready)
        self.person.say("/start")
        await self._until("let in", self._is_let_in)
        await self.sandbox.bot_api.received(self.person.id)
        async with self.store.begin() as tx:
            await tx.subscriptions.subscribe(
                Subscription(chat_id=self.person.id, kind=Kind.CLAIM, made_at=self.clock.now())
            )
        self._answers = {message.id for message in self.sandbox.bot_api.sent(self.person.id)}
        self.sandbox.play()
        coming = list(self.events)
        while (now := self.clock.now()) < self.played.ends:
            due = self.played.starts + coming[0].at if coming else self.played.ends
            if coming and now >= due:
                event = coming.pop(0)
                await self._befall(event)
                self.befell[event.what] += 1
                self.say(f"week: {self.name}: {event.what} on day {event.at / timedelta(days=1):.2f}")
                continue
            self.process.refuse_dead()
            self._sample()
            await self._pace(due)
            await asyncio.sleep(_LOOK)
        # What befell just before the end is still on its way to the phone.
        await self._until("through", lambda: is_through(self.store, self.channels))
        await self._until("told", self._is_told)
        assert await asyncio.to_thread(self.process.end) == 0, (
            f"{self.name}: it did not stop well: {self.process.log}"
        )

    @property
    def channels(self) -> list[Channel]:
        return list(self.sandbox.world.channels.values())

    # -- the pace

    async def _pace(self, due: datetime) -> None:
        now = self.clock.now()
        async with self.store.read() as tx:
            waiting = await tx.outbox.next_due(now)
            watched = await tx.watch.until()
            mark = await read_mark(tx)
        if waiting is not None and waiting <= now:
            self.clock.run_until(min(now + _CREEP, due))
            return
        stands = min([*watched.values(), *([mark.until] if mark else [])], default=now)
        self.clock.run_until(max(min(stands + _LEASH, due), min(now + _CRAWL, due)))

    async def _until(self, what: str, true: Callable[[], Awaitable[bool]]) -> None:
        """While the clock crawls on, for there is much that waits on it."""

        async def holds() -> bool:
            self.process.refuse_dead()
            self.clock.run_until(self.clock.now() + _CRAWL)
            return await true()

        try:
            await until(holds, _PATIENCE)
        except TimeoutError:
            raise AssertionError(f"{self.name}: not {what} within {_PATIENCE:g} s: {self.folder}") from None

    async def _is_ready(self) -> bool:
        async with self.store.read() as tx:
            watched, mark = await tx.watch.until(), await read_mark(tx)
        return mark is not None and len(watched) == len(self.channels) and await self._is_through()

    async def _is_through(self) -> bool:
        return await is_through(self.store, self.channels)

    async def _is_let_in(self) -> bool:
        async with self.store.read() as tx:
            return bool(await tx.subscriptions.of(self.person.id))

    async def _is_told(self) -> bool:
        async with self.store.read() as tx:
            waiting, _ = await tx.outbox.backlog()
        return waiting == 0

    def _sample(self) -> None:
        if (now := asyncio.get_running_loop().time()) - self._sampled >= _SAMPLE:
            self._sampled = now
            self.samples.append(Sample(self.process.memory(), self.process.open_files()))

    # -- what befalls it

    async def _befall(self, event: Event) -> None:
        match event.what:
            case "killed":
                # A courier that dies between sending and writing that down sends once more, as is said of it.
                await self._until("told", self._is_told)
                await self._away(signal.SIGKILL, event.span)
            case "restarted":
                await self._away(signal.SIGTERM, event.span)
            case "config changed":
                await self._edit()
            case "bad config":
                await self._spoil()
            case "clock put off":
                self._put_off(event.span)
            case "clock put right":
                self._put_off(timedelta())
            case other:
                raise ValueError(other)

    async def _away(self, number: signal.Signals, span: timedelta) -> None:
        left = self.clock.now()
        code = await asyncio.to_thread(self.process.end, number)
        assert code == (0 if number is signal.SIGTERM else -number), f"{self.name}: it ended with {code}"
        back = left + span
        while self.clock.now() < back:
            self.clock.run_until(back)
            await asyncio.sleep(_LOOK)
        self.process.start()
        await self._until("back", lambda: self._is_back(back))
        self.deaths.append((left, self.clock.now()))

    async def _is_back(self, at: datetime) -> bool:
        async with self.store.read() as tx:
            watched, mark = await tx.watch.until(), await read_mark(tx)
        return min(watched.values()) > at and mark is not None and mark.until > at

    async def _edit(self) -> None:
        """Something by which nothing is told otherwise; half of the parts begin anew."""
        self._n_config += 1
        text = self._text()
        self._config.write_text(text, encoding="utf-8")
        self.process.tell(signal.SIGHUP)
        await self._until("at work by another config", lambda: self._runs(text))

    async def _spoil(self) -> None:
        """A config that cannot be run, and the former one put back."""
        former = self._config.read_text(encoding="utf-8")
        spoilt = self.dice.choice(
            (former.replace("[alerts]", "[alertz]"), former[: len(former) // 3], "", "\x00", "[[channels]\n")
        )
        self._config.write_text(spoilt, encoding="utf-8")
        self.process.tell(signal.SIGHUP)
        await self._until("heard of a bad config", self._has_refused)
        assert await self._runs(former)
        self._config.write_text(former, encoding="utf-8")
        self.process.tell(signal.SIGHUP)

        async def has_forgotten() -> bool:
            return not await self._has_refused()

        await self._until("content with its config", has_forgotten)

    async def _has_refused(self) -> bool:
        return all("refused" in standing for standing in await self._standing())

    async def _runs(self, text: str) -> bool:
        return {standing["version"] for standing in await self._standing()} == {version_of(text)}

    async def _standing(self) -> Sequence[Mapping[str, object]]:
        async with self.store.read() as tx:
            return [value for _, value, _ in await tx.marks.all(CONFIG)]

    def _put_off(self, by: timedelta) -> None:
        now = self.clock.now()
        if self.off and self.off[-1][1] is None:
            self.off[-1] = (self.off[-1][0], now, self.off[-1][2])
        if by:
            self.off.append((now, None, by))
        self.clock.put_followers_off(by)

    def _text(self) -> str:
        """The config, a little different each time."""
        n = self._n_config
        lines = [
            f"# the {n}th",
            "[storage]",
            'lease = "5s"',
            "[collector]",
            f'server = "127.0.0.1:{self.sandbox.port}"',
            f'server_key = """\n{SANDBOX_PUBLIC_KEY.strip()}\n"""',
            'history_pause = "0s"',
            'join_pause = "0s"',
            "call_budgets = []",
            'reconcile_every = "10m"',
            'confirm_every = "10m"',
            'probe_every = "10m"',
            "answer_within = 10.0",
            "retry_min = 0.1",
            "retry_max = 0.5",
            'recheck_every = "12h"',
            "[claims]",
            f"batch = {500 + n % 2}",
            "[alerts]",
            f'poll = "{8 + n % 4}m"',
            "[alerts.blind]",
            'after = "1h"',
            "[bot]",
            f'api_base = "{self.sandbox.bot_url}"',
            f"owners = [{self.person.id}]",
            f'polling = "{2 + n % 2}s"',
            'timeout = "10s"',
            'lease = "1d"',
            'poll = "1h"',
            '[[accounts]]\nname = "main"',
        ]
        for each in self.played.channel:
            lines += [
                "[[channels]]",
                f'handle = "{each.handle}"',
                f'group = "{each.group}"',
                f'zone = "{each.zone or self.played.zone}"',
                "join = true",
            ]
        for topic in self.played.topic:
            if topic.words:
                words = ", ".join(f'"{word}"' for word in topic.words)
                lines += [f"[topics.{topic.name}]", f"words = [{words}]"]
        return "\n".join(lines) + "\n"

    # -- what came of it

    async def told(self) -> list[Told]:
        """All that was told, by the archive."""
        found: list[Told] = []
        async with self.store.read() as tx:
            names = {c.id: c.handle or c.name for c in await tx.channels.all()}
            acts = {
                claim.incident_id: f"what {names[claim.channel_id]} claims in post {claim.post_id}"
                async for claim in tx.claims.each(1)
                if claim.incident_id is not None
            }
            episodes = [*await tx.episodes.newest(1000), *(await tx.episodes.of_incidents(acts)).values()]
            for episode in episodes:
                for delivery in await tx.outbox.deliveries(episode.id, self.person.id):
                    assert delivery.state is DeliveryState.SENT, f"{self.name}: {delivery}"
                    alert, _ = await tx.outbox.alert(delivery.alert_id)
                    of = acts[episode.incident_id] if episode.incident_id else _of(episode, names)
                    found.append(Told(episode.kind, of, alert.move, alert.at))
        return sorted(found, key=lambda told: told.at)

    def may_differ(self, at: datetime) -> timedelta:
        """By so much what is told at `at` may be of another instant than if nothing had befallen it.

        Both clocks may run ahead of what was seen. While it is away nothing is decided, and what it did not
        watch then teaches nothing, be it read later: a silence must last so much longer. A machine whose
        clock is off decides by that clock.
        """
        since = at - _EXPLAINED_BY
        away = sum((max(min(b, at) - max(a, since), timedelta()) for a, b in self.deaths), timedelta())
        off = [abs(by) for a, b, by in self.off if a < at and (b is None or b > since)]
        return 2 * _LEASH + away + max(off, default=timedelta())

    def heard(self) -> Counter[str]:
        """What the phone was sent: of each message its first line, which says what, and of whom."""
        sent = self.sandbox.bot_api.sent(self.person.id)
        return Counter(m.versions[0].text.splitlines()[0] for m in sent if m.id not in self._answers)


def _of(episode: Episode, names: Mapping[int, str]) -> str:
    of = str(episode.subject).replace(
        str(episode.subject.channel_id), names.get(episode.subject.channel_id or 0, "")
    )
    return " ".join((of, *(names[member] for member in sorted(episode.members))))
