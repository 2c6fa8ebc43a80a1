"""t.me on loopback for tests, over the same world as the MTProto server's; and a collector that reads it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest_asyncio

from collector.config import ChannelConfig, CollectorConfig
from collector.run import collect
from domain.clock import Clock, WallClock
from sandbox.web.server import WebPreview
from storage.store import Store
from tests.support.telegram import Telegram


@pytest_asyncio.fixture
async def preview(telegram: Telegram) -> AsyncIterator[WebPreview]:
    """The public preview of the channels of `telegram`."""
    async with WebPreview(telegram.world) as served:
        yield served


def by_web(preview: WebPreview, **more: Any) -> CollectorConfig:
    """A config that reads the preview, often and without pauses."""
    pages = {"base": preview.url, "every": "0.1s", "budget": "1000/1s"} | more.pop("preview", {})
    given = {"answer_within": 2, "retry_min": 0.05, "retry_max": 0.2, "return_every": "0.3s"}
    return CollectorConfig.model_validate({**given, "preview": pages, **more})


@asynccontextmanager
async def watching_the_web(
    preview: WebPreview,
    store: Store,
    handles: Sequence[str],
    *,
    clock: Clock | None = None,
    **config: Any,
) -> AsyncIterator[asyncio.Task[None]]:
    """A collector without any account, for as long as the block lasts. An error of its own is raised."""
    channels = [ChannelConfig(handle=handle, source="web") for handle in handles]
    made = by_web(preview, **config)
    task = asyncio.create_task(collect(made, [], channels, store, clock or WallClock(), app=None))
    try:
        yield task
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
