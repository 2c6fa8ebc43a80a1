"""The line: refused, reset, swallowed, half open; its clock and its pings."""

import asyncio
import time

import pytest
from telethon import TelegramClient, errors, functions
from telethon.sessions import StringSession

from domain.clock import WallClock
from domain.errors import DeadairError
from sandbox.faults import LinkState
from sandbox.mtproto.server import MtprotoServer
from sandbox.world import World
from tests.support.telegram import API_HASH, API_ID, Telegram, until


def _client(telegram: Telegram, **options: object) -> TelegramClient:
    session = StringSession(telegram.session_string())
    quick = {"connection_retries": 0, "auto_reconnect": False, "timeout": 2} | options
    return TelegramClient(session, API_ID, API_HASH, **quick)


async def test_a_refused_port_refuses_and_cuts_and_opens_again_at_once(telegram: Telegram) -> None:
    async with telegram.client(auto_reconnect=False) as client:
        telegram.link.set(LinkState.REFUSED)
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(client.disconnected, 2)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", telegram.server.port)
    telegram.link.set(LinkState.OPEN)
    async with telegram.client() as client:
        assert (await client.get_me()).id == telegram.account.id


async def test_a_reset_line_takes_a_connection_and_drops_it(telegram: Telegram) -> None:
    telegram.link.set(LinkState.RESET)
    reader, writer = await asyncio.open_connection("127.0.0.1", telegram.server.port)
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(reader.read(1), 2)
    writer.close()
    telegram.link.set("open")
    async with telegram.client() as client:
        assert await client.is_user_authorized()


async def test_a_black_hole_takes_everything_and_answers_nothing(telegram: Telegram) -> None:
    async with telegram.client() as client:
        telegram.link.set(LinkState.BLACK_HOLE)
        before = dict(telegram.log.counts)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client(functions.updates.GetStateRequest()), 0.2)
        assert telegram.log.counts == before
        other = _client(telegram)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(other.connect(), 0.2)
        await other.disconnect()
        telegram.link.set(LinkState.OPEN)
        assert await client(functions.updates.GetStateRequest())


async def test_a_half_open_line_is_deaf_while_a_new_one_works(telegram: Telegram) -> None:
    async with telegram.client() as client:
        telegram.link.half_open()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client(functions.updates.GetStateRequest()), 0.2)
        assert client.is_connected()
        async with telegram.client() as other:
            assert await other(functions.updates.GetStateRequest())


async def test_a_cut_line_is_found_again_by_the_client_itself(telegram: Telegram) -> None:
    async with telegram.client(retry_delay=0) as client:
        telegram.link.reset_all()
        assert (await asyncio.wait_for(client.get_me(), 5)).id == telegram.account.id


@pytest.mark.parametrize("skew", [25, -100, 400, -4000])
async def test_a_clock_that_is_wrong_from_the_start_is_corrected(telegram: Telegram, skew: float) -> None:
    telegram.link.clock_skew = skew
    async with telegram.client() as client:
        assert (await client.get_me()).id == telegram.account.id


async def test_a_clock_that_jumps_while_connected_makes_the_client_deaf(telegram: Telegram) -> None:
    async with telegram.client() as client:
        await client.get_me()
        telegram.link.clock_skew = 120
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client(functions.updates.GetStateRequest()), 0.3)
        assert client.is_connected()


async def test_muted_pings_leave_everything_else_answered(telegram: Telegram) -> None:
    telegram.link.mute_pings = True
    async with telegram.client() as client:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(client(functions.PingRequest(ping_id=7)), 0.2)
        assert await client(functions.updates.GetStateRequest())
        telegram.link.mute_pings = False
        assert (await client(functions.PingRequest(ping_id=8))).ping_id == 8


@pytest.mark.parametrize(
    ("code", "error"), [(-404, errors.AuthKeyNotFound), (-429, errors.InvalidBufferError)]
)
async def test_a_transport_error_is_all_that_is_answered(
    telegram: Telegram, code: int, error: type[Exception]
) -> None:
    telegram.link.transport_error = code
    client = _client(telegram)
    with pytest.raises(error):
        await asyncio.wait_for(client.connect(), 2)
    if client.disconnected.done():
        client.disconnected.exception()  # the same again, which nobody else would fetch
    await client.disconnect()
    telegram.link.heal()
    async with telegram.client() as healed:
        assert await healed.is_user_authorized()


async def test_two_servers_never_share_a_port(telegram: Telegram) -> None:
    other = MtprotoServer(World(WallClock()))
    with pytest.raises(DeadairError, match="cannot listen on port"):
        await other.start(telegram.server.port)


async def test_stopping_is_quick_and_leaves_no_connection(telegram: Telegram) -> None:
    async with telegram.client(auto_reconnect=False) as client:
        began = time.perf_counter()
        await telegram.server.stop()
        assert time.perf_counter() - began < 0.5
        with pytest.raises(ConnectionResetError):
            await asyncio.wait_for(client.disconnected, 2)
    await until(lambda: telegram.link.connections == 0)
