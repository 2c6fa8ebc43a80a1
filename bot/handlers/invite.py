"""/invite: a link that lets one person in."""

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.filters import Command, CommandObject
from aiogram.types import LinkPreviewOptions, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.markup import html
from bot.middlewares import for_role
from bot.saying import say_span
from bot.texts import common, door
from domain.subscription import Role

_ROLES = (Role.GUEST, Role.ANALYST, Role.OPS)  #: owners come from the config alone


async def invite(message: Message, command: CommandObject, visitor: Visitor, desk: Desk, bot: Bot) -> None:
    """Only in private: a link shown to a group would let in whoever is quickest."""
    if message.chat.type != ChatType.PRIVATE:
        return
    say = visitor.say
    wanted = (command.args or Role.GUEST.value).strip().casefold()
    role = next((r for r in _ROLES if r.value == wanted), None)
    if role is None:
        await message.answer(say(door.INVITE_ROLES))
        return
    me = await bot.me()
    code = await desk.door.invite(role, visitor.person)
    link = html(f"https://t.me/{me.username}?start={code}")
    span = say_span(desk.config.invite_expires, visitor.say)
    await message.answer(
        say(door.INVITE, role=say(common.ROLES[role.value]), span=span, link=link),
        link_preview_options=LinkPreviewOptions(is_disabled=True),
    )


def make_router() -> Router:
    router = Router(name="invite")
    router.message.register(invite, Command("invite"), flags=for_role(Role.OWNER))
    return router
