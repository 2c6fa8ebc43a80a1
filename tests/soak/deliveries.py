"""A courier is killed again and again, at every step of a delivery and at any moment; then what the chats
hold is compared with what was put out.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.subscription import DeliveryState, Role, Subscriber
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.courier_process import STEPS, Orders, start

_MOMENT = "at any moment"
_LEASE = timedelta(seconds=31)
_PEOPLE = 6
_ENOUGH = 40  #: deliveries that wait: more would only make the run longer
_ENDS = 300.0  #: seconds in which a life must end by itself
_KINDS = ("beginning", "escalation", "end")


@dataclass(slots=True)
class _Going:
    """An episode under way, and what was said of it so far."""

    episode: Episode
    moves: list[Move] = field(default_factory=list)


class Deliveries:
    """One run; what happens is decided by the seed, but for what the machine is just doing."""

    def __init__(
        self,
        server: BotApiServer,
        store: Store,
        url: str,
        *,
        kills: int,
        seed: int,
        say: Callable[[str], None] = print,
    ) -> None:
        self.server, self.store, self.url = server, store, url
        self.kills, self.seed, self.say = kills, seed, say
        self.dice = random.Random(seed)
        self.now = server.world.now()
        self.going: list[_Going] = []
        self.killed: Counter[str] = Counter()

    async def run(self) -> Counter[str]:
        """Kill, and compare. Returns how often it was killed where. Raises AssertionError with the seed."""
        self.people = [self.server.person(f"Reader {n}", started=True) for n in range(_PEOPLE)]
        async with self.store.begin() as tx:
            for person in self.people:
                await tx.subscriptions.let_in(
                    Subscriber(
                        chat_id=person.id,
                        name=f"Reader {person.id}",
                        role=Role.ANALYST,
                        let_in_at=self.now,
                        let_in_by="soak",
                    )
                )
        while (n := sum(self.killed.values())) < self.kills:
            if await self._in_state(DeliveryState.WAITING) < _ENOUGH:
                await self._put_out()
            step = self.dice.choice((*STEPS, _MOMENT))
            if await self._life(step):
                self.killed[step] += 1
                if (n + 1) % 20 == 0:
                    self.say(f"deliveries: seed {self.seed}, {n + 1} of {self.kills} kills")
            self.now += _LEASE
        await self._end_all()
        for _ in range(2):  # what the last one had leased comes back when its lease is over
            await self._life("")
            self.now += _LEASE
        await self._compare()
        return self.killed

    async def _put_out(self) -> None:
        """Something more to tell: new episodes, and steps of those under way."""
        for _ in range(self.dice.randint(1, 2)):
            n = len(self.going) + 1
            episode = Episode(
                id=0,
                kind=Kind.SILENCE,
                subject=Subject(channel_id=1000 + n),
                state=State.OPEN,
                since_at=self.now - timedelta(hours=5),
                found_at=self.now,
                opened_at=self.now,
                expected=9.0,
                probability=1e-4,
                verdict=Verdict.confirmed(Cause.UNEXPLAINED, "We watched it."),
            )
            async with self.store.begin() as tx:
                self.going.append(_Going(await tx.episodes.save(episode)))
            await self._tell(self.going[-1], Move.OPENED)
        for going in [g for g in self.going if g.moves[-1] is not Move.CLOSED]:
            if self.dice.random() < 0.3:
                fresh = [m for m in (Move.GREW, Move.ESCALATED) if m not in going.moves]
                await self._tell(going, self.dice.choice([*fresh, Move.CLOSED]))

    async def _tell(self, going: _Going, move: Move) -> None:
        going.moves.append(move)
        if move is Move.CLOSED:
            going.episode = replace(going.episode, state=State.CLOSED, closed_at=self.now)
        async with self.store.begin() as tx:
            await tx.episodes.save(going.episode)
            alert = Alert(id=0, at=self.now, move=move, episode=going.episode)
            await tx.outbox.add(alert, {"title": f"Channel {going.episode.id}"}, [p.id for p in self.people])

    async def _end_all(self) -> None:
        for going in self.going:
            if going.moves[-1] is not Move.CLOSED:
                await self._tell(going, Move.CLOSED)

    async def _life(self, step: str) -> bool:
        """One process, from its birth to its death. False: it had nothing left to do before it was to die."""
        at_command = step in STEPS
        orders = Orders(
            url=self.url,
            api_base=self.server.url,
            token=self.server.token,
            at=self.now,
            die_at=step if at_command else "",
            after=self.dice.randint(0, 8) if at_command else 0,
        )
        process, hears = await asyncio.to_thread(start, orders)
        # Not before it has seen through what a killed one had under way: so each is killed once at most.
        if step == _MOMENT and await asyncio.to_thread(
            _hear, hears, await self._in_state(DeliveryState.LEASED)
        ):
            await asyncio.sleep(self.dice.uniform(0, 0.15))
            process.kill()
        await asyncio.to_thread(process.join, _ENDS)
        assert process.exitcode is not None, f"seed {self.seed}: a courier neither ended nor died"
        killed = process.exitcode == -9
        assert killed or process.exitcode == 0, f"seed {self.seed}: a courier failed: {process.exitcode}"
        self.now += timedelta(seconds=1)
        _close(process, hears)
        return killed

    async def _in_state(self, state: DeliveryState) -> int:
        """How many deliveries stand so; those that are leased were left by the killed."""
        async with self.store.read() as tx:
            record = [d for g in self.going for d in await tx.outbox.deliveries(g.episode.id)]
        return sum(d.state is state for d in record)

    async def _compare(self) -> None:
        """Nothing lost, nothing more than twice, each with its number; and the record says what is true."""
        for going in self.going:
            number = going.episode.id
            async with self.store.read() as tx:
                record = await tx.outbox.deliveries(number)
            what = f"seed {self.seed}, episode {number} ({', '.join(going.moves)})"
            unsettled = [d for d in record if d.state is not DeliveryState.SENT]
            assert not unsettled, f"{what}: not settled: {unsettled[:3]}"
            for person in self.people:
                self._compare_one(going, person, what)

    def _compare_one(self, going: _Going, person: Person, what: str) -> None:
        number = going.episode.id
        # Sent with the words of its first version; what it shows now may say more.
        mine = [m for m in person.received if f"Episode {number}\n" in f"{m.versions[0].text}\n"]
        kinds = Counter(_kind(m.versions[0].text) for m in mine)
        wanted = {"beginning"} | {
            {Move.ESCALATED: "escalation", Move.CLOSED: "end"}[m]
            for m in going.moves
            if m in (Move.ESCALATED, Move.CLOSED)
        }
        for kind in _KINDS:
            if kind in wanted:
                assert 1 <= kinds[kind] <= 2, f"{what}: {person.id} got its {kind} {kinds[kind]} times"
            else:
                assert not kinds[kind], f"{what}: {person.id} got {kind}, which never was"
        shown = [m for m in mine if _kind(m.versions[0].text) == "beginning"]
        assert any("Back:" in m.text for m in shown), f"{what}: no message of {person.id} shows that it ended"


def _kind(text: str) -> str:
    if text.startswith("✅"):
        return "end"
    return "escalation" if text.startswith("⏫") else "beginning"


def _hear(hears: Connection, times: int) -> bool:
    """Wait until a life has settled something, and so many that another had begun. False: it ended before."""
    left, settled = times, False
    try:
        while left > 0 or not settled:
            word = hears.recv()
            settled = settled or word != "begun"
            left -= word == "settled what another had begun"
    except EOFError:
        return False
    return True


def _close(process: BaseProcess, hears: Connection) -> None:
    hears.close()
    process.close()


async def kill_couriers(
    server: BotApiServer,
    store: Store,
    url: str,
    *,
    kills: int,
    seed: int,
    say: Callable[[str], None] = print,
) -> Counter[str]:
    """See `Deliveries`."""
    server.limits.on = False
    found: Counter[str] = await Deliveries(server, store, url, kills=kills, seed=seed, say=say).run()
    assert server.errors == [], f"seed {seed}: {server.errors}"
    return found
