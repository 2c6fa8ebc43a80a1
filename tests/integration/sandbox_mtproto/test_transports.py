"""Every transport the stock client has leads to the same Telegram."""

from typing import Any

import pytest
from telethon import TelegramClient
from telethon.network import (
    ConnectionTcpAbridged,
    ConnectionTcpFull,
    ConnectionTcpIntermediate,
    ConnectionTcpObfuscated,
)
from telethon.network.connection.connection import ObfuscatedConnection
from telethon.network.connection.tcpintermediate import (
    IntermediatePacketCodec,
    RandomizedIntermediatePacketCodec,
)
from telethon.network.connection.tcpobfuscated import ObfuscatedIO

from sandbox.mtproto.sessionfile import session_for
from tests.support.telegram import API_HASH, API_ID, Telegram


# Telethon ships the obfuscation for the abridged framing only; its parts take the others as well.
class ObfuscatedIntermediate(ObfuscatedConnection):
    obfuscated_io = ObfuscatedIO
    packet_codec = IntermediatePacketCodec


class ObfuscatedPadded(ObfuscatedConnection):
    obfuscated_io = ObfuscatedIO
    packet_codec = RandomizedIntermediatePacketCodec


@pytest.mark.parametrize(
    "connection",
    [
        ConnectionTcpFull,
        ConnectionTcpAbridged,
        ConnectionTcpIntermediate,
        ConnectionTcpObfuscated,
        ObfuscatedIntermediate,
        ObfuscatedPadded,
    ],
    ids=lambda c: c.__name__,
)
async def test_a_client_logs_in_and_reads_over_each_transport(
    telegram: Telegram, trust_sandbox: str, connection: Any
) -> None:
    telegram.channel("Falcon News", "falcon_news", posts=120)
    client = TelegramClient(session_for(telegram.server), API_ID, API_HASH, connection=connection)
    await client.connect()
    try:
        await client.send_code_request("+15550100")
        await client.sign_in("+15550100", "12345")
        found = [m.message async for m in client.iter_messages("falcon_news", limit=None, wait_time=0)]
        assert found == [f"Falcon News {n}" for n in range(120, 0, -1)]
    finally:
        await client.disconnect()


async def test_bytes_that_are_no_transport_end_only_their_own_connection(telegram: Telegram) -> None:
    import asyncio

    reader, writer = await asyncio.open_connection("127.0.0.1", telegram.server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: example.org\r\nUser-Agent: somebody who is lost\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    async with telegram.client() as client:
        assert (await client.get_me()).phone == "15550100"
