"""Channels that come into the config, leave it or change there while the collector runs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from collector.config import ChannelConfig
from collector.run import collect
from domain.channel import ChannelStatus
from domain.clock import WallClock
from domain.current import Current
from domain.wanted import Want, WantState, Watching
from sandbox.channel import Channel
from sandbox.web.server import WebPreview
from storage.store import Store
from tests.support.collecting import eventually, is_read
from tests.support.telegram import Telegram
from tests.support.web import by_web


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested elsewhere."""
    return "sqlite"


def named(*handles: str, **more: Any) -> list[ChannelConfig]:
    return [ChannelConfig(handle=handle, source="web", **more) for handle in handles]


@asynccontextmanager
async def following(
    preview: WebPreview, store: Store, channels: Sequence[ChannelConfig]
) -> AsyncIterator[Current[Sequence[ChannelConfig]]]:
    current: Current[Sequence[ChannelConfig]] = Current(channels)
    task = asyncio.create_task(
        collect(by_web(preview), [], channels, store, WallClock(), app=None, current=current)
    )
    try:
        yield current
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


def has(channel: Channel, status: ChannelStatus, group: str | None = None) -> Callable[[Any], Any]:
    async def true(tx: Any) -> bool:
        known = await tx.channels.get(channel.id)
        return known is not None and (known.status, known.group) == (status, group)

    return true


def holds(channel: Channel, number: int) -> Callable[[Any], Any]:
    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, number)

    return true


async def test_a_channel_is_taken_up_changed_and_let_go_as_the_config_says(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    one = telegram.channel("One", "one_news", posts=2)
    two = telegram.channel("Two", "two_news", posts=2)
    async with following(preview, store, named("one_news")) as current:
        await eventually(store, holds(one, 2))
        current.set(named("one_news", "two_news"))
        await eventually(store, holds(two, 2))
        current.set([*named("one_news"), *named("two_news", group="axis")])
        await eventually(store, has(two, ChannelStatus.OPEN, "axis"))
        current.set(named("two_news", group="axis"))
        await eventually(store, has(one, ChannelStatus.RETIRED))
        async with store.read() as tx:
            assert await tx.posts.get(one.id, 2) is not None, "what was collected is kept"
            events = [e for _, e in await tx.channels.events_after(0) if e.channel_id == one.id]
        assert events[-1].evidence == "by config.toml"
        current.set(named("two_news", "one_news", group="axis"))
        await eventually(store, has(one, ChannelStatus.OPEN, "axis"))
        telegram.world.post(one, "one more")
        await eventually(store, holds(one, 3))


async def test_what_somebody_wants_in_the_bot_counts_before_what_the_config_says(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    one = telegram.channel("One", "one_news", posts=2)
    two = telegram.channel("Two", "two_news", posts=2)
    async with store.begin() as tx:
        await tx.changes.put_want(
            Want(
                key="two_news",
                handle="two_news",
                wanted=Watching.PAUSED,
                asked_at=WallClock().now(),
                asked_by="Olga (5)",
                state=WantState.DONE,
            )
        )
    three = telegram.channel("Three", "three_news", posts=2)
    async with following(preview, store, named("one_news")) as current:
        await eventually(store, holds(one, 2))
        current.set(named("one_news", "two_news", "three_news"))
        await eventually(store, holds(three, 2))
        async with store.read() as tx:
            assert await tx.posts.get(two.id, 2) is None
