"""/claims: the latest claims of attacks, also of one claimant or about one place."""

import difflib
from typing import Literal

from aiogram import Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from bot.access import Visitor
from bot.answering import answer, show_instead
from bot.asked_keys import ChooseClaims, ShowClaims, choice_of_claims, claims_keys
from bot.claim_list import By, keyed, named_lately, read_claims, say_choice, say_claims
from bot.desk import Desk
from bot.keyboards import key_of
from bot.markup import Html, foreign, joined
from bot.middlewares import for_role
from bot.texts import asking, choosing
from domain.subscription import Role


async def claims(message: Message, command: CommandObject, visitor: Visitor, desk: Desk) -> None:
    words = (command.args or "").strip()
    if not words:
        await answer(message, *await _page("all", "", 0, visitor, desk))
        return
    meant = desk.names.read(words) or await _key_itself(words, desk)
    if meant is None:
        await answer(message, _unknown(words, visitor, desk))
        return
    what, key = meant
    await answer(message, *await _page("actor" if what == "actor" else "place", key, 0, visitor, desk))


async def show(query: CallbackQuery, callback_data: ShowClaims, visitor: Visitor, desk: Desk) -> None:
    """Another page, or those of another claimant or place."""
    by, key = callback_data.by, ""
    if by != "all":
        found = keyed(await named_lately(desk.store, by, desk.clock.now()), callback_data.key)
        found = found or next((k for k in desk.names.keys(by) if key_of(k) == callback_data.key), None)
        if found is None:
            await query.answer(visitor.say.bare(choosing.NO_SUCH_BUTTON))
            return
        key = found
    await query.answer()
    await show_instead(query, *await _page(by, key, max(callback_data.page, 0), visitor, desk))


async def choose(query: CallbackQuery, callback_data: ChooseClaims, visitor: Visitor, desk: Desk) -> None:
    """Whose claims, or about which place?"""
    await query.answer()
    say, by = visitor.say, callback_data.by
    named = await named_lately(desk.store, by, desk.clock.now())
    called = [(key, desk.names.of(by, key, say), n) for key, n in named.items()]
    await show_instead(
        query,
        desk.labelled(say_choice(by, named, say), say),
        choice_of_claims(by, called, callback_data.page, say),
    )


async def _page(
    by: By, key: str, number: int, visitor: Visitor, desk: Desk
) -> tuple[Html, InlineKeyboardMarkup]:
    say = visitor.say
    page = await read_claims(desk.store, by, key, number)
    words = say_claims(page, by, key, number, desk.clock.now(), visitor.zone, say, desk.names)
    keys = claims_keys(by, key_of(key) if key else "", number, say, more=page.more)
    return desk.labelled(words, say), keys


async def _key_itself(words: str, desk: Desk) -> tuple[str, str] | None:
    """One that the lexicon in hand does not name, and the archive does."""
    kinds: tuple[Literal["actor", "place"], ...] = ("actor", "place")
    for by in kinds:
        if words in await named_lately(desk.store, by, desk.clock.now()):
            return by, words
    return None


def _unknown(words: str, visitor: Visitor, desk: Desk) -> Html:
    say = visitor.say
    by_folded = {name.casefold(): name for name in desk.names.all(say)}
    near = difflib.get_close_matches(words.casefold(), list(by_folded), n=3, cutoff=0.5)
    lines = [say(asking.CLAIMS_UNKNOWN, name=foreign(words, 80))]
    if near:
        names = say.listed([foreign(by_folded[n], 80) for n in near])
        lines.append(say(choosing.NEAREST, names=names))
    return joined(lines, " ")


def make_router() -> Router:
    router = Router(name="claims")
    router.message.register(claims, Command("claims"), flags=for_role(Role.GUEST))
    router.callback_query.register(show, ShowClaims.filter(), flags=for_role(Role.GUEST))
    router.callback_query.register(choose, ChooseClaims.filter(), flags=for_role(Role.GUEST))
    return router
