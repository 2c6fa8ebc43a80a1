"""/language and /timezone: how a chat is spoken to."""

from contextlib import suppress
from dataclasses import replace
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.hush_keys import Speak, Zone, language_keys, zone_keys
from bot.markup import Html, foreign, joined
from bot.middlewares import for_choosing
from bot.say import LANGUAGES, say_in
from bot.saying import say_time
from bot.texts import hushing
from bot.times import is_clear, read_zone
from domain.subscription import Role


async def language(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    words = (command.args or "").strip().casefold()
    if not words:
        await message.answer(visitor.say(hushing.LANGUAGE_WHICH), reply_markup=language_keys())
        return
    code = next((c for c, name in LANGUAGES.items() if words in (c, name.casefold())), None)
    if code is None:
        known = ", ".join(f"{name} ({c})" for c, name in LANGUAGES.items())
        line = visitor.say(hushing.LANGUAGE_UNKNOWN, language=foreign(words, 40), languages=known)
        await message.answer(line, reply_markup=language_keys())
        return
    await message.answer(await _speak(code, visitor, desk))


async def speak(query: CallbackQuery, callback_data: Speak, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    if callback_data.language not in LANGUAGES:
        return
    words = await _speak(callback_data.language, visitor, desk)
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):
            await query.message.edit_text(words)


async def timezone(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """By a city's or a zone's name or an offset; where several may be meant, they are offered."""
    say, now = visitor.say, desk.clock.now()
    words = (command.args or "").strip()
    if not words:
        lines = [_is(hushing.TIMEZONE_IS, visitor.zone, visitor, desk), say(hushing.TIMEZONE_HOW)]
        await message.answer(joined(lines))
        return
    zones = read_zone(words, now)
    if not zones:
        await message.answer(say(hushing.TIMEZONE_UNKNOWN, words=foreign(words, 60)))
    elif is_clear(words, zones):
        await message.answer(await _tell_in(zones[0], visitor, desk))
    else:
        line = say(hushing.TIMEZONE_WHICH, words=foreign(words, 60))
        await message.answer(line, reply_markup=zone_keys(zones))


async def zone(query: CallbackQuery, callback_data: Zone, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    if callback_data.key not in read_zone(callback_data.key, desk.clock.now()):
        return
    words = await _tell_in(callback_data.key, visitor, desk)
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):
            await query.message.edit_text(words)


async def _speak(code: str, visitor: Visitor, desk: Desk) -> Html:
    async with desk.store.begin() as tx:
        await tx.subscriptions.let_in(replace(visitor.chat, language=code))
    return say_in(code)(hushing.LANGUAGE_SET)


async def _tell_in(key: str, visitor: Visitor, desk: Desk) -> Html:
    """Quiet hours and digests go by the zone: what is held by them is looked at anew."""
    now = desk.clock.now()
    async with desk.store.begin() as tx:
        await tx.subscriptions.let_in(replace(visitor.chat, zone=key))
        await tx.hushes.reconsider(visitor.chat.chat_id, now)
        tx.notify("deliveries")
    return _is(hushing.TIMEZONE_SET, ZoneInfo(key), visitor, desk)


def _is(template: str, zone: ZoneInfo, visitor: Visitor, desk: Desk) -> Html:
    now = say_time(desk.clock.now(), zone, visitor.say)
    return visitor.say(template, zone=foreign(zone.key), now=now)


def make_router() -> Router:
    router = Router(name="habits")
    router.message.register(language, Command("language"), flags=for_choosing(Role.GUEST))
    router.message.register(timezone, Command("timezone"), flags=for_choosing(Role.GUEST))
    router.callback_query.register(speak, Speak.filter(), flags=for_choosing(Role.GUEST))
    router.callback_query.register(zone, Zone.filter(), flags=for_choosing(Role.GUEST))
    return router
