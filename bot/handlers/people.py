"""/people: who is let in, as what, and ending that."""

from contextlib import suppress
from datetime import datetime

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.access_keys import Member, People, member_buttons, people_buttons
from bot.desk import Desk
from bot.markup import LONGEST_ANSWER, Html, foreign, joined, shortened
from bot.middlewares import for_role
from bot.record import access_of, note, set_access
from bot.saying import say_at
from bot.texts import common, door
from domain.change import What
from domain.subscription import Role, Subscriber


async def people(message: Message, visitor: Visitor, desk: Desk) -> None:
    if message.chat.type != ChatType.PRIVATE:
        await message.answer(visitor.say(door.ONLY_IN_PRIVATE))
        return
    words, keyboard = await _list(visitor, desk, 0)
    await message.answer(words, reply_markup=keyboard)


async def page(query: CallbackQuery, callback_data: People, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    await _show(query, *await _list(visitor, desk, callback_data.page))


async def member(query: CallbackQuery, callback_data: Member, visitor: Visitor, desk: Desk) -> None:
    """Show one, or make of them what the button says. An owner of the config stays one."""
    say, now, number = visitor.say, desk.clock.now(), callback_data.chat
    async with desk.store.begin() as tx:
        known = await tx.subscriptions.subscriber(number)
        wanted = callback_data.role
        changes = known is not None and known.role is not Role.OWNER and wanted not in ("", known.role.value)
        if known is not None and changes:
            new = None if wanted == "out" else {"role": wanted, "name": known.name}
            await set_access(tx, number, new, visitor.person, now, known.zone)
            await note(tx, visitor.person, now, What.ACCESS, number, old=access_of(known), new=new)
        member = await tx.subscriptions.subscriber(number)
    if known is None:
        await query.answer(say.bare(door.MEMBER_GONE))
    elif not changes:
        await query.answer()
    elif member is None:
        await query.answer(shortened(say.bare(door.WAS_PUT_OUT, name=known.name), LONGEST_ANSWER))
    else:
        role = say.bare(common.ROLES[member.role.value])
        await query.answer(shortened(say.bare(door.MADE, name=member.name, role=role), LONGEST_ANSWER))
    if member is None:
        await _show(query, *await _list(visitor, desk, callback_data.page))
    else:
        keyboard = member_buttons(member, callback_data.page, say)
        await _show(query, _words(member, visitor, now), keyboard)


def _words(member: Subscriber, visitor: Visitor, now: datetime) -> Html:
    say = visitor.say
    line = say(
        door.MEMBER,
        name=foreign(member.name, 80),
        id=member.chat_id,
        role=say(common.ROLES[member.role.value]),
        at=say_at(member.let_in_at, visitor.zone, visitor.say, now),
        by=foreign(member.let_in_by, 80),
    )
    return joined([line, *([say(door.MEMBER_OWNER)] if member.role is Role.OWNER else [])])


async def _list(visitor: Visitor, desk: Desk, number: int) -> tuple[Html, InlineKeyboardMarkup]:
    async with desk.store.read() as tx:
        inside = list(await tx.subscriptions.subscribers())
    order = list(Role)
    inside.sort(key=lambda s: (-order.index(s.role), s.name.casefold(), s.chat_id))
    return visitor.say(door.PEOPLE, n=len(inside)), people_buttons(inside, number, visitor.say)


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup) -> None:
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it shows that already
            await query.message.edit_text(words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="people")
    router.message.register(people, Command("people"), flags=for_role(Role.OWNER))
    router.callback_query.register(page, People.filter(), flags=for_role(Role.OWNER))
    router.callback_query.register(member, Member.filter(), flags=for_role(Role.OWNER))
    return router
