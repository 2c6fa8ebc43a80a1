"""/search and inline mode: what was posted, by words."""

from collections import OrderedDict
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import (
    CallbackQuery,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputTextMessageContent,
    Message,
)

from bot.access import Visitor
from bot.answering import NO_PREVIEW, answer, show_instead
from bot.asked_keys import ShowFound, found_keys
from bot.desk import Desk
from bot.finding import Found, Hit, Search
from bot.keyboards import key_of
from bot.markup import Html, bold, foreign, html, italic, joined, link, paragraphs
from bot.middlewares import for_role
from bot.post_line import post_url
from bot.say import Say
from bot.saying import say_at, say_at_briefly, say_sentence
from bot.texts import asking
from domain.channel import Channel
from domain.errors import DeadairError
from domain.subscription import Role

PER_PAGE, PER_INLINE = 5, 20
_WORDS = 240
_REMEMBERED = 500  #: questions whose pages can be turned


@dataclass(slots=True)
class Asked:
    """The words of a question, and where its pages begin."""

    words: str
    afters: list[str | None] = field(default_factory=lambda: [None])


class Questions:
    """What was asked lately, so that its pages can be turned; a button holds too little for the words."""

    def __init__(self) -> None:
        self._asked: OrderedDict[str, Asked] = OrderedDict()

    def remember(self, words: str) -> str:
        """Returns what stands for these words in a button."""
        key = key_of(words)
        self._asked.setdefault(key, Asked(words))
        self._asked.move_to_end(key)
        if len(self._asked) > _REMEMBERED:
            self._asked.popitem(last=False)
        return key

    def get(self, key: str) -> Asked | None:
        return self._asked.get(key)


class Searching:
    """The handlers, with what they remember."""

    def __init__(self) -> None:
        self._questions = Questions()

    async def search(self, message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
        say, words = visitor.say, " ".join((command.args or "").split())
        if desk.search is None:
            await answer(message, say(asking.SEARCH_NOT_HERE))
        elif not words:
            await answer(message, say(asking.SEARCH_WHAT))
        else:
            key = self._questions.remember(words)
            await answer(message, *await self._page(key, 0, desk.search, visitor, desk))

    async def turn(
        self, query: CallbackQuery, callback_data: ShowFound, visitor: Visitor, desk: Desk
    ) -> None:
        """Another page of what was found."""
        asked, page = self._questions.get(callback_data.key), callback_data.page
        if desk.search is None or asked is None or not 0 <= page < len(asked.afters):
            await query.answer(visitor.say.bare(asking.SEARCH_ASK_AGAIN), show_alert=True)
            return
        await query.answer()
        await show_instead(query, *await self._page(callback_data.key, page, desk.search, visitor, desk))

    async def inline(self, query: InlineQuery, visitor: Visitor, desk: Desk) -> None:
        """@bot and words, in any chat: found posts, to be put there."""
        words = " ".join(query.query.split())
        if desk.search is None or not words:
            await query.answer([], cache_time=5, is_personal=True)
            return
        try:
            found = await desk.search(words, query.offset or None, PER_INLINE)
        except DeadairError:
            await query.answer(
                [], cache_time=5, is_personal=True
            )  # words half typed: no place for complaints
            return
        async with desk.store.read() as tx:
            channels = {c.id: c for c in await tx.channels.all()}
        results = [
            _article(hit, channels.get(hit.channel_id), desk, visitor)
            for hit in {(h.channel_id, h.post_id): h for h in found.hits}.values()
        ]
        after = found.after if found.after and len(found.after.encode()) <= 64 else ""
        await query.answer(list(results), cache_time=5, is_personal=True, next_offset=after)

    async def _page(
        self, key: str, number: int, search: Search, visitor: Visitor, desk: Desk
    ) -> tuple[Html, InlineKeyboardMarkup | None]:
        say, asked = visitor.say, self._questions.get(key)
        assert asked is not None  # noqa: S101 - whoever calls has just seen it
        try:
            found = await search(asked.words, asked.afters[number], PER_PAGE)
        except DeadairError as error:
            lines = [say(asking.SEARCH_BAD, why=say_sentence(error.what, visitor.zone, say))]
            if error.hint:
                lines.append(say(asking.SEARCH_HINT, hint=say_sentence(error.hint, visitor.zone, say)))
            return desk.labelled(joined(lines, " "), say), None
        del asked.afters[number + 1 :]
        if found.after is not None:
            asked.afters.append(found.after)
        async with desk.store.read() as tx:
            channels = {c.id: c for c in await tx.channels.all()}
        words = _say_found(found, asked.words, number, channels, desk, visitor)
        return desk.labelled(words, say), found_keys(key, number, say, more=found.after is not None)


def _say_found(
    found: Found, words: str, number: int, channels: dict[int, Channel], desk: Desk, visitor: Visitor
) -> Html:
    say, now = visitor.say, desk.clock.now()
    foot = []
    if number > 0 or found.after is not None:
        foot.append(italic(say(asking.PAGE, n=number + 1)))
    if found.not_yet:
        foot.append(italic(say(asking.SEARCH_NOT_YET, n=found.not_yet)))
    if not found.hits and number == 0:
        return paragraphs([[say(asking.SEARCH_NOTHING, words=foreign(words, 120))], foot])
    blocks = []
    for hit in found.hits:
        channel = channels.get(hit.channel_id)
        at = html(say_at_briefly(hit.posted_at, visitor.zone, now, say))
        blocks.append([_head(hit, channel, at, say), foreign(hit.words, _WORDS)])
    return paragraphs([[bold(say(asking.SEARCH_RESULTS, words=foreign(words, 120)))], *blocks, foot])


def _head(hit: Hit, channel: Channel | None, at: Html, say: Say) -> Html:
    """When, where, and whether it is still there."""
    name = foreign(channel.title or channel.name, 60) if channel else foreign(str(hit.channel_id))
    where = link(at, post_url(channel, hit.post_id)) if channel else at
    gone = [italic(say(asking.SEARCH_GONE))] if hit.is_gone else []
    return say.bullet(joined([where, bold(name), *gone], " · "))


def _article(hit: Hit, channel: Channel | None, desk: Desk, visitor: Visitor) -> InlineQueryResultArticle:
    say, zone = visitor.say, visitor.zone
    name = (channel.title or channel.name) if channel else str(hit.channel_id)
    at = html(say_at(hit.posted_at, zone, say, desk.clock.now()))
    words = desk.labelled(joined([_head(hit, channel, at, say), foreign(hit.words, 1000)]), say)
    return InlineQueryResultArticle(
        id=f"{hit.channel_id}:{hit.post_id}",
        title=say.bare(asking.INLINE_TITLE, channel=name[:80], at=_brief(hit, desk, zone, say)),
        description=" ".join(hit.words.split())[:120] or None,
        input_message_content=InputTextMessageContent(message_text=words, link_preview_options=NO_PREVIEW),
    )


def _brief(hit: Hit, desk: Desk, zone: ZoneInfo, say: Say) -> str:
    return say_at_briefly(hit.posted_at, zone, desk.clock.now(), say)


def make_router() -> Router:
    router, searching = Router(name="search"), Searching()
    router.message.register(searching.search, Command("search"), flags=for_role(Role.GUEST))
    router.callback_query.register(searching.turn, ShowFound.filter(), flags=for_role(Role.GUEST))
    router.inline_query.register(searching.inline, flags=for_role(Role.GUEST))
    return router
