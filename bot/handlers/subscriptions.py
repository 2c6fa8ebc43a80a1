"""/subscriptions: what one is told about, with a button to end each."""

from contextlib import suppress

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.keyboards import End, endings
from bot.markup import Html, foreign, joined, split
from bot.middlewares import for_choosing, for_role
from bot.subscribing import label
from bot.texts import choosing
from domain.subscription import Role


async def subscriptions(message: Message, visitor: Visitor, desk: Desk) -> None:
    words, keyboard = await _list(visitor, desk)
    await message.answer(words, reply_markup=keyboard)


async def end(query: CallbackQuery, callback_data: End, visitor: Visitor, desk: Desk) -> None:
    """End one; pressed again, it is gone already."""
    chat_id = visitor.chat.chat_id
    async with desk.store.begin() as tx:
        mine = {s.id: s for s in await tx.subscriptions.of(chat_id)}
        channels = await tx.channels.all()
        await tx.subscriptions.unsubscribe(chat_id, callback_data.id)
    ended = mine.get(callback_data.id)
    what = label(ended, channels, visitor.say, desk.claimants) if ended else ""
    await query.answer(visitor.say.bare(choosing.UNSUBSCRIBED, what=what)[:200] if ended else None)
    words, keyboard = await _list(visitor, desk)
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):
            await query.message.edit_text(words, reply_markup=keyboard)


async def _list(visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = visitor.say
    async with desk.store.read() as tx:
        mine = await tx.subscriptions.of(visitor.chat.chat_id)
        channels = await tx.channels.all()
    if not mine:
        return say(choosing.NO_SUBSCRIPTIONS), None
    labels = [(s, label(s, channels, say, desk.claimants)) for s in mine]
    lines = [Html("• ") + foreign(what, 80) for _, what in labels]
    words = joined([say(choosing.YOUR_SUBSCRIPTIONS), *lines, say(choosing.TAP_TO_END)])
    return split(words)[0], endings(labels, say)


def make_router() -> Router:
    router = Router(name="subscriptions")
    router.message.register(
        subscriptions, Command("subscriptions", "unsubscribe"), flags=for_role(Role.GUEST)
    )
    router.callback_query.register(end, End.filter(), flags=for_choosing(Role.GUEST))
    return router
