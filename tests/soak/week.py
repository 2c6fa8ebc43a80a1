"""A week on a fast clock, told by a Deadair that nothing befalls and by one that is killed, restarted, given
other configs and whose clock goes wrong, at random: archive and alerts must be the same.
"""

import asyncio
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

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
from sandbox.scenario import Happens, Scenario, Topic, load_scenario
from sandbox.server import Sandbox
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.claiming import claims_of_acts
from tests.support.clocks import LeadingClock
from tests.support.collecting import differences
from tests.support.deadair_process import DeadairProcess
from tests.support.reading import understood

#: What may befall it.
KILL, RESTART, EDIT, BAD_EDIT, CLOCK_OFF, CLOCK_RIGHT = (
    "killed",
    "restarted",
    "config changed",
    "bad config",
    "clock put off",
    "clock put right",
)
#: How often each befalls it in a week.
A_WEEK = {KILL: 8, RESTART: 8, EDIT: 8, BAD_EDIT: 5, CLOCK_OFF: 6}
#: So far may the clock run ahead of what is known to have been watched and decided.
_LEASH = timedelta(minutes=20)
#: While an alert is on its way to the phone, in steps so small that it is not late; and while somebody starts
#: or takes up a config, so slowly that what a busy machine takes of it is no blindness.
_CREEP, _CRAWL = timedelta(seconds=10), timedelta(seconds=0.3)
#: So much may memory and open files differ.
_FLAT = 1.15
#: A run that is shorter says nothing of memory.
_TELLING = timedelta(days=3)
#: What befell it so long before something is told explains that it is told at another instant.
_EXPLAINED_BY = timedelta(days=2)
_SECOND = timedelta(seconds=1)
_LOOK = 0.05  #: real seconds between two looks at where it stands
_SAMPLE = 0.2  #: and between two at its memory
_PATIENCE = 300.0
_SPEED = 6_000.0
#: What the reader takes for a claim, of all that the demo's channels say.
_CLAIMING = "انقضاضية"
#: Minutes for which it is away, and its clock wrong.
_AWAY, _OFF = (5.0, 150.0), (0.5, 15.0)


def scenario(live: timedelta, before: timedelta) -> Scenario:
    """The invented network of the demo. A channel posts far more than usual for some hours, another none for
    a day, a third stops talking of attacks; and acts are claimed, every few hours one.
    """
    demo = load_scenario("demo")
    words = iter(claims_of_acts())
    claimants = ("sadim_media", "marsad_alghasaq", "najm_arrimal", "nebula_banner")
    claims = [
        {"at": f"{hour}h", "what": "post", "channel": claimants[n % len(claimants)], "text": next(words)}
        for n, hour in enumerate(range(3, int(live / timedelta(hours=1)), 5))
    ]
    happens = [
        {"at": "8h", "what": "surge", "channel": "marsad_alghasaq", "factor": 8, "for": "5h"},
        {"at": "15h", "what": "falls_silent", "channel": "shafaq_valley"},
        {"at": "40h", "what": "resumes", "channel": "shafaq_valley"},
        {"at": "60h", "what": "topic_stops", "channel": "rayat_assadim", "topic": "attacks"},
        {"at": "130h", "what": "falls_silent", "channel": "najm_arrimal"},
    ]
    of_live = [Happens.model_validate(each) for each in (*happens, *claims)]
    return demo.model_copy(
        update={
            "name": "week",
            "topic": tuple(_claiming_nothing(topic) for topic in demo.topic),
            "history": before,
            "live": live,
            "happens": tuple(sorted((h for h in of_live if h.at < live), key=lambda h: h.at)),
            "expect": (),
        }
    )


def _claiming_nothing(topic: Topic) -> Topic:
    """Which act a claim is of may depend on the order in which two were read: none is left to chance."""
    texts = {
        language: tuple(t for t in texts if _CLAIMING not in t) for language, texts in topic.texts.items()
    }
    return topic.model_copy(update={"texts": texts})


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that befalls it."""

    at: timedelta  #: since the live part began
    what: str
    span: timedelta = timedelta()  #: how long it is away; by how much its clock is off


def events(dice: random.Random, live: timedelta, n: Mapping[str, int]) -> list[Event]:
    """So many of each, at random moments but for the last hours."""
    found = []
    for what, times in n.items():
        for _ in range(times):
            at = timedelta(hours=1) + (live - timedelta(hours=7)) * dice.random()
            if what == CLOCK_OFF:
                by = timedelta(minutes=_between(dice, _OFF)) * dice.choice((-1, 1))
                lasts = timedelta(hours=dice.uniform(1, 5))
                found += [Event(at, CLOCK_OFF, by), Event(at + lasts, CLOCK_RIGHT)]
            else:
                found.append(Event(at, what, timedelta(minutes=_between(dice, _AWAY))))
    return sorted(found)


def _between(dice: random.Random, ends: tuple[float, float]) -> float:
    """The smaller ones are the rule."""
    shortest, longest = ends
    return shortest * (longest / shortest) ** dice.random()


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
        self.process = DeadairProcess(self.folder, clock, afresh=self.played.live >= _TELLING, **SECRETS)
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


class Week:
    """The same scenario twice, side by side."""

    def __init__(
        self,
        folder: Path,
        *,
        live: timedelta,
        before: timedelta,
        n: Mapping[str, int],
        seed: int,
        say: Callable[[str], None] = print,
    ) -> None:
        """`before`: how much past there is; `n`: how often each thing befalls the one."""
        dice = random.Random(seed)
        played = scenario(live, before)
        self.what, self.say = f"seed {seed}, in {folder}", say
        self.claims = sum(happens.what == "post" for happens in played.happens)
        self.calm = Run("calm", folder / "calm", played, [], say, dice)
        self.wild = Run("wild", folder / "wild", played, events(dice, live, n), say, dice)

    async def run(self) -> Counter[str]:
        """Let it happen, and compare. Raises AssertionError."""
        runs = (self.calm, self.wild)
        async with AsyncExitStack() as stack:
            for run in runs:
                await run.start(stack)
            await asyncio.gather(*(run.play() for run in runs))
            for run in runs:
                await self._check(run)
            await self._compare()
        return self.wild.befell

    async def _check(self, run: Run) -> None:
        what = f"{self.what}: {run.name}"
        assert run.sandbox.errors == [], what
        for channel in run.channels:
            found = await differences(run.sandbox, run.store, channel)  # type: ignore[arg-type]
            assert not found, f"{what}: {channel.title}: {found[:5]}"
        doubled = run.sandbox.bot_api.duplicates(run.person.id)
        assert not doubled, f"{what}: told twice: {[m[0].versions[0].text for m in doubled][:3]}"
        self._check_flat(run)

    def _check_flat(self, run: Run) -> None:
        """Neither memory nor open files grow from the second third to the last. A day says nothing of memory:
        each process takes it bit by bit while it starts.
        """
        third = len(run.samples) // 3
        second, last = run.samples[third : 2 * third], run.samples[2 * third :]
        for name, grown, before in (
            ("MB", median(s.memory for s in last), median(s.memory for s in second)),
            ("open files", median(s.files for s in last), median(s.files for s in second)),
        ):
            self.say(f"week: {run.name}: {before:.0f} {name} in the second third, {grown:.0f} in the last")
            tells = name != "MB" or run.played.live >= _TELLING
            assert not tells or grown <= before * _FLAT, (
                f"{self.what}: {run.name}: {name} grow: {before:.0f}, {grown:.0f}"
            )

    async def _compare(self) -> None:
        kinds = ("claims", "readings", "incidents", "tallies")
        pairs = zip(kinds, await understood(self.calm.store), await understood(self.wild.store), strict=True)
        for kind, ours, theirs in pairs:
            differ = set(map(repr, ours)) ^ set(map(repr, theirs))
            assert not differ, f"{self.what}: {kind} differ: {sorted(differ)[:4]}"
            assert len(ours) == len(theirs), f"{self.what}: {kind} are doubled"
        calm, wild = self.calm.heard(), self.wild.heard()
        assert calm == wild, f"{self.what}: not the same is told: {calm - wild}, {wild - calm}"
        await self._compare_told()

    async def _compare_told(self) -> None:
        """What, of whom and in which order; and when, as far as what befell it explains."""
        calm, wild = _by_what(await self.calm.told()), _by_what(await self.wild.told())
        acts = {of for kind, of, _ in calm if kind is Kind.CLAIM}
        assert len(acts) == self.claims, f"{self.what}: of {self.claims} claims {len(acts)} are told"
        differ = [w for w in calm.keys() | wild.keys() if len(calm.get(w, ())) != len(wild.get(w, ()))]
        assert not differ, f"{self.what}: told otherwise: {sorted(map(str, differ))[:6]}"
        exact, most = 0, timedelta()
        for what, instants in calm.items():
            for one, other in zip(instants, wild[what], strict=True):
                off, may = abs(one - other), self.wild.may_differ(max(one, other))
                assert off <= may, (
                    f"{self.what}: {what} at {other}, not {one}: no more than {may} is explained"
                )
                if what[0] is not Kind.CLAIM:
                    exact, most = exact + (off < _SECOND), max(most, off)
        n = sum(len(instants) for instants in calm.values())
        self.say(
            f"week: {n} alerts, {len(acts)} acts; of the others {exact} at the same second, most {most} off"
        )


def _by_what(told: Iterable[Told]) -> dict[tuple[Kind, str, Move], list[datetime]]:
    found: dict[tuple[Kind, str, Move], list[datetime]] = {}
    for each in told:
        found.setdefault((each.kind, each.of, each.move), []).append(each.at)
    return found
