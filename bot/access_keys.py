"""Buttons of the door: asking to be let in, deciding upon it, invites, and who is in."""

from collections.abc import Sequence
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.labels import button, pager, short
from bot.say import Say
from bot.texts import common, door
from domain.subscription import Invite, Role, Subscriber

#: Whom one can let in; owners come from the config alone.
LET_IN_AS = (Role.GUEST, Role.ANALYST, Role.OPS)
PEOPLE_ON_A_PAGE = 10


class Ask(CallbackData, prefix="ask"):
    """Ask to be let in."""


class Decide(CallbackData, prefix="dec"):
    """Let somebody in as this, or refuse."""

    user: int
    answer: Literal["guest", "analyst", "ops", "no"]


class Revoke(CallbackData, prefix="rev"):
    """Close a way in."""

    invite: str  #: the first letters of its hash


class People(CallbackData, prefix="ppl"):
    """A page of those who are in."""

    page: int


class Member(CallbackData, prefix="mem"):
    """One of them; `role`: make them that, or put them out; empty: only show."""

    chat: int
    role: Literal["", "guest", "analyst", "ops", "out"]
    page: int


def ask_button(say: Say) -> InlineKeyboardMarkup:
    return _rows([[(say.bare(door.ASK_BUTTON), Ask())]])


def decide_buttons(user: int, say: Say) -> InlineKeyboardMarkup:
    approve = [
        (
            say.bare(door.APPROVE_BUTTON, role=say.bare(common.ROLES[role.value])),
            Decide.model_validate({"user": user, "answer": role.value}),
        )
        for role in LET_IN_AS
    ]
    return _rows(
        [*([each] for each in approve), [(say.bare(door.REFUSE_BUTTON), Decide(user=user, answer="no"))]]
    )


def invite_buttons(invites: Sequence[tuple[Invite, str]], say: Say) -> InlineKeyboardMarkup | None:
    """One to close each way in, under the number it has in the list."""
    rows = [
        [(say.bare(door.REVOKE_BUTTON, n=n), Revoke(invite=key))] for n, (_, key) in enumerate(invites, 1)
    ]
    return _rows(rows) if rows else None


def people_buttons(people: Sequence[Subscriber], page: int, say: Say) -> InlineKeyboardMarkup:
    pages = max(1, -(-len(people) // PEOPLE_ON_A_PAGE))
    page = min(max(page, 0), pages - 1)
    rows: list[list[InlineKeyboardButton]] = []
    for each in people[page * PEOPLE_ON_A_PAGE : (page + 1) * PEOPLE_ON_A_PAGE]:
        label = f"{short(each.name)} · {say.bare(common.ROLES[each.role.value])}"
        rows.append([button(label, Member(chat=each.chat_id, role="", page=page))])
    if pages > 1:
        rows.append(pager(page, pages, lambda n: People(page=n), say))
    return InlineKeyboardMarkup(inline_keyboard=rows)


def member_buttons(member: Subscriber, page: int, say: Say) -> InlineKeyboardMarkup:
    """What can be made of one; of an owner nothing, for the config says who that is."""
    rows: list[list[tuple[str, CallbackData]]] = []
    if member.role is not Role.OWNER:
        for role in LET_IN_AS:
            if role is not member.role and member.chat_id > 0:
                label = say.bare(door.MAKE_BUTTON, role=say.bare(common.ROLES[role.value]))
                data = {"chat": member.chat_id, "role": role.value, "page": page}
                rows.append([(label, Member.model_validate(data))])
        rows.append([(say.bare(door.PUT_OUT_BUTTON), Member(chat=member.chat_id, role="out", page=page))])
    rows.append([(say.bare(common.BACK), People(page=page))])
    return _rows(rows)


def _rows(rows: Sequence[Sequence[tuple[str, CallbackData]]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(label, data) for label, data in row] for row in rows]
    )
