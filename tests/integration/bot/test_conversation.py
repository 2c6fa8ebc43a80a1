"""What one can say to the bot, and what it answers."""

from dataclasses import replace
from datetime import timedelta

from bot.texts import asking, choosing
from domain.channel import Channel, ChannelStatus
from domain.clock import WallClock
from domain.episode import State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.post import How
from domain.watch import WatchSpan
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import an_episode, let_in


async def watch_channels(store: Store, n: int, group: str | None = "network") -> None:
    async with store.begin() as tx:
        for number in range(n):
            channel = Channel(
                id=1001 + number, title=f"Channel {number:03}", handle=f"chan_{number:03}", group=group
            )
            await tx.channels.save(channel, WallClock().now())


def labels(message: Message) -> list[str]:
    return [button["text"] for button in message.buttons]


async def mine(store: Store, person: Person) -> set[tuple[int | None, str | None]]:
    async with store.read() as tx:
        return {(s.channel_id, s.group) for s in await tx.subscriptions.of(person.id)}


async def newcomer(server: BotApiServer, store: Store) -> Person:
    person = server.person("Bela", started=True)
    await let_in(store, person.id)
    return person


async def test_a_newcomer_subscribes_in_two_taps(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    await watch_channels(store, 3)
    bela = await newcomer(server, store)
    await run_bot()
    bela.start()
    (message,) = await server.received(bela.id)
    assert labels(message) == [
        "Everything, now and later", "Group network (3)", "Channel 000", "Channel 001", "Channel 002",
    ]  # fmt: skip
    press = bela.press("Channel 001")
    await server.until(lambda: message.edits)
    assert press.answer is not None
    assert press.answer["text"] == "Subscribed: Channel 001."
    assert "✓ Channel 001" in labels(message)
    assert await mine(store, bela) == {(1002, None)}
    bela.press("Group network (3)")
    await server.until(lambda: len(message.edits) == 2)
    assert await mine(store, bela) == {(1002, None), (None, "network")}
    bela.press("✓ Channel 001")
    await server.until(lambda: len(message.edits) == 3)
    assert await mine(store, bela) == {(None, "network")}


async def test_a_button_pressed_twice_does_what_it_said_once(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await watch_channels(store, 1, group=None)
    bela = await newcomer(server, store)
    await run_bot()
    bela.start()
    await server.received(bela.id)
    first, second = bela.press("Channel 000"), bela.press("Channel 000")
    await server.until(lambda: first.answer is not None and second.answer is not None)
    assert await mine(store, bela) == {(1001, None)}


async def test_hundreds_of_channels_are_paged(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    await watch_channels(store, 210)
    bela = await newcomer(server, store)
    await run_bot()
    bela.say("/subscribe")
    (message,) = await server.received(bela.id)
    seen: list[str] = []
    for page in range(1, 28):
        seen += [label for label in labels(message) if label.startswith("Channel")]
        assert f"{page}/27" in labels(message)
        if page < 27:
            bela.press("Next »")
            await server.until(lambda page=page: f"{page + 1}/27" in labels(message))
    assert seen == [f"Channel {n:03}" for n in range(210)]
    bela.press("Channel 209")
    await server.until(lambda: "✓ Channel 209" in labels(message))
    assert "27/27" in labels(message)  # still on the page where the tap was
    assert await mine(store, bela) == {(1210, None)}


async def test_subscribing_by_typing(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    await watch_channels(store, 2)
    bela = await newcomer(server, store)
    await run_bot()
    said = (
        "/subscribe @chan_001", "/subscribe https://t.me/Chan_001", "/subscribe NETWORK", "/subscribe all",
        "/unsubscribe @chan_001", "/unsubscribe @chan_001", "/unsubscribe network", "/unsubscribe all",
    )  # fmt: skip
    for words in said:
        bela.say(words)
    answers = [m.text.replace("\u2068", "").replace("\u2069", "") for m in await server.received(bela.id, 8)]
    assert answers == [
        "Subscribed: Channel 001.",
        "You are subscribed to Channel 001 already.",
        "Subscribed: group network.",
        "Subscribed: everything.",
        f"No longer subscribed: Channel 001. {choosing.STILL_ALL}",
        f"You are not subscribed to Channel 001. {choosing.STILL_ALL}",
        f"No longer subscribed: group network. {choosing.STILL_ALL}",
        "No longer subscribed: everything.",
    ]
    assert await mine(store, bela) == set()


async def test_a_mistyped_name_is_answered_with_the_nearest(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    async with store.begin() as tx:
        for number, (title, handle) in enumerate(
            [("Falcon <Front>", "falcon_front"), ("River", "river_guard")]
        ):
            await tx.channels.save(Channel(id=1001 + number, title=title, handle=handle), WallClock().now())
    bela = await newcomer(server, store)
    await run_bot()
    bela.say("/subscribe @falcon_frnt")
    (message,) = await server.received(bela.id)
    assert "I watch no channel or group called" in message.text
    assert "@falcon_front" in message.text
    assert "river" not in message.text.lower()


async def test_subscriptions_are_listed_and_ended_by_a_tap(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await watch_channels(store, 2)
    bela = await newcomer(server, store)
    await run_bot()
    bela.say("/subscriptions")
    assert (await server.received(bela.id))[0].text == choosing.NO_SUBSCRIPTIONS
    bela.say("/subscribe @chan_000")
    bela.say("/subscribe network")
    bela.say("/unsubscribe")  # without a name: the list
    message = (await server.received(bela.id, 4))[-1]
    assert labels(message) == ["✕ Channel 000", "✕ group network"]
    bela.press("✕ Channel 000")
    await server.until(lambda: message.edits)
    assert labels(message) == ["✕ group network"]
    assert await mine(store, bela) == {(None, "network")}


async def test_status_says_what_is_quiet_what_is_watched_and_what_cannot_be_seen(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    now = WallClock().now()
    await watch_channels(store, 4)
    async with store.begin() as tx:
        banned = await tx.channels.get(1004)
        assert banned is not None
        await tx.channels.save(replace(banned, status=ChannelStatus.BANNED), now)
        for number, late in ((1001, 0), (1002, 90)):
            await tx.watch.extend(
                WatchSpan(
                    channel_id=number,
                    account="main",
                    from_at=now - timedelta(hours=5),
                    to_at=now - timedelta(minutes=late),
                    how=How.LIVE,
                )
            )
        ago = now - timedelta(hours=7)
        await tx.episodes.save(
            an_episode(id=0, subject=Subject(channel_id=1001, topic="attacks"), since_at=ago)
        )
        await tx.episodes.save(
            an_episode(id=0, subject=Subject(channel_id=1001, claimant="kh"), since_at=ago)
        )
        await tx.episodes.save(an_episode(id=0, subject=Subject(channel_id=1002), state=State.PENDING))
        blind = Verdict.blind(Cause.ACCOUNT_LOST, "Telegram said: session revoked.")
        await tx.episodes.save(an_episode(id=0, kind=Kind.BLIND, subject=Subject(), verdict=blind))
    bela = await newcomer(server, store)
    await run_bot(simulated=True)
    bela.say("/status")
    (message,) = await server.received(bela.id)
    words = message.text.replace("\u2068", "").replace("\u2069", "")
    assert words.startswith("SIMULATION\nStatus at ")
    assert "Channel 000: nothing on attacks for 7 h" in words
    assert "Channel 000: no claim by kh for 7 h" in words
    assert "Channel 003: banned: our account may not read it" in words
    assert "our account was logged out or banned" in words
    assert "1 of 3 channels are seen up to" in words
    assert "Channel 001: seen only up to" in words
    assert "Channel 002: not seen yet" in words
    assert words.count("silent for") == 0  # what is pending is not told

    bela.press("Refresh")
    await server.until(lambda: server.calls[-1].method == "getUpdates")
    assert len(bela.received) == 1


async def test_help_lists_what_one_may_say(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    anna, bela = server.person("Anna", started=True), await newcomer(server, store)
    await run_bot(owners=(anna.id,))
    for person in (anna, bela):
        person.say("/help")
    owners = (await server.received(anna.id))[0].text
    guests = (await server.received(bela.id))[0].text
    assert "/invite" in owners
    assert "/invite" not in guests
    assert "/status" in guests
    bela.say("what is this?")
    assert (await server.received(bela.id, 2))[1].text == asking.UNKNOWN_COMMAND


async def test_telegram_is_told_which_commands_there_are(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await run_bot()
    await server.until(lambda: server.world.profile.commands)
    (commands,) = server.world.profile.commands.values()
    assert {c["command"] for c in commands} >= {"start", "subscribe", "status", "stop"}
    assert "invite" not in {c["command"] for c in commands}
