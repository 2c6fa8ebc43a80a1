"""Nobody is let in twice by one invite, and nobody who was not let in is told anything."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.finding import Kind
from domain.subscription import Invite, Role, Subscriber, Subscription
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)
ANA = Subscriber(
    chat_id=5, name="Ana", role=Role.ANALYST, zone="Asia/Baghdad", let_in_at=NOON, let_in_by="config"
)
INVITE = Invite(code_hash="a" * 64, role=Role.OPS, made_by=1, made_at=NOON, expires_at=NOON + DAY)


async def let_in(store: Store, *subscribers: Subscriber) -> None:
    async with store.begin() as tx:
        for each in subscribers:
            await tx.subscriptions.let_in(each)


async def use(store: Store, chat_id: int, now: datetime = NOON) -> Invite | None:
    async with store.begin() as tx:
        return await tx.access.use_invite(INVITE.code_hash, chat_id, now)


async def test_a_stranger_is_nobody_and_one_let_in_is_known(store: Store) -> None:
    await let_in(store, ANA)
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(5) == ANA
        assert await tx.subscriptions.subscriber(6) is None
        assert await tx.subscriptions.subscribers() == [ANA]


async def test_one_who_is_out_of_reach_is_told_nothing_and_keeps_what_he_wants_for_his_return(
    store: Store,
) -> None:
    await let_in(store, ANA, replace(ANA, chat_id=6))
    async with store.begin() as tx:
        wanted = await tx.subscriptions.subscribe(Subscription(chat_id=5, channel_id=7, made_at=NOON))
        other = await tx.subscriptions.subscribe(Subscription(chat_id=6, made_at=NOON))
        stranger = await tx.subscriptions.subscribe(Subscription(chat_id=99, made_at=NOON))
        await tx.subscriptions.end(5, NOON, "blocked")
        assert await tx.subscriptions.subscriber(5) is None
        assert [s.chat_id for s in await tx.subscriptions.subscribers()] == [6]
        assert await tx.subscriptions.all() == [other]
        await tx.subscriptions.let_in(ANA)
        assert await tx.subscriptions.all() == [wanted, other]
    assert stranger.id


async def test_the_same_subscription_twice_is_one_and_ends_only_for_its_chat(store: Store) -> None:
    wanted = Subscription(chat_id=5, group="falcons", topic="attacks", kind=Kind.SILENCE, made_at=NOON)
    async with store.begin() as tx:
        first = await tx.subscriptions.subscribe(wanted)
        again = await tx.subscriptions.subscribe(replace(wanted, made_at=NOON + DAY))
        narrower = await tx.subscriptions.subscribe(replace(wanted, kind=Kind.DROP))
        assert first == again == replace(wanted, id=first.id)
        assert await tx.subscriptions.of(5) == [first, narrower]
        assert not await tx.subscriptions.unsubscribe(6, first.id)
        assert await tx.subscriptions.unsubscribe(5, first.id)
        assert not await tx.subscriptions.unsubscribe(5, first.id)
        assert await tx.subscriptions.of(5) == [narrower]


async def test_a_group_that_moves_keeps_its_place_and_what_it_wants(store: Store) -> None:
    await let_in(store, ANA)
    async with store.begin() as tx:
        wanted = await tx.subscriptions.subscribe(Subscription(chat_id=5, channel_id=7, made_at=NOON))
        await tx.subscriptions.move(5, -1005)
        await tx.subscriptions.move(44, 45)
        assert await tx.subscriptions.subscribers() == [replace(ANA, chat_id=-1005)]
        assert await tx.subscriptions.all() == [replace(wanted, chat_id=-1005)]


async def test_a_group_that_moves_to_where_it_is_subscribed_already_wants_it_once(store: Store) -> None:
    await let_in(store, ANA, replace(ANA, chat_id=6, role=Role.OWNER))
    async with store.begin() as tx:
        for chat_id in (5, 6):
            await tx.subscriptions.subscribe(Subscription(chat_id=chat_id, channel_id=7, made_at=NOON))
        await tx.subscriptions.subscribe(Subscription(chat_id=5, channel_id=8, made_at=NOON))
        await tx.subscriptions.move(5, 6)
        assert [(s.chat_id, s.channel_id) for s in await tx.subscriptions.all()] == [(6, 7), (6, 8)]
        kept = await tx.subscriptions.subscriber(6)
    assert kept is not None
    assert kept.role is Role.OWNER


async def test_one_who_was_put_out_is_not_let_in_by_moving(store: Store) -> None:
    await let_in(store, ANA)
    async with store.begin() as tx:
        await tx.subscriptions.end(5, NOON, "put out")
        await tx.subscriptions.move(5, -1005)
        assert await tx.subscriptions.subscriber(-1005) is None


async def test_an_invite_lets_exactly_one_in_however_many_try_at_once(store: Store) -> None:
    async with store.begin() as tx:
        await tx.access.add_invite(INVITE)
    found = await asyncio.gather(*(use(store, chat) for chat in range(20)))
    (won,) = (invite for invite in found if invite is not None)
    assert won == replace(INVITE, used_by=won.used_by, used_at=NOON)
    assert won.used_by is not None
    assert found[won.used_by] is won


async def test_an_invite_is_good_until_it_expires(store: Store) -> None:
    async with store.begin() as tx:
        await tx.access.add_invite(INVITE)
    assert await use(store, 5, NOON + DAY) is None
    assert await use(store, 5, NOON + DAY - timedelta(seconds=1)) is not None


async def test_an_invite_that_was_withdrawn_or_never_made_lets_nobody_in(store: Store) -> None:
    assert await use(store, 5) is None
    async with store.begin() as tx:
        await tx.access.add_invite(replace(INVITE, revoked_at=NOON))
    assert await use(store, 5) is None
