"""What is told as it happens."""

import time

from telethon import TelegramClient, events, functions
from telethon.tl import types

from domain.post import Entity, Forward, Media
from tests.support.telegram import Telegram, day, until


def _listen(client: TelegramClient) -> list[events.common.EventCommon]:
    heard: list[events.common.EventCommon] = []

    async def note(event: events.common.EventCommon) -> None:
        heard.append(event)

    for kind in (events.NewMessage, events.MessageEdited, events.MessageDeleted):
        client.add_event_handler(note, kind())
    return heard


async def test_a_thousand_posts_arrive_in_order_for_a_second_of_work(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news")
    async with telegram.client(sequential_updates=True) as client:
        heard = _listen(client)
        await client.get_dialogs()
        began = time.process_time()
        for n in range(1000):
            telegram.world.post(channel, f"post {n}")
        await until(lambda: len(heard) >= 1000)
        took = time.process_time() - began
    assert [e.message.message for e in heard] == [f"post {n}" for n in range(1000)]
    assert took < 1


async def test_edits_and_deletions_are_told(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with telegram.client(sequential_updates=True) as client:
        heard = _listen(client)
        await client.get_dialogs()
        telegram.world.edit(channel, 2, "another text", at=day(2))
        telegram.world.delete(channel, 1, 3)
        await until(lambda: len(heard) == 2)
    edited, deleted = heard
    assert (edited.message.id, edited.message.message, edited.message.edit_date) == (
        2,
        "another text",
        day(2),
    )
    assert not edited.message.edit_hide
    assert deleted.deleted_ids == [1, 3]


async def test_reactions_move_the_edit_date_and_hide_the_edit(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    async with telegram.client() as client:
        heard = _listen(client)
        await client.get_dialogs()
        telegram.world.react(channel, 1, {"👍": 3}, at=day(3))
        await until(lambda: heard)
    message = heard[0].message
    assert message.message == "Falcon News 1"
    assert message.edit_date == day(3)
    assert message.edit_hide
    assert [(r.reaction.emoticon, r.count) for r in message.reactions.results] == [("👍", 3)]


async def test_who_is_no_member_hears_nothing_until_joining(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, joined=False)
    async with telegram.client() as client:
        heard = _listen(client)
        telegram.world.post(channel, "before")
        entity = await client.get_entity("falcon_news")
        assert entity.left
        await client(functions.channels.JoinChannelRequest(entity))
        telegram.world.post(channel, "within")
        await until(lambda: heard)
        await client(functions.channels.LeaveChannelRequest(entity))
        telegram.world.post(channel, "after")
        await client.get_me()  # an answer: whatever was pushed before it has arrived
        assert [e.message.message for e in heard] == ["within"]


async def test_every_kind_of_post_can_be_read(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", signs=True)
    world = telegram.world
    link = Entity(kind="text_url", offset=0, length=4, url="https://example.org/")
    world.post(channel, "text", entities=[link, Entity(kind="bold", offset=0, length=2)], author="Salim")
    world.post_album(channel, [Media(kind="photo", file_id="11"), Media(kind="video", duration=3.5)], "two")
    world.post(channel, "map", media=Media(kind="document", name="map.pdf", size=777))
    world.post(channel, "", media=Media(kind="voice", duration=9))
    poll = {"question": "Who?", "answers": ["A", "B"], "counts": [3, 4]}
    world.post(channel, "", media=Media(kind="poll", detail=poll))
    world.post(
        channel, "see", media=Media(kind="webpage", name="Page", detail={"url": "https://example.org/a"})
    )
    world.post(channel, "", media=Media(kind="geo", detail={"lat": 33.3, "long": 44.4}))
    world.post(channel, "fwd", forward=Forward(channel_id=77, post_id=5, posted_at=day(1)))
    world.pin(channel, 1)
    world.rename(channel, "Falcon Daily")
    async with telegram.client() as client:
        found = [m async for m in client.iter_messages("falcon_news", reverse=True, wait_time=0)]
    text, photo, video, document, voice, asked, page, geo, forwarded, pinned, renamed = found
    assert [type(e).__name__ for e in text.entities] == ["MessageEntityTextUrl", "MessageEntityBold"]
    assert text.entities[0].url == "https://example.org/"
    assert text.post_author == "Salim"
    assert text.pinned
    assert photo.grouped_id == video.grouped_id is not None
    assert (photo.photo.id, photo.message, video.message) == (11, "two", "")
    assert video.video.attributes[0].duration == 3.5
    assert (document.file.name, document.file.size) == ("map.pdf", 777)
    assert voice.voice is not None
    assert asked.poll.poll.question.text == "Who?"
    assert asked.poll.results.total_voters == 7
    assert page.web_preview.url == "https://example.org/a"
    assert geo.geo.lat == 33.3
    assert (forwarded.fwd_from.from_id.channel_id, forwarded.fwd_from.channel_post) == (77, 5)
    assert isinstance(pinned.action, types.MessageActionPinMessage)
    assert pinned.reply_to.reply_to_msg_id == 1
    assert renamed.action.title == "Falcon Daily"


async def test_views_are_told_without_a_number_of_their_own(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1)
    before = channel.pts
    heard: list[object] = []

    async def note(update: object) -> None:
        heard.append(update)

    async with telegram.client() as client:
        client.add_event_handler(note, events.Raw(types.UpdateChannelMessageViews))
        await client.get_me()
        telegram.world.set_views(channel, 1, 900)
        await until(lambda: heard)
    assert heard[0].views == 900
    assert channel.pts == before
