"""Keyboards of choosing. A button says what shall be, not "change it": late or twice, it does no harm."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.labels import button, pager, short
from bot.say import Say
from bot.texts import choosing
from domain.channel import Channel, ChannelStatus
from domain.finding import Kind
from domain.severity import Severity
from domain.subscription import Subscription

PAGE = 8  #: channels, topics or claimants on one page
ENDINGS = 10  #: subscriptions on one page
#: What one can subscribe to; our own blindness goes to those who can mend it.
KINDS: Final = tuple(kind for kind in Kind if kind not in (Kind.BLIND, Kind.TEST))


class Draft(CallbackData, prefix="d"):
    """A subscription that is being put together, and what to do with it.

    `do` is s: show it, k: keep it, e: end it, t: choose its topic, c: choose its claimant.
    """

    what: Literal["a", "g", "c"]  #: everything, a group, a channel
    key: str  #: the channel's number, or the group's `key_of`
    strand: str  #: empty, or t or c and the `key_of` of the topic or claimant
    kind: str  #: a kind, or empty for all
    least: str  #: a severity above the least, or empty
    page: int  #: of the list it came from, or of the list of topics
    do: Literal["s", "k", "e", "t", "c"]


class Page(CallbackData, prefix="p"):
    """Another page of the list of channels."""

    number: int


class End(CallbackData, prefix="e"):
    """End one subscription; number 0: only show that page of them."""

    id: int
    page: int


class ShowStatus(CallbackData, prefix="t"):
    """Show how things stand."""


class Watch(CallbackData, prefix="w"):
    """Have a candidate watched."""

    id: int


def key_of(name: str) -> str:
    """Stands for a name in a button, which holds 64 bytes."""
    return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=5).hexdigest()


def listed(channels: Sequence[Channel]) -> list[Channel]:
    """The channels one can subscribe to, in the order in which they are shown."""
    return sorted(
        (c for c in channels if c.status is not ChannelStatus.RETIRED),
        key=lambda c: (c.group is None, (c.group or "").casefold(), c.title.casefold(), c.id),
    )


def begun(what: Literal["a", "g", "c"], key: str = "", page: int = 0) -> Draft:
    return Draft(what=what, key=key, strand="", kind="", least="", page=page, do="s")


def choice(
    channels: Sequence[Channel], mine: Sequence[Subscription], page: int, say: Say
) -> InlineKeyboardMarkup:
    """Everything, the groups, and the channels page by page; what one has, of whatever kind, is ticked."""
    shown = listed(channels)
    pages = max(1, -(-len(shown) // PAGE))
    page = min(max(page, 0), pages - 1)
    has_all = any(s.channel_id is None and s.group is None for s in mine)
    groups = {s.group for s in mine if s.group is not None}
    singles = {s.channel_id for s in mine if s.channel_id is not None}
    rows = [[_tick(has_all, say.bare(choosing.EVERYTHING_BUTTON), begun("a", page=page))]]
    sizes = Counter(c.group for c in shown if c.group)
    on_page = shown[page * PAGE : (page + 1) * PAGE]
    # A group's button stands where its first channel does, so that hundreds of groups page as well.
    firsts = {c.group: c.id for c in reversed(shown) if c.group}
    for channel in on_page:
        if channel.group and firsts[channel.group] == channel.id:
            label = say.bare(choosing.GROUP_BUTTON, group=short(channel.group), n=sizes[channel.group])
            rows.append([_tick(channel.group in groups, label, begun("g", key_of(channel.group), page))])
        label = short(channel.title or channel.name)
        rows.append([_tick(channel.id in singles, label, begun("c", str(channel.id), page))])
    if pages > 1:
        rows.append(pager(page, pages, lambda n: Page(number=n), say))
    return InlineKeyboardMarkup(inline_keyboard=rows)


def draft_keyboard(draft: Draft, kept: Literal["no", "other", "same"], say: Say) -> InlineKeyboardMarkup:
    """What can be made of a draft. `kept`: is it one's own already, so or of another severity?"""
    show = draft.model_copy(update={"do": "s"})
    kinds = [_tick(not draft.kind, say.bare(choosing.ANY_KIND_BUTTON), show.model_copy(update={"kind": ""}))]
    for kind in KINDS:
        label = say.bare(choosing.KIND_BUTTONS.get(kind.value, kind.value))
        kinds.append(_tick(draft.kind == kind.value, label, show.model_copy(update={"kind": kind.value})))
    label = say.bare(choosing.ANY_SEVERITY_BUTTON)
    severities = [_tick(not draft.least, label, show.model_copy(update={"least": ""}))]
    for severity in (Severity.MAJOR, Severity.GRAVE):
        label = say.bare(choosing.SEVERITY_BUTTONS[severity.value])
        wanted = show.model_copy(update={"least": severity.value})
        severities.append(_tick(draft.least == severity.value, label, wanted))
    rows = [kinds[n : n + 3] for n in range(0, len(kinds), 3)] + [severities[:1], severities[1:]]
    topics, claimants = (draft.model_copy(update={"do": do, "page": 0}) for do in ("t", "c"))
    rows.append(
        [
            _tick(draft.strand[:1] == "t", say.bare(choosing.BY_TOPIC_BUTTON), topics),
            _tick(draft.strand[:1] == "c", say.bare(choosing.BY_CLAIMANT_BUTTON), claimants),
        ]
    )
    if kept == "same":
        rows.append([button(say.bare(choosing.END_BUTTON), draft.model_copy(update={"do": "e"}))])
    else:
        label = say.bare(choosing.SUBSCRIBE_BUTTON if kept == "no" else choosing.CHANGE_BUTTON)
        rows.append([button(label, draft.model_copy(update={"do": "k"}))])
    rows.append([button(say.bare(choosing.BACK_BUTTON), Page(number=draft.page))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def strand_keyboard(draft: Draft, names: Sequence[tuple[str, str]], say: Say) -> InlineKeyboardMarkup:
    """The topics or claimants to choose from, page by page, each as (key, what it is called)."""
    pages = max(1, -(-len(names) // PAGE))
    page = min(max(draft.page, 0), pages - 1)
    show = draft.model_copy(update={"do": "s", "page": 0})
    rows = [[button(say.bare(choosing.ALL_TOPICS_BUTTON), show.model_copy(update={"strand": ""}))]]
    for key, name in names[page * PAGE : (page + 1) * PAGE]:
        strand = draft.do + key
        rows.append([_tick(draft.strand == strand, short(name), show.model_copy(update={"strand": strand}))])
    if pages > 1:
        rows.append(pager(page, pages, lambda n: draft.model_copy(update={"page": n}), say))
    return InlineKeyboardMarkup(inline_keyboard=rows)


def endings(
    labels: Sequence[tuple[Subscription, str]], page: int, n: int, say: Say
) -> InlineKeyboardMarkup | None:
    """A button for each subscription of a page, of `n` in all, to end it."""
    rows = [[button(f"✕ {short(label)}", End(id=s.id, page=page))] for s, label in labels]
    if n > ENDINGS:
        rows.append(pager(page, -(-n // ENDINGS), lambda to: End(id=0, page=to), say))
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def refresh(say: Say) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(inline_keyboard=[[button(say.bare(choosing.REFRESH_BUTTON), ShowStatus())]])


def watch(candidate: int, handle: str, say: Say) -> InlineKeyboardMarkup:
    """The button that has a channel watched which may be taking over."""
    label = say.bare(choosing.WATCH_BUTTON, handle=short(handle))
    return InlineKeyboardMarkup(inline_keyboard=[[button(label, Watch(id=candidate))]])


def without(keys: InlineKeyboardMarkup | None, data: str) -> InlineKeyboardMarkup | None:
    """The keyboard without the button that has had its day."""
    left = [[b for b in row if b.callback_data != data] for row in (keys.inline_keyboard if keys else [])]
    rows = [row for row in left if row]
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _tick(has: bool, label: str, data: CallbackData) -> InlineKeyboardButton:
    return button(f"✓ {label}" if has else label, data)
