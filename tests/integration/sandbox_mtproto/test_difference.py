"""Making up for what was missed."""

import pytest
from telethon import TelegramClient, errors, events, functions
from telethon.tl import types

from tests.support.telegram import API_HASH, API_ID, Telegram, until


async def _difference(client: TelegramClient, handle: str, pts: int, limit: int = 100) -> object:
    peer = await client.get_input_entity(handle)
    return await client(
        functions.updates.GetChannelDifferenceRequest(
            channel=peer, filter=types.ChannelMessagesFilterEmpty(), pts=pts, limit=limit
        )
    )


async def test_a_difference_comes_in_slices_and_says_which_is_the_last(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news")
    start = channel.pts
    for n in range(250):
        telegram.world.post(channel, f"post {n}")
    async with telegram.client() as client:
        pts, seen, finals = start, [], []
        while not finals or not finals[-1]:
            part = await _difference(client, "falcon_news", pts)
            pts = part.pts
            seen += [m.message for m in part.new_messages]
            finals.append(bool(part.final))
        assert seen == [f"post {n}" for n in range(250)]
        assert finals == [False, False, True]
        assert isinstance(await _difference(client, "falcon_news", pts), types.updates.ChannelDifferenceEmpty)


async def test_a_difference_tells_posts_as_they_are_now(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=2)
    start = channel.pts
    telegram.world.post(channel, "three")
    telegram.world.post(channel, "four")
    telegram.world.edit(channel, 4, "four, corrected")
    telegram.world.edit(channel, 1, "one, corrected")
    telegram.world.delete(channel, 3, 2)
    async with telegram.client() as client:
        found = await _difference(client, "falcon_news", start)
    assert [m.message for m in found.new_messages] == ["four, corrected"]
    edits = [u.message.message for u in found.other_updates if hasattr(u, "message")]
    assert edits == ["four, corrected", "one, corrected"]
    deletions = [u for u in found.other_updates if isinstance(u, types.UpdateDeleteChannelMessages)]
    assert [(d.messages, d.pts_count) for d in deletions] == [([3, 2], 2)]
    assert found.pts == channel.pts == start + 6


async def test_who_lags_too_far_behind_gets_too_long_and_where_to_go_on(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    telegram.server.too_long_after = 100
    start = channel.pts
    for n in range(150):
        telegram.world.post(channel, f"post {n}")
    async with telegram.client() as client:
        found = await _difference(client, "falcon_news", start)
        assert isinstance(found, types.updates.ChannelDifferenceTooLong)
        assert (found.dialog.pts, found.dialog.top_message) == (channel.pts, 151)
        assert [m.id for m in found.messages] == list(range(151, 51, -1))
        assert isinstance(
            await _difference(client, "falcon_news", start + 50), types.updates.ChannelDifference
        )


@pytest.mark.parametrize(
    ("pts", "error"),
    [(0, errors.PersistentTimestampEmptyError), (99, errors.PersistentTimestampInvalidError)],
)
async def test_a_pts_that_cannot_be_is_refused(telegram: Telegram, pts: int, error: type[Exception]) -> None:
    telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        with pytest.raises(error):
            await _difference(client, "falcon_news", pts)


async def test_a_client_that_was_away_catches_up_by_itself(telegram: Telegram) -> None:
    """What the stock client does with its session file and catch_up: all 120 of two slices, in order."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    path = str(telegram.session_file())
    client = TelegramClient(path, API_ID, API_HASH)
    await client.connect()
    await client.get_dialogs()
    await client.disconnect()
    for n in range(120):
        telegram.world.post(channel, f"away {n}")
    heard: list[str] = []

    async def note(event: events.NewMessage.Event) -> None:
        heard.append(event.message.message)

    client = TelegramClient(path, API_ID, API_HASH, catch_up=True, sequential_updates=True)
    client.add_event_handler(note, events.NewMessage())
    await client.connect()
    await until(lambda: len(heard) >= 120)
    await client.disconnect()
    assert heard == [f"away {n}" for n in range(120)]


async def test_a_hole_is_found_by_the_next_post_and_filled(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    heard: list[str] = []

    async def note(event: events.NewMessage.Event) -> None:
        heard.append(event.message.message)

    async with telegram.client(sequential_updates=True) as client:
        client.add_event_handler(note, events.NewMessage())
        await client.get_dialogs()
        telegram.world.post(channel, "not told", push=False)
        telegram.world.post(channel, "told")
        await until(lambda: len(heard) == 2)
    assert heard == ["not told", "told"]


async def test_a_post_outside_the_log_is_in_the_history_only(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    start = channel.pts
    telegram.world.post(channel, "unheard of", log=False)
    async with telegram.client() as client:
        assert isinstance(
            await _difference(client, "falcon_news", start), types.updates.ChannelDifferenceEmpty
        )
        assert (await client.get_messages("falcon_news"))[0].message == "unheard of"
