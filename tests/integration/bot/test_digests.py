"""What was held, what could not be delivered in time, and what is to be summed up: one message."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time, timedelta

import pytest

from bot.bell import Bell
from bot.courier import Courier
from bot.digests import Digests
from bot.reminders import Reminders
from domain.acknowledgement import Acknowledgement, Answer
from domain.channel import Channel
from domain.clock import SetClock
from domain.episode import Alert, Move, State, Subject
from domain.finding import Cause, Kind, Verdict
from domain.hush import Digest, Every, Mute, QuietHours
from domain.subscription import DeliveryState, Role
from sandbox.botapi.membership import open_topic
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import HOUR, NOON, a_payload, an_episode, let_in, put_out
from tests.support.couriers import deliver_all, make_courier, states

MINUTE = HOUR / 60


@pytest.fixture
async def courier(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> AsyncIterator[Courier]:
    made = make_courier(server, store, clock, pace)
    yield made
    await made.bot.session.close()


def other(n: int) -> dict[str, object]:
    return {"subject": Subject(channel_id=1001 + n), "payload": a_payload(f"Channel {n}")}


async def quiet(store: Store, chat: int, start: int, end: int) -> None:
    async with store.begin() as tx:
        hours = QuietHours(chat_id=chat, start=time(start), end=time(end), made_at=NOON)
        await tx.hushes.set_quiet(hours, NOON)


async def test_after_quiet_hours_one_digest_tells_what_began_and_what_is_over_again(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    await quiet(store, anna.id, 11, 15)
    short = await put_out(store, anna.id, **other(1))  # type: ignore[arg-type]  # fields of an episode
    long = await put_out(store, anna.id, **other(2))  # type: ignore[arg-type]  # the same
    await deliver_all(courier)
    clock.advance(HOUR)
    await put_out(
        store,
        anna.id,
        move=Move.CLOSED,
        episode=short.episode,
        at=clock.now(),
        payload=a_payload("Channel 1"),
    )
    await deliver_all(courier)
    assert anna.received == []
    clock.advance(2 * HOUR)
    await deliver_all(courier)

    (digest,) = anna.received
    assert digest.text.startswith("Quiet hours are over. Meanwhile:")
    lines = digest.text.replace("\u2068", "").replace("\u2069", "").splitlines()
    over = f"Back: Channel 1: 6 h, from Fri 14 Mar 07:00 UTC to 13:00 (Episode {short.episode.id})."
    goes_on = f"Silent: Channel 2, since Fri 14 Mar 07:00 UTC. It goes on (Episode {long.episode.id})."
    assert any(over in line for line in lines)
    assert any(goes_on in line for line in lines)
    assert [b["text"] for b in digest.buttons] == [f"Show {long.episode.id}"]
    assert await states(store, short.episode.id) == [DeliveryState.DROPPED, DeliveryState.SENT]
    # What follows is no change of the digest, but a message of its own, and the end reaches whoever read it.
    await put_out(
        store, anna.id, move=Move.CLOSED, episode=long.episode, at=clock.now(), payload=a_payload("Channel 2")
    )
    await deliver_all(courier)
    assert digest.edits == []
    assert "Back: \u2068Channel 2" in anna.received[1].text


async def test_one_alert_alone_that_was_held_comes_whole(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    await quiet(store, anna.id, 11, 15)
    await put_out(store, anna.id)
    await deliver_all(courier)
    clock.advance(3 * HOUR)
    await deliver_all(courier)
    (message,) = anna.received
    assert message.photo is not None
    assert "late" not in message.text


async def test_what_telegram_was_too_long_away_for_is_one_digest_and_the_rest_keeps_its_order(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    for n in range(3):
        await put_out(store, anna.id, at=NOON + n * HOUR / 6, **other(n))  # type: ignore[arg-type]  # fields of an episode
    server.faults.drop("*", times=None)
    for _ in range(20):
        await deliver_all(courier)
        for each in (clock, pace):
            each.advance(timedelta(minutes=4))
    server.faults.clear()
    clock.advance(timedelta(minutes=6))
    await deliver_all(courier)
    (digest,) = anna.received
    assert digest.text.startswith("Could not be delivered in time:")
    assert [f"Channel {n}" in line for n, line in enumerate(digest.text.splitlines()[1:])] == [True] * 3


async def test_what_telegram_was_away_for_a_short_time_comes_one_by_one_in_order(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    for n in range(3):
        await put_out(store, anna.id, **other(n))  # type: ignore[arg-type]  # fields of an episode
    server.faults.drop("sendPhoto", times=2)
    for _ in range(6):
        await deliver_all(courier)
        for each in (clock, pace):
            each.advance(timedelta(minutes=1))
    assert [f"Channel {n}" in m.text for n, m in enumerate(anna.received)] == [True] * 3


async def test_what_goes_on_when_a_mute_ends_is_told_and_what_is_over_by_then_is_not(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    async with store.begin() as tx:
        await tx.hushes.mute(Mute(chat_id=anna.id, until=NOON + 3 * HOUR, made_at=NOON))
    gone = await put_out(store, anna.id, **other(1))  # type: ignore[arg-type]  # fields of an episode
    await put_out(store, anna.id, **other(2))  # type: ignore[arg-type]  # the same
    await deliver_all(courier)
    clock.advance(HOUR)
    await put_out(store, anna.id, move=Move.CLOSED, episode=gone.episode, at=clock.now())
    await deliver_all(courier)
    clock.advance(2 * HOUR)
    await deliver_all(courier)
    (message,) = anna.received
    assert "Channel 2" in message.text
    async with store.read() as tx:
        whys = [d.why for d in await tx.outbox.deliveries(gone.episode.id)]
    assert all(whys)


async def test_a_snooze_that_ends_while_it_goes_on_reminds_once(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    await deliver_all(courier)
    async with store.begin() as tx:
        await tx.acknowledgements.add(
            Acknowledgement(
                episode_id=alert.episode.id,
                chat_id=anna.id,
                answer=Answer.SNOOZED,
                until=NOON + HOUR,
                at=NOON,
            )
        )
    reminders = Reminders(courier.config, store, clock)
    assert await reminders.look() == 0
    clock.advance(HOUR)
    assert [await reminders.look(), await reminders.look()] == [1, 0]
    await deliver_all(courier)
    first, second = anna.received
    assert second.reply_to == first.id
    assert "Your snooze is over. It goes on: 6 h by now" in second.text


async def test_a_daily_digest_says_what_was_told_and_that_somebody_is_watching(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id, zone="Asia/Baghdad")
    digests = Digests(courier.config, courier.bot, store, clock)
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=1001, title="Falcon Front"), NOON)
        await tx.hushes.set_digest(Digest(chat_id=anna.id, every=Every.DAY, hour=18, made_at=NOON), NOON)
    await put_out(store, anna.id)
    await deliver_all(courier)
    assert await digests.look() == 0
    clock.advance(3 * HOUR)  # six in the evening in Baghdad
    assert [await digests.look(), await digests.look()] == [1, 0]
    digest = anna.received[-1]
    assert digest.text.startswith("The last day")
    assert "Silent: \u2068Falcon Front" in digest.text
    assert "Watched" in digest.text
    clock.advance(24 * HOUR)
    assert await digests.look() == 1
    assert "Nothing out of the ordinary." in anna.received[-1].text


async def test_digests_that_were_missed_are_made_up_by_one_that_tells_all_since_the_last(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    async with store.begin() as tx:
        await tx.hushes.set_digest(Digest(chat_id=anna.id, every=Every.DAY, hour=18, made_at=NOON), NOON)
    clock.advance(6 * HOUR)
    assert await Digests(courier.config, courier.bot, store, clock).look() == 1
    for n in (1, 2, 3):  # nobody looks meanwhile
        await put_out(store, anna.id, at=clock.now() + HOUR, **other(n))  # type: ignore[arg-type]
        clock.advance(24 * HOUR)
    clock.advance(5 * HOUR)
    await deliver_all(courier)
    digests = Digests(courier.config, courier.bot, store, clock)
    assert [await digests.look(), await digests.look()] == [1, 0]
    assert [f"Channel {n}" in anna.received[-1].text for n in (1, 2, 3)] == [True] * 3
    assert anna.received[-1].text.startswith("Since Fri 14 Mar 18:00 UTC\n")  # no day, but three
    clock.advance(18 * HOUR)  # 17:00 of the next day
    assert await digests.look() == 0
    clock.advance(HOUR)
    assert await digests.look() == 1
    assert anna.received[-1].text.startswith("The last day\n")


async def test_what_was_held_in_the_night_and_told_in_the_morning_is_in_the_digest_of_the_day(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    async with store.begin() as tx:
        await tx.hushes.set_digest(Digest(chat_id=anna.id, every=Every.DAY, hour=18, made_at=NOON), NOON)
    await quiet(store, anna.id, 13, 16)
    clock.advance(2 * HOUR)
    await put_out(store, anna.id, at=clock.now(), **other(1))  # type: ignore[arg-type]
    await put_out(store, anna.id, at=clock.now(), **other(2))  # type: ignore[arg-type]
    await deliver_all(courier)
    clock.advance(2 * HOUR)
    await deliver_all(courier)
    assert "Channel 1" in anna.received[-1].text
    clock.advance(2 * HOUR)
    assert await Digests(courier.config, courier.bot, store, clock).look() == 1
    assert anna.received[-1].text.startswith("The last day")
    assert "Channel 1" in anna.received[-1].text


async def test_a_digest_knows_what_is_over_by_then_though_its_end_was_not_told_yet(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    """The end waits for the quiet hours to be over, and the digest comes within them."""
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    digests = Digests(courier.config, courier.bot, store, clock)
    async with store.begin() as tx:
        await tx.hushes.set_digest(Digest(chat_id=anna.id, every=Every.DAY, hour=18, made_at=NOON), NOON)
    back = await put_out(store, anna.id, **other(1))  # type: ignore[arg-type]  # fields of an episode
    blind = await put_out(store, anna.id, **other(2))  # type: ignore[arg-type]
    await deliver_all(courier)
    await quiet(store, anna.id, 14, 22)
    clock.advance(3 * HOUR)
    await put_out(store, anna.id, move=Move.CLOSED, episode=back.episode, at=clock.now())
    unseen = replace(blind.episode, verdict=Verdict.blind(Cause.LINK_DOWN))
    await put_out(store, anna.id, move=Move.CLOSED, episode=unseen, at=clock.now())
    await deliver_all(courier)
    clock.advance(3 * HOUR)
    assert await digests.look() == 1
    words = anna.received[-1].text.replace("\u2068", "").replace("\u2069", "")
    assert "Back: Channel 1: 8 h, from Fri 14 Mar 07:00 UTC to 15:00" in words
    assert "Channel 2" in words
    assert "Silent: Channel 2" not in words
    assert "It goes on" not in words
    assert anna.received[-1].buttons == []


async def test_a_week_full_of_news_is_summed_up_to_its_last_day(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    """What grows is told again and again: a digest has one line of it, and of the week no day is missing."""
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    digests = Digests(courier.config, courier.bot, store, clock)
    async with store.begin() as tx:
        await tx.hushes.set_digest(Digest(chat_id=anna.id, every=Every.WEEK, hour=18, made_at=NOON), NOON)
        for n in range(160):
            episode = await tx.episodes.save(
                an_episode(
                    id=0, since_at=NOON + n * MINUTE, closed_at=NOON + 200 * MINUTE if n else None,
                    state=State.CLOSED if n else State.OPEN, subject=Subject(channel_id=1001),
                )
            )  # fmt: skip
            for _ in range(4):
                alert = Alert(id=0, at=NOON + n * MINUTE, move=Move.OPENED, episode=episode)
                await tx.outbox.sent_outright(alert, a_payload(f"Channel {n}"), anna.id, 1, NOON + HOUR)
    clock.advance(7 * 24 * HOUR)
    assert await digests.look() == 1
    words = "\n".join(m.text for m in anna.received)
    assert "Channel 159" in words
    assert "Channel 0\u2069" in words  # it goes on
    assert words.count("Channel 158") == 1
    assert "Channel 5\u2069" not in words
    assert "and 10 more" in words


async def test_a_test_is_no_part_of_what_the_day_brought(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    digests = Digests(courier.config, courier.bot, store, clock)
    async with store.begin() as tx:
        await tx.hushes.set_digest(Digest(chat_id=anna.id, every=Every.DAY, hour=18, made_at=NOON), NOON)
    test = {"kind": Kind.TEST, "subject": Subject(), "since_at": NOON, "payload": {}}
    alert = await put_out(store, anna.id, **test)  # type: ignore[arg-type]
    async with store.begin() as tx:
        await tx.episodes.save(replace(alert.episode, state=State.CLOSED, closed_at=NOON))
    await deliver_all(courier)
    assert "test" in anna.received[-1].text.casefold()
    clock.advance(6 * HOUR)
    assert await digests.look() == 1
    assert anna.received[-1].text.startswith("The last day\nNothing out of the ordinary.")
    assert "🔔" not in anna.received[-1].text
    assert anna.received[-1].buttons == []


async def test_who_wants_digests_alone_gets_all_of_it_in_one(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    digests = Digests(courier.config, courier.bot, store, clock)
    async with store.begin() as tx:
        wish = Digest(chat_id=anna.id, every=Every.DAY, hour=18, instead=True, made_at=NOON)
        await tx.hushes.set_digest(wish, NOON)
    for n in range(2):
        await put_out(store, anna.id, **other(n))  # type: ignore[arg-type]  # fields of an episode
    await deliver_all(courier)
    assert anna.received == []
    clock.advance(6 * HOUR)
    await deliver_all(courier)
    assert await digests.look() == 0
    (digest,) = anna.received
    assert digest.text.startswith("The last day")
    assert "Channel 0" in digest.text
    assert "Channel 1" in digest.text


async def test_a_closed_topic_ends_the_subscription_and_ops_hear_of_it_once(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna, ops = server.person("Anna", started=True), server.person("Ops", started=True)
    forum = server.supergroup("Desk", anna, forum=True)
    topic = open_topic(server.world, forum, anna, "Alerts")
    await let_in(store, ops.id, Role.OPS)
    member = await let_in(store, forum.id, Role.GUEST)
    async with store.begin() as tx:
        await tx.subscriptions.let_in(replace(member, thread_id=topic.id))
    await put_out(store, forum.id)
    await deliver_all(courier)
    assert [m.thread_id for m in server.sent(forum.id)] == [topic.id]
    topic.closed = True
    await put_out(store, forum.id, **other(1))  # type: ignore[arg-type]  # fields of an episode
    await deliver_all(courier)
    bell = Bell(courier.config, courier.bot, store, clock)
    await bell.look()
    await bell.look()
    (note,) = ops.received
    head, line = note.text.splitlines()
    assert head == "Out of reach, and therefore no longer subscribed: 1"
    assert line == f"chat {forum.id} ({forum.id}): TOPIC_CLOSED"
    async with store.read() as tx:
        assert await tx.subscriptions.subscriber(forum.id) is None
