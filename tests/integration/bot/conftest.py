"""The sandbox's Bot API, and our bot that talks to it over HTTP."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from bot.app import serve
from bot.config import BotConfig
from domain.clock import FastClock, WallClock
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.botapi import NOON, bot, clock, pace, server
from tests.support.couriers import courier

__all__ = ["bot", "clock", "courier", "pace", "server"]

#: What the wiring hands in.
GIVEN = ("claimants", "topics", "names", "search", "judged_by", "pages", "faults")
Serve = Callable[..., Awaitable["asyncio.Task[None]"]]


@asynccontextmanager
async def serving(server: BotApiServer, store: Store, **config: Any) -> AsyncIterator[asyncio.Task[None]]:
    """The whole bot, as the product runs it. What made it end by itself is raised at the end."""
    token = config.pop("token", server.token)
    given = {name: config.pop(name) for name in GIVEN if name in config}
    made = BotConfig.model_validate(
        {"api_base": server.url, "retry": timedelta(seconds=0.05), "timeout": timedelta(seconds=3), **config}
    )
    # Telegram's rates are kept a hundred times as fast, so that a test need not wait for its turn.
    pace = FastClock(NOON, 100)
    task = asyncio.create_task(serve(made, token, store, WallClock(), pace=pace, **given), name="bot")
    try:
        yield task
    finally:
        task.cancel()
        ended = (await asyncio.gather(task, return_exceptions=True))[0]
    if isinstance(ended, Exception):
        raise ended


@pytest.fixture
async def run_bot(server: BotApiServer, store: Store) -> AsyncIterator[Serve]:
    """Start the bot: `task = await run_bot(owners=(1,))`; it is stopped at the end of the test."""
    server.limits.on = False  # the server's pace stands still, ours does not
    async with AsyncExitStack() as stack:

        async def start(**config: Any) -> asyncio.Task[None]:
            return await stack.enter_async_context(serving(server, store, **config))

        yield start
