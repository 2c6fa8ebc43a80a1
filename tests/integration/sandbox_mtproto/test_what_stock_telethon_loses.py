"""What the stock client does by itself where Deadair must not: each way to a false silence, shown.

Only what the collector is proof against is of use here: when one of these fails after an upgrade of Telethon,
that way is closed, and the collector may become simpler. `docs/faults.md` has the table.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from telethon import TelegramClient, events
from telethon.tl import types

from sandbox.channel import Channel
from sandbox.faults import Deed, LinkState, Upset
from tests.support.telegram import API_HASH, API_ID, Telegram, until

DIFFERENCE = "updates.getChannelDifference"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


def listen(client: TelegramClient) -> list[str]:
    heard: list[str] = []

    async def note(event: events.NewMessage.Event) -> None:
        heard.append(event.message.message)

    client.add_event_handler(note, events.NewMessage())
    return heard


@asynccontextmanager
async def on_file(session: Path, heard: list[str], **options: object) -> AsyncIterator[TelegramClient]:
    """A client with its session on disk, listening before it connects."""
    client = TelegramClient(str(session), API_ID, API_HASH, **options)

    async def note(event: events.NewMessage.Event) -> None:
        heard.append(event.message.message)

    client.add_event_handler(note, events.NewMessage())
    await client.connect()
    try:
        yield client
    finally:
        await client.disconnect()


async def settled(client: TelegramClient) -> None:
    """What was pushed before this has been handed out: answers and updates come in one order."""
    for _ in range(3):
        await client.get_me()
    await until(client._updates_queue.empty)
    await asyncio.sleep(0)


async def test_a_difference_too_long_delivers_nothing_of_the_hole(
    telegram: Telegram, channel: Channel
) -> None:
    telegram.server.too_long_after = 100
    async with telegram.client(sequential_updates=True) as client:
        heard = listen(client)
        await client.get_dialogs()
        for n in range(150):
            telegram.world.post(channel, f"unseen {n}", push=False)
        telegram.world.post(channel, "shows the hole")
        await until(lambda: telegram.log.of(DIFFERENCE) and telegram.log.of(DIFFERENCE)[-1].outcome == "ok")
        await settled(client)
        telegram.world.post(channel, "after it")
        await until(lambda: "after it" in heard)
    assert heard == ["after it"]


async def test_edits_and_deletions_in_a_difference_are_not_delivered(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client(sequential_updates=True) as client:
        heard: list[types.TypeUpdate] = []

        async def note(update: types.TypeUpdate) -> None:
            heard.append(update)

        kinds = [
            types.UpdateNewChannelMessage,
            types.UpdateEditChannelMessage,
            types.UpdateDeleteChannelMessages,
        ]
        client.add_event_handler(note, events.Raw(types=kinds))
        await client.get_dialogs()
        telegram.world.post(channel, "unseen", push=False)
        telegram.world.edit(channel, 3, "edited after the hole")
        telegram.world.delete(channel, 4)
        await until(lambda: heard)
        await settled(client)
        telegram.world.edit(channel, 3, "edited without a hole")
        await until(lambda: len(heard) == 2)
    assert [type(each) for each in heard] == [types.UpdateNewChannelMessage, types.UpdateEditChannelMessage]
    assert heard[1].message.message == "edited without a hole"


async def test_after_a_reconnect_nothing_is_fetched(telegram: Telegram, channel: Channel) -> None:
    async with telegram.client(connection_retries=-1, retry_delay=0.02) as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.link.set(LinkState.REFUSED)
        await until(lambda: not telegram.server.sessions)
        for n in range(5):
            telegram.world.post(channel, f"unseen {n}")
        telegram.link.set(LinkState.OPEN)
        await until(lambda: telegram.server.sessions)
        await settled(client)
        assert heard == []
        await client.catch_up()
        await until(lambda: len(heard) == 5)


async def test_a_hole_before_the_first_update_of_a_channel_is_invisible(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client(sequential_updates=True) as client:
        heard = listen(client)
        telegram.world.post(channel, "unseen", push=False)
        telegram.world.post(channel, "first")
        telegram.world.post(channel, "second")
        await until(lambda: len(heard) == 2)
    assert heard == ["first", "second"]
    assert not telegram.log.of(DIFFERENCE)


async def test_by_default_a_restart_fetches_nothing(telegram: Telegram, channel: Channel) -> None:
    session, heard = telegram.session_file(), list[str]()
    async with on_file(session, heard) as client:
        await client.get_dialogs()
        telegram.world.post(channel, "before")
        await until(lambda: heard == ["before"])
    for n in range(20):
        telegram.world.post(channel, f"unseen {n}")
    async with on_file(session, heard) as client:
        telegram.world.post(channel, "after")
        await until(lambda: "after" in heard)
        await settled(client)
    assert heard == ["before", "after"]


async def test_a_session_in_memory_cannot_catch_up(telegram: Telegram, channel: Channel) -> None:
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.world.post(channel, "before")
        await until(lambda: heard == ["before"])
    for n in range(10):
        telegram.world.post(channel, f"unseen {n}")
    async with telegram.client(catch_up=True) as client:
        heard = listen(client)
        telegram.world.post(channel, "after")
        await until(lambda: "after" in heard)
    assert heard == ["after"]


async def test_what_a_killed_client_had_on_disk_cannot_catch_up(telegram: Telegram, channel: Channel) -> None:
    session, heard = telegram.session_file(), list[str]()
    crashed = session.with_name("crashed.session")
    async with on_file(session, heard) as client:
        await client.get_dialogs()
        telegram.world.post(channel, "before")
        await until(lambda: heard == ["before"])
        shutil.copyfile(session, crashed)
    for n in range(10):
        telegram.world.post(channel, f"unseen {n}")
    heard.clear()
    async with on_file(crashed, heard, catch_up=True):
        telegram.world.post(channel, "after")
        await until(lambda: "after" in heard)
    assert heard == ["after"]


async def test_an_update_whose_handler_fails_is_not_given_again(telegram: Telegram, channel: Channel) -> None:
    stored: list[str] = []

    async def store(event: events.NewMessage.Event) -> None:
        if event.message.message == "one":
            raise OSError("the database is away")
        stored.append(event.message.message)

    async with telegram.client(sequential_updates=True) as client:
        client.add_event_handler(store, events.NewMessage())
        await client.get_dialogs()
        for text in ("one", "two"):
            telegram.world.post(channel, text)
        await until(lambda: stored)
        await client.catch_up()
        await settled(client)
    assert stored == ["two"]


async def test_a_difference_that_is_never_answered_deafens_the_whole_account(
    telegram: Telegram, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=1)
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.faults.swallow(DIFFERENCE, channel=channel.id)
        telegram.world.post(channel, "unseen", push=False)
        telegram.world.post(channel, "shows the hole")
        await until(lambda: telegram.log.of(DIFFERENCE))
        telegram.world.post(other, "of another channel")
        for _ in range(3):
            await client.get_me()
        assert client.is_connected()
        assert heard == []
        assert not client._updates_queue.empty()


async def test_a_flood_wait_in_a_difference_leaves_its_posts_undelivered(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client(sequential_updates=True) as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.faults.flood(DIFFERENCE, 300)
        telegram.world.post(channel, "unseen", push=False)
        telegram.world.post(channel, "shows the hole")
        await until(lambda: telegram.log.of(DIFFERENCE))
        await until(lambda: not client._message_box.getting_diff_for)
        telegram.world.post(channel, "shows it again")
        await until(lambda: client._message_box.possible_gaps)
        await until(lambda: not client._message_box.possible_gaps)
        await settled(client)
    assert heard == []
    assert len(telegram.log.of(DIFFERENCE)) == 1


async def test_a_half_open_line_passes_for_a_live_one_and_its_calls_hang(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.link.half_open()
        telegram.world.post(channel, "unheard")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get_me(), 0.5)
        assert client.is_connected()
    assert heard == []


async def test_connections_that_are_taken_and_reset_make_a_hot_loop(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client(connection_retries=5, retry_delay=1):
        telegram.link.set(LinkState.CUT)
        before = telegram.link.taken
        await until(lambda: telegram.link.taken - before >= 100, within=3)
        telegram.link.set(LinkState.OPEN)


async def test_a_closed_port_ends_it_for_good(telegram: Telegram, channel: Channel) -> None:
    async with telegram.client(connection_retries=2, retry_delay=0.01) as client:
        telegram.link.set(LinkState.REFUSED)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(client.disconnected, 5)
        telegram.link.set(LinkState.OPEN)
        telegram.world.post(channel, "unheard")
        assert not client.is_connected()


async def test_a_call_that_is_never_answered_hangs_and_so_does_a_connection(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client(timeout=1) as client:
        telegram.faults.swallow("users.getUsers")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get_me(), 0.3)
    telegram.link.set(LinkState.BLACK_HOLE)
    late = TelegramClient(str(telegram.session_file()), API_ID, API_HASH, timeout=1)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(late.connect(), 1.5)
    await late.disconnect()


async def test_a_clock_that_falls_behind_loses_every_answer_and_every_push(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.link.clock_skew = 40.0
        telegram.world.post(channel, "from the future")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client.get_me(), 0.5)
        assert client.is_connected()
    assert heard == []


async def test_an_unknown_constructor_in_a_difference_ends_the_connection(
    telegram: Telegram, channel: Channel
) -> None:
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.faults.garble(DIFFERENCE)
        telegram.world.post(channel, "unseen", push=False)
        telegram.world.post(channel, "shows the hole")
        await until(lambda: not client.is_connected())
    assert heard == []


async def test_an_unknown_constructor_in_a_push_is_dropped(telegram: Telegram, channel: Channel) -> None:
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        telegram.faults.upset(Upset.GARBLE)
        telegram.world.post(channel, "of a new kind")
        await settled(client)
        assert client.is_connected()
    assert heard == []


async def test_a_channel_that_shuts_us_out_is_forgotten_without_an_event(
    telegram: Telegram, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("telethon._updates.messagebox.NO_UPDATES_TIMEOUT", 0.3)
    told: list[object] = []

    async def note(update: object) -> None:
        told.append(update)

    async with telegram.client() as client:
        await client.get_dialogs()
        client.add_event_handler(note, events.Raw())
        assert channel.id in client._message_box.map
        telegram.faults.upset(Upset.WITHHOLD)
        telegram.world.ban(channel, telegram.account)
        await until(lambda: channel.id not in client._message_box.map)
        assert client.is_connected()
    assert [u for u in told if not isinstance(u, types.Updates)] == []


async def test_a_channel_whose_posts_are_not_pushed_is_heard_of_a_quarter_of_an_hour_later(
    telegram: Telegram, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with telegram.client() as client:
        heard = listen(client)
        await client.get_dialogs()
        for n in range(3):
            telegram.world.post(channel, f"not pushed {n}", push=False)
        await settled(client)
        due = client._message_box.map[channel.id].deadline - asyncio.get_running_loop().time()
        assert heard == []
        assert due > 800


@pytest.mark.parametrize("deed", [Deed.TWICE, Deed.HOLLOW])
async def test_a_page_that_is_not_as_it_should_be_ends_the_history_early(
    telegram: Telegram, deed: Deed
) -> None:
    long = telegram.channel("Long", "long_history", posts=350)
    async with telegram.client() as client:
        assert len([m async for m in client.iter_messages(long.handle, limit=1000)]) == 350
        telegram.faults.spoil(deed, when=lambda request: request.offset_id == 251)
        assert len([m async for m in client.iter_messages(long.handle, limit=1000)]) < 350
