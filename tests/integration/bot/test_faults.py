"""Those who run Deadair are told of what is wrong with it, once each, and of its end."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta

import pytest

from bot.app import make_bot
from bot.config import BotConfig
from bot.faults import FaultBell, Faults
from bot.rates import Rates
from deadair.health.config import HealthConfig
from deadair.health.examine import Measure, examine
from domain.check import Check
from domain.clock import SetClock
from domain.subscription import Role
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.integration.bot.conftest import Serve
from tests.support.alerting import let_in

GUEST, OPS, OWNER = "Gus", "Olga", "Owen"
MEASURE = Measure(limits=HealthConfig(), parts=("jobs",))


async def found(store: Store, now: datetime) -> Sequence[Check]:
    _, checks = await examine(store, now, MEASURE)
    return checks


@pytest.fixture
async def bell(
    server: BotApiServer, store: Store, clock: SetClock, pace: SetClock
) -> AsyncIterator[FaultBell]:
    config = BotConfig.model_validate({"api_base": server.url, "timeout": timedelta(seconds=3)})
    rates = Rates(pace, per_second=1000, chat_per_second=1000, group_per_minute=1000)
    server.limits.on = False
    bot = make_bot(config, server.token, rates)
    for name, role in ((GUEST, Role.ANALYST), (OPS, Role.OPS), (OWNER, Role.OWNER)):
        await let_in(store, server.person(name, started=True).id, role=role)
    yield FaultBell(Faults(find=found, after=timedelta(minutes=5)), config, bot, store, clock)
    await bot.session.close()


def heard(server: BotApiServer, name: str) -> list[str]:
    (person,) = [p for p in server.world.people.values() if p.user["first_name"] == name]
    return [m.text or "" for m in person.received]


async def lives(store: Store, clock: SetClock) -> None:
    async with store.begin() as tx:
        await tx.marks.set("process.life", {}, clock.now())


async def looks(bell: FaultBell, clock: SetClock, minutes: int, store: Store | None = None) -> None:
    """Once a minute; with the store given, the part gives its signs of life meanwhile."""
    for _ in range(minutes):
        clock.advance(timedelta(minutes=1))
        if store is not None:
            await lives(store, clock)
        await bell.look()


async def test_a_part_that_stands_still_is_told_once_with_what_to_do_and_once_when_it_is_back(
    server: BotApiServer, store: Store, clock: SetClock, bell: FaultBell
) -> None:
    await lives(store, clock)
    await looks(bell, clock, 9)
    assert heard(server, OPS) == [], "it stands still for five minutes before that is a fault, and then holds"
    await looks(bell, clock, 10)
    (said,) = heard(server, OPS)
    assert said == (
        "Work that is done by the clock fails\n"
        "alive 11 min ago\n"
        "What to do: is the part `jobs` running? See its log"
    )
    assert heard(server, OWNER) == [said]

    await looks(bell, clock, 4, store)
    assert heard(server, OPS) == [said]
    await looks(bell, clock, 5, store)
    assert (
        heard(server, OPS)
        == heard(server, OWNER)
        == [
            said,
            "It is over: Work that is done by the clock fails",
        ]
    )
    assert heard(server, GUEST) == []
    async with store.read() as tx:
        assert await tx.marks.get("bot.told.faults") == {}


async def test_what_could_not_be_sent_is_sent_later_and_to_nobody_twice(
    server: BotApiServer, store: Store, clock: SetClock, bell: FaultBell
) -> None:
    await looks(bell, clock, 5)
    server.faults.bad_gateway("sendMessage")
    await looks(bell, clock, 1)
    assert len(heard(server, OPS)) + len(heard(server, OWNER)) == 1
    await looks(bell, clock, 3)
    assert len(heard(server, OPS)) == len(heard(server, OWNER)) == 1


async def test_an_account_that_is_lost_is_told_by_the_bell_of_accounts_alone(
    server: BotApiServer, store: Store, clock: SetClock, bell: FaultBell
) -> None:
    async def said(_store: Store, _now: datetime) -> Sequence[Check]:
        return [Check.wrong("account main", "banned"), Check.wrong("account spare", "no sign of life")]

    bell._faults = Faults(find=said, after=timedelta(minutes=5))
    async with store.begin() as tx:
        await tx.marks.set("collector.account.main", {"state": "banned"}, clock.now())
        await tx.marks.set("collector.account.spare", {"state": "watching"}, clock.now())
    await looks(bell, clock, 7)
    assert heard(server, OPS) == ["The account spare gives no sign of life\nno sign of life"]


async def test_the_bot_as_a_whole_tells_of_faults(
    server: BotApiServer, store: Store, clock: SetClock, run_bot: Serve
) -> None:
    owner = server.person(OWNER, started=True)
    await run_bot(owners=(owner.id,), faults=Faults(find=found, after=timedelta()))
    await server.world.record.until(lambda: bool(owner.received), within=8)
    assert "by the clock" in heard(server, OWNER)[0]
