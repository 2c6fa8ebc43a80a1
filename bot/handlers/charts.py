"""/chart: what came of a channel, beside what was to be expected."""

import asyncio
from datetime import timedelta

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.answering import answer, named_channel, no_channel, other_picture, picture
from bot.asked_keys import DAY, SPANS, ShowChart, chart_spans
from bot.desk import Desk
from bot.drawing import draw_span
from bot.markup import Html, foreign
from bot.middlewares import for_role
from bot.profile import channel_name, read_outlook
from bot.saying import say_span
from bot.telling import Reader
from bot.texts import asking, choosing
from domain.channel import Channel
from domain.instant import parse_span
from domain.subscription import Role

LEAST, MOST = timedelta(hours=2), timedelta(days=90)
USUAL = timedelta(days=7)


def read_asked(words: str) -> tuple[str, str]:
    """The channel's name, and the span asked for, or "": the last word, where it begins with a digit.

    A channel whose title ends so is found by its handle.
    """
    name, _, last = words.strip().rpartition(" ")
    return (name.strip(), last) if name and last[:1].isdigit() else (words.strip(), "")


def read_span(words: str) -> timedelta | None:
    """A span that can be drawn; None for any other."""
    try:
        span = parse_span(words) if words else USUAL
    except (ValueError, OverflowError):
        return None
    return span if LEAST <= span <= MOST else None


async def chart(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    say = visitor.say
    async with desk.store.read() as tx:
        channels = await tx.channels.all()
    if not (words := (command.args or "").strip()):
        await answer(message, say(asking.WHICH_CHART))
        return
    found, (name, asked) = named_channel(words, channels), read_asked(words)
    if found is None:
        found = named_channel(name, channels)
    else:
        asked = ""
    if found is None:
        await answer(message, no_channel(name, channels, visitor))
        return
    span = read_span(asked)
    if span is None:
        called = foreign(found.name, 60)
        await answer(message, say(asking.BAD_SPAN, span=foreign(asked, 40), name=called))
        return
    drawn = await _drawn(found, span, visitor, desk)
    if drawn is None:
        await answer(message, say(asking.NOTHING_TO_DRAW, who=channel_name(found)))
        return
    await picture(message, *drawn)


async def other_span(
    query: CallbackQuery, callback_data: ShowChart, visitor: Visitor, desk: Desk, bot: Bot
) -> None:
    """A button below a chart."""
    async with desk.store.read() as tx:
        found = await tx.channels.get(callback_data.id)
    span = callback_data.days * DAY
    drawn = None
    if found is not None and callback_data.days in SPANS:
        drawn = await _drawn(found, span, visitor, desk)
    if drawn is None:
        await query.answer(visitor.say.bare(choosing.NO_SUCH_BUTTON))
        return
    await query.answer()
    await other_picture(query, bot, *drawn)


async def _drawn(
    found: Channel, span: timedelta, visitor: Visitor, desk: Desk
) -> tuple[bytes, Html, InlineKeyboardMarkup] | None:
    """The picture, its words, its buttons; None where nothing is known."""
    say, now = visitor.say, desk.clock.now()
    outlook, points, _, seen = await read_outlook(desk.store, found, desk.judged_by, now - span, now)
    if not points or not (outlook.is_known or seen.stretches):
        return None
    png = await asyncio.to_thread(
        draw_span,
        found.title or found.name,
        points,
        now,
        Reader(zone=visitor.zone, say=say),
        simulated=desk.config.simulated,
    )
    words = say(asking.CHART_OF, who=channel_name(found), span=say_span(span, say))
    return png, desk.labelled(words, say), chart_spans(found.id, span, say)


def make_router() -> Router:
    router = Router(name="charts")
    router.message.register(chart, Command("chart"), flags=for_role(Role.GUEST))
    router.callback_query.register(other_span, ShowChart.filter(), flags=for_role(Role.GUEST))
    return router
