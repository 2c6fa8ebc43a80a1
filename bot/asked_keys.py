"""Inline keyboards of answers: pages, spans of charts, claimants and places."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.keyboards import key_of
from bot.labels import button, short
from bot.say import Say
from bot.texts import asking, choosing

DAY = timedelta(days=1)
SPANS = (1, 7, 30, 90)  #: days
_PER_PAGE = 10


class ShowChart(CallbackData, prefix="ch"):
    """Draw a channel's last days."""

    id: int
    days: int


class ShowClaims(CallbackData, prefix="cl"):
    """A page of claims: the latest, those of one claimant, those about one place."""

    by: Literal["all", "actor", "place"]
    key: str  #: stands for the claimant or place, which may be longer than a button holds
    page: int


class ChooseClaims(CallbackData, prefix="cc"):
    """A page of the claimants or places to choose from."""

    by: Literal["actor", "place"]
    page: int


class ShowFound(CallbackData, prefix="se"):
    """A page of what was found."""

    key: str  #: stands for the words
    page: int


def chart_spans(channel_id: int, shown: timedelta, say: Say) -> InlineKeyboardMarkup:
    """The other spans a chart can have."""
    row = [
        InlineKeyboardButton(
            text=say.many_bare(asking.SPAN_BUTTON, days),
            callback_data=ShowChart(id=channel_id, days=days).pack(),
        )
        for days in SPANS
        if days * DAY != shown
    ]
    return InlineKeyboardMarkup(inline_keyboard=[row])


def claims_keys(
    by: Literal["all", "actor", "place"], key: str, page: int, say: Say, *, more: bool
) -> InlineKeyboardMarkup:
    """Other pages, and the ways to choose whose claims are shown."""
    rows = []
    turn = [
        ShowClaims(by=by, key=key, page=n).pack() if allowed else ""
        for n, allowed in ((page - 1, page > 0), (page + 1, more))
    ]
    if any(turn):
        rows.append(_turning(turn[0], page, turn[1], say))
    choose = [
        button(say.bare(asking.CLAIMANTS_BUTTON), ChooseClaims(by="actor", page=0)),
        button(say.bare(asking.PLACES_BUTTON), ChooseClaims(by="place", page=0)),
    ]
    if by != "all" or page > 0:
        choose.insert(0, button(say.bare(asking.CLAIMS_LATEST_BUTTON), ShowClaims(by="all", key="", page=0)))
    return InlineKeyboardMarkup(inline_keyboard=[*rows, choose])


def choice_of_claims(
    by: Literal["actor", "place"], named: Sequence[tuple[str, str, int]], page: int, say: Say
) -> InlineKeyboardMarkup:
    """Claimants or places, each by key, name and how often, page by page."""
    pages = max(1, -(-len(named) // _PER_PAGE))
    page = min(max(page, 0), pages - 1)
    rows = [
        [button(f"{short(name)} ({say.digits(str(n))})", ShowClaims(by=by, key=key_of(key), page=0))]
        for key, name, n in named[page * _PER_PAGE : (page + 1) * _PER_PAGE]
    ]
    back = ChooseClaims(by=by, page=page - 1).pack() if page > 0 else ""
    on = ChooseClaims(by=by, page=page + 1).pack() if page < pages - 1 else ""
    if back or on:
        rows.append(_turning(back, page, on, say))
    rows.append([button(say.bare(asking.CLAIMS_LATEST_BUTTON), ShowClaims(by="all", key="", page=0))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def found_keys(key: str, page: int, say: Say, *, more: bool) -> InlineKeyboardMarkup | None:
    """Other pages of what was found."""
    back = ShowFound(key=key, page=page - 1).pack() if page > 0 else ""
    on = ShowFound(key=key, page=page + 1).pack() if more else ""
    return InlineKeyboardMarkup(inline_keyboard=[_turning(back, page, on, say)]) if back or on else None


def _turning(back: str, page: int, on: str, say: Say) -> list[InlineKeyboardButton]:
    row = []
    if back:
        row.append(InlineKeyboardButton(text=say.bare(choosing.BACK_BUTTON), callback_data=back))
    if on:
        row.append(InlineKeyboardButton(text=say.bare(choosing.NEXT_BUTTON), callback_data=on))
    return row
