"""Reading what is there: history, search, posts by id, counters."""

import itertools
import time
from datetime import timedelta

import pytest
from telethon import TelegramClient, errors, functions
from telethon.tl import types

from sandbox.channel import Channel
from tests.support.telegram import Telegram


async def _ask(client: TelegramClient, channel: Channel, **given: object) -> list[int]:
    peer = await client.get_input_entity(channel.handle)
    asked = {"offset_id": 0, "offset_date": None, "add_offset": 0, "limit": 100}
    asked |= {"max_id": 0, "min_id": 0, "hash": 0}
    page = await client(functions.messages.GetHistoryRequest(peer=peer, **(asked | given)))
    assert page.count == len(channel.ids)
    return [m.id for m in page.messages]


async def test_every_offset_gives_the_page_that_telegram_gives(telegram: Telegram) -> None:
    """Exhaustive over a small history with holes, against the description in words of api/offsets."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=9)
    telegram.world.delete(channel, 3, 4, 8)
    newest_first = [9, 7, 6, 5, 2, 1]
    async with telegram.client() as client:
        for offset_id, add_offset, limit in itertools.product((0, 1, 4, 7, 10), (-4, -1, 0, 2), (1, 3, 100)):
            older = [i for i in newest_first if not offset_id or i < offset_id]
            start = len(newest_first) - len(older) + add_offset
            expected = newest_first[max(0, start) : max(0, start + limit)]
            found = await _ask(client, channel, offset_id=offset_id, add_offset=add_offset, limit=limit)
            assert found == expected, (offset_id, add_offset, limit)
        assert await _ask(client, channel, max_id=7, min_id=2) == [6, 5]
        at = channel.posts[5].posted_at
        assert await _ask(client, channel, offset_date=at + timedelta(seconds=1)) == [5, 2, 1]


async def test_a_page_is_never_longer_than_a_hundred(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=250)
    async with telegram.client() as client:
        assert len(await _ask(client, channel, limit=1000)) == 100


async def test_five_thousand_posts_are_read_for_two_seconds_of_work(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5000)
    async with telegram.client() as client:
        peer = await client.get_input_entity(channel.handle)
        began = time.process_time()
        found = [m.id async for m in client.iter_messages(peer, limit=None, wait_time=0)]
        took = time.process_time() - began
    assert found == list(range(5000, 0, -1))
    assert took < 2


async def test_reading_on_from_a_known_id_gives_the_rest_oldest_first(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=320)
    async with telegram.client() as client:
        found = [
            m.id async for m in client.iter_messages(channel.handle, min_id=45, reverse=True, wait_time=0)
        ]
    assert found == list(range(46, 321))


async def test_posts_by_id_come_in_the_order_asked_with_none_for_the_missing(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5)
    telegram.world.delete(channel, 2)
    async with telegram.client() as client:
        found = await client.get_messages(channel.handle, ids=[4, 2, 1, 77])
    assert [m and m.id for m in found] == [4, None, 1, None]


async def test_views_are_counted_only_for_who_says_it_looked(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=2)
    telegram.world.set_views(channel, 1, 500, forwards=7)
    async with telegram.client() as client:
        peer = await client.get_input_entity(channel.handle)

        async def ask(increment: bool) -> list[int | None]:
            found = await client(
                functions.messages.GetMessagesViewsRequest(peer, [1, 2, 9], increment=increment)
            )
            return [v.views for v in found.views]

        assert await ask(False) == [500, 1, None]
        assert await ask(True) == [501, 2, None]
        assert await ask(False) == [501, 2, None]
        assert (await client.get_messages(channel.handle, ids=1)).forwards == 7


async def test_search_finds_words_media_and_stretches_of_time(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=12)
    async with telegram.client() as client:
        found = [m.id async for m in client.iter_messages(channel.handle, search="NEWS 1")]
        assert found == [12, 11, 10, 1]
        none = [m async for m in client.iter_messages(channel.handle, filter=types.InputMessagesFilterPhotos)]
        assert none == []


async def test_a_full_channel_tells_audience_and_about(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", about="invented", audience=4321)
    async with telegram.client() as client:
        full = await client(functions.channels.GetFullChannelRequest("falcon_news"))
    assert full.full_chat.about == "invented"
    assert full.full_chat.participants_count == 4321
    assert full.full_chat.pts == channel.pts


async def test_dialogs_come_page_by_page_with_the_newest_first(telegram: Telegram) -> None:
    made = [telegram.channel(f"Channel {n}", f"channel_{n:03}", posts=2) for n in range(230)]
    for channel in made[::2]:
        telegram.world.post(channel, "newest")
    expected = sorted(made, key=lambda c: (c.posts[c.top_id].posted_at, c.id), reverse=True)
    async with telegram.client() as client:
        found = [d.entity.id async for d in client.iter_dialogs()]
        assert found == [c.id for c in expected]
        assert len(telegram.log.of("messages.getDialogs")) == 3


async def test_one_call_tells_the_newest_id_and_pts_of_many_channels(telegram: Telegram) -> None:
    made = [telegram.channel(f"Channel {n}", f"channel_{n}", posts=n, joined=n != 2) for n in range(1, 4)]
    async with telegram.client() as client:
        peers = [types.InputDialogPeer(await client.get_input_entity(c.handle)) for c in made]
        found = await client(functions.messages.GetPeerDialogsRequest(peers))
    assert [(d.peer.channel_id, d.top_message, d.pts) for d in found.dialogs] == [
        (c.id, c.top_id, c.pts) for c in made
    ]


async def test_a_wrong_access_hash_is_refused(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        with pytest.raises(errors.ChannelInvalidError):
            await client.get_messages(types.InputPeerChannel(channel.id, 12345))
