"""The whole sandbox as one object, and driven over HTTP."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from telethon import TelegramClient, errors, events

from domain.clock import FastClock, SetClock
from domain.errors import DeadairError
from sandbox.scenario import load_scenario
from sandbox.server import PHONE, Sandbox
from tests.support.telegram import API_HASH, API_ID, until


class Driver:
    """Someone at the control API."""

    def __init__(self, http: aiohttp.ClientSession) -> None:
        self._http = http

    async def do(self, verb: str, status: int = 200, **body: Any) -> Any:
        async with self._http.post(f"/telegram/{verb}", json=body) as answer:
            assert answer.status == status, await answer.text()
            return await answer.json()

    async def ask(self, what: str, **query: str) -> Any:
        async with self._http.get(f"/telegram/{what}", params=query) as answer:
            assert answer.status == 200, await answer.text()
            return await answer.json()


@pytest_asyncio.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(control_port=0) as started:
        yield started
    assert started.errors == []


@pytest_asyncio.fixture
async def driver(sandbox: Sandbox) -> AsyncIterator[Driver]:
    async with aiohttp.ClientSession(sandbox.control_url) as http:
        yield Driver(http)


@pytest_asyncio.fixture
async def client(sandbox: Sandbox, tmp_path: Path) -> AsyncIterator[TelegramClient]:
    path = sandbox.session_file(tmp_path / "account.session")
    client = TelegramClient(str(path), API_ID, API_HASH, flood_sleep_threshold=0)
    await client.connect()
    yield client
    await client.disconnect()


async def test_a_post_ordered_over_http_reaches_a_listening_client(
    driver: Driver, client: TelegramClient
) -> None:
    heard: list[str] = []

    async def note(event: events.NewMessage.Event) -> None:
        heard.append(event.message.message)

    client.add_event_handler(note, events.NewMessage())
    made = await driver.do("channels", title="Falcon News", handle="falcon_news")
    await driver.do("post", channel="falcon_news", text="عاجل")
    await driver.do("post", channel=made["channel"], text="number", times=3)
    await until(lambda: len(heard) == 4)
    assert heard == ["عاجل", "number 1", "number 2", "number 3"]
    await driver.do("edit", channel="falcon_news", id=1, text="corrected")
    await driver.do("delete", channel="falcon_news", ids=[2])
    record = (await driver.ask("record", channel="falcon_news"))[str(made["channel"])]
    assert [v["text"] for v in record["1"]["versions"]] == ["عاجل", "corrected"]
    assert record["2"]["deleted_at"]
    assert record["3"]["deleted_at"] is None


async def test_what_befalls_a_channel_can_be_ordered_over_http(
    driver: Driver, client: TelegramClient, sandbox: Sandbox
) -> None:
    await driver.do("channels", title="Falcon News", handle="falcon_news")
    await driver.do("post", channel="falcon_news", text="one")
    await driver.do("rename", channel="falcon_news", title="Falcon Daily")
    await driver.do("views", channel="falcon_news", id=1, views=77)
    entity = await client.get_entity("falcon_news")
    assert entity.title == "Falcon Daily"
    await driver.do("ban", channel="falcon_news")
    with pytest.raises(errors.ChannelPrivateError):
        await client.get_messages(entity)
    await driver.do("unban", channel="falcon_news", account=sandbox.account.id)
    await driver.do("join", channel="falcon_news")
    assert (await client.get_messages(entity, ids=1)).views == 77
    await driver.do("take_handle", channel="falcon_news", title="Offers")
    state = await driver.ask("state")
    assert [(c["title"], c["handle"]) for c in state["channels"]] == [
        ("Falcon Daily", None),
        ("Offers", "falcon_news"),
    ]


async def test_faults_and_the_line_can_be_ordered_over_http(
    driver: Driver, client: TelegramClient, sandbox: Sandbox
) -> None:
    await driver.do("channels", title="Falcon News", handle="falcon_news")
    entity = await client.get_input_entity("falcon_news")
    await driver.do("faults", deed="error", method="messages.getHistory", code=420, message="FLOOD_WAIT_9")
    assert [f["method"] for f in await driver.ask("faults")] == ["messages.getHistory"]
    with pytest.raises(errors.FloodWaitError):
        await client.get_messages(entity)
    log = await driver.ask("log", last="1")
    assert [(c["method"], c["outcome"]) for c in log["calls"]] == [("messages.getHistory", "FLOOD_WAIT_9")]
    line = await driver.do("link", state="refused")
    assert line["state"] == "refused"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", sandbox.port)
    await driver.do("link", deed="heal")
    _, writer = await asyncio.open_connection("127.0.0.1", sandbox.port)
    writer.close()
    await driver.do("account", account=sandbox.account.id, fate="refuse")
    assert (await driver.ask("state"))["accounts"][0]["refused"] == [401, "USER_DEACTIVATED_BAN"]


async def test_a_throttle_can_be_ordered_and_lifted_over_http(driver: Driver, client: TelegramClient) -> None:
    await driver.do("channels", title="Falcon News", handle="falcon_news")
    await driver.do("post", channel="falcon_news", text="one")
    await driver.do("throttles", method="messages.getHistory", seconds=500)
    with pytest.raises(errors.FloodWaitError) as caught:
        await client.get_messages("falcon_news")
    assert 490 < caught.value.seconds <= 500
    (fault,) = await driver.ask("faults")
    assert fault["method"] == "messages.getHistory"
    assert fault["until"]
    async with driver._http.delete("/telegram/faults") as answer:
        assert answer.status == 200
    client._flood_waited_requests.clear()
    assert len(await client.get_messages("falcon_news")) == 1


async def test_an_order_that_cannot_be_carried_out_says_what_is_wrong(driver: Driver) -> None:
    assert (await driver.do("post", 400, channel="nobody", text="x"))["what"].startswith(
        "the sandbox has no channel 'nobody'"
    )
    wrong = await driver.do("post", 400, channel=1, txt="x")
    assert wrong["what"] == "txt: Extra inputs are not permitted"
    assert "channel, text" in wrong["hint"]
    assert "there is no account 5" in (await driver.do("account", 400, account=5, fate="pardon"))["what"]


async def test_a_qr_code_can_be_accepted_over_http(
    driver: Driver, sandbox: Sandbox, trust_sandbox: str
) -> None:
    from sandbox.mtproto.sessionfile import session_for

    client = TelegramClient(session_for(sandbox.telegram), API_ID, API_HASH)
    await client.connect()
    shown = await client.qr_login()
    waiting = asyncio.create_task(shown.wait(5))
    await asyncio.sleep(0)
    await driver.do("accept_login", account=sandbox.account.id, url=shown.url)
    assert (await waiting).phone == PHONE
    await client.disconnect()


async def test_the_bot_api_runs_beside_it(sandbox: Sandbox) -> None:
    async with (
        aiohttp.ClientSession() as http,
        http.get(f"{sandbox.bot_url}/bot{sandbox.bot_api.token}/getMe") as answer,
    ):
        assert (await answer.json())["ok"]


async def test_a_port_that_is_taken_is_said_and_nothing_is_left_running(sandbox: Sandbox) -> None:
    taken = int(sandbox.control_url.rpartition(":")[2])
    other = Sandbox(control_port=taken)
    with pytest.raises(DeadairError, match=f"port {taken}"):
        await other.start()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", other.port)


async def _listening(sandbox: Sandbox, folder: Path) -> tuple[TelegramClient, list[tuple[int, int]]]:
    client = TelegramClient(
        str(sandbox.session_file(folder / "account.session")),
        API_ID,
        API_HASH,
        sequential_updates=True,
        connection_retries=0,
        auto_reconnect=False,
    )
    heard: list[tuple[int, int]] = []

    async def note(event: events.NewMessage.Event) -> None:
        heard.append((event.message.peer_id.channel_id, event.message.id))

    client.add_event_handler(note, events.NewMessage())
    await client.connect()
    await client.get_dialogs()
    return client, heard


def _posted(sandbox: Sandbox, since: datetime) -> list[tuple[int, int]]:
    record = sandbox.world.record()
    return [(c, i) for c, posts in record.items() for i, r in posts.items() if r.first.posted_at >= since]


async def test_a_scenario_played_fast_is_heard_to_its_last_post(tmp_path: Path) -> None:
    """Two and a half days in about a second: what a client heard is what the record holds."""
    scenario = load_scenario("quiet")
    async with Sandbox(scenario, clock=FastClock(scenario.starts, 300_000)) as sandbox:
        client, heard = await _listening(sandbox, tmp_path)
        await sandbox.play()
        posted = _posted(sandbox, scenario.starts)
        await until(lambda: len(heard) >= len(posted))
        await client.disconnect()
    assert len(posted) > 400
    assert sorted(heard) == sorted(posted)
    assert sandbox.errors == []


async def test_a_scenario_cuts_the_line_and_gives_it_back(tmp_path: Path) -> None:
    scenario = load_scenario("demo")
    clock = SetClock(scenario.starts)
    async with Sandbox(scenario, clock=clock) as sandbox:
        assert sandbox.director is not None
        client, heard = await _listening(sandbox, tmp_path)
        sandbox.director.catch_up(clock.advance(timedelta(hours=9, minutes=59)))
        await until(lambda: len(heard) >= len(_posted(sandbox, scenario.starts)))
        sandbox.director.catch_up(clock.advance(timedelta(minutes=1)))
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(client.disconnected, 5)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", sandbox.port)
        sandbox.director.catch_up(clock.advance(timedelta(hours=5)))
        assert len(_posted(sandbox, scenario.starts)) > len(heard)
        await client.connect()
        assert await client.get_me()
        await client.disconnect()
