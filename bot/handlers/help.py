"""/help, and what answers when nothing else does."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.markup import Html, html, joined
from bot.middlewares import for_role
from bot.texts import asking, choosing, hushing, operators, running
from domain.subscription import Role

COMMANDS: tuple[tuple[str, str, Role], ...] = (
    ("start", asking.COMMAND_START, Role.GUEST),
    ("subscribe", asking.COMMAND_SUBSCRIBE, Role.GUEST),
    ("unsubscribe", asking.COMMAND_UNSUBSCRIBE, Role.GUEST),
    ("subscriptions", asking.COMMAND_SUBSCRIPTIONS, Role.GUEST),
    ("status", asking.COMMAND_STATUS, Role.GUEST),
    ("channel", asking.COMMAND_CHANNEL, Role.GUEST),
    ("chart", asking.COMMAND_CHART, Role.GUEST),
    ("claims", asking.COMMAND_CLAIMS, Role.GUEST),
    ("search", asking.COMMAND_SEARCH, Role.GUEST),
    ("mute", hushing.COMMAND_MUTE, Role.GUEST),
    ("unmute", hushing.COMMAND_UNMUTE, Role.GUEST),
    ("quiet", hushing.COMMAND_QUIET, Role.GUEST),
    ("digest", hushing.COMMAND_DIGEST, Role.GUEST),
    ("language", hushing.COMMAND_LANGUAGE, Role.GUEST),
    ("timezone", hushing.COMMAND_TIMEZONE, Role.GUEST),
    ("test", hushing.COMMAND_TEST, Role.GUEST),
    ("channels", running.COMMAND_CHANNELS, Role.OPS),
    ("thresholds", running.COMMAND_THRESHOLDS, Role.OPS),
    ("health", running.COMMAND_HEALTH, Role.OPS),
    ("audit", running.COMMAND_AUDIT, Role.OPS),
    ("invite", asking.COMMAND_INVITE, Role.OWNER),
    ("invites", operators.COMMAND_INVITES, Role.OWNER),
    ("requests", operators.COMMAND_REQUESTS, Role.OWNER),
    ("people", operators.COMMAND_PEOPLE, Role.OWNER),
    ("help", asking.COMMAND_HELP, Role.GUEST),
    ("stop", asking.COMMAND_STOP, Role.GUEST),
)


async def help_(message: Message, visitor: Visitor, desk: Desk) -> None:
    say = visitor.say
    lines = [
        Html(f"{say.typed(f'/{name}')} – {say(what)}")
        for name, what, role in COMMANDS
        if visitor.person.role.at_least(role)
    ]
    await message.answer(desk.labelled(joined([say(asking.HELP), *lines]), say))


async def anything(message: Message, visitor: Visitor) -> None:
    await message.answer(visitor.say(asking.UNKNOWN_COMMAND))


async def any_button(query: CallbackQuery, visitor: Visitor) -> None:
    await query.answer(str(html(visitor.say.bare(choosing.NO_SUCH_BUTTON))))


def make_router() -> Router:
    router = Router(name="help")
    router.message.register(help_, Command("help"), flags=for_role(Role.GUEST))
    return router


def make_rest() -> Router:
    """Comes last of all: whatever no other handler wants."""
    router = Router(name="rest")
    router.message.register(anything, F.chat.type == ChatType.PRIVATE, flags=for_role(Role.GUEST))
    router.callback_query.register(any_button, flags=for_role(Role.GUEST))
    return router
