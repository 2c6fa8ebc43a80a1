"""Alerts on their way to people: in order, under a lease, and settled only by whoever holds it."""

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.subscription import Delivery, DeliveryState
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=1)


def after(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


async def episode(store: Store) -> Episode:
    async with store.begin() as tx:
        return await tx.episodes.save(
            Episode(
                id=0,
                kind=Kind.SILENCE,
                subject=Subject(channel_id=7, topic="attacks"),
                state=State.OPEN,
                since_at=NOON - timedelta(hours=9),
                found_at=NOON,
                opened_at=NOON,
                verdict=Verdict.confirmed(Cause.UNEXPLAINED, "the channel goes on"),
                expected=4.5,
                probability=1e-3,
                members=(7, 8),
            )
        )


async def send(
    store: Store, about: Episode, *chats: int, at: datetime = NOON, move: Move = Move.OPENED
) -> int:
    async with store.begin() as tx:
        return await tx.outbox.add(Alert(id=0, at=at, move=move, episode=about), {"bars": [1]}, chats)


async def claim(store: Store, now: datetime = NOON, worker: str = "a") -> Delivery | None:
    async with store.begin() as tx:
        return await tx.outbox.claim_one(worker, now, LEASE)


async def claimed(store: Store, now: datetime = NOON, worker: str = "a") -> Delivery:
    found = await claim(store, now, worker)
    assert found is not None
    return found


async def states(store: Store, about: Episode) -> Sequence[tuple[int, str]]:
    async with store.read() as tx:
        return [(d.chat_id, d.state.value) for d in await tx.outbox.deliveries(about.id)]


async def test_an_alert_comes_back_with_its_episode_as_it_was_then(store: Store) -> None:
    about = await episode(store)
    number = await send(store, about, 1)
    async with store.begin() as tx:
        await tx.episodes.save(replace(about, ended="later"))
    async with store.read() as tx:
        alert, payload = await tx.outbox.alert(number)
        assert alert == Alert(id=number, at=NOON, move=Move.OPENED, episode=about)
        assert payload == {"bars": [1]}
        with pytest.raises(LookupError):
            await tx.outbox.alert(number + 1)


async def test_a_chat_is_told_each_alert_once_however_often_it_is_named(store: Store) -> None:
    about = await episode(store)
    await send(store, about, 5, 5, 6)
    assert await states(store, about) == [(5, "waiting"), (6, "waiting")]


async def test_a_chats_alerts_keep_their_order_and_others_do_not_wait_for_it(store: Store) -> None:
    about = await episode(store)
    first, second = await send(store, about, 5), await send(store, about, 5, 6, at=after(0))
    one = await claimed(store)
    assert (one.chat_id, one.alert_id) == (5, first)
    two = await claimed(store)
    assert (two.chat_id, two.alert_id) == (6, second)
    assert await claim(store) is None
    async with store.begin() as tx:
        assert await tx.outbox.settle(two, 76, NOON)
        assert await tx.outbox.give_back(one, after(10), "flood")
    assert await claim(store, after(5)) is None  # the second must not overtake the first
    again = await claimed(store, after(10))
    assert (again.alert_id, again.attempts, again.why) == (first, 2, "flood")
    async with store.begin() as tx:
        assert await tx.outbox.settle(again, 77, after(10))
    assert (await claimed(store, after(10))).alert_id == second


async def test_nothing_is_sent_before_its_time(store: Store) -> None:
    about = await episode(store)
    await send(store, about, 5, at=after(30))
    async with store.read() as tx:
        assert await tx.outbox.next_due(NOON) == after(30)
        assert await tx.outbox.next_due(after(40)) == after(40)
    assert await claim(store, after(29)) is None
    one = await claimed(store, after(30))
    async with store.begin() as tx:
        assert await tx.outbox.next_due(after(30)) == after(31)  # when its lease lapses
        await tx.outbox.settle(one, 1, after(30))
        assert await tx.outbox.next_due(after(30)) is None


async def test_a_lease_that_lapsed_comes_back_and_the_late_one_can_settle_nothing(store: Store) -> None:
    about = await episode(store)
    await send(store, about, 5)
    late = await claimed(store, worker="a")
    assert await claim(store, after(0.9), "b") is None
    taken = await claimed(store, after(1.1), "b")
    assert (taken.id, taken.attempts) == (late.id, 2)
    async with store.begin() as tx:
        assert not await tx.outbox.settle(late, 11, after(2))
        assert not await tx.outbox.give_back(late, after(2), "x")
        assert not await tx.outbox.drop(late, "x")
        assert await tx.outbox.settle(taken, 12, after(2))
        assert not await tx.outbox.settle(taken, 13, after(2))
    async with store.read() as tx:
        (delivery,) = await tx.outbox.deliveries(about.id)
        assert (delivery.state, delivery.message_id) == (DeliveryState.SENT, 12)
        assert (delivery.sent_at, delivery.leased_by) == (after(2), None)


async def test_one_that_took_its_own_lapsed_lease_anew_cannot_settle_by_the_old_one(
    store: Store,
) -> None:
    await send(store, await episode(store), 5)
    old = await claimed(store)
    new = await claimed(store, after(2))
    async with store.begin() as tx:
        assert not await tx.outbox.settle(old, 11, after(2))
        assert await tx.outbox.settle(new, 12, after(2))


async def test_a_group_that_moves_takes_along_what_is_not_sent_yet(store: Store) -> None:
    about = await episode(store)
    for n in range(3):
        await send(store, about, 5, at=after(n))
    one = await claimed(store)
    async with store.begin() as tx:
        await tx.outbox.settle(one, 1, NOON)
        await tx.outbox.move_chat(5, -100)
    assert await states(store, about) == [(5, "sent"), (-100, "waiting"), (-100, "waiting")]
    assert (await claimed(store, after(5))).chat_id == -100


async def test_nothing_more_goes_to_a_chat_that_is_out_of_reach(store: Store) -> None:
    about = await episode(store)
    for _ in range(3):
        await send(store, about, 5, 6)
    one = await claimed(store)
    async with store.begin() as tx:
        await tx.outbox.settle(one, 1, NOON)
    held = await claimed(store)
    async with store.begin() as tx:
        n = await tx.outbox.drop_chat(held.chat_id, "blocked")
        assert not await tx.outbox.settle(held, 2, NOON)
    dropped = [state for chat, state in await states(store, about) if chat == held.chat_id]
    assert dropped.count("dropped") == n >= 2


async def test_who_was_told_and_in_which_message_it_stands_now(store: Store) -> None:
    about = await episode(store)
    await send(store, about, 5, 6)
    await send(store, about, 5, move=Move.CLOSED)
    for message in (101, 102, 103):
        one = await claimed(store)
        async with store.begin() as tx:
            if one.chat_id == 6:
                await tx.outbox.drop(one, "refused")
            else:
                await tx.outbox.settle(one, message, NOON)
    async with store.read() as tx:
        assert await tx.outbox.told(about.id) == [5]
        assert await tx.outbox.message_of(about.id, 5) == 103
        assert await tx.outbox.message_of(about.id, 6) is None


async def test_ten_thousand_deliveries_do_not_slow_the_courier_down(store: Store) -> None:
    """Old ones that are sent, and as many that wait, in chats with long queues."""
    about = await episode(store)
    async with store.begin() as tx:
        for n in range(20):
            alert = Alert(id=0, at=after(n), move=Move.OPENED, episode=about)
            await tx.outbox.add(alert, {}, range(1, 501))
    began = time.perf_counter()
    for _ in range(20):
        one = await claimed(store, after(60))
        async with store.begin() as tx:
            assert await tx.outbox.settle(one, 1, after(60))
        async with store.read() as tx:
            assert await tx.outbox.next_due(after(60)) is not None
    assert time.perf_counter() - began < 20 * 0.1
