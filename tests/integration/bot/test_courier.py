"""From the outbox to a phone: what is sent, below one another, and what changes in place."""

from bot.courier import Courier
from domain.clock import SetClock
from domain.episode import Move, Subject
from domain.finding import Cause, Kind, Verdict
from domain.subscription import DeliveryState, Role
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import HOUR, NOON, a_member, a_payload, let_in, put_out
from tests.support.couriers import deliver_all, states


async def test_a_subscriber_gets_the_alert_with_its_chart_below_one_another(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id, zone="Asia/Baghdad")
    alert = await put_out(store, anna.id)

    assert await deliver_all(courier) == 1

    (message,) = anna.received
    assert message.photo is not None
    assert message.photo.startswith(b"\x89PNG")
    assert "Silent: " in message.text
    assert "Fri 14 Mar 10:00 UTC+3" in message.text  # seven o'clock UTC, as Anna's clock shows it
    assert f"Episode {alert.episode.id}" in message.text
    assert {"url": "https://t.me/falcon_front/77"}.items() <= {
        k: v for e in message.now.entities if e["type"] == "text_link" for k, v in e.items() if "77" in str(v)
    }.items()
    assert await states(store, alert.episode.id) == [DeliveryState.SENT]


async def test_a_chart_is_uploaded_once_for_all_readers_of_a_zone(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    people = [server.person(f"P{n}", started=True) for n in range(3)]
    for person in people:
        await let_in(store, person.id)
    await put_out(store, *(p.id for p in people))

    await deliver_all(courier)

    uploads = [bool(call.uploads) for call in server.calls if call.method == "sendPhoto"]
    assert uploads == [True, False, False]
    assert all(p.received[0].photo for p in people)


async def test_an_alert_without_data_for_a_chart_is_told_in_words(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    await put_out(store, anna.id, payload={})
    await deliver_all(courier)
    (message,) = anna.received
    assert message.photo is None
    assert "channel=1001" in message.text


async def test_words_too_long_for_a_caption_follow_as_a_message_of_their_own(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    members = [a_member(n, f"Channel number {n} of the network") for n in range(100)]
    alert = await put_out(
        store,
        anna.id,
        payload=a_payload("The network", channel=None, members=members),
        subject=Subject(group="network"),
        members=tuple(range(100)),
    )

    await deliver_all(courier)

    photo, *texts = anna.received
    assert photo.photo
    assert len(photo.text) <= 1024
    assert "and 88 more" in photo.text
    everything = "\n".join(t.text for t in texts)
    assert all(f"Channel number {n} of" in everything for n in range(100))
    assert texts[0].reply_to == photo.id
    async with store.read() as tx:
        assert await tx.outbox.message_of(alert.episode.id, anna.id) == photo.id


async def test_the_recovery_answers_the_first_message_and_gives_the_duration(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    await deliver_all(courier)
    clock.advance(2 * HOUR)
    posts = [{"id": 80, "posted_at": (NOON + HOUR).isoformat(), "text": "We are back."}]
    await put_out(
        store,
        anna.id,
        move=Move.CLOSED,
        episode=alert.episode,
        at=clock.now(),
        payload=a_payload(at=clock.now(), last_posts=posts),
    )
    await deliver_all(courier)
    first, second = anna.received
    assert second.reply_to == first.id
    assert "Back: " in second.text
    assert "Silent for 7 h" in second.text
    assert "We are back." in second.text


async def test_a_recovery_is_kept_from_whom_the_beginning_never_reached(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    anna.block()
    alert = await put_out(store, anna.id)
    await deliver_all(courier)
    anna.unblock()
    await let_in(store, anna.id)
    await put_out(store, anna.id, move=Move.CLOSED, episode=alert.episode)
    await deliver_all(courier)
    assert anna.received == []


async def test_growth_changes_the_message_that_is_there(
    courier: Courier, server: BotApiServer, store: Store, pace: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    await deliver_all(courier)
    grown = a_payload("Falcon Front", rate=4.0)
    await put_out(store, anna.id, move=Move.GREW, episode=alert.episode, payload=grown, expected=20.0)
    await deliver_all(courier)
    (message,) = anna.received
    assert len(message.edits) == 1
    assert "about 20 posts" in message.text
    assert message.edits[0].file != message.versions[0].file


async def test_the_end_of_our_blindness_changes_the_notice_in_place(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock
) -> None:
    ops = server.person("Ops", started=True)
    await let_in(store, ops.id, Role.OPS)
    alert = await put_out(
        store,
        ops.id,
        payload={},
        kind=Kind.BLIND,
        subject=Subject(),
        verdict=Verdict.blind(Cause.LINK_DOWN, "No answer since seven."),
    )
    await deliver_all(courier)
    assert "our link to Telegram was down" in ops.received[0].text
    clock.advance(HOUR)
    await put_out(store, ops.id, move=Move.CLOSED, episode=alert.episode, at=NOON + HOUR, payload=a_payload())
    await deliver_all(courier)
    (message,) = ops.received
    assert "Deadair sees again" in message.text
    assert "We could not see for 6 h" in message.text


async def test_what_cannot_be_changed_any_more_is_told_anew(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id)
    await deliver_all(courier)
    server.world.delete(anna.received[0])
    await put_out(store, anna.id, move=Move.GREW, episode=alert.episode)
    await deliver_all(courier)
    assert len(anna.received) == 2


async def test_markup_that_telegram_refuses_goes_out_as_plain_text(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    await put_out(store, anna.id, payload={})
    server.faults.refuse(400, "Bad Request: can't parse entities: Unsupported start tag", "sendMessage")
    await deliver_all(courier)
    (message,) = anna.received
    assert "<b>" not in message.text
    assert "Silent: " in message.text


async def test_where_photos_are_not_allowed_the_words_go_out(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    await put_out(store, anna.id)
    server.faults.refuse(400, "Bad Request: not enough rights to send photos to the chat", "sendPhoto")
    await deliver_all(courier)
    (message,) = anna.received
    assert message.photo is None
    assert "Silent: " in message.text


async def test_what_telegram_never_takes_is_dropped_with_its_reason(
    courier: Courier, server: BotApiServer, store: Store
) -> None:
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id, payload={})
    server.faults.refuse(400, "Bad Request: message is too silly", "sendMessage", times=None)
    await deliver_all(courier)
    async with store.read() as tx:
        (delivery,) = await tx.outbox.deliveries(alert.episode.id)
    assert delivery.state is DeliveryState.DROPPED
    assert delivery.why == "message is too silly"
