"""Every handler serves its role and refuses everybody below, over HTTP, with whatever one may try."""

import pytest
from aiogram import Bot
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from sqlalchemy import text

from bot.texts import door
from domain.change import What
from domain.subscription import Role
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in
from tests.support.handlers import Way, ways

ALL = list(ways())
GUARDED = [way for way in ALL if way.role is not None]
BELOW = {role: [way for way in GUARDED if way.role and not role.at_least(way.role)] for role in Role}
_TABLES = ("subscribers", "subscriptions", "invites", "requests", "wants", "budgets", "candidates")


async def dump(store: Store) -> dict[str, list[str]]:
    """All that is stored, table by table, but for signs of life and the record of attempts."""
    async with store.read() as tx:
        out = {}
        for table in (
            "subscribers",
            "subscriptions",
            "invites",
            "requests",
            "wants",
            "budgets",
            "candidates",
        ):
            rows = (await tx.connection.execute(text(f"SELECT * FROM {table}"))).all()  # noqa: S608 - ours
            out[table] = sorted(str(row) for row in rows)
        changes = await tx.changes.newest(1000)
        out["changes"] = [str(c) for c in changes if c.what is not What.ATTEMPT]
    return out


async def give_button(bot: Bot, person: Person, data: str) -> None:
    button = InlineKeyboardButton(text=data, callback_data=data)
    await bot.send_message(person.id, "x", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]))


async def attempt(server: BotApiServer, bot: Bot, person: Person, way: Way) -> str | None:
    """Try it; returns what was answered, None when nothing was."""
    before = len(person.received)
    match way.event:
        case "message":
            person.say(way.tries)
            await server.until(lambda: server.world.queue.pending == 0)
            said = [m.text for m in person.received[before:]]
            return said[0] if said else None
        case "callback_query":
            await give_button(bot, person, way.tries)
            press = person.press(way.tries)
            await server.until(lambda: server.world.queue.pending == 0)
            assert [m.text for m in person.received[before:]] == ["x"], way.name
            return None if press.answer is None else press.answer.get("text", "")
        case "inline_query":
            inquiry = person.inline(way.tries)
            await server.until(lambda: inquiry.results is not None)
            assert inquiry.results == [], way.name
            return None
        case other:
            raise AssertionError(f"{way.name} has a role, and nobody knows how to try {other}")


def test_there_is_something_to_try_of_each_kind() -> None:
    assert len(GUARDED) >= 20
    assert {way.event for way in GUARDED} >= {"message", "callback_query"}
    assert BELOW[Role.OWNER] == []
    assert {way.role for way in BELOW[Role.GUEST]} == {way.role for way in GUARDED} - {Role.GUEST}


@pytest.mark.parametrize("role", [Role.GUEST, Role.ANALYST, Role.OPS])
async def test_nobody_gets_at_what_is_for_those_above(
    role: Role, run_bot: Serve, server: BotApiServer, store: Store, bot: Bot
) -> None:
    person = server.person("Bela", started=True)
    await let_in(store, person.id, role)
    await run_bot()
    before = await dump(store)
    for way in BELOW[role]:
        assert way.role is not None
        answer = await attempt(server, bot, person, way)
        if way.event != "inline_query":
            assert answer == door.NOT_ALLOWED.format(role=way.role.value, mine=role.value), way.name
    assert await dump(store) == before
    async with store.read() as tx:
        attempts = await tx.changes.newest(1000, only=[What.ATTEMPT])
    assert {a.subject for a in attempts} == {str(person.id)}
    assert len(attempts) >= len({way.tries.partition(":")[0] for way in BELOW[role]}) * 0.9


async def test_a_stranger_gets_one_line_whatever_is_tried(
    run_bot: Serve, server: BotApiServer, store: Store, bot: Bot
) -> None:
    person = server.person("Stranger", started=True)
    await run_bot()
    before = await dump(store)
    answers = [await attempt(server, bot, person, way) for way in GUARDED]
    assert [a for a in answers if a is not None] == [door.STRANGER]
    assert await dump(store) == before


async def test_a_stranger_in_a_group_that_is_let_in_gets_nothing_at_all(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, stranger = server.person("Anna", started=True), server.person("Stranger")
    group = server.group("Desk", anna, stranger)
    await let_in(store, group.id)
    await let_in(store, anna.id)
    await run_bot()
    before = await dump(store)
    for way in GUARDED:
        if way.event == "message":
            stranger.say(way.tries, chat=group)
    await server.until(lambda: server.world.queue.pending == 0)
    assert server.sent(group.id) == []
    assert await dump(store) == before


async def test_in_a_group_only_its_admins_settle_what_is_told_there(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, member = server.person("Anna", started=True), server.person("Member", started=True)
    group = server.group("Desk", anna, member)  # the first of them made it
    for each in (group, member):
        await let_in(store, each.id, Role.ANALYST)
    await run_bot()
    member.say("/subscribe all", chat=group)
    member.say("/stop", chat=group)
    messages = await server.received(group.id, 2)
    assert [m.text for m in messages] == [door.ADMINS_CHOOSE] * 2
    async with store.read() as tx:
        assert await tx.subscriptions.of(group.id) == []
        assert await tx.subscriptions.subscriber(group.id) is not None
