"""Inline keyboards. A button says what shall be, not "change it": pressed late or twice, it does no harm."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.say import Say
from bot.texts import choosing
from domain.channel import Channel, ChannelStatus
from domain.subscription import Subscription

PAGE = 8  #: channels on one page
_LONGEST_LABEL = 40


class Pick(CallbackData, prefix="s"):
    """Subscribe (on) to something, or end that."""

    on: bool
    what: Literal["all", "group", "channel"]
    key: str  #: the channel's number, or the group's `group_key`
    page: int


class Page(CallbackData, prefix="p"):
    """Another page of the list of channels."""

    number: int


class End(CallbackData, prefix="e"):
    """End one subscription."""

    id: int


class ShowStatus(CallbackData, prefix="t"):
    """Show how things stand."""


class Watch(CallbackData, prefix="w"):
    """Have a candidate watched."""

    id: int


def group_key(group: str) -> str:
    """Stands for a group in a button, which holds 64 bytes."""
    return hashlib.blake2b(group.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def listed(channels: Sequence[Channel]) -> list[Channel]:
    """The channels one can subscribe to, in the order in which they are shown."""
    return sorted(
        (c for c in channels if c.status is not ChannelStatus.RETIRED),
        key=lambda c: (c.group is None, (c.group or "").casefold(), c.title.casefold(), c.id),
    )


def choice(
    channels: Sequence[Channel], mine: Sequence[Subscription], page: int, say: Say
) -> InlineKeyboardMarkup:
    """Everything, the groups, and the channels page by page; what one has is ticked."""
    shown = listed(channels)
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(page, 0), pages - 1)
    whole = [s for s in mine if s.topic is None and s.claimant is None and s.kind is None]
    has_all = any(s.channel_id is None and s.group is None for s in whole)
    groups = {s.group for s in whole if s.group is not None}
    singles = {s.channel_id for s in whole if s.channel_id is not None}
    rows = [
        [
            _tick(
                has_all,
                say.bare(choosing.EVERYTHING_BUTTON),
                Pick(on=not has_all, what="all", key="", page=page),
            )
        ]
    ]
    sizes = Counter(c.group for c in shown if c.group)
    on_page = shown[page * PAGE : (page + 1) * PAGE]
    # A group's button stands where its first channel does, so that hundreds of groups page as well.
    firsts = {c.group: c.id for c in reversed(shown) if c.group}
    for channel in on_page:
        if channel.group and firsts[channel.group] == channel.id:
            label = say.bare(choosing.GROUP_BUTTON, group=_short(channel.group), n=sizes[channel.group])
            has = channel.group in groups
            rows.append(
                [_tick(has, label, Pick(on=not has, what="group", key=group_key(channel.group), page=page))]
            )
        has = channel.id in singles
        pick = Pick(on=not has, what="channel", key=str(channel.id), page=page)
        rows.append([_tick(has, _short(channel.title or channel.name), pick)])
    if pages > 1:
        rows.append(_pager(page, pages, say))
    return InlineKeyboardMarkup(inline_keyboard=rows)


def endings(labels: Sequence[tuple[Subscription, str]], say: Say) -> InlineKeyboardMarkup | None:
    """One button for each subscription, to end it. At most as many as Telegram shows."""
    rows = [
        [InlineKeyboardButton(text=f"✕ {_short(label)}", callback_data=End(id=s.id).pack())]
        for s, label in labels[:90]
    ]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def refresh(say: Say) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text=say.bare(choosing.REFRESH_BUTTON), callback_data=ShowStatus().pack())
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


def watch(candidate: int, handle: str, say: Say) -> InlineKeyboardMarkup:
    """The button that has a channel watched which may be taking over."""
    label = say.bare(choosing.WATCH_BUTTON, handle=_short(handle))
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=label, callback_data=Watch(id=candidate).pack())]]
    )


def without(keys: InlineKeyboardMarkup | None, data: str) -> InlineKeyboardMarkup | None:
    """The keyboard without the button that has had its day."""
    left = [[b for b in row if b.callback_data != data] for row in (keys.inline_keyboard if keys else [])]
    rows = [row for row in left if row]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _tick(has: bool, label: str, pick: Pick) -> InlineKeyboardButton:
    return InlineKeyboardButton(text=f"✓ {label}" if has else label, callback_data=pick.pack())


def _pager(page: int, pages: int, say: Say) -> list[InlineKeyboardButton]:
    row: list[InlineKeyboardButton] = []
    if page > 0:
        back = Page(number=page - 1).pack()
        row.append(InlineKeyboardButton(text=say.bare(choosing.BACK_BUTTON), callback_data=back))
    here = Page(number=page).pack()
    row.append(InlineKeyboardButton(text=f"{page + 1}/{pages}", callback_data=here))
    if page < pages - 1:
        on = Page(number=page + 1).pack()
        row.append(InlineKeyboardButton(text=say.bare(choosing.NEXT_BUTTON), callback_data=on))
    return row


def _short(text: str) -> str:
    """A label on one line; something must remain, for Telegram refuses an empty button."""
    line = " ".join("".join(c for c in text if not 0xD800 <= ord(c) <= 0xDFFF).split())
    line = line if len(line) <= _LONGEST_LABEL else line[: _LONGEST_LABEL - 1].rstrip() + "…"
    return line or "?"
