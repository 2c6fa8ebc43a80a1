"""The guard: every handler says whom it serves, and nobody else gets past here."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiogram import BaseMiddleware, Bot
from aiogram.dispatcher.flags import get_flag
from aiogram.enums import ChatMemberStatus
from aiogram.types import CallbackQuery, InlineQuery, Message, TelegramObject, User

from bot.access import Door
from bot.access_keys import ask_button
from bot.errors import outcome_of
from bot.markup import LONGEST_ANSWER, plain, shortened
from bot.say import ENGLISH
from bot.texts import common, door
from domain.subscription import Role

log = structlog.get_logger(__name__)

ROLE: Final = "role"
ANYONE: Final = "anyone"
CHOOSES: Final = "chooses"


def for_role(role: Role) -> dict[str, object]:
    """Flags of a handler that serves this role and those above it."""
    return {ROLE: role}


def for_choosing(role: Role) -> dict[str, object]:
    """The same for one that settles what a chat is told: in a group only its admins may."""
    return {ROLE: role, CHOOSES: True}


def for_anyone() -> dict[str, object]:
    """Flags of a handler that asks by itself who it is, or never answers."""
    return {ROLE: ANYONE}


class Guard(BaseMiddleware):
    """Stands before each handler. A handler without a role serves nobody."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def __call__(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: TelegramObject,
        data: dict[str, Any],
    ) -> Any:
        wanted = get_flag(data, ROLE)
        if wanted == ANYONE:
            return await handler(event, data)
        if not isinstance(wanted, Role):
            log.error("bot: a handler without a role", handler=str(data.get("handler")))
            return None
        user: User | None = data.get("event_from_user")
        if user is None or user.is_bot:
            return None
        chat = data.get("event_chat")
        # What is asked inline is asked by the person, in whichever chat it is typed.
        chat_id = user.id if chat is None else chat.id
        visitor = await self._door.visitor(user.id, user.full_name, chat_id)
        if visitor is None:
            await turn_away(self._door, event, user, chat_id, door.STRANGER)
            return None
        if not visitor.person.role.at_least(wanted):
            await self._door.refused(user.id, user.full_name, said(event), f"needs {wanted.value}")
            words = visitor.say(
                door.NOT_ALLOWED,
                role=visitor.say(common.ROLES[wanted.value]),
                mine=visitor.say(common.ROLES[visitor.person.role.value]),
            )
            await _tell(event, words)
            return None
        if get_flag(data, CHOOSES) and chat_id != user.id and not await rules(data["bot"], chat_id, user.id):
            await self._door.refused(user.id, user.full_name, said(event), "is no admin of the group")
            await _tell(event, visitor.say(door.ADMINS_CHOOSE))
            return None
        data["visitor"] = visitor
        return await handler(event, data)


async def rules(bot: Bot, chat_id: int, user_id: int) -> bool:
    """Is this one of the group's admins? Where Telegram does not say, no."""
    try:
        member = await bot.get_chat_member(chat_id, user_id)
    except Exception as error:
        log.info("bot: whether somebody is an admin is not known", chat=chat_id, why=str(outcome_of(error)))
        return False
    return member.status in (ChatMemberStatus.CREATOR, ChatMemberStatus.ADMINISTRATOR)


async def turn_away(door: Door, event: TelegramObject, user: User, chat_id: int, line: str) -> None:
    """One polite line in private, and then nothing for hours. In groups nothing at all."""
    await door.refused(user.id, user.full_name, said(event), "was not let in")
    if isinstance(event, InlineQuery):
        await event.answer([], cache_time=60, is_personal=True)
    elif chat_id == user.id and door.may_answer(user.id):
        if isinstance(event, Message):
            await event.answer(ENGLISH(line), reply_markup=ask_button(ENGLISH))
        else:
            await _tell(event, ENGLISH(line))


def said(event: TelegramObject) -> str:
    """What somebody tried, for the record: the command, without what was said with it."""
    if isinstance(event, Message):
        words = (event.text or event.caption or "").split()
        return words[0] if words and words[0].startswith("/") else "a message"
    if isinstance(event, CallbackQuery):
        return "button " + (event.data or "").partition(":")[0]
    return "inline" if isinstance(event, InlineQuery) else type(event).__name__


async def _tell(event: TelegramObject, words: str) -> None:
    if isinstance(event, CallbackQuery):
        await event.answer(shortened(plain(words), LONGEST_ANSWER), show_alert=True)
    elif isinstance(event, Message):
        await event.answer(words)
    elif isinstance(event, InlineQuery):
        await event.answer([], cache_time=60, is_personal=True)
