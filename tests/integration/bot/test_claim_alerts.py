"""From a post that claims an attack to a phone: read, matched, told once, and grown as others repeat it."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerts.herald import Herald
from bot.courier import Courier
from deadair.lexicon import entry_names
from domain.channel import Channel
from domain.clock import SetClock
from domain.finding import Kind
from domain.severity import Severity
from domain.subscription import Subscription
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import let_in
from tests.support.couriers import deliver_all, make_courier
from tests.support.reading import (
    DRONES,
    DRONES_EN,
    FOOTBALL,
    HARIR,
    MINUTE,
    NOON,
    a_post,
    a_reader,
    reads,
    store_posts,
)

FRESH = timedelta(hours=12)


@pytest.fixture
def clock() -> SetClock:
    """The posts of these tests are of that day."""
    return SetClock(NOON + 5 * MINUTE)


@pytest.fixture
async def courier(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> AsyncIterator[Courier]:
    made = make_courier(server, store, clock, pace)
    yield made
    await made.bot.session.close()


@pytest.fixture
async def herald(store: Store, clock: SetClock) -> Herald:
    async with store.begin() as tx:
        await tx.readings.go_live(1, NOON)
        for number, title in ((7, "Falcon Front"), (8, "Morning News"), (9, "Third")):
            await tx.channels.save(
                Channel(id=number, title=title, handle=f"chan_{number}", group="net"), NOON
            )
    return Herald(store, clock, FRESH, entry_names(reads().lexicon))


async def subscribe(store: Store, chat: int, **wish: object) -> None:
    await let_in(store, chat, at=NOON)
    async with store.begin() as tx:
        await tx.subscriptions.subscribe(
            Subscription(chat_id=chat, made_at=NOON, **{"kind": Kind.CLAIM, **wish})  # type: ignore[arg-type]  # the fields of Subscription
        )


async def read_and_tell(store: Store, herald: Herald, courier: Courier) -> int:
    await a_reader(store).catch_up()
    while await herald.look():
        pass
    return await deliver_all(courier)


async def test_a_claim_is_told_with_who_what_where_and_the_words_and_grows_as_others_repeat_it(
    server: BotApiServer, store: Store, courier: Courier, herald: Herald
) -> None:
    anna, everything = (server.person(name, started=True) for name in ("Anna", "Bela"))
    await subscribe(store, anna.id)
    await subscribe(store, everything.id, kind=None)
    await store_posts(store, a_post(1, DRONES), a_post(2, FOOTBALL))
    await read_and_tell(store, herald, courier)

    (message,) = anna.received
    text = message.text.replace("\u2068", "").replace("\u2069", "")
    assert text.startswith("💥 Claim by Kataib Hezbollah: ")
    assert "With: drone" in text
    assert "When: 2026-03-01" in text
    assert "Falcon Front" in text
    assert DRONES in text
    assert "Episode 1" in text
    links = [e.get("url") for e in message.now.entities if e["type"] == "text_link"]
    assert "https://t.me/chan_7/1" in links
    assert everything.received == []  # who wants everything does not want to be rung for each claim

    await store_posts(store, a_post(3, DRONES_EN, channel=8), a_post(4, DRONES, channel=9))
    await read_and_tell(store, herald, courier)
    (message,) = anna.received
    assert message.edits
    assert "Told by 3 channels so far:" in message.text
    assert "Morning News" in message.text


async def test_each_act_is_told_once_however_often_it_is_looked_at_and_read_again(
    server: BotApiServer, store: Store, courier: Courier, herald: Herald, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await subscribe(store, anna.id)
    await store_posts(store, a_post(1, DRONES), a_post(2, HARIR))
    await read_and_tell(store, herald, courier)
    await read_and_tell(store, Herald(store, clock, FRESH), courier)
    assert len(anna.received) == 2
    # Another reader version reads the whole archive again: that is no news.
    await a_reader(store, version=2).catch_up()
    async with store.begin() as tx:
        await tx.readings.go_live(2, NOON)
    while await herald.look():
        pass
    await deliver_all(courier)
    assert len(anna.received) == 2
    await store_posts(store, a_post(3, DRONES, at=NOON + 4 * MINUTE + timedelta(days=9)))
    clock.advance(timedelta(days=9))
    await a_reader(store, version=2).catch_up()
    await herald.look()
    await deliver_all(courier)
    assert len(anna.received) == 3


async def test_history_is_no_news(
    server: BotApiServer, store: Store, courier: Courier, herald: Herald, clock: SetClock
) -> None:
    anna = server.person("Anna", started=True)
    await subscribe(store, anna.id)
    clock.advance(FRESH)
    await store_posts(store, a_post(1, DRONES), a_post(20, HARIR, at=clock.now() - MINUTE))
    await read_and_tell(store, herald, courier)
    (message,) = anna.received
    assert HARIR in message.text.replace("\u2068", "").replace("\u2069", "")


async def test_who_wants_only_what_is_grave_hears_of_it_when_it_has_become_so(
    server: BotApiServer, store: Store, courier: Courier, herald: Herald
) -> None:
    anna, other = (server.person(name, started=True) for name in ("Anna", "Bela"))
    await subscribe(store, anna.id, least=Severity.GRAVE)
    await subscribe(store, other.id, claimant="somebody else")
    await store_posts(store, a_post(1, DRONES))
    await read_and_tell(store, herald, courier)
    assert anna.received == []
    await store_posts(store, a_post(3, DRONES_EN, channel=8), a_post(4, DRONES, channel=9))
    await read_and_tell(store, herald, courier)
    assert len(anna.received) == 1
    assert other.received == []
