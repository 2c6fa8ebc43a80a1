"""Each fault does what it says to the stock client, so often and no oftener, and to nobody else."""

import asyncio
import time
from datetime import timedelta

import pytest
from telethon import TelegramClient, errors, events, functions
from telethon.tl import types

from sandbox.channel import Channel
from sandbox.faults import Upset
from tests.support.telegram import Telegram, until

HISTORY = "messages.getHistory"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


async def _newest(client: TelegramClient, channel: Channel) -> int:
    (found,) = await client.get_messages(channel.handle)
    return int(found.id)


async def _listening(client: TelegramClient) -> list[str]:
    heard: list[str] = []

    async def note(event: events.NewMessage.Event) -> None:
        heard.append(event.message.message)

    client.add_event_handler(note, events.NewMessage())
    await client.get_dialogs()
    return heard


async def test_an_error_strikes_as_often_as_ordered(telegram: Telegram, channel: Channel) -> None:
    telegram.faults.error(HISTORY, 400, "CHANNEL_PRIVATE", times=2)
    async with telegram.client() as client:
        for _ in range(2):
            with pytest.raises(errors.ChannelPrivateError):
                await _newest(client, channel)
        assert await _newest(client, channel) == 5
    assert telegram.faults.calls == []


async def test_a_fault_strikes_only_its_channel_account_and_predicate(
    telegram: Telegram, channel: Channel
) -> None:
    other = telegram.channel("Other", "other_news", posts=2)
    guest = telegram.world.add_account("15550106")
    fault = telegram.faults.error(
        "messages.*",
        400,
        "CHANNEL_PRIVATE",
        times=None,
        channel=channel.id,
        account=telegram.account.id,
        when=lambda request: request.limit == 1,
    )
    async with telegram.client() as client, telegram.client(guest) as visitor:
        with pytest.raises(errors.ChannelPrivateError):
            await _newest(client, channel)
        assert await _newest(client, other) == 2
        assert await _newest(visitor, channel) == 5
        assert len(await client.get_messages(channel.handle, limit=5)) == 5
        telegram.faults.clear()
        assert await _newest(client, channel) == 5
    assert fault.done == 1


async def test_a_flood_wait_tells_how_long(telegram: Telegram, channel: Channel) -> None:
    telegram.faults.flood(HISTORY, 77)
    async with telegram.client(flood_sleep_threshold=0) as client:
        with pytest.raises(errors.FloodWaitError) as flood:
            await _newest(client, channel)
    assert flood.value.seconds == 77


async def test_a_throttle_counts_down_and_ends(telegram: Telegram, channel: Channel) -> None:
    other = telegram.channel("Other", "other_news", posts=2)
    now = telegram.world.clock.now()
    telegram.faults.throttle(HISTORY, now + timedelta(seconds=1.5), channel=channel.id)
    waits = []
    async with telegram.client(flood_sleep_threshold=0) as client:
        while True:
            client._flood_waited_requests.clear()
            try:
                assert await _newest(client, channel) == 5
                break
            except errors.FloodWaitError as flood:
                waits.append(flood.seconds)
                client._flood_waited_requests.clear()
                assert await _newest(client, other) == 2
                await asyncio.sleep(0.1)
    assert sorted(waits, reverse=True) == waits
    assert set(waits) <= {2, 1}
    assert telegram.world.clock.now() >= now + timedelta(seconds=1.5)
    assert telegram.faults.throttles == []


async def test_a_delay_holds_one_answer_and_no_other(telegram: Telegram, channel: Channel) -> None:
    telegram.faults.delay(HISTORY, 0.2)
    async with telegram.client() as client:
        began = time.perf_counter()
        slow = asyncio.create_task(_newest(client, channel))
        await client.get_me()
        assert not slow.done()
        assert await slow == 5
        assert time.perf_counter() - began >= 0.2


async def test_a_swallowed_call_is_never_answered(telegram: Telegram, channel: Channel) -> None:
    telegram.faults.swallow(HISTORY)
    async with telegram.client() as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(_newest(client, channel), 0.2)
        assert await _newest(client, channel) == 5
    assert [e.outcome for e in telegram.log.of(HISTORY)] == ["Unanswered", "ok"]


@pytest.mark.parametrize("after", [False, True])
async def test_a_drop_cuts_the_line_before_or_after_the_deed(
    telegram: Telegram, channel: Channel, after: bool
) -> None:
    telegram.world.leave(channel, telegram.account)
    telegram.faults.drop("channels.joinChannel", after=after)
    async with telegram.client(auto_reconnect=False) as client:
        entity = await client.get_input_entity(channel.handle)
        with pytest.raises(ConnectionError):
            await client(functions.channels.JoinChannelRequest(entity))
    assert (telegram.account.id in channel.members) is after


async def test_an_answer_lost_after_the_deed_leaves_the_line_open(
    telegram: Telegram, channel: Channel
) -> None:
    telegram.world.leave(channel, telegram.account)
    telegram.faults.lose_answer("channels.joinChannel")
    async with telegram.client() as client:
        entity = await client.get_input_entity(channel.handle)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client(functions.channels.JoinChannelRequest(entity)), 0.2)
        assert telegram.account.id in channel.members
        assert (await client.get_me()).id == telegram.account.id


async def test_an_unknown_constructor_in_a_difference_breaks_the_answer(
    telegram: Telegram, channel: Channel
) -> None:
    start = channel.pts
    telegram.world.post(channel, "new")
    telegram.faults.garble("updates.getChannelDifference")
    async with telegram.client() as client:
        peer = await client.get_input_entity(channel.handle)
        asked = functions.updates.GetChannelDifferenceRequest(
            channel=peer, filter=types.ChannelMessagesFilterEmpty(), pts=start, limit=100
        )
        with pytest.raises(errors.TypeNotFoundError):
            await client(asked)
        assert [m.message for m in (await client(asked)).new_messages] == ["new"]


async def test_a_withheld_update_leaves_a_hole_that_the_next_one_shows(
    telegram: Telegram, channel: Channel
) -> None:
    telegram.faults.upset(Upset.WITHHOLD)
    async with telegram.client(sequential_updates=True) as client:
        heard = await _listening(client)
        telegram.world.post(channel, "one")
        telegram.world.post(channel, "two")
        await until(lambda: len(heard) == 2)
    assert heard == ["one", "two"]
    assert telegram.log.of("updates.getChannelDifference")


@pytest.mark.parametrize("upset", [Upset.DUPLICATE, Upset.REORDER])
async def test_doubled_and_reordered_updates_are_sorted_out_by_the_client(
    telegram: Telegram, channel: Channel, upset: Upset
) -> None:
    telegram.faults.upset(upset, channel=channel.id)
    seen: list[list[int]] = []

    async def note(update: object) -> None:
        found = [u.message.id for u in getattr(update, "updates", [update]) if hasattr(u, "message")]
        seen.append(found)

    async with telegram.client(sequential_updates=True) as client:
        heard = await _listening(client)
        client.add_event_handler(note, events.Raw())
        telegram.world.post(channel, "one")
        telegram.world.post(channel, "two")
        await until(lambda: len(heard) == 2)
        telegram.world.post(channel, "three")
        await until(lambda: len(heard) == 3)
    assert heard == ["one", "two", "three"]
    assert not telegram.log.of("updates.getChannelDifference")


async def test_an_update_of_an_unknown_kind_is_lost_and_the_next_one_heals_it(
    telegram: Telegram, channel: Channel
) -> None:
    telegram.faults.upset(Upset.GARBLE)
    async with telegram.client(sequential_updates=True) as client:
        heard = await _listening(client)
        telegram.world.post(channel, "one")
        await asyncio.sleep(0)
        await client.get_me()
        assert heard == []
        telegram.world.post(channel, "two")
        await until(lambda: len(heard) == 2)
    assert heard == ["one", "two"]
