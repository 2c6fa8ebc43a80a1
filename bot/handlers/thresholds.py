"""/thresholds: what each would have said over the last 90 days, before one is kept."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from aiogram import Bot, F, Router
from aiogram.exceptions import TelegramBadRequest
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from alerts.budgets import Budgets, channel_subject, topic_subject
from alerts.calibrate import Calibration, Raised, Record, strands
from alerts.refusals import LADDER, Refusal, refusal
from alerts.strand import TOPIC, Strand
from alerts.weigh import read_record, weigh
from bot.access import Visitor
from bot.desk import Desk
from bot.handlers.subscribe import known_things, unknown
from bot.keyboards import key_of
from bot.markup import LONGEST_ANSWER, Html, bold, foreign, joined, plain, shortened, split
from bot.middlewares import for_role
from bot.running_keys import ChannelPage, Weigh, channel_page_keys, ladder_keys, threshold_keys
from bot.say import Say
from bot.saying import say_at, say_number, say_sentence, say_span
from bot.subscribing import read_wish
from bot.texts import common, running
from bot.times import plain_digits
from bot.undoing import set_budget
from domain.budget import is_budget
from domain.channel import Channel
from domain.finding import Kind
from domain.subscription import Role

_MOST_LINES = 12
_MOST_TOPICS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A channel, one topic of it or none, and all that weighing it takes."""

    channel: Channel
    record: Record
    budgets: Budgets
    topics: Sequence[str]  #: those it has by habit
    topic: str | None

    @property
    def strand(self) -> Strand | None:
        return None if self.topic is None else Strand(TOPIC, self.topic)

    @property
    def subject(self) -> str:
        return channel_subject(self.channel.id) if self.topic is None else topic_subject(self.topic)

    def named(self, say: Say) -> Html:
        name = foreign(self.channel.title or self.channel.name, 60)
        if self.topic is None:
            return say(running.THRESHOLD_TITLE, name=name)
        return say(running.THRESHOLD_STRAND, topic=foreign(self.topic, 60), name=name)


async def thresholds(
    message: Message, command: CommandObject, visitor: Visitor, desk: Desk, bot: Bot
) -> None:
    """`@name [topic:NAME] [BUDGET]`; without words, the channels."""
    say, words = visitor.say, (command.args or "").split()
    async with desk.store.read() as tx:
        known = await known_things(tx, desk)
    if not words:
        keyboard = channel_page_keys(known.channels, 0, "t", say)
        lines = [say(running.THRESHOLDS), say(running.THRESHOLDS_HOW)]
        await message.answer(joined(lines), reply_markup=keyboard)
        return
    budget = ""
    wish = read_wish(" ".join(words), known)
    # A title may end with a number: it is a budget where the rest is a name without it.
    if isinstance(wish, str) and len(words) > 1 and _is_number(words[-1]):
        budget = plain_digits(words.pop())
        if not is_budget(float(budget)):
            await message.answer(say(running.THRESHOLDS_BAD_BUDGET, words=foreign(budget, 20)))
            return
        wish = read_wish(" ".join(words), known)
    if isinstance(wish, str) or wish.channel is None:
        await message.answer(unknown(wish if isinstance(wish, str) else " ".join(words), known, visitor))
        return
    strand = "" if wish.topic is None else key_of(wish.topic)
    at = Weigh(channel=wish.channel.id, strand=strand, budget=budget, do="s" if budget else "l")
    name = foreign(wish.channel.title or wish.channel.name, 60)
    sent = await message.answer(_waiting(name, desk, say))
    desk.later(_reckon(bot, sent, at, visitor, desk), "thresholds")


async def page(query: CallbackQuery, callback_data: ChannelPage, visitor: Visitor, desk: Desk) -> None:
    await query.answer()
    async with desk.store.read() as tx:
        channels = await tx.channels.all()
    lines = [visitor.say(running.THRESHOLDS), visitor.say(running.THRESHOLDS_HOW)]
    await _show(query, joined(lines), channel_page_keys(channels, callback_data.page, "t", visitor.say))


async def weighing(
    query: CallbackQuery, callback_data: Weigh, visitor: Visitor, desk: Desk, bot: Bot
) -> None:
    """Reckon in place, or keep what was reckoned."""
    say = visitor.say
    if not isinstance(query.message, Message):
        await query.answer(shortened(say.bare(running.THRESHOLDS_HOW), LONGEST_ANSWER))
        return
    if callback_data.do == "k":
        words = await _keep(callback_data, visitor, desk)
        await query.answer(shortened(plain(words), LONGEST_ANSWER), show_alert=True)
        await _show(query, words, None)
        return
    await query.answer()
    async with desk.store.read() as tx:
        channel = await tx.channels.get(callback_data.channel)
    name = foreign(channel.title or channel.name, 60) if channel else Html("?")
    await _show(query, _waiting(name, desk, say), None)
    desk.later(_reckon(bot, query.message, callback_data, visitor, desk), "thresholds")


def _waiting(name: Html, desk: Desk, say: Say) -> Html:
    lines = [say(running.THRESHOLDS_RECKONING, name=name)]
    if desk.reckoning.locked():
        lines.append(say(running.THRESHOLDS_BUSY))
    return joined(lines)


async def _keep(at: Weigh, visitor: Visitor, desk: Desk) -> Html:
    """Write it down, with who and what it was. What is of no use is never offered, and not kept either."""
    say, now = visitor.say, desk.clock.now()
    found = await _read(at, desk)
    if found is None:
        return say(running.THRESHOLDS_NO_READINGS, name=at.channel)
    budget = float(at.budget) if at.budget else None
    if budget is not None:
        if not is_budget(budget):
            return say(running.THRESHOLDS_BAD_BUDGET, words=at.budget)
        weighed = await _weighed(found, budget, desk)
        if (refused := refusal(weighed, desk.judged_by.rules.silence)) is not None:
            return say(running.THRESHOLD_REFUSED, why=say_sentence(refused.what, visitor.zone, say))
    async with desk.store.begin() as tx:
        made = await set_budget(tx, found.subject, budget, visitor.person, now)
    name = found.named(say)
    if made is None:
        return say(running.THRESHOLD_SAME)
    if budget is None:
        return say(running.THRESHOLD_BACK, name=name)
    lines = [say(running.THRESHOLD_SAVED, name=name, budget=_budget(budget, say))]
    if found.topic is not None:
        lines.append(say(running.TOPIC_EVERYWHERE))
    return joined(lines)


async def _reckon(bot: Bot, message: Message, at: Weigh, visitor: Visitor, desk: Desk) -> None:
    """Beside whatever else is said, one after the other: it takes its seconds."""
    say = visitor.say
    async with desk.reckoning:
        found = await _read(at, desk)
        if found is None:
            async with desk.store.read() as tx:
                channel = await tx.channels.get(at.channel)
            name = foreign(channel.title or channel.name, 60) if channel else str(at.channel)
            words: Html = say(running.THRESHOLDS_NO_READINGS, name=name)
            keyboard: InlineKeyboardMarkup | None = None
        elif at.do == "s" and at.budget:
            words, keyboard = await _one(found, at, visitor, desk)
        else:
            words, keyboard = await _ladder(found, at, visitor, desk)
    with suppress(TelegramBadRequest):
        await bot.edit_message_text(
            desk.labelled(words, say),
            chat_id=message.chat.id,
            message_id=message.message_id,
            reply_markup=keyboard,
        )


async def _read(at: Weigh, desk: Desk) -> Weighed | None:
    by, now = desk.judged_by, desk.clock.now()
    async with desk.store.read() as tx:
        channel = await tx.channels.get(at.channel)
        record = None if channel is None else await read_record(tx, channel, now)
        saved = await tx.changes.budgets()
    if channel is None or record is None:
        return None
    known = await asyncio.to_thread(strands, record, by.rules, by.topics)
    topics = [strand.name for strand in known if strand.what == TOPIC]
    topic = next((t for t in [*topics, *desk.topics] if key_of(t) == at.strand), None)
    budgets = replace(by.budgets or Budgets(), saved=saved)
    return Weighed(channel=channel, record=record, budgets=budgets, topics=topics[:_MOST_TOPICS], topic=topic)


async def _weighed(found: Weighed, budget: float | None, desk: Desk) -> Calibration:
    by = desk.judged_by
    return await asyncio.to_thread(
        weigh,
        found.record,
        by.rules,
        found.budgets,
        strand=found.strand,
        budget=budget,
        topics=by.topics,
        probes=False,
    )


async def _ladder(
    found: Weighed, at: Weigh, visitor: Visitor, desk: Desk
) -> tuple[Html, InlineKeyboardMarkup]:
    """The present one, and what each of some would have said."""
    say, rule = visitor.say, desk.judged_by.rules.silence
    now = await _weighed(found, None, desk)
    present = now.budgets[Kind.SILENCE]
    budgets = sorted({*LADDER, round(present, 4)} if found.topic is None else {*LADDER})
    lines = [
        bold(found.named(say)),
        say(running.THRESHOLD_NOW, budget=_budget(present, say)),
        say(running.THRESHOLD_SPAN, judged=say_span(now.judged, say)),
        Html(""),
    ]
    useful = []
    for budget in budgets:
        weighed = now if budget == present else await _weighed(found, budget, desk)
        refused = refusal(weighed, rule)
        lines.append(_row(weighed, budget, refused, say))
        if refused is None:
            useful.append((f"{budget:g}", budget == present))
    lines += [say(running.THRESHOLD_WHICH)] if useful else []
    if found.topic is not None:
        lines.append(say(running.TOPIC_EVERYWHERE))
    topics = [(key_of(t), t) for t in found.topics]
    is_set = found.subject in found.budgets.saved
    words = Html("\n".join(lines))
    return split(words)[0], ladder_keys(at, useful, topics, say, is_set=is_set)


def _row(weighed: Calibration, budget: float, refused: Refusal | None, say: Say) -> Html:
    values: dict[str, object] = {"budget": bold(_budget(budget, say)), "n": len(weighed.raised)}
    why = getattr(getattr(refused, "why", None), "value", None)
    if why is not None:
        line = say(
            running.THRESHOLD_ROW_REFUSED, budget=values["budget"], why=say(running.THRESHOLD_WHY[why])
        )
    elif weighed.soonest is None:
        line = say(running.THRESHOLD_ROW_NEVER, **values)
    else:
        never = say(running.THRESHOLD_NEVER)
        values["soonest"] = say_span(_whole(weighed.soonest), say)
        values["latest"] = never if weighed.latest is None else say_span(_whole(weighed.latest), say)
        if weighed.per_month is None:
            line = say(running.THRESHOLD_ROW_NO_RATE, **values)
        else:
            line = say(running.THRESHOLD_ROW, rate=_rate(weighed.per_month, say), **values)
    return say.bullet(line)


async def _one(found: Weighed, at: Weigh, visitor: Visitor, desk: Desk) -> tuple[Html, InlineKeyboardMarkup]:
    """One threshold in full: what to expect, and what it would have said."""
    say, budget = visitor.say, float(at.budget)
    weighed = await _weighed(found, budget, desk)
    refused = refusal(weighed, desk.judged_by.rules.silence)
    n, judged = len(weighed.raised), say_span(weighed.judged, say)
    kinds = joined([say(common.KINDS[kind.value]) for kind in weighed.budgets], ", ")
    lines = [
        bold(say(running.THRESHOLD_IF, name=found.named(say), budget=_budget(budget, say))),
        say(running.THRESHOLD_KINDS, kinds=kinds),
        say(running.THRESHOLD_NOMINAL, n=_rate(weighed.nominal, say)),
    ]
    if weighed.per_month is None:
        lines.append(say(running.THRESHOLD_REPLAYED_LITTLE, n=n, judged=judged))
    else:
        rate = _rate(weighed.per_month, say)
        lines.append(say(running.THRESHOLD_REPLAYED, n=n, judged=judged, rate=rate))
    if weighed.soonest is not None:
        soonest = say_span(_whole(weighed.soonest), say)
        if weighed.latest is None:
            lines.append(say(running.THRESHOLD_REACH_NEVER, soonest=soonest))
        else:
            latest = say_span(_whole(weighed.latest), say)
            lines.append(say(running.THRESHOLD_REACH, soonest=soonest, latest=latest))
    if refused is not None:
        lines.append(say(running.THRESHOLD_REFUSED, why=say_sentence(refused.what, visitor.zone, say)))
    lines.append(say(running.THRESHOLD_SAID if n else running.THRESHOLD_SAID_NOTHING))
    lines += [say.bullet(_said(raised, visitor)) for raised in weighed.raised[-_MOST_LINES:][::-1]]
    if n > _MOST_LINES:
        lines.append(say(common.AND_MORE, n=n - _MOST_LINES))
    return split(joined(lines))[0], threshold_keys(at, say, can_be_kept=refused is None)


def _said(raised: Raised, visitor: Visitor) -> Html:
    say, episode = visitor.say, raised.episode
    values: dict[str, object] = {
        "at": say_at(episode.opened_at or episode.found_at, visitor.zone, say),
        "kind": say(common.KINDS[episode.kind.value]),
        "cause": say(common.CAUSES[episode.verdict.cause.value]),
    }
    if episode.closed_at is None:
        return say(running.THRESHOLD_LINE_LASTS, **values)
    lasted = say_span(_whole(episode.closed_at - episode.since_at), say)
    return say(running.THRESHOLD_LINE, lasted=lasted, **values)


def _whole(span: timedelta) -> timedelta:
    """Without the minutes of what lasts for days."""
    return timedelta(hours=round(span / timedelta(hours=1))) if span >= timedelta(hours=10) else span


def _budget(budget: float, say: Say) -> str:
    return say.digits(f"{budget:g}").replace(".", say.marks[1])


def _rate(rate: float, say: Say) -> str:
    """As exact as it is known."""
    if rate >= 10:
        return say_number(rate, say)
    return say.digits(f"{rate:.2f}".rstrip("0").rstrip(".")).replace(".", say.marks[1])


def _is_number(word: str) -> bool:
    try:
        float(plain_digits(word))
    except ValueError:
        return False
    return True


async def _show(query: CallbackQuery, words: Html, keyboard: InlineKeyboardMarkup | None) -> None:
    if isinstance(query.message, Message):
        with suppress(TelegramBadRequest):  # it shows that already
            await query.message.edit_text(words, reply_markup=keyboard)


def make_router() -> Router:
    router = Router(name="thresholds")
    router.message.register(thresholds, Command("thresholds"), flags=for_role(Role.OPS))
    router.callback_query.register(page, ChannelPage.filter(F.what == "t"), flags=for_role(Role.OPS))
    router.callback_query.register(weighing, Weigh.filter(), flags=for_role(Role.OPS))
    return router
