"""The buttons below an alert, pressed in time, late, twice, and by whom they are not for."""

from datetime import timedelta

from domain.acknowledgement import Acknowledgement, Answer
from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import Alert, Move
from domain.finding import Kind
from domain.opinion import Fault, Opinion, Says
from domain.post import How, Post
from domain.subscription import Role
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person, Press
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in, put_out
from tests.support.tapping import labels

LABELS = [
    "Acknowledge", "Snooze 1 h", "Snooze 8 h", "Until it changes", "Show posts", "Chart", "Wrong alarm",
]  # fmt: skip


async def alerted(
    server: BotApiServer, store: Store, run_bot: Serve, role: Role = Role.ANALYST
) -> tuple[Person, Message, Alert]:
    """Somebody who was just told of a silence."""
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id, role)
    alert = await put_out(store, anna.id, at=WallClock().now())
    await run_bot()
    (message,) = await server.received(anna.id)
    return anna, message, alert


async def pressed(server: BotApiServer, person: Person, button: str, **where: object) -> str:
    """Press, and give what was answered."""
    press: Press = person.press(button, **where)  # type: ignore[arg-type]  # a message, or a chat
    await server.until(lambda: press.answer is not None)
    return str((press.answer or {}).get("text", ""))


async def answer_of(store: Store, alert: Alert, chat: int) -> Acknowledgement | None:
    async with store.read() as tx:
        return await tx.acknowledgements.standing(alert.episode.id, chat)


async def opinions(store: Store, alert: Alert) -> list[Opinion]:
    async with store.read() as tx:
        return list(await tx.opinions.of(alert.episode.id))


async def test_acknowledging_is_kept_shown_and_the_same_when_pressed_twice(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, message, alert = await alerted(server, store, run_bot)
    assert labels(message) == LABELS
    assert await pressed(server, anna, "Acknowledge") == "Acknowledged. You will be told when it ends."
    await server.until(lambda: "✓ Acknowledge" in labels(message))
    first = await answer_of(store, alert, anna.id)
    assert first is not None
    assert (first.answer, first.by) == (Answer.SEEN, f"chat {anna.id} ({anna.id})")
    assert "Acknowledged already" in await pressed(server, anna, "✓ Acknowledge")
    assert await answer_of(store, alert, anna.id) == first


async def test_a_snooze_takes_the_place_of_what_was_answered_before(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, message, alert = await alerted(server, store, run_bot)
    assert "unless its state changes" in await pressed(server, anna, "Snooze 8 h")
    await server.until(lambda: "✓ Snooze 8 h" in labels(message))
    long = await answer_of(store, alert, anna.id)
    assert long is not None
    assert long.until is not None
    assert long.until - long.at == timedelta(hours=8)
    await pressed(server, anna, "Until it changes")
    await server.until(lambda: "✓ Until it changes" in labels(message))
    assert "Snooze 8 h" in labels(message)
    now = await answer_of(store, alert, anna.id)
    assert now is not None
    assert (now.answer, now.until) == (Answer.UNTIL_CHANGE, None)


async def test_pressed_when_it_is_over_nothing_is_kept(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, message, alert = await alerted(server, store, run_bot)
    data = message.buttons[0]["callback_data"]
    await put_out(store, anna.id, move=Move.CLOSED, episode=alert.episode, at=WallClock().now())
    async with store.begin() as tx:
        tx.notify("deliveries")
    await server.until(lambda: labels(message) == ["Show posts", "Chart", "Wrong alarm"])
    message.versions[-1].markup["inline_keyboard"].append(  # type: ignore[index]  # as an old phone still shows it
        [{"text": "Acknowledge", "callback_data": data}]
    )
    assert "It is over already" in await pressed(server, anna, "Acknowledge", message=message)
    assert await answer_of(store, alert, anna.id) is None


async def test_a_wrong_alarm_is_kept_with_its_reason_where_the_rhythm_learns_from_it(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, message, alert = await alerted(server, store, run_bot)
    await pressed(server, anna, "Wrong alarm")
    await server.until(lambda: "A holiday" in labels(message))
    assert await opinions(store, alert) == []
    assert "once the episode is over" in await pressed(server, anna, "A holiday")
    await server.until(lambda: labels(message) == LABELS)
    [opinion] = await opinions(store, alert)
    assert (opinion.says, opinion.fault, opinion.by) == (
        Says.WRONG,
        Fault.HOLIDAY,
        f"chat {anna.id} ({anna.id})",
    )
    await pressed(server, anna, "Wrong alarm")
    await server.until(lambda: "A holiday" in labels(message))
    assert await pressed(server, anna, "A holiday") == "That was noted already."
    assert len(await opinions(store, alert)) == 1


async def test_a_guest_may_hush_it_for_themselves_and_not_say_that_it_was_wrong(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    guest, _, alert = await alerted(server, store, run_bot, Role.GUEST)
    assert "analyst and above" in await pressed(server, guest, "Wrong alarm")
    assert "Acknowledged" in await pressed(server, guest, "Acknowledge")
    assert await opinions(store, alert) == []


async def test_in_a_group_a_guest_does_not_speak_for_all(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    guest, analyst = server.person("Guest", started=True), server.person("Anna", started=True)
    group = server.group("Desk", guest, analyst)
    await let_in(store, guest.id, Role.GUEST)
    await let_in(store, analyst.id)
    await let_in(store, group.id, Role.GUEST)
    alert = await put_out(store, group.id, at=WallClock().now())
    await run_bot()
    await server.received(group.id)
    assert "analysts and above" in await pressed(server, guest, "Acknowledge", chat=group)
    assert await answer_of(store, alert, group.id) is None
    assert "Acknowledged" in await pressed(server, analyst, "Acknowledge", chat=group)
    kept = await answer_of(store, alert, group.id)
    assert kept is not None
    assert kept.by == f"chat {analyst.id} ({analyst.id})"


async def test_an_episode_that_a_chat_was_never_told_of_is_none_of_its_business(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, message, _ = await alerted(server, store, run_bot)
    other = await put_out(store, 99, at=WallClock().now())
    for prefix, button in (("a", "Acknowledge"), ("q", "Show posts"), ("c", "Chart"), ("v", "Show 2")):
        message.versions[-1].markup["inline_keyboard"] = [  # type: ignore[index]  # what nobody was offered
            [{"text": button, "callback_data": f"{prefix}:{other.episode.id}"}]
        ]
        said = await pressed(server, anna, button, message=message)
        assert said == "This chat was never told of that episode."


async def test_posts_and_chart_come_as_messages_of_their_own(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    anna, message, _ = await alerted(server, store, run_bot)
    assert await pressed(server, anna, "Show posts") == "The archive holds no posts of it."
    now = WallClock().now()
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1001, title="Falcon <Front>", handle="falcon_front"), now)
        await tx.posts.put(
            Post(channel_id=1001, id=n, posted_at=now, seen_at=now, how=How.LIVE, text=text)
            for n, text in ((76, "Words & <more>."), (77, "The last one."))
        )
    anna.press("Show posts")
    posts = (await server.received(anna.id, 2))[1]
    assert posts.reply_to == message.id
    assert "Last posts of" in posts.text
    assert "The last one." in posts.text
    assert "Words & <more>." in posts.text
    anna.press("Chart")
    chart = (await server.received(anna.id, 3))[2]
    assert chart.photo is not None
    assert chart.photo.startswith(b"\x89PNG")


async def test_of_our_own_blindness_there_is_nothing_to_judge(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    ops = server.person("Ops", started=True)
    await let_in(store, ops.id, Role.OPS)
    await put_out(store, ops.id, at=WallClock().now(), kind=Kind.BLIND, payload={})
    await run_bot()
    (message,) = await server.received(ops.id)
    assert labels(message) == LABELS[:4]
