"""/channels: what is watched; adding, pausing, resuming and retiring while Deadair runs."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.desk import Desk
from bot.markup import LONGEST_ANSWER, Html, foreign, joined, plain, shortened, split
from bot.middlewares import for_role
from bot.running_keys import ChannelPage, Settle, channel_keys, channel_page_keys
from bot.say import Say
from bot.texts import common, running
from bot.undoing import set_want
from domain.channel import Channel, ChannelStatus
from domain.country import COUNTRIES
from domain.subscription import Role
from domain.wanted import KNOWN, UNRESOLVED, Want, WantState, Watching, bare_handle
from storage.store import Transaction

_WORDS = {
    "add": Watching.WATCHED,
    "resume": Watching.WATCHED,
    "pause": Watching.PAUSED,
    "retire": Watching.RETIRED,
}


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with what was said."""

    template: str
    words: str


async def channels(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    """`add|pause|resume|retire @name ...`; without words, the list."""
    words = (command.args or "").split()
    if not words:
        text, keyboard = await _list(visitor, desk, 0)
        await message.answer(text, reply_markup=keyboard)
        return
    say, wanted = visitor.say, _WORDS.get(words[0].casefold())
    if wanted is None or len(words) < 2:
        bad = say(running.CHANNELS_BAD, words=foreign(" ".join(words), 60))
        await message.answer(joined([bad, say(running.CHANNELS_HOW)]))
        return
    is_new = words[0].casefold() == "add"
    async with desk.store.begin() as tx:
        made = await _by_words(tx, words[1:], wanted, visitor, desk, may_be_new=is_new)
    if isinstance(made, Mistake):
        await message.answer(say(made.template, **{_FIELD[made.template]: foreign(made.words, 60)}))
    else:
        await message.answer(made)


#: What each mistake calls what was said.
_FIELD = {
    running.CHANNEL_BAD_HANDLE: "words",
    running.CHANNEL_BAD_ZONE: "words",
    running.CHANNEL_BAD_COUNTRY: "words",
    running.CHANNELS_BAD: "words",
    running.CHANNEL_UNKNOWN: "name",
}


async def page(query: CallbackQuery, callback_data: ChannelPage, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    await _show(query, *await _list(visitor, desk, callback_data.page))


async def settle(query: CallbackQuery, callback_data: Settle, visitor: Visitor, desk: Desk) -> None:
    """Show one, or have it so. To retire it is asked first."""
    say, asks = visitor.say, callback_data.wanted == "retired" and not callback_data.sure
    async with desk.store.begin() as tx:
        channel = await tx.channels.get(callback_data.channel)
        said: Html | None = None
        if channel is not None and callback_data.wanted and not asks:
            want = await _of_channel(tx, channel, Watching(callback_data.wanted), visitor, desk)
            said = await _have(tx, want, channel, visitor)
    if channel is None:
        await query.answer(say.bare(running.CHANNEL_UNKNOWN, name=callback_data.channel))
        await _show(query, *await _list(visitor, desk, callback_data.page))
        return
    await query.answer(shortened(plain(said), LONGEST_ANSWER) if said else None, show_alert=said is not None)
    keyboard = channel_keys(channel, callback_data.page, say, sure=asks)
    await _show(query, joined([*([said] if said else []), _card(channel, say)]), keyboard)


async def _by_words(
    tx: Transaction,
    words: Sequence[str],
    wanted: Watching,
    visitor: Visitor,
    desk: Desk,
    *,
    may_be_new: bool,
) -> Html | Mistake:
    known = await tx.channels.by_name(words[0])
    if known is not None:
        want = await _of_channel(tx, known, wanted, visitor, desk)
        return await _have(tx, want, known, visitor)
    try:
        handle = bare_handle(words[0])
    except ValueError:
        return Mistake(running.CHANNEL_BAD_HANDLE, words[0])
    before = await tx.changes.want(handle.casefold())
    entry = await tx.marks.get(UNRESOLVED + handle.casefold())
    if before is None and not entry and not may_be_new:
        return Mistake(running.CHANNEL_UNKNOWN, words[0])
    want = Want(
        key=handle.casefold(),
        handle=handle,
        wanted=wanted,
        web=before.web if before else False,
        asked_at=desk.clock.now(),
        asked_by=f"{visitor.person.name} ({visitor.person.chat_id})",
    )
    read = _with_options(want, words[1:])
    return read if isinstance(read, Mistake) else await _have(tx, read, None, visitor)


def _with_options(want: Want, words: Sequence[str]) -> Want | Mistake:
    for word in words:
        name, _, value = word.partition("=")
        match name.casefold():
            case "web" if not value:
                want = replace(want, web=True)
            case "group" if value:
                want = replace(want, group=value)
            case "zone" if value:
                try:
                    ZoneInfo(value)
                except (KeyError, ValueError, OSError):
                    return Mistake(running.CHANNEL_BAD_ZONE, value)
                want = replace(want, zone=value)
            case "country" if value:
                if value.upper() not in COUNTRIES:
                    return Mistake(running.CHANNEL_BAD_COUNTRY, value)
                want = replace(want, country=value.upper())
            case _:
                return Mistake(running.CHANNELS_BAD, word)
    return want


async def _of_channel(
    tx: Transaction, channel: Channel, wanted: Watching, visitor: Visitor, desk: Desk
) -> Want:
    """By the entry under which it is known; the collector has its other settings from there."""
    marks = [(name, value) for name, value, _ in await tx.marks.all(KNOWN) if value.get("id") == channel.id]
    key = marks[0][0].removeprefix(KNOWN) if marks else (channel.handle or f"#{channel.id}").casefold()
    before = await tx.changes.want(key)
    is_web = marks[0][1].get("account") == "web" if marks else False
    handle = before.handle if before and before.handle else None if key.startswith("#") else key
    return Want(
        key=key,
        wanted=wanted,
        handle=handle,
        channel_id=channel.id,
        group=channel.group,
        zone=channel.zone,
        country=channel.country,
        web=before.web if before else is_web,
        asked_at=desk.clock.now(),
        asked_by=f"{visitor.person.name} ({visitor.person.chat_id})",
    )


async def _have(tx: Transaction, want: Want, channel: Channel | None, visitor: Visitor) -> Html:
    """Keep the wish, unless it is so already or wished already."""
    say = visitor.say
    before = await tx.changes.want(want.key)
    now = _watching(channel) if before is None else before.wanted
    failed = before is not None and before.state is WantState.FAILED
    if now is want.wanted and not failed:
        return say(running.CHANNEL_IS_ALREADY)
    await set_want(tx, want, visitor.person, now)
    name = f"@{want.handle}" if channel is None else channel.title or channel.name
    return say(running.CHANNEL_WILL_BE[want.wanted.value], name=foreign(name, 60))


def _watching(channel: Channel | None) -> Watching | None:
    """How it stands where nobody has wished anything: as config.toml says."""
    match channel:
        case None:
            return None
        case Channel(status=ChannelStatus.PAUSED):
            return Watching.PAUSED
        case Channel(status=ChannelStatus.RETIRED):
            return Watching.RETIRED
        case _:
            return Watching.WATCHED


async def _list(visitor: Visitor, desk: Desk, number: int) -> tuple[Html, InlineKeyboardMarkup | None]:
    """All there are, and beside them what is wished and not done."""
    say = visitor.say
    async with desk.store.read() as tx:
        found = sorted(
            await tx.channels.all(), key=lambda c: (c.status.is_unwatched, c.title.casefold(), c.id)
        )
        wants = [w for w in await tx.changes.wants() if w.state is not WantState.DONE]
        nowhere = [(value, name) for name, value, _ in await tx.marks.all(UNRESOLVED) if value]
    lines = [say(running.CHANNELS, n=len(found)) if found else say(running.CHANNELS_NONE)]
    for want in wants:
        name = foreign(f"@{want.handle}" if want.handle else want.key, 40)
        if want.state is WantState.FAILED:
            line = say(running.CHANNEL_FAILED, name=name, why=foreign(want.why, 150))
        else:
            line = say(running.CHANNEL_ASKED, name=name, by=foreign(want.asked_by, 60))
        lines.append(say.bullet(line))
    for value, _ in nowhere[:10]:
        name, why = foreign(str(value.get("name")), 40), foreign(str(value.get("why")), 150)
        lines.append(say.bullet(say(running.CHANNEL_NOWHERE, name=name, why=why)))
    lines.append(say(running.CHANNELS_HOW))
    keyboard = channel_page_keys(found, number, "w", say) if found else None
    return split(joined(lines))[0], keyboard


def _card(channel: Channel, say: Say) -> Html:
    name, status = foreign(channel.title or channel.name, 80), say(common.STATUSES[channel.status.value])
    lines = [say(running.CHANNEL_CARD, name=name, id=channel.id, status=status)]
    if channel.group:
        lines.append(say(running.CHANNEL_GROUP, group=foreign(channel.group, 60)))
    return joined(lines)


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup | None) -> None:
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it shows that already
            await query.message.edit_text(words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="channels")
    router.message.register(channels, Command("channels"), flags=for_role(Role.OPS))
    router.callback_query.register(page, ChannelPage.filter(F.what == "w"), flags=for_role(Role.OPS))
    router.callback_query.register(settle, Settle.filter(), flags=for_role(Role.OPS))
    return router
