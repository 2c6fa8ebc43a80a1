"""What one can say to the bot, and what it answers."""

from dataclasses import replace
from datetime import timedelta

from alerts.mark import Mark
from bot.texts import asking, choosing
from domain.channel import Channel, ChannelStatus
from domain.clock import WallClock
from domain.episode import State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.post import How
from domain.reading import Reading
from domain.severity import Severity
from domain.subscription import Subscription
from domain.watch import Gap, GapCause, WatchSpan
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import an_episode, let_in, put_out
from tests.support.tapping import bare, labels


async def watch_channels(store: Store, n: int, group: str | None = "network") -> None:
    async with store.begin() as tx:
        for number in range(n):
            channel = Channel(
                id=1001 + number, title=f"Channel {number:03}", handle=f"chan_{number:03}", group=group
            )
            await tx.channels.save(channel, WallClock().now())


async def mine(store: Store, person: Person) -> set[tuple[int | None, str | None]]:
    async with store.read() as tx:
        return {(s.channel_id, s.group) for s in await tx.subscriptions.of(person.id)}


async def newcomer(server: BotApiServer, store: Store) -> Person:
    person = server.person("Bela", started=True)
    await let_in(store, person.id)
    return person


async def test_a_newcomer_comes_to_the_first_subscription_in_at_most_four_taps(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await watch_channels(store, 3)
    bela = await newcomer(server, store)
    await run_bot()
    taps = 1
    bela.start()  # the button that Telegram shows under a bot that one has never used
    (message,) = await server.received(bela.id)
    assert labels(message) == [
        "Everything, now and later", "Group network (3)", "Channel 000", "Channel 001", "Channel 002",
    ]  # fmt: skip

    async def tap(label: str) -> None:
        nonlocal taps
        taps, before = taps + 1, len(message.edits)
        bela.press(label)
        await server.until(lambda: len(message.edits) > before)

    await tap("Channel 001")
    assert bare(message.text).startswith("You would be told of: Channel 001.")
    assert choosing.PREVIEW_UNWATCHED in message.text
    assert await mine(store, bela) == set()  # shown, not kept
    await tap("Subscribe")
    assert taps <= 4
    assert await mine(store, bela) == {(1002, None)}
    assert bare(message.text).startswith("Subscribed: Channel 001.")
    assert "✓ Channel 001" in labels(message)

    await tap("Group network (3)")
    await tap("Subscribe")
    assert await mine(store, bela) == {(1002, None), (None, "network")}
    await tap("✓ Channel 001")
    await tap("✕ End this subscription")
    assert await mine(store, bela) == {(None, "network")}


async def test_a_button_pressed_twice_does_what_it_said_once(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await watch_channels(store, 1, group=None)
    bela = await newcomer(server, store)
    await run_bot()
    bela.start()
    (message,) = await server.received(bela.id)
    bela.press("Channel 000")
    await server.until(lambda: message.edits)
    keep = next(b["callback_data"] for b in message.buttons if b["text"] == "Subscribe")
    first, second = bela.press(keep), bela.press(keep)
    await server.until(lambda: first.answer is not None and second.answer is not None)
    assert first.answer is not None
    assert second.answer is not None
    assert first.answer["text"] == "Subscribed: Channel 000."
    assert second.answer["text"] == "You are subscribed to Channel 000 already."
    assert await mine(store, bela) == {(1001, None)}


async def test_a_subscription_is_narrowed_to_a_topic_a_kind_and_a_severity(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    now = WallClock().now()
    await watch_channels(store, 2)
    async with store.begin() as tx:
        await tx.readings.go_live(1, now)
        await tx.tallies.add(
            [
                Reading(
                    channel_id=1001,
                    post_id=n,
                    posted_at=now - timedelta(days=1),
                    reader_version=1,
                    topics=("attacks", "unjudged"),
                    claimants=("kh",),
                )
                for n in range(3)
            ]
        )
    bela = await newcomer(server, store)
    await run_bot(topics=("attacks", "martyrs"), claimants={"kh": "Kataib Hezbollah", "aah": "Asaib"})
    bela.start()
    (message,) = await server.received(bela.id)
    for label in ("Channel 000", "One topic…"):
        before = len(message.edits)
        bela.press(label)
        await server.until(lambda before=before: len(message.edits) > before)
    assert labels(message) == ["Whatever it is about", "attacks"]  # what it had, and what is judged
    for label in ("attacks", "Silence", "Only grave"):
        before = len(message.edits)
        bela.press(label)
        await server.until(lambda before=before: len(message.edits) > before)
    assert "Channel 000, only attacks (silence), grave or graver" in bare(message.text)
    assert {"✓ Silence", "✓ Only grave", "✓ One topic…"} <= set(labels(message))
    bela.press("Subscribe")
    await server.until(lambda: "Subscribed" in message.text)
    bela.say("/subscribe all claimant:Kataib_Hezbollah surge")
    card = (await server.received(bela.id, 2))[-1]
    assert "everything, only claims by Kataib Hezbollah (far more posts than usual)" in bare(card.text)
    bela.press("Subscribe")
    await server.until(lambda: "Subscribed" in card.text)
    async with store.read() as tx:
        one, two = await tx.subscriptions.of(bela.id)
    assert (one.channel_id, one.topic, one.kind, one.least) == (
        1001, "attacks", Kind.SILENCE, Severity.GRAVE,
    )  # fmt: skip
    assert (two.channel_id, two.claimant, two.kind, two.least) == (None, "kh", Kind.SURGE, Severity.MINOR)


async def test_the_preview_counts_what_was_told_and_says_how_far_one_could_see(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    now = WallClock().now()
    await watch_channels(store, 1, group=None)
    async with store.begin() as tx:
        mark = Mark(version=1, since=now - timedelta(days=90), until=now)
        await tx.marks.set("alerts", mark.document(), now)
        await tx.watch.extend(
            WatchSpan(
                channel_id=1001, account="main", from_at=now - timedelta(days=12), to_at=now, how=How.LIVE
            )
        )
    for days, changes in (
        (2, {}),
        (5, {"kind": Kind.SURGE}),
        (6, {"kind": Kind.SURGE, "probability": 1e-9}),
        (8, {"subject": Subject(channel_id=1001, topic="attacks")}),
        (40, {}),  # before the 30 days
        (3, {"subject": Subject(channel_id=999)}),  # another channel's
    ):
        await put_out(store, payload={}, at=now - timedelta(days=days), **changes)
    bela = await newcomer(server, store)
    await run_bot()
    bela.say("/subscribe @chan_000")
    (message,) = await server.received(bela.id)
    assert "in the last 30 days: 4 (silence: 2, far more posts than usual: 2)." in message.text
    assert "Of these 30 days only 12 d were watched" in message.text
    bela.press("Only grave")
    await server.until(lambda: message.edits)
    assert "in the last 30 days: 1 (far more posts than usual: 1)." in message.text


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
    await server.until(lambda: "Subscribe" in labels(message))
    bela.press("Subscribe")
    await server.until(lambda: "✓ Channel 209" in labels(message))
    assert "27/27" in labels(message)  # still on the page where the tap was
    assert await mine(store, bela) == {(1210, None)}


async def test_subscribing_by_typing(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    """What is typed is shown first; only the button keeps it."""
    await watch_channels(store, 2)
    bela = await newcomer(server, store)
    await run_bot()
    for n, words in enumerate(("@chan_001", "https://t.me/Chan_001", "NETWORK", "all"), 1):
        bela.say(f"/subscribe {words}")
        card = (await server.received(bela.id, n))[-1]
        if "Subscribe" in labels(card):
            bela.press("Subscribe")
            await server.until(lambda card=card: "Subscribed" in card.text)
        else:
            assert (words, labels(card)[-2]) == ("https://t.me/Chan_001", "✕ End this subscription")
    assert await mine(store, bela) == {(1002, None), (None, "network"), (None, None)}
    for words in ("@chan_001", "@chan_001", "network", "all"):
        bela.say(f"/unsubscribe {words}")
    answers = [bare(m.text) for m in (await server.received(bela.id, 8))[4:]]
    assert answers == [
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


async def test_subscriptions_are_listed_paged_and_ended_by_a_tap(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    await watch_channels(store, 12)
    bela = await newcomer(server, store)
    await run_bot()
    bela.say("/subscriptions")
    assert (await server.received(bela.id))[0].text == choosing.NO_SUBSCRIPTIONS
    async with store.begin() as tx:
        for number in range(12):
            wanted = Subscription(chat_id=bela.id, channel_id=1001 + number, made_at=WallClock().now())
            await tx.subscriptions.subscribe(wanted)
    bela.say("/unsubscribe")  # without a name: the list
    message = (await server.received(bela.id, 2))[-1]
    assert labels(message) == [*(f"✕ Channel {n:03}" for n in range(10)), "1/2", "Next »"]
    bela.press("Next »")
    await server.until(lambda: message.edits)
    assert labels(message) == ["✕ Channel 010", "✕ Channel 011", "« Back", "2/2"]
    bela.press("✕ Channel 011")
    await server.until(lambda: len(message.edits) == 2)
    assert "✕ Channel 010" in labels(message)
    async with store.read() as tx:
        assert len(await tx.subscriptions.of(bela.id)) == 11


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


async def test_a_status_that_no_longer_fits_one_message_is_renewed_whole(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    now = WallClock().now()
    await watch_channels(store, 1)
    bela = await newcomer(server, store)
    await run_bot()
    bela.say("/status")
    (message,) = await server.received(bela.id)
    async with store.begin() as tx:
        for number in range(60):
            title = f"{number:03} " + "a title of a channel that is as long as they are " * 2
            await tx.channels.save(Channel(id=2001 + number, title=title), now)
            late = timedelta(minutes=90 if number >= 40 else 0)
            await tx.watch.extend(
                WatchSpan(
                    channel_id=2001 + number,
                    account="main",
                    from_at=now - timedelta(hours=30 if number < 20 else 5),
                    to_at=now - late,
                    how=How.LIVE,
                )
            )
            if number >= 40:
                gap = Gap(
                    channel_id=2001 + number,
                    account="main",
                    from_at=now - late,
                    to_at=None,
                    cause=GapCause.FLOOD,
                )
                await tx.watch.add_gap(gap)
    bela.press("Refresh", message)
    await server.received(bela.id, 2)
    await server.until(lambda: message.edits)
    words = "".join(m.text for m in bela.received)
    assert labels(message) == []  # one of several cannot be renewed alone
    assert "out of our sight since" in words
    assert "without a gap only since" in words
    assert "seen only up to" in words


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
    await server.until(lambda: len(server.world.profile.commands) == 3)
    commands, arabic, _ = server.world.profile.commands.values()
    assert [c["command"] for c in arabic] == [c["command"] for c in commands]
    assert "هذه القائمة" in {c["description"] for c in arabic}
    assert {c["command"] for c in commands} >= {"start", "subscribe", "status", "stop"}
    assert "invite" not in {c["command"] for c in commands}
