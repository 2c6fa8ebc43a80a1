"""A crowd of subscribers is told of one episode, some out of reach, and Telegram away in the middle; the
sandbox's own log says what became of it.
"""

import asyncio
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.app import make_bot
from bot.config import BotConfig
from bot.courier import Courier
from bot.rates import Rates
from domain.clock import SetClock
from domain.episode import Move
from domain.subscription import DeliveryState
from sandbox.botapi.membership import migrate
from sandbox.botapi.messages import Message
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import let_in, put_out

_WORKERS = 4
_OUTAGE = timedelta(seconds=60)
_FLOOD = 7  #: seconds that Telegram says to wait
#: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
_ALL_PER_SECOND, _GROUP_PER_MINUTE = 30, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How it went."""

    reached: int
    out_of_reach: int
    moved: int
    flooded: int
    took: timedelta  #: on the clock of the rates
    busiest: int  #: messages and changes in any one second


async def tell_a_crowd(
    server: BotApiServer,
    store: Store,
    clock: SetClock,
    n: int,
    *,
    say: Callable[[str], None] = print,
) -> Told:
    """5 % blocked, 2 % groups that moved to another number, 3 % answered with 429, and 60 s of outage.

    `clock` is the server's for everything. Raises AssertionError.
    """
    host = server.person("Host", started=True)
    people = [server.person(f"P{i}", started=True) for i in range(n - n // 50)]
    groups = [server.group(f"Desk {i}", host) for i in range(n // 50)]
    chats = [*(p.id for p in people), *(g.id for g in groups)]
    for chat in chats:
        await let_in(store, chat, at=clock.now())
    blocked = people[: n // 20]
    flooded = people[n // 20 : n // 20 + n * 3 // 100]
    for person in blocked:
        person.block()
    moved = {group.id: migrate(server.world, group, host).id for group in groups}
    for person in flooded:
        server.faults.flood(_FLOOD, chat=person.id)
    begun = clock.now()
    alert = await put_out(store, *chats, payload={"title": "Falcon Front"}, at=begun)
    courier = _courier(server, store, clock)
    outage: datetime | None = None
    try:
        while not await _is_done(store, alert.episode.id):
            await _work(courier)
            if outage is None and len(server.sent()) >= n // 2:
                server.faults.drop("*", times=None)
                outage = clock.now() + _OUTAGE
                say(f"crowd: {len(server.sent())} told, now Telegram is away")
            if outage is not None and clock.now() >= outage:
                server.faults.clear()
            await _on(store, clock)
        # Then it is over, which whoever was told hears after that, and nobody else.
        async with store.read() as tx:
            told = await tx.outbox.told(alert.episode.id)
        await put_out(
            store,
            *told,
            move=Move.CLOSED,
            episode=alert.episode,
            payload={"title": "Falcon Front"},
            at=clock.now(),
        )
        while not await _is_done(store, alert.episode.id):
            await _work(courier)
            await _on(store, clock)
    finally:
        await courier.bot.session.close()
    assert outage is not None
    took = clock.now() - begun
    await _check(server, store, alert.episode.id, [p.id for p in blocked], chats, moved)
    assert server.limits.refusals == 0, f"{server.limits.refusals} messages came too fast"
    return Told(
        reached=len(chats) - len(blocked),
        out_of_reach=len(blocked),
        moved=len(moved),
        flooded=len(flooded),
        took=took,
        busiest=_busiest(server),
    )


def _courier(server: BotApiServer, store: Store, clock: SetClock) -> Courier:
    config = BotConfig.model_validate(
        {"api_base": server.url, "timeout": timedelta(seconds=30), "lease": timedelta(hours=1)}
    )
    rates = Rates(
        clock,
        per_second=config.per_second,
        chat_per_second=config.chat_per_second,
        group_per_minute=config.group_per_minute,
    )
    return Courier(config, make_bot(config, server.token, rates), store, clock, rates)


async def _work(courier: Courier) -> None:
    """Some couriers side by side, until nothing is due or a second's worth is done."""

    async def one(name: str) -> None:
        for _ in range(25):
            if not await courier.deliver_one(name):
                return

    async with asyncio.TaskGroup() as tasks:
        for worker in range(_WORKERS):
            tasks.create_task(one(f"w{worker}"))


async def _on(store: Store, clock: SetClock) -> None:
    """On to the next moment at which something is due."""
    async with store.read() as tx:
        due = await tx.outbox.next_due(clock.now())
    if due is not None and due > clock.now():
        clock.advance(due - clock.now())


async def _is_done(store: Store, episode_id: int) -> bool:
    async with store.read() as tx:
        record = await tx.outbox.deliveries(episode_id)
    return all(d.state in (DeliveryState.SENT, DeliveryState.DROPPED) for d in record)


async def _check(
    server: BotApiServer,
    store: Store,
    episode_id: int,
    blocked: Sequence[int],
    chats: Sequence[int],
    moved: dict[int, int],
) -> None:
    """Who can be reached was reached once, in order; and the record of each says what is true."""
    by_chat: dict[int, list[Message]] = defaultdict(list)
    for message in server.sent():
        by_chat[message.chat_id].append(message)
    async with store.read() as tx:
        record = await tx.outbox.deliveries(episode_id)
        left = {s.chat_id for s in await tx.subscriptions.subscribers()}
        notes = await tx.notes.after(0, 10_000)
    for chat in chats:
        now = moved.get(chat, chat)
        heads = [m.versions[0].text.split()[0] for m in by_chat[now]]
        if chat in blocked:
            assert heads == [], f"{chat} had blocked the bot"
            assert now not in left
            continue
        assert heads == ["🔇", "✅"], f"{chat} got {heads}"
        assert now in left
        assert by_chat[now][0].text.startswith("✅"), f"{chat} is still shown that it goes on"
    assert len(notes) == len(blocked)
    shown = {(m.chat_id, m.id) for m in server.sent()}
    states = Counter(d.state for d in record)
    assert states[DeliveryState.DROPPED] == len(blocked)
    for delivery in record:
        if delivery.state is DeliveryState.SENT:
            assert (delivery.chat_id, delivery.message_id) in shown
            assert delivery.sent_at is not None
        else:
            assert "blocked" in delivery.why


def _busiest(server: BotApiServer) -> int:
    """The most that was sent within any one second, by the server's log; checked against Telegram's rates."""
    window: deque[datetime] = deque()
    minutes: dict[int, deque[datetime]] = defaultdict(deque)
    most = 0
    for message in server.sent():
        at = message.sent_at
        window.append(at)
        while at - window[0] >= timedelta(seconds=1):
            window.popleft()
        most = max(most, len(window))
        if message.chat_id < 0:
            minute = minutes[message.chat_id]
            minute.append(at)
            while at - minute[0] >= timedelta(minutes=1):
                minute.popleft()
            assert len(minute) <= _GROUP_PER_MINUTE
    assert most <= _ALL_PER_SECOND, f"{most} in one second"
    return most
