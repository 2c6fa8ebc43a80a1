"""The bot goes on hearing, whatever Telegram does."""

import asyncio
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.access import Door
from bot.app import make_dispatcher
from bot.config import BotConfig
from bot.desk import Desk
from bot.errors import BadToken
from bot.polling import Polling
from domain.clock import WallClock
from domain.errors import DeadairError
from sandbox.botapi.server import BotApiServer
from storage.errors import Unreachable
from storage.marks import POLLED
from storage.store import Store
from tests.integration.bot.conftest import Serve, serving
from tests.support.alerting import let_in
from tests.support.logs import log_plainly


@pytest.fixture
def engine_name() -> str:
    """One engine is enough: what is tried here is the line to Telegram."""
    return "sqlite"


@pytest.fixture(autouse=True)
def quick_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.polling._SHORTEST", 0.02)
    monkeypatch.setattr("bot.polling._LONGEST", 0.05)


async def run_until_it_ends(server: BotApiServer, store: Store, token: str) -> None:
    async with serving(server, store, token=token) as task:
        await asyncio.wait({task}, timeout=5)
        assert task.done()


async def test_an_update_nobody_can_read_does_not_stop_the_others(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    bela.say("/help")
    server.poison()
    bela.say("/help")
    await run_bot()
    await server.received(bela.id, 2)
    await server.until(lambda: server.world.queue.pending == 0)
    assert len(bela.received) == 2


async def test_a_wrong_token_ends_the_bot_with_what_to_do(server: BotApiServer, store: Store) -> None:
    with pytest.raises(BadToken) as raised:
        await run_until_it_ends(server, store, "1:wrong")
    assert isinstance(raised.value, DeadairError)
    assert "@BotFather" in raised.value.hint


async def test_what_cannot_be_a_token_is_refused_before_anything_is_asked(
    server: BotApiServer, store: Store
) -> None:
    with pytest.raises(BadToken):
        await run_until_it_ends(server, store, "no token")
    assert server.calls == []


async def test_a_second_bot_on_the_same_token_is_named_once_and_outlived(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    why = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    server.faults.refuse(409, why, "getUpdates", times=3)
    with capture_logs() as logs:
        await run_bot()
        bela.say("/help")
        await server.received(bela.id)
    said = [entry for entry in logs if "same token" in entry.get("why", "")]
    healed = [entry for entry in logs if "same token" in entry.get("was", "")]
    assert (len(said), len(healed)) == (1, 1)


async def test_a_webhook_left_behind_is_removed(run_bot: Serve, server: BotApiServer, store: Store) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    server.world.profile.webhook = {"url": "https://elsewhere.example/hook", "set_at": 0}
    await run_bot()
    bela.say("/help")
    await server.received(bela.id)
    assert server.world.profile.webhook == {}


@pytest.mark.parametrize("harm", ["bad_gateway", "drop", "lose_answer", "flood"])
async def test_failing_polls_are_waited_out(
    harm: str, run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    match harm:
        case "flood":
            server.faults.flood(1, "getUpdates", times=1)
        case _:
            getattr(server.faults, harm)("getUpdates", times=3)
    bela.say("/help")
    await run_bot()
    await server.received(bela.id)
    await server.until(lambda: server.world.queue.pending == 0)
    assert len(bela.received) == 1


async def test_an_update_handled_before_a_crash_is_not_handled_again(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    """Telegram repeats what the next poll did not confirm."""
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    task = await run_bot()
    await server.until(lambda: any(c.method == "getUpdates" for c in server.calls))
    server.faults.drop("getUpdates", times=None)  # from here on nothing is confirmed
    bela.say("/help")
    await server.received(bela.id)

    async def noted() -> bool:
        async with store.read() as tx:
            return bool((await tx.marks.get(POLLED)).get("handled"))

    async with asyncio.timeout(5):
        while not await noted():  # noqa: ASYNC110 - the archive is what is asked
            await asyncio.sleep(0.01)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert server.world.queue.pending == 1

    server.faults.clear()
    await run_bot()
    await server.until(lambda: server.world.queue.pending == 0)
    bela.say("/help")
    await server.received(bela.id, 2)
    await server.until(lambda: server.world.queue.pending == 0)
    assert len(bela.received) == 2


async def test_an_update_that_met_an_unreachable_archive_is_handled_later(
    run_bot: Serve, server: BotApiServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    read, failures = store.read, 3

    def flaky() -> Any:
        nonlocal failures
        name = (task := asyncio.current_task()) and task.get_name()
        if failures and name and not name.startswith("courier"):
            failures -= 1
            raise Unreachable("the archive is away")
        return read()

    monkeypatch.setattr(store, "read", flaky)
    bela.say("/help")
    await run_bot()
    await server.received(bela.id)
    assert failures == 0
    assert len(bela.received) == 1


async def test_a_handler_that_fails_is_told_and_the_next_update_is_handled(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    server.faults.refuse(400, "Bad Request: not today", "sendMessage")
    log_plainly()  # a test before may have set up the product's logging, which is not captured
    with capture_logs() as logs:
        await run_bot()
        bela.say("/help")
        bela.say("/help")
        await server.received(bela.id)
    failed = [entry for entry in logs if entry["event"] == "bot: update failed"]
    assert len(failed) == 1


async def test_its_sign_of_life_is_the_progress_of_polling(
    run_bot: Serve, server: BotApiServer, store: Store
) -> None:
    bela = server.person("Bela", started=True)
    await let_in(store, bela.id)
    await run_bot()
    bela.say("/help")
    await server.received(bela.id)
    await server.until(lambda: server.world.queue.pending == 0)
    async with store.read() as tx:
        ((name, value, at),) = await tx.marks.all(POLLED)
    assert name == "bot.polling"
    assert len(value["handled"]) == 1
    assert at.tzinfo is not None


async def test_it_stops_at_once_while_a_poll_is_open(server: BotApiServer, store: Store) -> None:
    loop = asyncio.get_running_loop()
    async with serving(server, store) as task:
        await server.until(lambda: server.calls and server.calls[-1].method == "getUpdates")
        started = loop.time()
        task.cancel()
        await asyncio.wait({task}, timeout=5)
    assert loop.time() - started < 1.5


def test_only_wanted_kinds_of_updates_are_asked_for() -> None:
    config, clock = BotConfig(), WallClock()
    door = Door(config, None, clock, clock)  # type: ignore[arg-type]
    dispatcher = make_dispatcher(Desk(config=config, store=None, clock=clock, door=door))  # type: ignore[arg-type]
    polling = Polling(config, None, dispatcher, None, clock)  # type: ignore[arg-type]
    wanted = set(polling.dispatcher.resolve_used_update_types())
    assert wanted == {"message", "callback_query", "inline_query", "my_chat_member"}
