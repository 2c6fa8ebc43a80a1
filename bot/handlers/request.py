"""Asking to be let in, and deciding upon it."""

from contextlib import suppress

import structlog
from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import admitting
from bot.access import Visitor
from bot.access_keys import Ask, Decide
from bot.admitting import Asked
from bot.desk import Desk
from bot.errors import outcome_of
from bot.handlers.subscribe import show_choice_in
from bot.knock import said
from bot.markup import LONGEST_ANSWER, Html, foreign, shortened
from bot.middlewares import for_anyone, for_role
from bot.say import ENGLISH, say_in
from bot.saying import say_at
from bot.sender import send_words
from bot.texts import common, door
from domain.request import Request, RequestState
from domain.subscription import Role

log = structlog.get_logger(__name__)

_ANSWERS = {
    Asked.PASSED_ON: door.ASKED,
    Asked.ALREADY: door.ASKED_ALREADY,
    Asked.TOO_MANY: door.ASKED_TOO_MANY,
    Asked.IS_IN: door.ASKED_IS_IN,
}
_SHOWN = 10


async def ask(query: CallbackQuery, desk: Desk) -> None:
    """Open to anyone in private, for whoever asks is a stranger yet. In a group nobody is answered."""
    user, message = query.from_user, query.message
    if user.is_bot or message is None or message.chat.type != ChatType.PRIVATE:
        return
    if not desk.door.may_press(user.id):
        await query.answer()
        return
    asked = await admitting.ask(desk.door, user.id, user.full_name, user.username)
    await query.answer(shortened(ENGLISH.bare(_ANSWERS[asked]), LONGEST_ANSWER), show_alert=True)
    if asked is not Asked.TOO_MANY and isinstance(message, Message):
        with suppress(TelegramBadRequest):
            await message.edit_reply_markup(reply_markup=None)


async def requests(message: Message, visitor: Visitor, desk: Desk) -> None:
    """Those who wait, each with its buttons. Only in private, as with invites."""
    if message.chat.type != ChatType.PRIVATE:
        await message.answer(visitor.say(door.ONLY_IN_PRIVATE))
        return
    async with desk.store.read() as tx:
        waiting = await tx.access.waiting_requests()
    if not waiting:
        await message.answer(visitor.say(door.REQUESTS_NONE))
    for request in waiting[:_SHOWN]:
        words, buttons = said(request, visitor.say)
        await message.answer(words, reply_markup=buttons)
    if len(waiting) > _SHOWN:
        await message.answer(visitor.say(common.AND_MORE, n=len(waiting) - _SHOWN))


async def decide(query: CallbackQuery, callback_data: Decide, visitor: Visitor, desk: Desk, bot: Bot) -> None:
    """The first answer counts; whoever presses later is told what was decided."""
    role = None if callback_data.answer == "no" else Role(callback_data.answer)
    request, is_new = await admitting.decide(desk.door, callback_data.user, role, visitor.person)
    if request is None:
        await query.answer(visitor.say.bare(door.REQUEST_GONE))
        return
    await query.answer()
    shown = await _outcome(request, visitor, desk)
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):
            await query.message.edit_text(shown)
    if is_new:
        await _tell_the_others(bot, request, visitor, desk)
        await _tell_the_newcomer(bot, request, role, desk)


async def _outcome(request: Request, visitor: Visitor, desk: Desk) -> Html:
    async with desk.store.read() as tx:
        who = await tx.subscriptions.subscriber(request.decided_by or 0)
        member = await tx.subscriptions.subscriber(request.user_id)
    values = {
        "name": foreign(request.name, 80),
        "by": foreign(who.name if who else "?", 80),
        "at": say_at(request.decided_at or request.asked_at, visitor.zone, visitor.say),
    }
    if request.state is RequestState.REFUSED:
        return visitor.say(door.REQUEST_REFUSED, **values)
    role = member.role if member else Role.GUEST
    return visitor.say(door.REQUEST_APPROVED, role=visitor.say(common.ROLES[role.value]), **values)


async def _tell_the_others(bot: Bot, request: Request, visitor: Visitor, desk: Desk) -> None:
    """What other owners have before them shows the decision too."""
    for chat, message in request.told.items():
        if chat == visitor.person.chat_id or not message:
            continue
        async with desk.store.read() as tx:
            other = await tx.subscriptions.subscriber(chat)
        if other is None:
            continue
        words = await _outcome(request, Visitor(person=other, chat=other), desk)
        try:
            await bot.edit_message_text(words, chat_id=chat, message_id=message)
        except Exception as error:
            log.info("bot: another owner's message stays as it was", chat=chat, why=str(outcome_of(error)))


async def _tell_the_newcomer(bot: Bot, request: Request, role: Role | None, desk: Desk) -> None:
    async with desk.store.read() as tx:
        member = await tx.subscriptions.subscriber(request.user_id)
    if role is None or member is None:
        await send_words(bot, request.user_id, ENGLISH(door.NOT_LET_IN))
        return
    say = say_in(member.language)
    words = say(door.LET_IN, name=foreign(member.name), role=say(common.ROLES[member.role.value]))
    await send_words(bot, member.chat_id, words)
    try:
        await show_choice_in(bot, Visitor(person=member, chat=member), desk)
    except Exception as error:
        log.info("bot: a newcomer could not be written to", chat=member.chat_id, why=str(outcome_of(error)))


def make_router() -> Router:
    router = Router(name="request")
    router.callback_query.register(ask, Ask.filter(), flags=for_anyone())
    router.callback_query.register(decide, Decide.filter(), flags=for_role(Role.OWNER))
    router.message.register(requests, Command("requests"), flags=for_role(Role.OWNER))
    return router
