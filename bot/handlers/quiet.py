"""/quiet and /digest: when nothing rings, and what is told together."""

from contextlib import suppress
from datetime import time

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.hush_keys import Quiet, Summing, digest_keys, quiet_keys
from bot.markup import Html, foreign, joined
from bot.middlewares import for_choosing
from bot.saying import say_at, say_time, say_weekday_name
from bot.texts import hushing
from bot.times import read_hour, read_hours
from domain.hush import Digest, Every, QuietHours
from domain.subscription import Role

_OFF = ("off", "none", "no", "never")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ONLY = ("only", "instead")


async def quiet(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    words = (command.args or "").strip()
    if not words:
        await _answer(message, *await _quiet(visitor, desk))
        return
    if words.casefold() in _OFF:
        await _set_quiet(None, visitor, desk)
    else:
        try:
            hours = read_hours(words)
        except ValueError:
            await message.answer(visitor.say(hushing.QUIET_BAD, hours=foreign(words, 40)))
            return
        if hours[0] == hours[1]:
            hour = visitor.say.digits(f"{hours[0]:%H:%M}")
            await message.answer(visitor.say(hushing.QUIET_EQUAL, hour=hour))
            return
        await _set_quiet(hours, visitor, desk)
    await _answer(message, *await _quiet(visitor, desk))


async def quiet_button(query: CallbackQuery, callback_data: Quiet, visitor: Visitor, desk: Desk) -> None:
    start, end = (time(min(max(hour, 0), 23)) for hour in (callback_data.start, callback_data.end))
    await _set_quiet(None if start == end else (start, end), visitor, desk)
    await query.answer()
    await _show(query, *await _quiet(visitor, desk))


async def digest(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """`daily [HOUR] [only]`, `weekly [DAY] [HOUR] [only]`, `off`; without words, as it is."""
    words = (command.args or "").casefold().split()
    if words:
        wanted = _read_digest(words)
        if isinstance(wanted, str):
            say = visitor.say
            lines = [say(hushing.DIGEST_BAD, words=foreign(wanted, 40)), say(hushing.DIGEST_HOW)]
            await message.answer(joined(lines, " "))
            return
        await _set_digest(wanted, visitor, desk)
    await _answer(message, *await _digest(visitor, desk))


async def digest_button(query: CallbackQuery, callback_data: Summing, visitor: Visitor, desk: Desk) -> None:
    hour, weekday = min(max(callback_data.hour, 0), 23), min(max(callback_data.weekday, 0), 6)
    wanted = callback_data.model_copy(update={"hour": hour, "weekday": weekday})
    await _set_digest(wanted, visitor, desk)
    await query.answer()
    await _show(query, *await _digest(visitor, desk))


def _read_digest(words: list[str]) -> Summing | str:
    """What is wanted, or the word that nobody understands."""
    if words[0] in _OFF:
        return Summing(every="off", hour=0, weekday=0, only=False)
    if words[0] not in list(Every):
        return words[0]
    hour, weekday, only = 8, 0, False
    for word in words[1:]:
        if word in _ONLY:
            only = True
        elif word[:3] in _DAYS and words[0] == Every.WEEK.value:
            weekday = _DAYS.index(word[:3])
        else:
            try:
                hour = read_hour(word)
            except ValueError:
                return word
    return Summing.model_validate({"every": words[0], "hour": hour, "weekday": weekday, "only": only})


async def _set_quiet(hours: tuple[time, time] | None, visitor: Visitor, desk: Desk) -> None:
    now, chat_id = desk.clock.now(), visitor.chat.chat_id
    async with desk.store.begin() as tx:
        if hours is None:
            await tx.hushes.end_quiet(chat_id, now)
        else:
            start, end = hours
            quiet = QuietHours(chat_id=chat_id, start=start, end=end, made_at=now, by=_by(visitor))
            await tx.hushes.set_quiet(quiet, now)
        tx.notify("deliveries")


async def _set_digest(wanted: Summing, visitor: Visitor, desk: Desk) -> None:
    now, chat_id = desk.clock.now(), visitor.chat.chat_id
    async with desk.store.begin() as tx:
        before = await tx.hushes.digest(chat_id)
        if wanted.every == "off":
            await tx.hushes.end_digest(chat_id, now)
        else:
            digest = Digest(
                chat_id=chat_id,
                every=Every(wanted.every),
                hour=wanted.hour,
                weekday=wanted.weekday,
                instead=wanted.only,
                made_at=now,
                by=_by(visitor),
                sent_at=before.sent_at if before else None,
            )
            await tx.hushes.set_digest(digest, now)
        tx.notify("deliveries")


async def _quiet(visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup]:
    say, zone, now = visitor.say, visitor.zone, desk.clock.now()
    async with desk.store.read() as tx:
        quiet = await tx.hushes.quiet(visitor.chat.chat_id)
    values = {"zone": foreign(zone.key), "now": say_time(now, zone, say)}
    if quiet is None:
        lines = [say(hushing.QUIET_NONE, **values)]
    else:
        start, end = (say.digits(f"{each:%H:%M}") for each in (quiet.start, quiet.end))
        lines = [say(hushing.QUIET_ARE, start=start, end=end, **values)]
        if (until := quiet.over_at(now, zone)) is not None:
            lines.append(say(hushing.QUIET_LAST, until=say_time(until, zone, say)))
    lines.append(say(hushing.QUIET_HOW))
    return joined(lines), quiet_keys(has=quiet is not None, say=say)


async def _digest(visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup]:
    say, zone = visitor.say, visitor.zone
    async with desk.store.read() as tx:
        digest = await tx.hushes.digest(visitor.chat.chat_id)
    if digest is None:
        lines = [say(hushing.DIGEST_NONE)]
    else:
        due = max(digest.due_at(zone), digest.next_after(desk.clock.now(), zone))
        values = {
            "hour": say.digits(f"{digest.hour:02}:00"),
            "zone": foreign(zone.key),
            "next": say_at(due, zone, say),
        }
        if digest.every is Every.WEEK:
            weekday = say_weekday_name(digest.weekday, say)
            lines = [say(hushing.DIGEST_WEEKLY, weekday=weekday, **values)]
        else:
            lines = [say(hushing.DIGEST_DAILY, **values)]
        lines.append(say(hushing.DIGEST_INSTEAD if digest.instead else hushing.DIGEST_BESIDE))
    lines.append(say(hushing.DIGEST_HOW))
    return joined(lines), digest_keys(digest, say)


def _by(visitor: Visitor) -> str:
    return f"{visitor.person.name} ({visitor.person.chat_id})"


async def _answer(message: Message, words: Html, keyboard: InlineKeyboardMarkup) -> None:
    await message.answer(words, reply_markup=keyboard)


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup) -> None:
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it shows that already
            await query.message.edit_text(words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="quiet")
    router.message.register(quiet, Command("quiet"), flags=for_choosing(Role.GUEST))
    router.message.register(digest, Command("digest"), flags=for_choosing(Role.GUEST))
    router.callback_query.register(quiet_button, Quiet.filter(), flags=for_choosing(Role.GUEST))
    router.callback_query.register(digest_button, Summing.filter(), flags=for_choosing(Role.GUEST))
    return router
