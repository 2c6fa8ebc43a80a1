"""/subscriptions: what one is told about, with a button to end each."""

from contextlib import suppress

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.keyboards import ENDINGS, End, endings
from bot.markup import LONGEST_ANSWER, Html, foreign, joined, shortened
from bot.middlewares import for_choosing, for_role
from bot.subscribing import label
from bot.texts import choosing
from domain.subscription import Role


async def subscriptions(message: Message, visitor: Visitor, desk: Desk) -> None:
    words, keyboard = await _list(visitor, desk, 0)
    await message.answer(words, reply_markup=keyboard)


async def end(query: CallbackQuery, callback_data: End, visitor: Visitor, desk: Desk) -> None:
    """End one, or turn to another page; pressed again, it is gone already."""
    chat_id = visitor.chat.chat_id
    async with desk.store.begin() as tx:
        mine = {s.id: s for s in await tx.subscriptions.of(chat_id)}
        channels = await tx.channels.all()
        ended = mine.get(callback_data.id)
        if ended is not None:
            await tx.subscriptions.unsubscribe(chat_id, ended.id)
    what = label(ended, channels, visitor.say, desk.claimants) if ended else ""
    await query.answer(
        shortened(visitor.say.bare(choosing.UNSUBSCRIBED, what=what), LONGEST_ANSWER) if ended else None
    )
    words, keyboard = await _list(visitor, desk, callback_data.page)
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):
            await query.message.edit_text(words, reply_markup=keyboard)


async def _list(visitor: Visitor, desk: Desk, page: int) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = visitor.say
    async with desk.store.read() as tx:
        mine = await tx.subscriptions.of(visitor.chat.chat_id)
        channels = await tx.channels.all()
    if not mine:
        return say(choosing.NO_SUBSCRIPTIONS), None
    page = min(max(page, 0), (len(mine) - 1) // ENDINGS)
    on_page = mine[page * ENDINGS : (page + 1) * ENDINGS]
    labels = [(s, label(s, channels, say, desk.claimants)) for s in on_page]
    lines = [say.bullet(foreign(what, 160)) for _, what in labels]
    words = joined([say(choosing.YOUR_SUBSCRIPTIONS, n=len(mine)), *lines, say(choosing.TAP_TO_END)])
    return words, endings(labels, page, len(mine), say)


def make_router() -> Router:
    router = Router(name="subscriptions")
    router.message.register(
        subscriptions, Command("subscriptions", "unsubscribe"), flags=for_role(Role.GUEST)
    )
    router.callback_query.register(end, End.filter(), flags=for_choosing(Role.GUEST))
    return router
