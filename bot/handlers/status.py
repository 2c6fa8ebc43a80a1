"""/status: how things stand."""

from collections.abc import Sequence
from contextlib import suppress

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.keyboards import ShowStatus, refresh
from bot.markup import Html, split
from bot.middlewares import for_role
from bot.standing import read_standing, say_standing
from domain.subscription import Role

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


async def status(message: Message, visitor: Visitor, desk: Desk) -> None:
    pieces = await _pieces(visitor, desk)
    for piece in pieces:
        await message.answer(piece, reply_markup=_keys(pieces, visitor), link_preview_options=_NO_PREVIEW)


async def renew(query: CallbackQuery, visitor: Visitor, desk: Desk) -> None:
    """In place; what does not fit there any more follows."""
    await query.answer()
    first, *rest = pieces = await _pieces(visitor, desk)
    if isinstance(query.message, Message):
        keys = _keys(pieces, visitor)
        with suppress(TelegramBadRequest):  # nothing has changed
            await query.message.edit_text(first, reply_markup=keys, link_preview_options=_NO_PREVIEW)
        for piece in rest:
            await query.message.answer(piece, link_preview_options=_NO_PREVIEW)


def _keys(pieces: Sequence[Html], visitor: Visitor) -> InlineKeyboardMarkup | None:
    """Only what stands in one message can be renewed in place."""
    return refresh(visitor.say) if len(pieces) == 1 else None


async def _pieces(visitor: Visitor, desk: Desk) -> list[Html]:
    standing = await read_standing(desk.store, desk.clock.now())
    return split(desk.labelled(say_standing(standing, visitor.zone, visitor.say, desk.names), visitor.say))


def make_router() -> Router:
    router = Router(name="status")
    router.message.register(status, Command("status"), flags=for_role(Role.GUEST))
    router.callback_query.register(renew, ShowStatus.filter(), flags=for_role(Role.GUEST))
    return router
