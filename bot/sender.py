"""Puts a letter into a chat: photo or text, new, as a reply or in place, each with its fallback."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.enums import ParseMode
from aiogram.exceptions import ClientDecodeError
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)

from bot.errors import Outcome, Refused, Sent, Trouble, outcome_of
from bot.letter import Letter, Manner, Picture
from bot.markup import Html, plain, split

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_CANNOT_PARSE = "can't parse entities"
_NOT_MODIFIED = "message is not modified"
#: What Telegram says of a message that holds a text where a picture is edited, and the other way round.
_OTHER_BODY = (
    "there is no text in the message",
    "there is no caption in the message",
    "no media in the message",
)


async def send(bot: Bot, chat_id: int, letter: Letter, message_id: int | None) -> Outcome:
    """Deliver. Of what Telegram answers only BadToken is raised. Sent bears the message that shows the
    episode from now on.

    `message_id` is the one that does so far. It is changed in place; where it is gone or too old for that,
    all is sent anew, as an answer to it, and rings by itself.
    """
    reply = None
    if letter.manner is not Manner.NEW and message_id is not None:
        done = await _edit(bot, chat_id, letter, message_id)
        if isinstance(done, Sent) and letter.manner is Manner.RING:
            return await _ring(bot, chat_id, letter, message_id)
        if not isinstance(done, Refused):
            return done
        reply = _answering(message_id)
    if letter.picture is not None:
        done = await _send_with_picture(bot, chat_id, letter, letter.picture, reply)
        if not isinstance(done, Refused):
            return done
    return await _send_text(bot, chat_id, letter.words.text, reply, letter.buttons, letter.thread_id)


async def send_words(
    bot: Bot,
    chat_id: int,
    words: Html,
    buttons: InlineKeyboardMarkup | None = None,
    thread_id: int | None = None,
) -> Outcome:
    """The same for words alone."""
    return await _send_text(bot, chat_id, words, None, buttons, thread_id)


async def change(bot: Bot, chat_id: int, letter: Letter, message_id: int) -> Outcome:
    """Let a message show this from now on, and no more. Refused where that cannot be done."""
    return await _edit(bot, chat_id, letter, message_id)


async def _ring(bot: Bot, chat_id: int, letter: Letter, message_id: int) -> Outcome:
    """A short answer to the message that was changed. After a crash in between this alone is done again."""
    done = await _send_text(
        bot, chat_id, letter.bell or letter.words.caption, _answering(message_id), None, letter.thread_id
    )
    return Sent(message_id) if isinstance(done, Sent) else done


def _answering(message_id: int) -> ReplyParameters:
    return ReplyParameters(message_id=message_id, allow_sending_without_reply=True)


async def _send_with_picture(
    bot: Bot, chat_id: int, letter: Letter, picture: Picture, reply: ReplyParameters | None
) -> Outcome:
    """One message where the words fit below the picture; else a short form there, and then all of them."""

    async def photo(words: str, mode: ParseMode | None) -> Message:
        message = await bot.send_photo(
            chat_id,
            _file(picture),
            caption=words,
            parse_mode=mode,
            reply_parameters=reply,
            reply_markup=letter.buttons,
            message_thread_id=letter.thread_id,
        )
        _remember(picture, message)
        return message

    done = await _marked(photo, letter.words.caption)
    if not isinstance(done, Sent) or letter.words.fits_caption:
        return done
    # The picture has arrived: from here on a failure must not send it again. What could not follow is
    # in short form below the picture already.
    answer = None
    if done.message_id is not None:
        answer = _answering(done.message_id)
    await _send_text(bot, chat_id, letter.words.text, answer, None, letter.thread_id)
    return done


async def _send_text(
    bot: Bot,
    chat_id: int,
    words: Html,
    reply: ReplyParameters | None,
    buttons: InlineKeyboardMarkup | None = None,
    thread_id: int | None = None,
) -> Outcome:
    async def message(text: str, mode: ParseMode | None) -> Message:
        return await bot.send_message(
            chat_id,
            text,
            parse_mode=mode,
            reply_parameters=reply,
            link_preview_options=_NO_PREVIEW,
            reply_markup=buttons,
            message_thread_id=thread_id,
        )

    first: Sent | None = None
    for piece in split(words):
        done = await _marked(message, piece)
        if not isinstance(done, Sent):
            return first or done  # part of it has arrived: again from the start would double that
        first, reply, buttons = first or done, None, None
    return first or Refused("there is nothing to say")


async def _edit(bot: Bot, chat_id: int, letter: Letter, message_id: int) -> Outcome:
    """Let the first message show it. Refused where that cannot be done: then it is sent anew."""
    words = letter.words.caption

    async def media(text: str, mode: ParseMode | None) -> Message | bool:
        if letter.picture is None:
            raise AssertionError("no picture to show")
        shown = InputMediaPhoto(media=_file(letter.picture), caption=text, parse_mode=mode)
        message = await bot.edit_message_media(
            shown, chat_id=chat_id, message_id=message_id, reply_markup=letter.buttons
        )
        _remember(letter.picture, message)
        return message

    async def body(text: str, mode: ParseMode | None) -> Message | bool:
        return await bot.edit_message_text(
            text,
            chat_id=chat_id,
            message_id=message_id,
            parse_mode=mode,
            link_preview_options=_NO_PREVIEW,
            reply_markup=letter.buttons,
        )

    async def caption(text: str, mode: ParseMode | None) -> Message | bool:
        return await bot.edit_message_caption(
            chat_id=chat_id,
            message_id=message_id,
            caption=text,
            parse_mode=mode,
            reply_markup=letter.buttons,
        )

    ways = [body, caption] if letter.picture is None else [media, body, caption]
    done: Outcome = Refused("nothing was tried")
    for way in ways:
        done = await _marked(way, words)
        if isinstance(done, Refused) and _NOT_MODIFIED in done.why:
            return Sent(message_id)
        if isinstance(done, Sent):
            return Sent(message_id)
        if not isinstance(done, Refused):
            return done
        if way is not media and not any(other in done.why for other in _OTHER_BODY):
            return done
    return done


async def _marked(call: Callable[[str, ParseMode | None], Awaitable[Message | bool]], words: Html) -> Outcome:
    """With markup; where Telegram cannot read that, as plain text."""
    done = await _tried(call, words, ParseMode.HTML)
    if isinstance(done, Refused) and _CANNOT_PARSE in done.why.lower():
        return await _tried(call, plain(words), None)
    return done


async def _tried(
    call: Callable[[str, ParseMode | None], Awaitable[Message | bool]], words: str, mode: ParseMode | None
) -> Sent | Trouble:
    try:
        message: Any = await call(words, mode)
    except ClientDecodeError as error:
        # An answer our library cannot read may still say that the message is there.
        if isinstance(error.data, dict) and error.data.get("ok"):
            result = error.data.get("result")
            return Sent(result.get("message_id") if isinstance(result, dict) else None)
        return outcome_of(error)
    except Exception as error:
        return outcome_of(error)
    return Sent(message.message_id if isinstance(message, Message) else None)


def _file(picture: Picture) -> BufferedInputFile | str:
    return picture.file_id or BufferedInputFile(picture.png, "chart.png")


def _remember(picture: Picture, message: Message | bool) -> None:
    """Telegram keeps what was uploaded: the next chat gets it by number."""
    if isinstance(message, Message) and message.photo:
        picture.file_id = message.photo[-1].file_id
