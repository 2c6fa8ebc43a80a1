"""How an answer is given: whatever its length, and in place where a button asked for it."""

from collections.abc import Sequence
from contextlib import suppress
from difflib import get_close_matches

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
)

from bot.access import Visitor
from bot.markup import LONGEST_CAPTION, LONGEST_TEXT, Html, foreign, joined, length, split
from bot.texts import asking, choosing
from domain.channel import Channel, ChannelStatus, bare_name, going_by

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def answer(message: Message, words: Html, keyboard: InlineKeyboardMarkup | None = None) -> None:
    """In as many messages as it takes; the last one bears the buttons."""
    pieces = split(words)
    for n, piece in enumerate(pieces, 1):
        buttons = keyboard if n == len(pieces) else None
        await message.answer(piece, reply_markup=buttons, link_preview_options=NO_PREVIEW)


async def show_instead(
    query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """The message with the button shows this from now on; where it cannot be changed, a new one does."""
    piece = split(words, LONGEST_TEXT)[0]
    if isinstance(query.message, Message) and query.message.photo is None:
        with suppress(TelegramBadRequest):  # it shows this already
            await query.message.edit_text(piece, reply_markup=keyboard, link_preview_options=NO_PREVIEW)
    elif isinstance(query.message, Message):
        await query.message.answer(piece, reply_markup=keyboard, link_preview_options=NO_PREVIEW)
    elif query.message is not None and query.bot is not None:
        await query.bot.send_message(
            query.message.chat.id, piece, reply_markup=keyboard, link_preview_options=NO_PREVIEW
        )


async def picture(
    message: Message, png: bytes, words: Html, keyboard: InlineKeyboardMarkup | None = None
) -> None:
    """A picture with these words below, or after it where they are too long for that."""
    file = BufferedInputFile(png, "chart.png")
    if length(words) <= LONGEST_CAPTION:
        await message.answer_photo(file, caption=words, reply_markup=keyboard)
        return
    await message.answer_photo(file)
    await answer(message, words, keyboard)


async def other_picture(
    query: CallbackQuery, bot: Bot, png: bytes, words: Html, keyboard: InlineKeyboardMarkup
) -> None:
    """The message with the button shows this picture from now on; one that has none, or is too old, stays."""
    file = BufferedInputFile(png, "chart.png")
    caption = split(words, LONGEST_CAPTION)[0]
    if isinstance(query.message, Message) and query.message.photo is not None:
        media = InputMediaPhoto(media=file, caption=caption)
        with suppress(TelegramBadRequest):  # it shows this already
            await query.message.edit_media(media, reply_markup=keyboard)
    elif isinstance(query.message, Message):  # in a forum it stays in its topic
        await query.message.answer_photo(file, caption=caption, reply_markup=keyboard)
    elif query.message is not None:
        await bot.send_photo(query.message.chat.id, file, caption=caption, reply_markup=keyboard)


def named_channel(name: str, channels: Sequence[Channel]) -> Channel | None:
    """By @handle, link or number, else by title."""
    # Of two of one title, the one that is watched.
    return min(going_by(name, channels), key=lambda c: c.status is ChannelStatus.RETIRED, default=None)


def no_channel(name: str, channels: Sequence[Channel], visitor: Visitor) -> Html:
    """There is none; the nearest names are."""
    say = visitor.say
    names: dict[str, str] = {}
    for channel in channels:
        for called in (channel.handle and f"@{channel.handle}", channel.title):
            if called:
                names.setdefault(bare_name(called), called)
    words = [say(asking.NO_CHANNEL, name=foreign(name, 80))]
    if near := get_close_matches(bare_name(name), list(names), n=3, cutoff=0.5):
        words.append(say(choosing.NEAREST, names=say.listed([foreign(names[n], 80) for n in near])))
    return joined(words, " ")
