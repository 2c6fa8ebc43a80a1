"""/subscribe and /unsubscribe: by keyboard or by name; what it would have said is shown before it is kept."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot import subscribing
from bot.access import Visitor
from bot.desk import Desk
from bot.keyboards import Draft, Page, choice, draft_keyboard, key_of, strand_keyboard
from bot.markup import LONGEST_ANSWER, Html, bold, foreign, joined, shortened
from bot.middlewares import for_choosing
from bot.preview import Preview, preview
from bot.say import Say
from bot.saying import say_span
from bot.subscribing import Known, Wish, drafted, nearest, read_wish, shown
from bot.texts import choosing, common
from domain.subscription import Role
from storage.store import Transaction

#: What a channel posted about in so long is what one may choose of it.
_OF_LATE = timedelta(days=60)


async def subscribe(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """By name it is put together at once; kept it is by the button only."""
    if not (words := (command.args or "").strip()):
        await show_choice(message, visitor, desk)
        return
    async with desk.store.read() as tx:
        known = await known_things(tx, desk)
    wish = read_wish(words, known)
    if isinstance(wish, str):
        await message.answer(unknown(wish, known, visitor))
        return
    words_, keyboard = await _card(wish.draft(), wish, known, visitor, desk)
    await message.answer(words_, reply_markup=keyboard)


async def unsubscribe(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """By name, all that is about it; without one, the list of subscriptions answers."""
    say, now = visitor.say, desk.clock.now()
    async with desk.store.begin() as tx:
        known = await known_things(tx, desk)
        wish = read_wish((command.args or "").strip(), known)
        had = False
        if not isinstance(wish, str):
            is_bare = wish == Wish(channel=wish.channel, group=wish.group)
            end = subscribing.end_all_about if is_bare else subscribing.end
            had = await end(tx, visitor.chat.chat_id, wish)
        left = await tx.subscriptions.of(visitor.chat.chat_id)
    if isinstance(wish, str):
        await message.answer(unknown(wish, known, visitor))
        return
    what = shown(wish, known, say, now)
    words = [say(choosing.UNSUBSCRIBED if had else choosing.WAS_NOT, what=what)]
    if any(Wish().matches(s) for s in left):
        words.append(say(choosing.STILL_ALL))
    await message.answer(joined(words, " "))


async def draft(query: CallbackQuery, callback_data: Draft, visitor: Visitor, desk: Desk) -> None:
    """A button of a subscription that is being put together."""
    say, chat_id, now = visitor.say, visitor.chat.chat_id, desk.clock.now()
    async with desk.store.read() as tx:
        known = await known_things(tx, desk)
    wish = drafted(callback_data, known)
    if wish is None:
        await query.answer(say.bare(choosing.NO_SUCH_BUTTON))
        await _turn(query, visitor, desk, 0)
        return
    if callback_data.do in ("k", "e"):
        async with desk.store.begin() as tx:
            before = await subscribing.kept(tx, chat_id, wish)
            if callback_data.do == "k":
                await tx.subscriptions.subscribe(wish.subscription(chat_id, now))
            else:
                await subscribing.end(tx, chat_id, wish)
        said = {"no": choosing.SUBSCRIBED, "other": choosing.CHANGED, "same": choosing.ALREADY}[before]
        template = said if callback_data.do == "k" else choosing.UNSUBSCRIBED
        what = subscribing.label(wish.subscription(0, now), known.channels, say, known.claimants)
        await query.answer(shortened(say.bare(template, what=what), LONGEST_ANSWER))
        await _turn(query, visitor, desk, callback_data.page, say(template, what=foreign(what, 160)))
        return
    await query.answer()
    if callback_data.do == "s":
        await _show(query, *await _card(callback_data, wish, known, visitor, desk))
    else:
        await _show(query, *await _strands(callback_data, wish, known, visitor, desk))


async def page(query: CallbackQuery, callback_data: Page, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    await _turn(query, visitor, desk, callback_data.number)


async def show_choice(message: Message, visitor: Visitor, desk: Desk) -> None:
    """The list to choose from, as a new message."""
    words, keyboard = await _choice(visitor, desk, 0)
    await message.answer(words, reply_markup=keyboard)


async def show_choice_in(bot: Bot, visitor: Visitor, desk: Desk) -> None:
    """The same for somebody who has said nothing."""
    words, keyboard = await _choice(visitor, desk, 0)
    await bot.send_message(visitor.chat.chat_id, words, reply_markup=keyboard)


async def known_things(tx: Transaction, desk: Desk) -> Known:
    """What can be chosen just now."""
    return Known(channels=await tx.channels.all(), topics=desk.topics, claimants=desk.claimants)


def unknown(name: str, known: Known, visitor: Visitor) -> Html:
    say = visitor.say
    is_strand = name.casefold().startswith(("topic:", "claimant:"))
    template = choosing.UNKNOWN_TOPIC if is_strand else choosing.UNKNOWN_NAME
    words = [say(template, name=foreign(name, 80))]
    if near := nearest(name, known):
        words.append(say(choosing.NEAREST, names=say.listed([foreign(n, 80) for n in near])))
    return joined(words, " ")


async def _choice(
    visitor: Visitor, desk: Desk, number: int, first: Html | None = None
) -> tuple[Html, InlineKeyboardMarkup | None]:
    say = visitor.say
    async with desk.store.read() as tx:
        channels = await tx.channels.all()
        mine = await tx.subscriptions.of(visitor.chat.chat_id)
    if not channels:
        words = joined([say(choosing.NOTHING_WATCHED), say(choosing.NOTHING_WATCHED_YET_HERE)], " ")
        return desk.labelled(words, say), None
    words = joined([*([first] if first else []), say(choosing.CHOOSE)])
    return desk.labelled(words, say), choice(channels, mine, number, say)


async def _card(
    draft: Draft, wish: Wish, known: Known, visitor: Visitor, desk: Desk
) -> tuple[Html, InlineKeyboardMarkup]:
    """What it is, how often it would have spoken, and what can be made of it."""
    say, chat_id, now = visitor.say, visitor.chat.chat_id, desk.clock.now()
    async with desk.store.read() as tx:
        found = await preview(tx, wish.subscription(chat_id, now), known.channels, now)
        kept = await subscribing.kept(tx, chat_id, wish)
    words = [bold(say(choosing.DRAFT, what=shown(wish, known, say, now))), Html(""), *_preview(found, say)]
    return desk.labelled(joined(words), say), draft_keyboard(draft, kept, say)


def _preview(found: Preview, say: Say) -> list[Html]:
    if found.n:
        kinds = [
            say(choosing.PREVIEW_KIND, kind=say(common.KINDS[kind.value]), n=n)
            for kind, n in sorted(found.kinds.items())
        ]
        lines = [say(choosing.PREVIEW, n=found.n, kinds=say.listed(kinds))]
    elif found.watched:
        lines = [say(choosing.PREVIEW_NONE)]
    else:
        return [say(choosing.PREVIEW_UNWATCHED)]
    if not found.is_whole:
        watched = say_span(found.watched, say)
        template = choosing.PREVIEW_PARTLY if found.n_channels == 1 else choosing.PREVIEW_PARTLY_MEAN
        values = {} if found.n_channels == 1 else {"n": found.n_channels}
        lines.append(say(template, watched=watched, **values))
    return lines


async def _strands(
    draft: Draft, wish: Wish, known: Known, visitor: Visitor, desk: Desk
) -> tuple[Html, InlineKeyboardMarkup]:
    """The topics or claimants of it: of a channel those it had of late, the most frequent first."""
    say, by_topic = visitor.say, draft.do == "t"
    names = list(known.topics) if by_topic else sorted(known.claimants, key=lambda c: known.claimants[c])
    if wish.channel is not None:
        names = [n for n in await _of_late(wish.channel.id, desk, by_topic=by_topic) if n in set(names)]
    whole = replace(wish, topic=None, claimant=None)
    what = shown(whole, known, say, desk.clock.now())
    template = choosing.CHOOSE_TOPIC if by_topic else choosing.CHOOSE_CLAIMANT
    if not names:
        template = choosing.NO_TOPICS if by_topic else choosing.NO_CLAIMANTS
    called = [(key_of(n), n if by_topic else known.claimants.get(n, n)) for n in names]
    return desk.labelled(say(template, what=what), say), strand_keyboard(draft, called, say)


async def _of_late(channel_id: int, desk: Desk, *, by_topic: bool) -> list[str]:
    async with desk.store.read() as tx:
        version = await tx.readings.live_version()
        if version is None:
            return []
        since = desk.clock.now() - _OF_LATE
        found = await tx.tallies.strands(channel_id, version, since)
    return [name for topic, claimant, _ in found if (name := topic if by_topic else claimant)]


async def _turn(
    query: CallbackQuery, visitor: Visitor, desk: Desk, number: int, first: Html | None = None
) -> None:
    await _show(query, *await _choice(visitor, desk, number, first))


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup | None) -> None:
    """In place of what the button stands under; where that is too old to be changed, anew."""
    if isinstance(query.message, Message):
        # Pressed twice, it shows already what it should.
        with suppress(TelegramBadRequest):
            await query.message.edit_text(words, reply_markup=keyboard)
    elif query.message is not None and query.bot is not None:
        await query.bot.send_message(query.message.chat.id, words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="subscribe")
    router.message.register(subscribe, Command("subscribe"), flags=for_choosing(Role.GUEST))
    named = Command("unsubscribe", magic=F.args)
    router.message.register(unsubscribe, named, flags=for_choosing(Role.GUEST))
    router.callback_query.register(draft, Draft.filter(), flags=for_choosing(Role.GUEST))
    router.callback_query.register(page, Page.filter(), flags=for_choosing(Role.GUEST))
    return router
