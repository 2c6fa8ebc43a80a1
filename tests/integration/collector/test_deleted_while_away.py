"""What a channel posted and deleted while nobody saw is no silence of it: its numbers are missing."""

from datetime import timedelta
from typing import Any

import pytest

from domain.clock import FastClock
from domain.watch import Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState
from storage.store import Store
from tests.support.collecting import collecting, eventually, is_read
from tests.support.telegram import Telegram, day

HOUR = timedelta(hours=1)


@pytest.fixture
def sandbox_clock() -> FastClock:
    """At the pace of the wall until a test lets it run."""
    return FastClock(day(1), 1)


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=200, every=HOUR)


def stored(channel: Channel) -> Any:
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, wanted) and (await tx.posts.cursor(channel.id)).complete

    return true


def mended(channel: Channel) -> Any:
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        gaps = [g for g in await tx.watch.gaps(channel.id) if g.to_at is None]
        return not gaps and await is_read(tx, channel.id, wanted)

    return true


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_day_whose_posts_were_deleted_while_the_line_was_down_is_no_silence(
    telegram: Telegram, store: Store, channel: Channel, sandbox_clock: FastClock, deleted: bool
) -> None:
    """In the other case the channel is silent for a day, but for a post that it deletes."""
    async with collecting(
        telegram, store, [channel], clock=sandbox_clock, reconcile_every="1s", retry_max=0.05
    ) as task:
        await eventually(store, stored(channel), task=task)
        last = channel.posts[channel.top_id].posted_at
        telegram.link.set(LinkState.REFUSED)
        gone = [telegram.world.post(channel, f"unseen {n}").id for n in range(20 if deleted else 1)]
        sandbox_clock.run_at(24 * 3600)
        await sandbox_clock.sleep(timedelta(days=1))
        sandbox_clock.run_at(1)
        telegram.world.delete(channel, *gone)
        first = telegram.world.post(channel, "back").posted_at
        telegram.link.set(LinkState.OPEN)
        await eventually(store, mended(channel), task=task)
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
        gaps = [g for g in await tx.watch.gaps(channel.id) if g.missing is Missing.POSTS and g.to_at]
    holes = seen.holes(last, first)
    if not deleted:
        assert (holes, [g for g in gaps if g.from_at < first]) == ([], [])
        return
    ((since, until),) = holes
    assert abs(until - first) < timedelta(seconds=1)
    assert timedelta(0) <= since - last < timedelta(minutes=1) + HOUR
    assert [(g.from_at, g.to_at) for g in gaps if g.from_at < first] == [(since, until)]
    assert "were deleted" in gaps[0].detail
