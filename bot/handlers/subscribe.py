"""/subscribe and /unsubscribe: by keyboard or by name."""

from contextlib import suppress

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot import subscribing
from bot.access import Visitor
from bot.desk import Desk
from bot.keyboards import Page, Pick, choice
from bot.markup import Html, foreign, joined
from bot.middlewares import for_choosing, for_role
from bot.subscribing import nearest, picked, read_wish, shown
from bot.texts import choosing
from domain.subscription import Role


async def subscribe(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    if not (name := (command.args or "").strip()):
        await show_choice(message, visitor, desk)
        return
    say, now = visitor.say, desk.clock.now()
    async with desk.store.begin() as tx:
        channels = await tx.channels.all()
        wish = read_wish(name, channels)
        new = wish is not None and await subscribing.begin(tx, visitor.chat.chat_id, wish, now)
    if wish is None:
        await message.answer(unknown(name, nearest(name, channels), visitor))
        return
    await message.answer(say(choosing.SUBSCRIBED if new else choosing.ALREADY, what=shown(wish, say)))


async def unsubscribe(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """By name; without one, the list of subscriptions answers."""
    name = (command.args or "").strip()
    say = visitor.say
    async with desk.store.begin() as tx:
        channels = await tx.channels.all()
        wish = read_wish(name, channels)
        had = wish is not None and await subscribing.end(tx, visitor.chat.chat_id, wish)
        left = await tx.subscriptions.of(visitor.chat.chat_id)
    if wish is None:
        await message.answer(unknown(name, nearest(name, channels), visitor))
        return
    words = [say(choosing.UNSUBSCRIBED if had else choosing.WAS_NOT, what=shown(wish, say))]
    if any(subscribing.Wish().matches(s) for s in left):
        words.append(say(choosing.STILL_ALL))
    await message.answer(joined(words, " "))


async def pick(query: CallbackQuery, callback_data: Pick, visitor: Visitor, desk: Desk) -> None:
    """A button of the list: do what it says, tick what is so now."""
    say, chat_id = visitor.say, visitor.chat.chat_id
    async with desk.store.begin() as tx:
        wish = picked(callback_data, await tx.channels.all())
        if wish is not None and callback_data.on:
            await subscribing.begin(tx, chat_id, wish, desk.clock.now())
        elif wish is not None:
            await subscribing.end(tx, chat_id, wish)
    if wish is None:
        await query.answer(say.bare(choosing.NO_SUCH_BUTTON))
    else:
        template = choosing.SUBSCRIBED if callback_data.on else choosing.UNSUBSCRIBED
        await query.answer(say.bare(template, what=wish.named(say))[:200])
    await _turn(query, visitor, desk, callback_data.page)


async def page(query: CallbackQuery, callback_data: Page, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    await _turn(query, visitor, desk, callback_data.number)


async def show_choice(message: Message, visitor: Visitor, desk: Desk) -> None:
    """The list to choose from, as a new message."""
    words, keyboard = await _choice(visitor, desk)
    await message.answer(words, reply_markup=keyboard)


async def show_choice_in(bot: Bot, visitor: Visitor, desk: Desk) -> None:
    """The same for somebody who has said nothing."""
    words, keyboard = await _choice(visitor, desk)
    await bot.send_message(visitor.chat.chat_id, words, reply_markup=keyboard)


async def _choice(visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup | None]:
    async with desk.store.read() as tx:
        channels = await tx.channels.all()
        mine = await tx.subscriptions.of(visitor.chat.chat_id)
    if not channels:
        words = joined(
            [visitor.say(choosing.NOTHING_WATCHED), visitor.say(choosing.NOTHING_WATCHED_YET_HERE)], " "
        )
        return desk.labelled(words, visitor.say), None
    keyboard = choice(channels, mine, 0, visitor.say)
    return desk.labelled(visitor.say(choosing.CHOOSE), visitor.say), keyboard


async def _turn(query: CallbackQuery, visitor: Visitor, desk: Desk, number: int) -> None:
    async with desk.store.read() as tx:
        channels = await tx.channels.all()
        mine = await tx.subscriptions.of(visitor.chat.chat_id)
    keyboard = choice(channels, mine, number, visitor.say)
    if isinstance(query.message, Message):
        # Pressed twice, it shows already what it should.
        with suppress(TelegramBadRequest):
            await query.message.edit_reply_markup(reply_markup=keyboard)
    elif query.message is not None and query.bot is not None:
        words: Html = visitor.say(choosing.TOO_OLD)
        await query.bot.send_message(query.message.chat.id, words, reply_markup=keyboard)


def unknown(name: str, near: list[str], visitor: Visitor) -> Html:
    say = visitor.say
    words = [say(choosing.UNKNOWN_NAME, name=foreign(name, 80))]
    if near:
        words.append(say(choosing.NEAREST, names=joined([foreign(n, 80) for n in near], ", ")))
    return joined(words, " ")


def make_router() -> Router:
    router = Router(name="subscribe")
    router.message.register(subscribe, Command("subscribe"), flags=for_choosing(Role.GUEST))
    named = Command("unsubscribe", magic=F.args)
    router.message.register(unsubscribe, named, flags=for_choosing(Role.GUEST))
    router.callback_query.register(pick, Pick.filter(), flags=for_choosing(Role.GUEST))
    router.callback_query.register(page, Page.filter(), flags=for_role(Role.GUEST))
    return router
