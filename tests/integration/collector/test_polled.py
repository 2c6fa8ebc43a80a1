"""Channels that nobody has joined: one page from the newest down tells all, or the rest is read upwards."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.clock import WallClock
from sandbox.channel import Channel
from storage.store import Store
from tests.support.clocks import OffClock
from tests.support.collecting import collecting, differences, eventually
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    """What is asked of Telegram does not depend on the kind of archive."""
    return "sqlite"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)


def _read_by(channel: Channel, at: datetime) -> Any:
    async def true(tx: Any) -> bool:
        cursor = await tx.posts.cursor(channel.id)
        return cursor is not None and cursor.complete and cursor.checked_at > at

    return true


def _read_upwards(telegram: Telegram) -> int:
    return sum(call.request.add_offset < 0 for call in telegram.log.of("messages.getHistory"))


async def test_posts_that_follow_on_ours_take_one_call(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], join=False, recheck_posts=0) as task:
        for n in range(4):
            await eventually(store, _read_by(channel, telegram.world.clock.now()), task=task)
            for each in range(n):
                telegram.world.post(channel, f"more {n} {each}")
        await eventually(store, _read_by(channel, telegram.world.clock.now()), task=task)
    assert _read_upwards(telegram) == 0
    assert await differences(telegram, store, channel) == []


@pytest.mark.parametrize("posts", [5, 250])
async def test_where_a_number_is_missing_or_a_page_does_not_hold_them_the_rest_is_read_upwards(
    telegram: Telegram, store: Store, channel: Channel, posts: int
) -> None:
    async with collecting(telegram, store, [channel], join=False, recheck_posts=0) as task:
        await eventually(store, _read_by(channel, telegram.world.clock.now()), task=task)
        for n in range(posts):
            telegram.world.post(channel, f"more {n}")
        if posts < 100:
            telegram.world.delete(channel, channel.top_id - 2)
        await eventually(store, _read_by(channel, telegram.world.clock.now()), task=task)
        async with store.read() as tx:
            held = await tx.posts.ids(channel.id, 1, 1000)
    assert _read_upwards(telegram) >= 2
    assert held == sorted(channel.ids)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_clock_that_jumps_between_two_probes_is_held_against_telegrams(
    telegram: Telegram, store: Store, channel: Channel, jump: timedelta
) -> None:
    """Pages of history are not dated, and the probes that are come seldom."""
    clock = OffClock(WallClock(), timedelta(0))
    async with collecting(telegram, store, [channel], clock=clock, join=False, probe_every="2h") as task:
        await eventually(store, _read_by(channel, telegram.world.clock.now()), task=task)
        clock.by = jump
        await eventually(
            store, _read_by(channel, telegram.world.clock.now() + timedelta(seconds=2)), task=task
        )
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
    assert len(seen.stretches) == 1
    assert seen.stretches[0][1] <= telegram.world.clock.now() + timedelta(seconds=4)
