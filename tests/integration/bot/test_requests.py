"""Strangers ask to be let in, owners decide; invites are listed and closed; people are put out."""

import asyncio
from datetime import timedelta

from bot.texts import door
from domain.change import What
from domain.clock import WallClock
from domain.request import Request, RequestState
from domain.subscription import Role, Subscription
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.integration.bot.test_access import all_handled, invite_link
from tests.support.alerting import let_in
from tests.support.tapping import bare

NOW = WallClock().now()


async def test_a_stranger_asks_an_owner_approves_and_both_know(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, olga, bela = (server.person(name, started=True) for name in ("Anna", "Olga", "Bela"))
    await run_bot(owners=(anna.id, olga.id))
    bela.start()
    (line,) = await server.received(bela.id)
    assert line.text == door.STRANGER
    press = bela.press("Ask to be let in")
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == door.ASKED
    (to_anna,), (to_olga,) = await server.received(anna.id), await server.received(olga.id)
    assert bare(to_anna.text).startswith("Bela (")
    assert str(bela.id) in to_anna.text
    assert [b["text"] for b in to_anna.buttons] == [
        "Let in as guest", "Let in as analyst", "Let in as ops", "Refuse",
    ]  # fmt: skip
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(bela.id) is None  # asking alone opens nothing

    anna.press("Let in as analyst")
    messages = await server.received(bela.id, 3)
    assert "You are let in as analyst" in messages[1].text
    await server.until(lambda: to_anna.edits and to_olga.edits)
    assert "Bela was let in as analyst by Anna" in bare(to_anna.text)
    assert "Bela was let in as analyst by Anna" in bare(to_olga.text)
    assert to_olga.buttons == []
    async with store.read() as tx:
        member = await tx.subscriptions.subscriber(bela.id)
        record = await tx.changes.newest(10, only=[What.ACCESS, What.REQUEST])
    assert member is not None
    assert (member.role, member.let_in_by) == (Role.ANALYST, f"Anna ({anna.id})")
    assert [(c.name, c.what, c.subject) for c in record[:3]] == [
        ("Anna", What.ACCESS, str(bela.id)),
        ("Anna", What.REQUEST, str(bela.id)),
        ("Bela", What.REQUEST, str(bela.id)),
    ]


async def test_the_first_decision_counts_and_whoever_decides_later_is_told(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela", started=True)
    await run_bot(owners=(anna.id,))
    bela.start()
    await server.received(bela.id)
    bela.press("Ask to be let in")
    (request,) = await server.received(anna.id)
    refuse = next(b["callback_data"] for b in request.buttons if b["text"] == "Refuse")
    approve = request.buttons[1]["callback_data"]
    anna.press(refuse)
    anna.press(approve)
    messages = await server.received(bela.id, 2)
    await all_handled(server)
    assert [m.text for m in messages] == [door.STRANGER, door.NOT_LET_IN]
    assert "Bela was refused by Anna" in bare(request.text)
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(bela.id) is None


async def test_who_was_refused_or_waits_does_not_knock_twice(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    waits, refused, long_ago = (server.person(n, started=True) for n in ("Waits", "Refused", "Long ago"))
    async with store.begin() as tx:
        for person, state, ago in (
            (waits, RequestState.WAITING, 1),
            (refused, RequestState.REFUSED, 1),
            (long_ago, RequestState.REFUSED, 40),
        ):
            at = NOW - timedelta(days=ago)
            asked = Request(user_id=person.id, name="x", asked_at=at, state=state, decided_at=at)
            await tx.access.put_request(asked)
    await run_bot(owners=(anna.id,))
    answers = []
    for person in (waits, refused, long_ago):
        person.start()
        await server.received(person.id)
        press = person.press("Ask to be let in")
        await server.until(lambda press=press: press.answer is not None)
        assert press.answer is not None
        answers.append(press.answer["text"])
    assert answers == [door.ASKED_ALREADY, door.ASKED_ALREADY, door.ASKED]


async def test_a_crowd_that_asks_at_once_does_not_bury_the_owner(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, late = server.person("Anna", started=True), server.person("Late", started=True)
    async with store.begin() as tx:
        for n in range(20):
            await tx.access.put_request(Request(user_id=900_000 + n, name=f"Crowd {n}", asked_at=NOW))
    await run_bot(owners=(anna.id,))
    late.start()
    await server.received(late.id)
    press = late.press("Ask to be let in")
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == door.ASKED_TOO_MANY
    anna.say("/requests")
    await server.until(lambda: any("10" in m.text and "more" in m.text for m in anna.received))


async def test_a_request_reaches_the_owner_when_telegram_is_back_and_only_once(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    async with store.begin() as tx:
        await tx.access.put_request(Request(user_id=77, name="Cem", asked_at=NOW))
    server.faults.bad_gateway("sendMessage", times=3)
    await run_bot(owners=(anna.id,), poll=timedelta(seconds=0.1))
    (message,) = await server.received(anna.id)
    assert "Cem" in message.text
    async with asyncio.timeout(10):
        while not await _told(store, 77):  # noqa: ASYNC110 - the archive is what is asked
            await asyncio.sleep(0.01)
    assert await _told(store, 77) == {anna.id: message.id}
    anna.say("/help")
    await server.received(anna.id, 2)
    assert ["Cem" in m.text for m in anna.received] == [True, False]


async def _told(store: Store, user_id: int) -> dict[int, int]:
    async with store.read() as tx:
        request = await tx.access.request(user_id)
    return dict(request.told) if request else {}


async def test_invites_are_listed_and_a_revoked_one_opens_nothing(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, bela, cem = server.person("Anna", started=True), server.person("Bela"), server.person("Cem")
    await run_bot(owners=(anna.id,))
    anna.say("/invites")
    assert (await server.received(anna.id))[0].text == door.INVITES_NONE
    anna.say("/invite ops")
    code = await invite_link_of(server, anna.id, 2)
    anna.say("/invite guest")
    used = await invite_link_of(server, anna.id, 3)
    cem.start(used)
    await server.received(cem.id)
    anna.say("/invite list")
    listed = (await server.received(anna.id, 4))[-1]
    assert "1. for one ops, by Anna, until" in bare(listed.text)
    assert "Cem came in as guest" in bare(listed.text)
    assert [b["text"] for b in listed.buttons] == ["✕ Revoke 1"]
    anna.press("✕ Revoke 1")
    await server.until(lambda: listed.edits)
    assert listed.text.startswith(door.INVITES_NONE)
    bela.start(code)
    assert [m.text for m in await server.received(bela.id)] == [door.STALE_INVITE]


async def invite_link_of(server: BotApiServer, owner: int, n: int) -> str:
    await server.received(owner, n)
    return await invite_link(server, owner)


async def test_an_owner_changes_roles_and_puts_people_out_and_what_waited_for_them_is_dropped(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, bela = server.person("Anna", started=True), server.person("Bela", started=True)
    await let_in(store, bela.id, Role.GUEST)
    async with store.begin() as tx:
        await tx.subscriptions.subscribe(Subscription(chat_id=bela.id, made_at=NOW))
    await run_bot(owners=(anna.id,))
    anna.say("/people")
    (message,) = await server.received(anna.id)
    assert message.text == "Who is let in (2):"
    owner, guest = (b["text"] for b in message.buttons)
    assert (owner, guest) == ("Anna · owner", f"chat {bela.id} · guest")
    anna.press(guest)
    await server.until(lambda: len(message.edits) == 1)
    assert [b["text"] for b in message.buttons] == ["Make analyst", "Make ops", "Put out", "« Back"]
    anna.press("Make ops")
    await server.until(lambda: len(message.edits) == 2)
    anna.press("Put out")
    await server.until(lambda: len(message.edits) == 3)
    assert message.text == "Who is let in (1):"
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(bela.id) is None
        record = await tx.changes.newest(2, only=[What.ACCESS])
    assert [(c.old and c.old["role"], c.new and c.new["role"]) for c in record] == [
        ("ops", None), ("guest", "ops"),
    ]  # fmt: skip
    anna.press("Anna · owner")
    await server.until(lambda: len(message.edits) == 4)
    assert [b["text"] for b in message.buttons] == ["« Back"]


async def test_attempts_are_on_record_once_in_a_while_and_say_what_was_tried(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    stranger = server.person("Mallory")
    await run_bot()
    for _ in range(5):
        stranger.say("/status secret words")
    stranger.say("/invite ops")
    await all_handled(server)
    async with store.read() as tx:
        record = await tx.changes.newest(10, only=[What.ATTEMPT])
    assert [(c.name, c.by, dict(c.new or {})) for c in record] == [
        ("Mallory", stranger.id, {"said": "/invite", "why": "was not let in"}),
        ("Mallory", stranger.id, {"said": "/status", "why": "was not let in"}),
    ]
