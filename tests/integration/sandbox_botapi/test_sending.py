"""What the subscriber gets of what a stock bot sends."""

import asyncio
import hashlib
from datetime import timedelta
from io import BytesIO

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNotFound
from aiogram.methods import SendDice
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    ReplyParameters,
)

from domain.clock import SetClock
from sandbox.botapi.people import Person
from sandbox.botapi.record import Deed, Event
from sandbox.botapi.server import BotApiServer
from tests.support.botapi import NOON, picture


def file(body: bytes, name: str = "chart.png") -> BufferedInputFile:
    return BufferedInputFile(body, name)


@pytest.fixture
def ana(server: BotApiServer) -> Person:
    return server.person("Ana", started=True)


async def test_text_arrives_without_its_markup_and_with_entities(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    sent = await bot.send_message(
        ana.id,
        "<b>😀 Silent</b> since &lt;noon&gt; &amp; later, see https://t.me/falcon/17",
        parse_mode="HTML",
        disable_notification=True,
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )
    assert sent.text == "😀 Silent since <noon> & later, see https://t.me/falcon/17"
    assert sent.html_text.startswith("<b>😀 Silent</b> since &lt;noon&gt; &amp; later")
    assert [(e.type, e.extract_from(sent.text)) for e in sent.entities or []] == [
        ("bold", "😀 Silent"),
        ("url", "https://t.me/falcon/17"),
    ]
    [got] = ana.received
    assert (got.text, got.silent, got.sent_at) == (sent.text, True, NOON)
    assert got.now.preview
    assert got.now.preview["is_disabled"] is True


@pytest.mark.parametrize(
    ("markup", "reason"),
    [
        ("rocket < 5 & <Badr>", 'Unsupported start tag "" at byte offset 7'),
        ("a <Badr> b", 'Unsupported start tag "badr" at byte offset 2'),
        ("ü <b>cut", 'Can\'t find end tag corresponding to start tag "b"'),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
    ],
)
async def test_bad_html_is_refused_with_telegrams_reason(
    server: BotApiServer, bot: Bot, ana: Person, markup: str, reason: str
) -> None:
    with pytest.raises(TelegramBadRequest) as refused:
        await bot.send_message(ana.id, markup, parse_mode="HTML")
    assert refused.value.message == f"Bad Request: can't parse entities: {reason}"
    assert ana.received == []


async def test_a_text_may_have_4096_units_after_parsing_and_an_emoji_counts_two(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    await bot.send_message(ana.id, "<b>" + "x" * 4094 + "</b>😀", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="message is too long"):
        await bot.send_message(ana.id, "x" * 4095 + "😀")
    with pytest.raises(TelegramBadRequest, match="message text is empty"):
        await bot.send_message(ana.id, "<b> \n </b>", parse_mode="HTML")


async def test_a_caption_may_have_1024_units(server: BotApiServer, bot: Bot, ana: Person) -> None:
    await bot.send_photo(ana.id, file(picture()), caption="x" * 1022 + "😀")
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(ana.id, file(picture()), caption="x" * 1023 + "😀")


async def test_callback_data_may_have_64_bytes_which_is_32_arabic_letters(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    def keyboard(data: str) -> InlineKeyboardMarkup:
        return InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="ok", callback_data=data)]])

    await bot.send_message(ana.id, "fits", reply_markup=keyboard("ص" * 32))
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(ana.id, "does not", reply_markup=keyboard("ص" * 33))


async def test_a_photo_arrives_byte_for_byte_with_its_caption(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    body = picture(640, 360, 200_000)
    sent = await bot.send_photo(ana.id, file(body), caption="<i>four weeks</i>", parse_mode="HTML")
    assert sent.photo
    assert (sent.photo[-1].width, sent.photo[-1].height, sent.photo[-1].file_size) == (640, 360, 200_000)
    [got] = ana.received
    assert got.text == "four weeks"
    assert got.photo
    assert hashlib.sha256(got.photo).digest() == hashlib.sha256(body).digest()
    fetched = await bot.get_file(sent.photo[-1].file_id)
    kept = BytesIO()
    await bot.download(fetched, kept)
    assert kept.getvalue() == body
    again = await bot.send_photo(ana.id, sent.photo[-1].file_id)
    assert again.photo
    assert ana.received[-1].photo == body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "file must be non-empty"),
        (b"no picture at all", "IMAGE_PROCESS_FAILED"),
        (picture(9000, 1001), "PHOTO_INVALID_DIMENSIONS"),
        (picture(2100, 100), "PHOTO_INVALID_DIMENSIONS"),
        (picture(640, 360, 10 * 2**20 + 1), "too big for a photo"),
    ],
)
async def test_what_is_no_photo_to_telegram_is_refused(
    server: BotApiServer, bot: Bot, ana: Person, body: bytes, reason: str
) -> None:
    with pytest.raises(TelegramBadRequest, match=reason):
        await bot.send_photo(ana.id, file(body))


async def test_a_photo_of_ten_megabytes_is_taken(server: BotApiServer, bot: Bot, ana: Person) -> None:
    await bot.send_photo(ana.id, file(picture(640, 360, 10 * 2**20)))
    assert ana.received[0].photo


async def test_documents_and_albums_arrive(server: BotApiServer, bot: Bot, ana: Person) -> None:
    await bot.send_document(ana.id, file(b"at,channel\n", "posts.csv"), caption="the data")
    assert (ana.received[0].document, ana.received[0].text) == (b"at,channel\n", "the data")
    album = [InputMediaPhoto(media=file(picture(w, 90))) for w in (90, 91)]
    sent = await bot.send_media_group(ana.id, album)
    assert len({m.media_group_id for m in sent}) == 1
    assert [m.photo for m in ana.received[1:]] == [picture(90, 90), picture(91, 90)]
    with pytest.raises(TelegramBadRequest, match="wrong number of items"):
        await bot.send_media_group(ana.id, album[:1])


async def test_an_edit_shows_and_keeps_what_was_there_before(
    server: BotApiServer, bot: Bot, ana: Person, clock: SetClock
) -> None:
    sent = await bot.send_message(ana.id, "one day silent")
    clock.advance(timedelta(hours=1))
    edited = await bot.edit_message_text("two days silent", chat_id=ana.id, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert edited.edit_date == int((NOON + timedelta(hours=1)).timestamp())
    [got] = ana.received
    assert [(v.at, v.text) for v in got.versions] == [
        (NOON, "one day silent"),
        (NOON + timedelta(hours=1), "two days silent"),
    ]
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("two days silent", chat_id=ana.id, message_id=sent.message_id)


async def test_a_photo_can_be_exchanged_and_its_caption_edited(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    sent = await bot.send_photo(ana.id, file(picture()), caption="day one")
    where = {"chat_id": ana.id, "message_id": sent.message_id}
    await bot.edit_message_caption(**where, caption="day two")
    await bot.edit_message_media(InputMediaPhoto(media=file(picture(800, 600)), caption="day three"), **where)
    [got] = ana.received
    assert [v.text for v in got.versions] == ["day one", "day two", "day three"]
    assert got.photo == picture(800, 600)
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("day four", **where)


async def test_only_own_messages_that_are_still_there_can_be_edited(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    hers = ana.say("hello")
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("bye", chat_id=ana.id, message_id=hers.id)
    sent = await bot.send_message(ana.id, "hello")
    await bot.delete_message(ana.id, sent.message_id)
    assert ana.received[0].deleted_at == NOON
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("bye", chat_id=ana.id, message_id=sent.message_id)
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(ana.id, sent.message_id)


async def test_a_reply_needs_the_message_it_answers_or_leave_to_go_without(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    hers = ana.say("status?")
    answer = await bot.send_message(ana.id, "all well", reply_parameters=ReplyParameters(message_id=hers.id))
    assert answer.reply_to_message
    assert (answer.reply_to_message.text, ana.received[0].reply_to) == ("status?", hers.id)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(ana.id, "all well", reply_parameters=ReplyParameters(message_id=999))
    lenient = ReplyParameters(message_id=999, allow_sending_without_reply=True)
    await bot.send_message(ana.id, "all well", reply_parameters=lenient)
    assert ana.received[-1].reply_to is None


async def test_the_bots_commands_and_descriptions_are_kept(server: BotApiServer, bot: Bot) -> None:
    commands = [BotCommand(command="status", description="What is watched")]
    await bot.set_my_commands(commands)
    await bot.set_my_commands([], language_code="fa")
    assert [(c.command, c.description) for c in await bot.get_my_commands()] == [
        ("status", "What is watched")
    ]
    assert await bot.get_my_commands(language_code="fa") == []
    await bot.set_my_short_description("Says when a channel falls silent")
    assert (await bot.get_my_short_description()).short_description == "Says when a channel falls silent"
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="Status!", description="What is watched")])


async def test_who_watches_sees_messages_as_they_come_change_and_go(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    seen: list[Event] = []
    watch = server.watch()

    async def look() -> None:
        seen.extend([event async for event in watch])

    looking = asyncio.create_task(look())
    sent = await bot.send_message(ana.id, "silent")
    await bot.edit_message_text("back", chat_id=ana.id, message_id=sent.message_id)
    await bot.delete_message(ana.id, sent.message_id)
    watch.close()
    await looking
    assert [(e.deed, e.version.text) for e in seen] == [
        (Deed.SENT, "silent"),
        (Deed.EDITED, "back"),
        (Deed.DELETED, "back"),
    ]


async def test_messages_sent_twice_are_found(server: BotApiServer, bot: Bot, ana: Person) -> None:
    ben = server.person("Ben", started=True)
    for person, text in ((ana, "alert 17"), (ben, "alert 17"), (ana, "alert 18"), (ana, "alert 17")):
        await bot.send_message(person.id, text)
    assert len(server.same(ana.id, "alert 17")) == 2
    [twice] = server.duplicates()
    assert [(m.chat_id, m.text) for m in twice] == [(ana.id, "alert 17")] * 2


async def test_a_method_the_sandbox_does_not_know_fails_loudly(
    server: BotApiServer, bot: Bot, ana: Person
) -> None:
    with pytest.raises(TelegramNotFound, match="method not found"):
        await bot(SendDice(chat_id=ana.id))
    assert server.errors == ["sendDice: the sandbox has no such method"]
    server.world.record.errors.clear()
