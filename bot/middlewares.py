"""The guard: every handler says whom it serves, and nobody else gets past here."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiogram import BaseMiddleware
from aiogram.dispatcher.flags import get_flag
from aiogram.types import CallbackQuery, Chat, InlineQuery, Message, TelegramObject, User

from bot.access import Door
from bot.say import ENGLISH
from bot.texts import common, door
from domain.subscription import Role

log = structlog.get_logger(__name__)

ROLE: Final = "role"
ANYONE: Final = "anyone"


def for_role(role: Role) -> dict[str, object]:
    """Flags of a handler that serves this role and those above it."""
    return {ROLE: role}


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
        chat: Chat | None = data.get("event_chat")
        if isinstance(event, InlineQuery) and user is not None:
            return await self._inline(handler, event, data, user, wanted)
        if user is None or chat is None or user.is_bot:
            return None
        visitor = await self._door.visitor(user.id, user.full_name, chat.id)
        if visitor is None:
            await turn_away(self._door, event, user, chat, door.STRANGER)
            return None
        if not visitor.person.role.at_least(wanted):
            words = visitor.say(
                door.NOT_ALLOWED,
                role=visitor.say(common.ROLES[wanted.value]),
                mine=visitor.say(common.ROLES[visitor.person.role.value]),
            )
            await _tell(event, words)
            return None
        data["visitor"] = visitor
        return await handler(event, data)

    async def _inline(
        self,
        handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
        event: InlineQuery,
        data: dict[str, Any],
        user: User,
        wanted: Role,
    ) -> Any:
        """Typed in a chat that we are not told of: whoever is not let in is offered nothing."""
        visitor = None if user.is_bot else await self._door.visitor(user.id, user.full_name, user.id)
        if visitor is None or not visitor.person.role.at_least(wanted):
            return await event.answer([], cache_time=0, is_personal=True)
        data["visitor"] = visitor
        return await handler(event, data)


async def turn_away(door: Door, event: TelegramObject, user: User, chat: Chat, line: str) -> None:
    """One polite line in private, and then nothing for hours. In groups nothing at all."""
    if chat.id == user.id and door.may_answer(user.id):
        await _tell(event, ENGLISH(line))


async def _tell(event: TelegramObject, words: str) -> None:
    if isinstance(event, CallbackQuery):
        await event.answer(words[:200])
    elif isinstance(event, Message):
        await event.answer(words)
