"""/mute and /unmute: hear nothing of a channel, a topic, a claimant or of anything, until a time."""

from contextlib import suppress
from datetime import datetime, timedelta

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.handlers.subscribe import known_things, unknown
from bot.hush_keys import SPANS, MuteAll, Unmute, mute_keys
from bot.markup import LONGEST_ANSWER, Html, foreign, joined, shortened
from bot.middlewares import for_choosing
from bot.saying import say_at, say_span
from bot.subscribing import Known, Wish, label, read_wish
from bot.texts import hushing
from bot.times import is_time, read_until
from domain.hush import Mute
from domain.subscription import Role, Subscription
from storage.store import Transaction

_LONGEST_REASON = 200
_SHOWN = 20


async def mute(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """`/mute [WHAT] UNTIL [WHY]`; without words, what is muted."""
    say, now, zone = visitor.say, desk.clock.now(), visitor.zone
    words = (command.args or "").split()
    if not words:
        await listed(message, visitor, desk)
        return
    async with desk.store.read() as tx:
        known = await known_things(tx, desk)
    # A title may have a time in it: what is named is the longest that is known.
    times = [n for n, word in enumerate(words) if is_time(word, now, zone)]
    named = [n for n in times if n and isinstance(read_wish(" ".join(words[:n]), known), Wish)]
    place = max(named, default=next(iter(times), None))
    about = " ".join(words if place is None else words[:place]) or "all"
    wish = read_wish(about, known)
    if isinstance(wish, str):
        await message.answer(unknown(wish, known, visitor))
        return
    if wish.group is not None:
        await message.answer(joined([say(hushing.MUTE_NO_GROUP), say(hushing.MUTE_HOW)]))
        return
    if place is None:
        await message.answer(say(hushing.MUTE_NO_TIME, example=foreign(f"/mute {about} 8h", 80)))
        return
    try:
        until = read_until(words[place], now, zone)
    except ValueError:
        await message.answer(say(hushing.MUTE_BAD_TIME, time=foreign(words[place], 40)))
        return
    reason = " ".join(words[place + 1 :])[:_LONGEST_REASON]
    async with desk.store.begin() as tx:
        made = await _mute(tx, wish, until, reason, visitor, now)
    what = foreign(_named(made, known, visitor), 120)
    await message.answer(say(hushing.MUTED, what=what, until=_until(made, visitor)))


async def mute_all(query: CallbackQuery, callback_data: MuteAll, visitor: Visitor, desk: Desk) -> None:
    """Everything, for a while. Tapped twice it is muted once, until the later time."""
    now = desk.clock.now()
    hours = min(max(callback_data.hours, 1), 24 * 7)
    until = now + timedelta(hours=hours)
    async with desk.store.begin() as tx:
        for each in await tx.hushes.mutes(visitor.chat.chat_id, now):
            covers_all = (each.channel_id, each.topic, each.claimant) == (None, None, None)
            if covers_all and each.until is not None and each.until <= until:
                await tx.hushes.revoke(visitor.chat.chat_id, each.id, now, _by(visitor))
        made = await _mute(tx, Wish(), until, "", visitor, now)
        known = await known_things(tx, desk)
    what = _named(made, known, visitor)
    said = visitor.say.bare(hushing.MUTED, what=what, until=_until(made, visitor))
    await query.answer(shortened(said, LONGEST_ANSWER))
    await _show(query, *await _list(visitor, desk))


async def unmute(query: CallbackQuery, callback_data: Unmute, visitor: Visitor, desk: Desk) -> None:
    async with desk.store.begin() as tx:
        known = await known_things(tx, desk)
        now = desk.clock.now()
        ended = await tx.hushes.revoke(visitor.chat.chat_id, callback_data.id, now, _by(visitor))
        tx.notify("deliveries")
    if ended is None:
        await query.answer(visitor.say.bare(hushing.UNMUTED_NONE))
    else:
        said = visitor.say.bare(hushing.UNMUTED, what=_named(ended, known, visitor))
        await query.answer(shortened(said, LONGEST_ANSWER))
    await _show(query, *await _list(visitor, desk))


async def _mute(
    tx: Transaction, wish: Wish, until: datetime | None, reason: str, visitor: Visitor, now: datetime
) -> Mute:
    made = await tx.hushes.mute(
        Mute(
            chat_id=visitor.chat.chat_id,
            channel_id=wish.channel.id if wish.channel else None,
            topic=wish.topic,
            claimant=wish.claimant,
            until=until,
            reason=reason,
            by=_by(visitor),
            made_at=now,
        )
    )
    tx.notify("deliveries")
    return made


async def _list(visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup]:
    say = visitor.say
    async with desk.store.read() as tx:
        known = await known_things(tx, desk)
        mutes = (await tx.hushes.mutes(visitor.chat.chat_id, desk.clock.now()))[:_SHOWN]
    named = [(each, _named(each, known, visitor)) for each in mutes]
    lines = [say(hushing.MUTES if mutes else hushing.MUTES_NONE)]
    for each, what in named:
        values = {
            "what": foreign(what, 120),
            "until": _until(each, visitor),
            "by": foreign(each.by.rpartition(" (")[0] or each.by, 40),
        }
        template = hushing.MUTE_LINE if each.reason else hushing.MUTE_LINE_NO_REASON
        if each.reason:
            values["reason"] = foreign(each.reason, 100)
        lines.append(say.bullet(say(template, **values)))
    lines.append(say(hushing.MUTE_HOW))
    spans = [(hours, say_span(timedelta(hours=hours), say)) for hours in SPANS]
    return joined(lines), mute_keys(named, spans, say)


def _named(mute: Mute, known: Known, visitor: Visitor) -> str:
    as_if = Subscription(
        chat_id=0,
        channel_id=mute.channel_id,
        topic=mute.topic,
        claimant=mute.claimant,
        made_at=mute.made_at,
    )
    return label(as_if, known.channels, visitor.say, known.claimants)


def _until(mute: Mute, visitor: Visitor) -> str:
    if mute.until is None:
        return visitor.say.bare(hushing.MUTE_FOREVER)
    return say_at(mute.until, visitor.zone, visitor.say)


def _by(visitor: Visitor) -> str:
    return f"{visitor.person.name} ({visitor.person.chat_id})"


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup) -> None:
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it shows that already
            await query.message.edit_text(words, reply_markup=keyboard)


async def listed(message: Message, visitor: Visitor, desk: Desk) -> None:
    """/unmute: the list has a button to end each."""
    words, keyboard = await _list(visitor, desk)
    await message.answer(words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="mute")
    router.message.register(mute, Command("mute"), flags=for_choosing(Role.GUEST))
    router.message.register(listed, Command("unmute"), flags=for_choosing(Role.GUEST))
    router.callback_query.register(mute_all, MuteAll.filter(), flags=for_choosing(Role.GUEST))
    router.callback_query.register(unmute, Unmute.filter(), flags=for_choosing(Role.GUEST))
    return router
