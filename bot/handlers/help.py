"""/help, and what answers when nothing else does."""

from aiogram import F, Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from bot import texts
from bot.access import Visitor
from bot.desk import Desk
from bot.markup import Html, html, joined
from bot.middlewares import for_role
from domain.subscription import Role

COMMANDS: tuple[tuple[str, str, Role], ...] = (
    ("start", texts.COMMAND_START, Role.GUEST),
    ("subscribe", texts.COMMAND_SUBSCRIBE, Role.GUEST),
    ("unsubscribe", texts.COMMAND_UNSUBSCRIBE, Role.GUEST),
    ("subscriptions", texts.COMMAND_SUBSCRIPTIONS, Role.GUEST),
    ("status", texts.COMMAND_STATUS, Role.GUEST),
    ("invite", texts.COMMAND_INVITE, Role.OWNER),
    ("help", texts.COMMAND_HELP, Role.GUEST),
    ("stop", texts.COMMAND_STOP, Role.GUEST),
)


async def help_(message: Message, visitor: Visitor, desk: Desk) -> None:
    say = visitor.say
    lines = [
        Html(f"/{name} – {say(what)}") for name, what, role in COMMANDS if visitor.person.role.at_least(role)
    ]
    await message.answer(desk.labelled(joined([say(texts.HELP), *lines]), say))


async def anything(message: Message, visitor: Visitor) -> None:
    await message.answer(visitor.say(texts.UNKNOWN_COMMAND))


async def any_button(query: CallbackQuery, visitor: Visitor) -> None:
    await query.answer(str(html(visitor.say.bare(texts.NO_SUCH_BUTTON))))


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
