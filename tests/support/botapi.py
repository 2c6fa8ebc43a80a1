"""A Bot API on loopback and stock aiogram bots on it. Import the fixtures a test module needs by name."""

import ssl
import struct
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace

import pytest
from aiogram import Bot
from aiogram.client.session import aiohttp
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer

from domain.clock import SetClock
from sandbox.botapi.server import BotApiServer

NOON = datetime(2031, 3, 14, 12, 0, tzinfo=UTC)
# For TLS, which is not here, each session of aiogram would read all authorities of the world.
aiohttp.ssl = SimpleNamespace(create_default_context=cache(ssl.create_default_context))  # type: ignore[attr-defined]


def stock_bot(server: BotApiServer, *, token: str = "", timeout: float = 10.0) -> Bot:
    """An aiogram bot as a user of the library makes it; whoever calls closes its session."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(server.url), timeout=timeout)
    return Bot(token or server.token, session=session)


def picture(width: int = 640, height: int = 360, size: int = 64) -> bytes:
    """The head of a PNG of these measures, filled up to `size` bytes."""
    head = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", width, height)
    return head.ljust(size, b"\0")


async def hang_up(bot: Bot) -> None:
    """Close a bot's connections. Its own `session.close()` waits 250 ms for TLS, which is not here."""
    session = bot.session
    assert isinstance(session, AiohttpSession)
    await (await session.create_session()).close()


@pytest.fixture
def clock() -> SetClock:
    """The time that messages bear."""
    return SetClock(NOON)


@pytest.fixture
def pace() -> SetClock:
    """The time that rates and patience are measured on."""
    return SetClock(NOON)


@pytest.fixture
async def server(clock: SetClock, pace: SetClock) -> AsyncIterator[BotApiServer]:
    """A running server; at the end nothing may have happened that it does not know."""
    async with BotApiServer(clock=clock, pace=pace) as running:
        running.world.queue.conflict_pause = 0.05
        yield running
        assert running.errors == []


@pytest.fixture
async def bot(server: BotApiServer) -> AsyncIterator[Bot]:
    """A stock aiogram bot on the server."""
    made = stock_bot(server)
    yield made
    await hang_up(made)
