"""/channel: how a channel is doing."""

import asyncio

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from bot.access import Visitor
from bot.answering import answer, named_channel, no_channel, picture
from bot.asked_keys import chart_spans
from bot.desk import Desk
from bot.drawing import draw_profile
from bot.middlewares import for_role
from bot.profile import WEEK, read_profile, say_profile
from bot.telling import Reader
from bot.texts import asking
from domain.subscription import Role


async def channel(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    name = (command.args or "").strip()
    async with desk.store.read() as tx:
        channels = await tx.channels.all()
    if not name:
        await answer(message, visitor.say(asking.WHICH_CHANNEL))
        return
    found = named_channel(name, channels)
    if found is None:
        await answer(message, no_channel(name, channels, visitor))
        return
    profile = await read_profile(desk.store, found, desk.judged_by, visitor.zone, desk.clock.now())
    words = desk.labelled(say_profile(profile, visitor.zone, visitor.say, desk.names), visitor.say)
    if not profile.outlook.is_known or not profile.week or not profile.day:
        await answer(message, words)
        return
    png = await asyncio.to_thread(
        draw_profile,
        found.title or found.name,
        profile.week,
        profile.day,
        profile.now,
        Reader(zone=visitor.zone, say=visitor.say),
        simulated=desk.config.simulated,
    )
    await picture(message, png, words, chart_spans(found.id, WEEK, visitor.say))


def make_router() -> Router:
    router = Router(name="channel")
    router.message.register(channel, Command("channel"), flags=for_role(Role.GUEST))
    return router
