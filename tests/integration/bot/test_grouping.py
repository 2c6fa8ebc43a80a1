"""What belongs together is told as one: from posts in the archive over the engine to phones."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from alerts.config import AlertsConfig, SilenceRule
from alerts.engine import Engine
from bot.courier import Courier
from domain.clock import SetClock
from domain.subscription import Role, Subscription
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import let_in
from tests.support.archiving import archive, channels, walk, watched
from tests.support.couriers import deliver_all, make_courier
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, channel

STOP = MONDAY + WEEKS + 13 * HOUR
DAY = timedelta(days=1)
RULES = AlertsConfig(silence=SilenceRule(escalate_after=timedelta(0)))


@pytest.fixture
def engine_name() -> str:
    return "sqlite"


@pytest.fixture
def clock() -> SetClock:
    return SetClock(STOP)


@pytest.fixture
async def courier(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> AsyncIterator[Courier]:
    # It delivers after a walk of many hours, as if it had done so all along.
    made = make_courier(server, store, clock, pace, digest_after=timedelta(days=9))
    yield made
    await made.bot.session.close()


@pytest.fixture
async def people(server: BotApiServer, store: Store) -> tuple[Person, Person]:
    """A reader who wants everything, and somebody who runs it."""
    reader, ops = server.person("Reader", started=True), server.person("Ops", started=True)
    await let_in(store, reader.id, Role.ANALYST, at=MONDAY)
    await let_in(store, ops.id, Role.OPS, at=MONDAY)
    async with store.begin() as tx:
        await tx.subscriptions.subscribe(Subscription(chat_id=reader.id, made_at=MONDAY))
    return reader, ops


def heads(person: Person) -> list[str]:
    """The first line of each message, as it was sent."""
    return [
        m.versions[0].text.splitlines()[0].replace("\u2068", "").replace("\u2069", "")
        for m in person.received
    ]


async def test_channels_of_a_group_that_fall_silent_together_are_one_alert_that_names_them(
    server: BotApiServer, store: Store, clock: SetClock, courier: Courier, people: tuple[Person, Person]
) -> None:
    numbers = (1, 2, 3, 4)
    await channels(store, *(channel(n, "net") for n in numbers))
    for number in numbers:
        await archive(store, Story(number, seed=3).posts(STOP - MONDAY, 30).readings)
    await watched(store, STOP, numbers=numbers)
    engine = Engine(store, clock, RULES)
    await walk(store, engine, clock, STOP + DAY, numbers=numbers)
    await deliver_all(courier)
    reader, ops = people
    assert heads(reader) == ["🔇 Silent together: 4 channels of net"]
    text = reader.received[0].text
    assert all(f"Channel {n}" in text for n in numbers)
    assert heads(ops) == []


async def test_a_silent_channel_hides_the_silence_of_its_topics(
    server: BotApiServer, store: Store, clock: SetClock, courier: Courier, people: tuple[Person, Person]
) -> None:
    await channels(store, channel(1))
    await archive(store, Story(1).posts(STOP - MONDAY, 60, topics={"attacks": 0.5}).readings)
    await watched(store, STOP)
    engine = Engine(store, clock, RULES)
    await engine.step()
    await walk(store, engine, clock, STOP + 2 * DAY)
    await deliver_all(courier)
    reader, _ = people
    assert len(heads(reader)) == 1
    assert heads(reader)[0].startswith("🔇 Silent: ")


async def test_blindness_hides_all_under_it_and_ops_hear_of_it_once(
    server: BotApiServer, store: Store, clock: SetClock, courier: Courier, people: tuple[Person, Person]
) -> None:
    numbers = (1, 2, 3)
    await channels(store, *(channel(n) for n in numbers))
    await archive(store, [r for n in numbers for r in Story(n).posts(STOP - MONDAY, 60).readings])
    await watched(store, STOP, numbers=numbers)
    engine = Engine(store, clock, RULES)
    await engine.step()
    for _ in range(48):  # a day in which nobody watches
        clock.advance(HOUR / 2)
        await engine.step()
    await deliver_all(courier)
    reader, ops = people
    assert heads(reader) == []
    assert heads(ops) == ["🙈 Deadair cannot see"]
