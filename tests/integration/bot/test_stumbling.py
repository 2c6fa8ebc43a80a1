"""One alert that cannot be written out or sent keeps no other from going out, and is told as it can be."""

from typing import Any

import pytest

from bot import courier as couriers
from bot import letter, parcel
from bot.courier import Courier
from domain.clock import SetClock
from domain.episode import Move
from domain.subscription import DeliveryState
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import HOUR, a_payload, let_in, put_out
from tests.support.couriers import deliver_all, states


def stumbling(does: Any, over: str) -> Any:
    """As over words that nobody has thought of."""

    def stumbles(*args: Any, **kwargs: Any) -> Any:
        if over in repr(args):
            raise KeyError("who")
        return does(*args, **kwargs)

    return stumbles


async def test_an_alert_that_cannot_be_written_out_is_told_in_the_fewest_words(
    courier: Courier, server: BotApiServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letter, "render", stumbling(letter.render, "Poison <Front>"))
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    bad = await put_out(store, anna.id, payload=a_payload("Poison <Front>"))
    good = await put_out(store, anna.id, payload=a_payload("Falcon Front"))
    await deliver_all(courier)
    texts = [m.text or m.caption or "" for m in anna.received]
    assert len(texts) == 2
    assert "Poison" in texts[0]
    assert "<Front>" in texts[0]
    assert f"Episode {bad.episode.id}. This alert could not be written out" in texts[0]
    assert "since 2031-03-14 07:00 UTC" in texts[0]
    assert "Falcon Front" in texts[1]
    for alert in (bad, good):
        assert await states(store, alert.episode.id) == [DeliveryState.SENT]


async def test_an_alert_whose_chart_cannot_be_drawn_goes_out_in_words(
    courier: Courier, server: BotApiServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letter, "draw", stumbling(letter.draw, "Poison <Front>"))
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alert = await put_out(store, anna.id, payload=a_payload("Poison <Front>"))
    await deliver_all(courier)
    (message,) = anna.received
    assert message.photo is None
    assert "Silent: \u2068Poison <Front>" in message.text
    assert f"Episode {alert.episode.id}" in message.text
    assert await states(store, alert.episode.id) == [DeliveryState.SENT]


async def test_alerts_of_which_no_digest_can_be_written_come_one_by_one(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parcel, "say_digest", stumbling(parcel.say_digest, ""))
    anna = server.person("Anna", started=True)
    await let_in(store, anna.id)
    alerts = [await put_out(store, anna.id, payload=a_payload(f"Front {n}")) for n in range(3)]
    clock.advance(12 * HOUR)
    await deliver_all(courier)
    assert len(anna.received) == 3
    for alert in alerts:
        assert await states(store, alert.episode.id) == [DeliveryState.SENT]


async def test_a_delivery_that_fails_is_put_off_and_tried_again(
    courier: Courier, server: BotApiServer, store: Store, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = couriers.look
    anna, bela = server.person("Anna", started=True), server.person("Bela", started=True)
    for person in (anna, bela):
        await let_in(store, person.id)
    bad, good = await put_out(store, anna.id), await put_out(store, bela.id)
    with monkeypatch.context() as broken:
        broken.setattr(couriers, "look", stumbling(look, f"chat_id={anna.id}"))
        await deliver_all(courier)
        assert [len(p.received) for p in (anna, bela)] == [0, 1]
        assert await states(store, bad.episode.id) == [DeliveryState.WAITING]
        async with store.read() as tx:
            [delivery] = await tx.outbox.deliveries(bad.episode.id)
        assert "KeyError" in delivery.why
    clock.advance(HOUR)
    await deliver_all(courier)
    assert len(anna.received) == 1
    for alert in (bad, good):
        assert await states(store, alert.episode.id) == [DeliveryState.SENT]
    assert bad.move is Move.OPENED
