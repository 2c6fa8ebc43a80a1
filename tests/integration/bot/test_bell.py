"""Those who run Deadair are told of accounts that are lost, once each, and of their return."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.app import make_bot
from bot.bell import Bell
from bot.config import BotConfig
from bot.rates import Rates
from domain.clock import SetClock
from domain.subscription import Role
from sandbox.botapi.server import BotApiServer
from storage.accounts import Assignment
from storage.store import Store
from tests.support.alerting import let_in

GUEST, OPS, OWNER = "Gus", "Olga", "Owen"


@pytest.fixture
async def bell(server: BotApiServer, store: Store, clock: SetClock, pace: SetClock) -> AsyncIterator[Bell]:
    config = BotConfig.model_validate({"api_base": server.url, "timeout": timedelta(seconds=3)})
    rates = Rates(pace, per_second=1000, chat_per_second=1000, group_per_minute=1000)
    server.limits.on = False
    bot = make_bot(config, server.token, rates)
    for name, role in ((GUEST, Role.ANALYST), (OPS, Role.OPS), (OWNER, Role.OWNER)):
        await let_in(store, server.person(name, started=True).id, role=role)
    yield Bell(config, bot, store, clock)
    await bot.session.close()


async def fares(
    store: Store, clock: SetClock, state: str, detail: str = "", hint: str = "", name: str = "main"
) -> None:
    async with store.begin() as tx:
        value = {"state": state, "since": clock.now().isoformat(), "detail": detail, "hint": hint}
        await tx.marks.set(f"collector.account.{name}", value, clock.now())


async def placed(store: Store, clock: SetClock, *watchers: str | None) -> None:
    async with store.begin() as tx:
        await tx.accounts.assign(
            Assignment(key=f"c{n}", home="main", watcher=w, witness=None, at=clock.now())
            for n, w in enumerate(watchers)
        )


def heard(server: BotApiServer, name: str) -> list[str]:
    (person,) = [p for p in server.world.people.values() if p.user["first_name"] == name]
    return [m.text or "" for m in person.received]


async def test_ops_and_owners_are_told_once_why_what_to_do_and_who_watches_meanwhile(
    server: BotApiServer, store: Store, clock: SetClock, bell: Bell
) -> None:
    await fares(store, clock, "watching")
    await placed(store, clock, "main", "main", "main", "main")
    await bell.look()
    assert heard(server, OWNER) == []

    why, hint = "Telegram has shut the account 'main' <b>", "appeal to recover@telegram.org"
    await fares(store, clock, "banned", why, hint)
    await bell.look()
    assert heard(server, OWNER) == []  # its channels are still on their way to others
    await placed(store, clock, "spare", "spare", "third", None)
    clock.advance(timedelta(seconds=20))
    for _ in range(3):
        await bell.look()
    (said,) = heard(server, OWNER)
    assert said == (
        "The account main can watch no longer\n"
        "Telegram has shut the account 'main' <b>\n"
        "What to do: appeal to recover@telegram.org\n"
        "Channels that spare watches in its place: 2\n"
        "Channels that third watches in its place: 1\n"
        "Channels that nobody watches now: 1"
    )
    assert heard(server, OPS) == [said]
    assert heard(server, GUEST) == []

    await fares(store, clock, "watching")
    for _ in range(2):
        await bell.look()
    assert heard(server, OPS) == [said, "The account main watches again."]
    assert heard(server, GUEST) == []


async def test_what_could_not_be_sent_is_sent_later_and_to_nobody_twice(
    server: BotApiServer, store: Store, clock: SetClock, bell: Bell
) -> None:
    await fares(store, clock, "logged_out", "logged out")
    clock.advance(timedelta(seconds=20))
    server.faults.bad_gateway("sendMessage")
    await bell.look()
    assert len(heard(server, OPS)) + len(heard(server, OWNER)) == 1
    await bell.look()
    await bell.look()
    assert len(heard(server, OPS)) == len(heard(server, OWNER)) == 1


async def test_an_account_without_a_line_is_news_once_others_have_its_channels(
    server: BotApiServer, store: Store, clock: SetClock, bell: Bell
) -> None:
    await fares(store, clock, "unreachable", "the proxy socks5://127.0.0.1:1 cannot be reached")
    await placed(store, clock, "main")
    clock.advance(timedelta(minutes=5))
    await bell.look()
    assert heard(server, OPS) == []
    await placed(store, clock, "spare")
    await bell.look()
    assert "the proxy" in heard(server, OPS)[0]


async def test_an_account_without_a_line_is_news_by_itself_only_while_another_has_one(
    server: BotApiServer, store: Store, clock: SetClock, bell: Bell
) -> None:
    await fares(store, clock, "unreachable", "no route to host")
    clock.advance(timedelta(hours=1))
    await bell.look()
    assert heard(server, OPS) == []
    await fares(store, clock, "watching", name="spare")
    await bell.look()
    assert "no route to host" in heard(server, OPS)[0]


def test_what_is_told_of_is_what_the_collector_says() -> None:
    """The states are the collector's own words: this room may not import them."""
    from bot import bell
    from collector.errors import LoggedOut
    from storage.marks import ACCOUNT

    assert bell._ACCOUNTS == ACCOUNT
    assert {kind.state for kind in (LoggedOut, *LoggedOut.__subclasses__())} == bell.LOST


async def test_the_bot_as_a_whole_rings(
    server: BotApiServer, store: Store, clock: SetClock, run_bot: Any
) -> None:
    owner = server.person(OWNER, started=True)
    long_ago = SetClock(clock.now() - timedelta(days=9999))
    await fares(store, long_ago, "banned", "shut")
    await run_bot(owners=(owner.id,))
    await server.world.record.until(lambda: bool(owner.received), within=8)
    assert "can watch no longer" in heard(server, OWNER)[0]
