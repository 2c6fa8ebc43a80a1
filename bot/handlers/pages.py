"""/web: a link that signs one person in to the pages, once."""

from aiogram import Router
from aiogram.enums import ChatType
from aiogram.filters import Command
from aiogram.types import LinkPreviewOptions, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.markup import html
from bot.middlewares import for_role
from bot.saying import say_span
from bot.texts import common, door
from domain.credential import SignInLink, hash_secret, new_secret
from domain.subscription import Role


async def web(message: Message, visitor: Visitor, desk: Desk) -> None:
    """Only in private: a link shown to a group would sign in whoever is quickest, in this one's name."""
    say, person = visitor.say, visitor.person
    if message.chat.type != ChatType.PRIVATE:
        await message.answer(say(door.ONLY_IN_PRIVATE))
        return
    if desk.pages is None:
        await message.answer(say(door.WEB_NONE))
        return
    code, now = new_secret(), desk.clock.now()
    link = SignInLink(
        code_hash=hash_secret(code),
        name=person.name,
        role=person.role,
        chat_id=person.chat_id,
        made_at=now,
        expires_at=now + desk.pages.link_expires,
    )
    async with desk.store.begin() as tx:
        await tx.credentials.add_link(link)
    said = say(
        door.WEB,
        role=say(common.ROLES[person.role.value]),
        span=say_span(desk.pages.link_expires, say),
        link=html(f"{desk.pages.address}/sign-in/{code}"),
    )
    await message.answer(said, link_preview_options=LinkPreviewOptions(is_disabled=True))


def make_router() -> Router:
    router = Router(name="pages")
    router.message.register(web, Command("web"), flags=for_role(Role.GUEST))
    return router
