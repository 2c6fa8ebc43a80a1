"""From the outbox to a phone, whatever comes in between."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.courier import Courier
from bot.errors import BadToken
from bot.rates import Rates
from domain.clock import FastClock, SetClock, WallClock
from domain.episode import Move
from domain.subscription import DeliveryState
from sandbox.botapi.membership import migrate
from sandbox.botapi.server import BotApiServer
from storage.errors import Unreachable
from storage.store import Store
from tests.support.alerting import HOUR, NOON, let_in, put_out
from tests.support.couriers import deliver_all, make_courier, states

RATES: dict[str, Any] = {"per_second": 25, "chat_per_second": 1, "group_per_minute": 18}


class Killed(BaseException):
    """What a kill -9 looks like from within: nothing after it runs."""


async def test_a_flood_is_waited_out_and_the_message_comes_once(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    server.faults.flood(17, "sendPhoto")

    await courier.deliver_one()
    assert await states(store, alert.episode.id) == [DeliveryState.WAITING]
    assert not await courier.deliver_one()  # not before its time

    for each in (clock, pace):
        each.advance(timedelta(seconds=16))
    assert not await courier.deliver_one()
    for each in (clock, pace):
        each.advance(timedelta(seconds=1))
    assert await courier.deliver_one()
    assert len(anna.received) == 1
    assert await states(store, alert.episode.id) == [DeliveryState.SENT]


async def test_who_blocked_the_bot_is_ended_and_the_others_are_told(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela", started=True)
    gone = server.person("Gone")  # has never opened the bot
    for person in (anna, bela, gone):
        await let_in(store, person.id)
    anna.block()
    alert = await put_out(store, anna.id, bela.id, gone.id)

    await deliver_all(courier)

    assert [len(p.received) for p in (anna, bela, gone)] == [0, 1, 0]
    async with store.read() as tx:
        by_chat = {d.chat_id: d for d in await tx.outbox.deliveries(alert.episode.id)}
        assert "blocked" in by_chat[anna.id].why
        assert "chat not found" in by_chat[gone.id].why
        assert by_chat[anna.id].state is by_chat[gone.id].state is DeliveryState.DROPPED
        assert await tx.subscriptions.subscriber(anna.id) is None
        assert [s.chat_id for s in await tx.subscriptions.subscribers()] == [bela.id]


async def test_a_group_that_became_a_supergroup_is_followed(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    group = server.group("Desk", anna)
    await let_in(store, group.id)
    alert = await put_out(store, group.id)
    new = migrate(server.world, group, anna)
    await deliver_all(courier)

    assert len(server.sent(new.id)) == 1
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(group.id) is None
        assert await tx.subscriptions.subscriber(new.id) is not None
    # The recovery goes to the new number, although the beginning was put out to the old one.
    await put_out(store, new.id, move=Move.CLOSED, episode=alert.episode, at=NOON + HOUR)
    clock.advance(HOUR)
    await deliver_all(courier)
    assert server.sent(new.id)[-1].reply_to == server.sent(new.id)[0].id


async def test_a_move_to_a_chat_that_gets_the_alert_anyway_makes_no_double(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    group = server.group("Desk", anna)
    new = migrate(server.world, group, anna)
    for chat in (group.id, new.id):
        await let_in(store, chat)
    await put_out(store, group.id, new.id)
    await deliver_all(courier)
    assert len(server.sent(new.id)) == 1


@pytest.mark.parametrize("fault", ["bad_gateway", "drop", "refuse"])
async def test_while_telegram_is_away_a_delivery_is_kept_and_tried_with_growing_pauses(
    fault: str, courier: Courier, server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    match fault:
        case "bad_gateway":
            server.faults.bad_gateway("sendPhoto", times=3)
        case "drop":
            server.faults.drop("sendPhoto", times=3)
        case "refuse":
            server.faults.refuse(500, "Internal Server Error", "sendPhoto", times=3)

    pauses = []
    while (await states(store, alert.episode.id)) != [DeliveryState.SENT]:
        before = clock.now()
        while not await courier.deliver_one():
            clock.advance(timedelta(seconds=1))
            pace.advance(timedelta(seconds=1))
        pauses.append((clock.now() - before).total_seconds())
    assert pauses == [0, 5, 10, 20]
    assert len(anna.received) == 1


async def test_a_lost_answer_makes_one_double_which_bears_the_same_episode(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    server.faults.lose_answer("sendPhoto")
    await courier.deliver_one()
    clock.advance(timedelta(seconds=5))
    await deliver_all(courier)
    assert len(anna.received) == 2
    assert {f"Episode {alert.episode.id}" in m.text for m in anna.received} == {True}


async def test_a_courier_killed_between_sending_and_settling_makes_one_double_at_most(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    killed = make_courier(server, store, clock, pace)

    async def die(*_: object) -> bool:
        raise Killed

    monkeypatch.setattr(killed, "_settled", die)
    with pytest.raises(Killed):
        await killed.deliver_one("the one that dies")
    await killed.bot.session.close()

    other = make_courier(server, store, clock, pace)
    assert not await other.deliver_one()  # the lease still holds
    clock.advance(other.config.lease + timedelta(seconds=1))
    pace.advance(timedelta(minutes=5))
    assert await deliver_all(other) == 1
    await other.bot.session.close()
    assert len(anna.received) == 2
    assert await states(store, alert.episode.id) == [DeliveryState.SENT]


async def test_what_was_sent_is_settled_once_the_archive_is_back(
    courier: Courier, server: BotApiServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    settle = courier._settle
    failures = 2

    async def flaky(*args: object, **more: object) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise Unreachable("the archive is away")
        await settle(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(courier, "_settle", flaky)
    monkeypatch.setattr("bot.courier._SETTLE_EVERY", 0.01)
    await courier.deliver_one()
    assert await states(store, alert.episode.id) == [DeliveryState.SENT]
    assert len(anna.received) == 1


async def test_a_chat_gets_its_alerts_in_their_order_though_the_first_must_wait(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela", started=True)
    for person in (anna, bela):
        await let_in(store, person.id)
    first = await put_out(store, anna.id, payload={})
    second = await put_out(store, anna.id, bela.id, payload={})
    server.faults.flood(30, "sendMessage", chat=anna.id)
    await deliver_all(courier)
    assert len(anna.received) == 0
    assert len(bela.received) == 1  # nobody waits for Anna
    for each in (clock, pace):
        each.advance(timedelta(seconds=31))
    await deliver_all(courier)
    numbers = [f"Episode {a.episode.id}" for a in (first, second)]
    assert [n in m.text for n, m in zip(numbers, anna.received, strict=True)] == [True, True]


async def test_the_rates_of_telegram_are_never_exceeded(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    """Forty readers and a busy group at once; the sandbox refuses whatever comes too fast."""
    people = [server.person(f"P{n}", started=True) for n in range(40)]
    group = server.group("Desk", people[0])
    for chat in [*(p.id for p in people), group.id]:
        await let_in(store, chat)
    courier = make_courier(server, store, clock, pace)
    await put_out(store, *(p.id for p in people), payload={})
    for _ in range(25):
        await put_out(store, group.id, payload={})

    for _ in range(200):
        await deliver_all(courier)
        if len(server.sent()) == 65:
            break
        clock.advance(timedelta(seconds=5))
        pace.advance(timedelta(seconds=5))
    await courier.bot.session.close()

    assert server.limits.refusals == 0
    assert all(len(p.received) == 1 for p in people)
    assert len(server.sent(group.id)) == 25


async def test_a_wrong_token_ends_the_courier_with_what_to_do(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    await let_in(store, 1)
    await put_out(store, 1)
    server.faults.refuse(401, "Unauthorized", times=None)
    with pytest.raises(BadToken) as raised:
        await courier.deliver_one()
    assert "BotFather" in raised.value.hint


async def test_couriers_side_by_side_wake_on_notice_and_send_each_alert_once(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    people = [server.person(f"P{n}", started=True) for n in range(8)]
    wall = WallClock()
    for person in people:
        await let_in(store, person.id)
    made = make_courier(server, store, clock, pace, poll=timedelta(minutes=15))
    running = Courier(made.config, made.bot, store, wall, made.rates)
    task = asyncio.create_task(running.run())
    await asyncio.sleep(0)
    # A notice wakes them: the poll would come only after a quarter of an hour.
    await put_out(store, *(p.id for p in people), payload={}, at=wall.now())
    await server.until(lambda: len(server.sent()) >= 8)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.bot.session.close()
    assert [len(p.received) for p in people] == [1] * 8


async def test_on_a_fast_clock_leases_and_ordered_pauses_last_in_real_time(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    """Three minutes of lease pass within a millisecond of such a clock; Telegram's seconds stay seconds."""
    fast = FastClock(NOON, 200_000)
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    made = make_courier(server, store, clock, pace)
    running = Courier(made.config, made.bot, store, fast, Rates(WallClock(), **RATES))
    alert = await put_out(store, anna.id, payload={})
    server.faults.flood(1, "sendMessage")
    server.faults.delay(0.2, "sendMessage", times=None)
    started = asyncio.get_running_loop().time()
    task = asyncio.create_task(running.run())
    await server.received(anna.id)
    assert asyncio.get_running_loop().time() - started >= 1.2
    async with asyncio.timeout(20):
        while await states(store, alert.episode.id) != [DeliveryState.SENT]:  # noqa: ASYNC110 - as it says
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made.bot.session.close()
    assert len(anna.received) == 1
    assert "late" not in anna.received[0].text


async def test_a_courier_that_is_stopped_finishes_the_message_it_is_sending(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id, payload={})
    server.faults.delay(0.2, "sendMessage")
    task = asyncio.create_task(courier.deliver_one())
    await server.until(lambda: any(c.method == "sendMessage" for c in server.calls))
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert task.cancelled()
    assert len(anna.received) == 1
    assert await states(store, alert.episode.id) == [DeliveryState.SENT]
