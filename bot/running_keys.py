"""Buttons of those who run it."""

from collections.abc import Sequence
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from bot.labels import button, pager, short
from bot.say import Say
from bot.texts import common, running
from domain.change import Change
from domain.channel import Channel, ChannelStatus

ON_A_PAGE = 8
CHANGES_ON_A_PAGE = 6


class ChannelPage(CallbackData, prefix="chp"):
    """A page of the channels; of `what` one does with them."""

    what: Literal["w", "t"]  #: watching, thresholds
    page: int


class Settle(CallbackData, prefix="chs"):
    """One channel; `wanted`: have it so; `sure`: asked and answered; empty: only show."""

    channel: int
    wanted: Literal["", "watched", "paused", "retired"]
    sure: bool
    page: int


class Weigh(CallbackData, prefix="wgh"):
    """The thresholds of a channel or of a topic of it. `do` is l: list, s: show one, k: keep it."""

    channel: int
    strand: str  #: empty, or the key of the topic
    budget: str  #: empty: as config.toml says
    do: Literal["l", "s", "k"]


class Audit(CallbackData, prefix="aud"):
    """A page of the record."""

    attempts: bool
    page: int


class Undo(CallbackData, prefix="und"):
    """Take a change back."""

    id: int
    attempts: bool
    page: int


def channel_page_keys(
    channels: Sequence[Channel], page: int, what: Literal["w", "t"], say: Say
) -> InlineKeyboardMarkup:
    pages = max(1, -(-len(channels) // ON_A_PAGE))
    page = min(max(page, 0), pages - 1)
    rows = []
    for each in channels[page * ON_A_PAGE : (page + 1) * ON_A_PAGE]:
        name = short(each.title or each.name)
        if what == "t":
            rows.append([button(name, Weigh(channel=each.id, strand="", budget="", do="l"))])
            continue
        mark = (
            "" if each.status is ChannelStatus.OPEN else f" · {say.bare(common.STATUSES[each.status.value])}"
        )
        show = Settle(channel=each.id, wanted="", sure=False, page=page)
        rows.append([button(short(f"{name}{mark}", 60), show)])
    if pages > 1:
        rows.append(pager(page, pages, lambda n: ChannelPage(what=what, page=n), say))
    return InlineKeyboardMarkup(inline_keyboard=rows)


def channel_keys(channel: Channel, page: int, say: Say, *, sure: bool = False) -> InlineKeyboardMarkup:
    """What can be done with one. To retire it is asked twice."""

    def to(wanted: Literal["watched", "paused", "retired"], *, sure: bool = True) -> Settle:
        return Settle(channel=channel.id, wanted=wanted, sure=sure, page=page)

    rows = []
    if channel.status.is_unwatched:
        rows.append([button(say.bare(running.RESUME_BUTTON), to("watched"))])
    else:
        rows.append([button(say.bare(running.PAUSE_BUTTON), to("paused"))])
    if sure:
        label = say.bare(running.RETIRE_SURELY_BUTTON, name=short(channel.title or channel.name))
        rows.append([button(label, to("retired"))])
    elif channel.status is not ChannelStatus.RETIRED:
        rows.append([button(say.bare(running.RETIRE_BUTTON), to("retired", sure=False))])
    rows.append([button(say.bare(common.BACK), ChannelPage(what="w", page=page))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def ladder_keys(
    at: Weigh,
    budgets: Sequence[tuple[str, bool]],
    topics: Sequence[tuple[str, str]],
    say: Say,
    *,
    is_set: bool,
) -> InlineKeyboardMarkup:
    """A button for each threshold, ticked where it is the present one; and the topics of the channel."""
    show = at.model_copy(update={"do": "s"})
    each = [
        button(f"✓ {say.digits(b)}" if now else say.digits(b), show.model_copy(update={"budget": b}))
        for b, now in budgets
    ]
    rows = [each[n : n + 4] for n in range(0, len(each), 4)]
    if is_set:
        keep = at.model_copy(update={"do": "k", "budget": ""})
        rows.append([button(say.bare(running.DEFAULT_BUTTON), keep)])
    other = Weigh(channel=at.channel, strand="", budget="", do="l")
    if at.strand:
        rows.append([button(say.bare(running.CHANNEL_ITSELF_BUTTON), other)])
    for key, name in topics:
        if key != at.strand:
            rows.append([button(short(name), other.model_copy(update={"strand": key}))])
    rows.append([button(say.bare(common.BACK), ChannelPage(what="t", page=0))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def threshold_keys(at: Weigh, say: Say, *, can_be_kept: bool) -> InlineKeyboardMarkup:
    rows = []
    if can_be_kept:
        label = say.bare(running.SAVE_BUTTON, budget=say.digits(at.budget))
        rows.append([button(label, at.model_copy(update={"do": "k"}))])
    back = at.model_copy(update={"do": "l", "budget": ""})
    rows.append([button(say.bare(common.BACK), back)])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def audit_keys(changes: Sequence[Change], at: Audit, n: int, say: Say) -> InlineKeyboardMarkup:
    """One for each of `changes` that can be taken back, the pages of all `n`, with or without attempts."""
    rows = [
        [button(say.bare(running.UNDO_BUTTON, id=c.id), Undo(id=c.id, attempts=at.attempts, page=at.page))]
        for c in changes
    ]
    pages = max(1, -(-n // CHANGES_ON_A_PAGE))
    if pages > 1:
        rows.append(pager(at.page, pages, lambda to: at.model_copy(update={"page": to}), say))
    label = running.AUDIT_CHANGES_BUTTON if at.attempts else running.AUDIT_ATTEMPTS_BUTTON
    rows.append([button(say.bare(label), Audit(attempts=not at.attempts, page=0))])
    return InlineKeyboardMarkup(inline_keyboard=rows)
