"""/test: a test alert goes the whole way into this chat, and what comes of it is said."""

import asyncio
from dataclasses import replace
from datetime import datetime

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import Message

from bot.access import Visitor
from bot.desk import Desk
from bot.markup import Html, foreign, joined
from bot.middlewares import for_choosing
from bot.saying import say_at, say_span, say_time
from bot.texts import hushing
from domain.episode import Alert, Episode, Move, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.subscription import Delivery, DeliveryState, Role

_LOOK_EVERY = 0.2  #: real seconds


async def test(message: Message, visitor: Visitor, desk: Desk) -> None:
    """Mutes and quiet hours do not hold it back, for somebody waits for it; that they would is said."""
    say, chat_id, now = visitor.say, visitor.chat.chat_id, desk.clock.now()
    if not desk.door.may_test(chat_id):
        await message.answer(say(hushing.TEST_TOO_OFTEN))
        return
    lines = [say(hushing.TEST_ON_ITS_WAY), *await _mind(visitor, desk, now)]
    await message.answer(joined(lines))
    episode = Episode(
        id=0,
        kind=Kind.TEST,
        subject=Subject(),
        state=State.CLOSED,
        since_at=now,
        found_at=now,
        opened_at=now,
        closed_at=now,
        verdict=Verdict.explained(Cause.UNEXPLAINED),
        reason=f"asked for by {visitor.person.name} ({visitor.person.chat_id})",
    )
    async with desk.store.begin() as tx:
        stored = await tx.episodes.save(episode)
        told = replace(stored, state=State.OPEN, closed_at=None)
        await tx.outbox.add(Alert(id=0, at=now, move=Move.OPENED, episode=told), {}, [chat_id])
        tx.notify("deliveries")
    desk.later(_follow(message, visitor, desk, stored.id, now), "test")


async def _follow(message: Message, visitor: Visitor, desk: Desk, episode_id: int, asked: datetime) -> None:
    """Say that it has arrived, or what keeps it."""
    say = visitor.say
    try:
        async with asyncio.timeout(desk.config.test_within.total_seconds()):
            # The outbox is a table, and sets no event.
            while (delivery := await _delivery(desk, episode_id)) is None or _is_under_way(delivery):  # noqa: ASYNC110
                await asyncio.sleep(_LOOK_EVERY)
    except TimeoutError:
        delivery = await _delivery(desk, episode_id)
    if delivery is not None and delivery.state is DeliveryState.SENT:
        took = say_span((delivery.sent_at or asked) - asked, say)
        at = say_time(asked, visitor.zone, say)
        await message.answer(say(hushing.TEST_ARRIVED, asked=at, took=took))
        return
    state = delivery.state if delivery is not None else DeliveryState.DROPPED
    why = delivery.why if delivery is not None and delivery.why else say(hushing.TEST_NOTHING_SAID)
    await message.answer(
        say(
            hushing.TEST_MISSING,
            span=say_span(desk.config.test_within, say),
            state=say(hushing.TEST_STATES[state.value]),
            why=foreign(why, 200),
        )
    )


def _is_under_way(delivery: Delivery) -> bool:
    return delivery.state not in (DeliveryState.SENT, DeliveryState.DROPPED)


async def _delivery(desk: Desk, episode_id: int) -> Delivery | None:
    async with desk.store.read() as tx:
        found = await tx.outbox.deliveries(episode_id)
    return found[0] if found else None


async def _mind(visitor: Visitor, desk: Desk, now: datetime) -> list[Html]:
    """What would keep a real alert from this chat just now."""
    say, zone, chat_id = visitor.say, visitor.zone, visitor.chat.chat_id
    async with desk.store.read() as tx:
        mutes = await tx.hushes.mutes(chat_id, now)
        quiet, digest = await tx.hushes.quiet(chat_id), await tx.hushes.digest(chat_id)
        mine = await tx.subscriptions.of(chat_id)
    lines = []
    if not mine:
        lines.append(say(hushing.TEST_NO_SUBSCRIPTION))
    for mute in mutes:
        if (mute.channel_id, mute.topic, mute.claimant) == (None, None, None):
            until = say(hushing.MUTE_FOREVER) if mute.until is None else say_at(mute.until, zone, say)
            lines.append(say(hushing.TEST_HELD, why=say(hushing.TEST_WOULD_BE_MUTED, until=until)))
    if quiet is not None and (over := quiet.over_at(now, zone)) is not None:
        why = say(hushing.TEST_WOULD_BE_QUIET, until=say_time(over, zone, say))
        lines.append(say(hushing.TEST_HELD, why=why))
    if digest is not None and digest.instead:
        due = say_at(digest.next_after(now, zone), zone, say)
        lines.append(say(hushing.TEST_HELD, why=say(hushing.TEST_WOULD_WAIT, until=due)))
    return lines


def make_router() -> Router:
    router = Router(name="trial")
    router.message.register(test, Command("test"), flags=for_choosing(Role.GUEST))
    return router
