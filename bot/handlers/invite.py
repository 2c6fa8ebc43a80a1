"""/invite and /invites: links that let one person in each, and closing them."""

from contextlib import suppress
from datetime import timedelta

from aiogram import Bot, Router
from aiogram.enums import ChatType
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, LinkPreviewOptions, Message

from bot.access import SHORT, Visitor
from bot.access_keys import LET_IN_AS, Revoke, invite_buttons
from bot.desk import Desk
from bot.markup import Html, foreign, html, joined, split
from bot.middlewares import for_role
from bot.record import note
from bot.saying import say_at, say_span
from bot.texts import common, door
from domain.change import What
from domain.subscription import Role

_LISTED = ("list", "ls", "all")
_USED_FOR = timedelta(days=30)
_MOST = 20


async def invite(message: Message, command: CommandObject, visitor: Visitor, desk: Desk, bot: Bot) -> None:
    """Only in private: a link shown to a group would let in whoever is quickest."""
    say = visitor.say
    if message.chat.type != ChatType.PRIVATE:
        await message.answer(say(door.ONLY_IN_PRIVATE))
        return
    wanted = (command.args or Role.GUEST.value).strip().casefold()
    if wanted in _LISTED:
        await invites(message, visitor, desk)
        return
    role = next((r for r in LET_IN_AS if r.value == wanted), None)
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


async def invites(message: Message, visitor: Visitor, desk: Desk) -> None:
    """The open ones, each with a button that closes it, and those who came in."""
    if message.chat.type != ChatType.PRIVATE:
        await message.answer(visitor.say(door.ONLY_IN_PRIVATE))
        return
    words, keyboard = await _list(visitor, desk)
    await message.answer(words, reply_markup=keyboard)


async def revoke(query: CallbackQuery, callback_data: Revoke, visitor: Visitor, desk: Desk) -> None:
    """Close one; pressed late, it says that there is nothing to close any more."""
    now = desk.clock.now()
    async with desk.store.begin() as tx:
        found = await tx.access.invite(callback_data.invite)
        is_open = found is not None and found.revoked_at is None and found.expires_at > now
        done = found is not None and is_open and await tx.access.revoke_invite(found.code_hash, now)
        if done and found is not None:
            role = {"role": found.role.value}
            subject = found.code_hash[:SHORT]
            old, new = role | {"open": True}, role | {"open": False}
            await note(tx, visitor.person, now, What.INVITE, subject, old=old, new=new)
    await query.answer(visitor.say.bare(door.INVITE_REVOKED if done else door.INVITE_GONE))
    words, keyboard = await _list(visitor, desk)
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):
            await query.message.edit_text(words, reply_markup=keyboard)


async def _list(visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup | None]:
    say, now, zone = visitor.say, desk.clock.now(), visitor.zone
    async with desk.store.read() as tx:
        open_ = (await tx.access.open_invites(now))[:_MOST]
        used = (await tx.access.used_invites(now - _USED_FOR))[:_MOST]
        names = {s.chat_id: s.name for s in await tx.subscriptions.subscribers()}
    lines = [say(door.INVITES) if open_ else say(door.INVITES_NONE)]
    for n, each in enumerate(open_, 1):
        by = foreign(names.get(each.made_by, str(each.made_by)), 40)
        role = say(common.ROLES[each.role.value])
        lines.append(say(door.INVITE_LINE, n=n, role=role, by=by, until=say_at(each.expires_at, zone, say)))
    if used:
        lines += [Html(""), say(door.INVITES_USED)]
    for each in used:
        name = foreign(names.get(each.used_by or 0, str(each.used_by)), 40)
        at = say_at(each.used_at or each.made_at, zone, say)
        role = say(common.ROLES[each.role.value])
        lines.append(say(door.INVITE_USED_LINE, name=name, role=role, at=at))
    keyboard = invite_buttons([(each, each.code_hash[:SHORT]) for each in open_], say)
    return split(joined(lines))[0], keyboard


def make_router() -> Router:
    router = Router(name="invite")
    router.message.register(invite, Command("invite"), flags=for_role(Role.OWNER))
    router.message.register(invites, Command("invites"), flags=for_role(Role.OWNER))
    router.callback_query.register(revoke, Revoke.filter(), flags=for_role(Role.OWNER))
    return router
