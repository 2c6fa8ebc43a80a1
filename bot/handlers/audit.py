"""/audit: who changed what, when, from what to what; each change with a button that takes it back."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any

from aiogram import Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.markup import LONGEST_ANSWER, Html, foreign, joined, plain, shortened
from bot.middlewares import for_role
from bot.running_keys import CHANGES_ON_A_PAGE, Audit, Undo, audit_keys
from bot.say import Say
from bot.saying import say_at
from bot.texts import common, running
from bot.undoing import OWNERS, Undone, undo
from domain.change import Change, What
from domain.channel import Channel
from domain.subscription import Role

_CHANGES = tuple(what for what in What if what is not What.ATTEMPT)


async def audit(message: Message, visitor: Visitor, desk: Desk) -> None:
    words, keyboard = await _page(Audit(attempts=False, page=0), visitor, desk)
    await message.answer(words, reply_markup=keyboard)


async def page(query: CallbackQuery, callback_data: Audit, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    await _show(query, *await _page(callback_data, visitor, desk))


async def take_back(query: CallbackQuery, callback_data: Undo, visitor: Visitor, desk: Desk) -> None:
    """Pressed late or twice, it says what has become of it in the meantime."""
    say = visitor.say
    async with desk.store.begin() as tx:
        zone = desk.config.zone
        came = await undo(tx, callback_data.id, visitor.person, desk.clock.now(), zone)
    words = say(running.UNDONE, id=callback_data.id) if isinstance(came, Undone) else came.words(say)
    await query.answer(shortened(plain(words), LONGEST_ANSWER), show_alert=not isinstance(came, Undone))
    at = Audit(attempts=callback_data.attempts, page=callback_data.page)
    await _show(query, *await _page(at, visitor, desk))


async def _page(at: Audit, visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup]:
    say = visitor.say
    kinds = tuple(What) if at.attempts else _CHANGES
    async with desk.store.read() as tx:
        n = await tx.changes.count(kinds)
        last = max(0, (n - 1) // CHANGES_ON_A_PAGE)
        at = at.model_copy(update={"page": min(max(at.page, 0), last)})
        skip = at.page * CHANGES_ON_A_PAGE
        found = await tx.changes.newest(CHANGES_ON_A_PAGE, skip=skip, only=kinds)
        undone = {c.id for c in found if await tx.changes.undone_by(c.id) is not None}
        latest = {c.id for c in found if await tx.changes.last_of(c.what, c.subject) == c}
        channels = await tx.channels.all()
    lines = [say(running.AUDIT if found else running.AUDIT_NONE)]
    for change in found:
        line = _line(change, visitor, channels, desk.clock.now())
        lines.append(say(running.AUDIT_WAS_UNDONE, line=line) if change.id in undone else line)
    mine = [c for c in found if c.id in latest - undone and _may(c, visitor)]
    return joined(lines, "\n\n"), audit_keys(mine, at, n, say)


def _may(change: Change, visitor: Visitor) -> bool:
    """Is it this person's to take back?"""
    return change.can_be_undone and (change.what not in OWNERS or visitor.person.role.at_least(Role.OWNER))


def _line(change: Change, visitor: Visitor, channels: Sequence[Channel], now: datetime) -> Html:
    say = visitor.say
    values: dict[str, object] = {
        "id": change.id,
        "at": say_at(change.at, visitor.zone, say, now),
        "name": say(running.AUDIT_BY_CONFIG) if change.by == 0 else foreign(change.name, 40),
        "what": _what(change, say, channels),
    }
    if change.undoes is not None:
        return say(running.AUDIT_UNDOES, undoes=change.undoes, **values)
    return say(running.AUDIT_LINE, **values)


def _what(change: Change, say: Say, channels: Sequence[Channel]) -> Html:
    old, new = change.old or {}, change.new or {}
    match change.what:
        case What.ACCESS:
            who = foreign(str(new.get("name") or old.get("name") or change.subject), 60)
            return say(running.WHAT_ACCESS, who=who, old=_role(change.old, say), new=_role(change.new, say))
        case What.INVITE:
            role = say(common.ROLES.get(str(new.get("role")), "?"))
            return say(running.WHAT_INVITE, role=role, old=_open(change.old, say), new=_open(change.new, say))
        case What.REQUEST:
            who = foreign(change.name if not old else change.subject, 60)
            return say(running.WHAT_REQUEST, who=who, old=_state(old, say), new=_state(new, say))
        case What.WATCH:
            who = foreign(str(new.get("name") or change.subject), 60)
            return say(running.WHAT_WATCH, who=who, old=_state(old, say), new=_state(new, say))
        case What.BUDGET:
            who = foreign(_whose(change.subject, channels), 60)
            return say(running.WHAT_BUDGET, who=who, old=_budget(old, say), new=_budget(new, say))
        case What.ATTEMPT:
            return say(
                running.WHAT_ATTEMPT,
                said=foreign(str(new.get("said")), 64),
                why=foreign(str(new.get("why")), 64),
            )


def _role(side: Mapping[str, Any] | None, say: Say) -> Html:
    return say(running.NO_ACCESS) if side is None else say(common.ROLES.get(str(side.get("role")), "?"))


def _open(side: Mapping[str, Any] | None, say: Say) -> Html:
    return say(running.NOTHING if side is None else running.OPEN if side.get("open") else running.CLOSED)


def _state(side: Mapping[str, Any], say: Say) -> Html:
    state = str(side.get("wanted") or side.get("state") or "")
    return say(running.STATES[state]) if state in running.STATES else say(running.NOTHING)


def _budget(side: Mapping[str, Any], say: Say) -> Html:
    return say(running.BY_CONFIG) if "budget" not in side else Html(say.digits(f"{side['budget']:g}"))


def _whose(subject: str, channels: Sequence[Channel]) -> str:
    what, _, name = subject.partition(":")
    channel = next((c for c in channels if what == "channel" and str(c.id) == name), None)
    return (channel.title or channel.name) if channel else name


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup) -> None:
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it shows that already
            await query.message.edit_text(words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="audit")
    router.message.register(audit, Command("audit"), flags=for_role(Role.OPS))
    router.callback_query.register(page, Audit.filter(), flags=for_role(Role.OPS))
    router.callback_query.register(take_back, Undo.filter(), flags=for_role(Role.OPS))
    return router
