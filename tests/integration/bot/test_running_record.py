"""What was changed in the bot, and taking it back."""

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.texts import running
from domain.change import What
from domain.subscription import Role
from domain.wanted import Watching
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in
from tests.support.botapi import hang_up, stock_bot
from tests.support.tapping import FALCON, bare, labels, olga, said, tap, watch


async def test_a_change_is_taken_back_by_its_button_once_and_that_is_a_row_too(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    await said(server, person, "/channels pause @falcon_front", "/audit")
    message = person.received[-1]
    assert "@falcon_front: watched → paused" in bare(message.text)
    assert labels(message) == ["↩ Take back #1", "With attempts"]
    press = person.press("↩ Take back #1")
    await server.until(lambda: len(message.edits) > 0 and press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == "Taken back: #1."
    async with store.read() as tx:
        (want,) = await tx.changes.wants()
        undo, change = await tx.changes.newest(5)
    assert want.wanted is Watching.WATCHED
    assert (undo.undoes, undo.old, undo.new) == (change.id, change.new, change.old)
    assert "(taken back)" in message.text
    assert labels(message) == ["↩ Take back #2", "With attempts"]  # what was undone can be redone
    again = person.press("und:1:0:0", await _with(server, person, "und:1:0:0"))
    await server.until(lambda: again.answer is not None)
    assert again.answer is not None
    assert again.answer["text"] == "#1 was taken back already."


async def _with(server: BotApiServer, person: Person, data: str) -> Message:
    """A message with a button of former times: each answer of the bot's world is made by a stock bot."""
    bot = stock_bot(server)
    keyboard = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text=data, callback_data=data)]])
    await bot.send_message(person.id, "of former times", reply_markup=keyboard)
    await hang_up(bot)
    return person.received[-1]


async def test_what_was_changed_again_since_is_not_taken_back_over_it(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person = await olga(server, store)
    await watch(store, FALCON)
    await run_bot()
    await said(server, person, "/channels pause @falcon_front", "/channels retire @falcon_front")
    press = person.press("und:1:0:0", await _with(server, person, "und:1:0:0"))
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert bare(press.answer["text"]).startswith("It has been changed since, by chat")
    async with store.read() as tx:
        (want,) = await tx.changes.wants()
    assert want.wanted is Watching.RETIRED


async def test_ops_do_not_take_back_who_may_enter_and_owners_do(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, person = server.person("Anna", started=True), await olga(server, store)
    cem = server.person("Cem", started=True)
    await let_in(store, cem.id, Role.GUEST)
    await run_bot(owners=(anna.id,))
    await said(server, anna, "/people")
    message = await tap(server, anna, f"chat {cem.id} · guest")
    await tap(server, anna, "Put out", message)
    async with store.read() as tx:
        change = (await tx.changes.newest(1))[0]
    await said(server, person, "/audit")
    assert not any(label.startswith("↩") for label in labels(person.received[-1]))
    data = f"und:{change.id}:0:0"
    press = person.press(data, await _with(server, person, data))
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == running.UNDO_NOT_YOURS
    await said(server, anna, "/audit")
    await tap(server, anna, f"↩ Take back #{change.id}")
    async with store.read() as tx:
        back = await tx.subscriptions.subscriber(cem.id)
    assert back is not None
    assert back.role is Role.GUEST


async def test_a_revoked_invite_is_opened_again_and_one_that_was_used_is_not(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, cem = server.person("Anna", started=True), server.person("Cem")
    await run_bot(owners=(anna.id,))
    await said(server, anna, "/invite guest")
    code = anna.received[-1].text.rpartition("start=")[2].strip()
    await said(server, anna, "/invites")
    await tap(server, anna, "✕ Revoke 1")
    await said(server, anna, "/audit")
    async with store.read() as tx:
        revoked, _ = await tx.changes.newest(2, only=[What.INVITE])
    await tap(server, anna, f"↩ Take back #{revoked.id}")
    cem.start(code)
    assert "let in as guest" in (await server.received(cem.id))[0].text
    async with store.read() as tx:
        reopened = (await tx.changes.newest(1, only=[What.INVITE]))[0]
    assert reopened.undoes == revoked.id
    data = f"und:{reopened.id}:0:0"
    press = anna.press(data, await _with(server, anna, data))
    await server.until(lambda: press.answer is not None)
    assert press.answer is not None
    assert press.answer["text"] == "That cannot be taken back: the link was used or has expired"


async def test_the_record_pages_and_shows_attempts_only_when_asked(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    person, stranger = await olga(server, store), server.person("Mallory")
    await watch(store, FALCON)
    await run_bot()
    for n in range(4):
        await said(server, person, f"/channels {'resume' if n % 2 else 'pause'} @falcon_front")
    stranger.say("/status")
    await server.received(stranger.id)
    await said(server, person, "/channels pause @falcon_front", "/audit")
    message = person.received[-1]
    assert "Mallory" not in message.text
    await tap(server, person, "With attempts")
    assert "Mallory: was refused /status: was not let in" in bare(message.text)
    assert "Without attempts" in labels(message)
