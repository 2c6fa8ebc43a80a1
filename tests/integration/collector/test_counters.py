"""Views, forwards, replies and reactions as series over time; what was not looked at is unknown."""

from datetime import timedelta
from typing import Any

import pytest

from collector.history import PAGE
from domain.clock import WallClock
from domain.counters import Sample
from domain.post import Details
from sandbox.channel import Channel
from storage.store import Store
from tests.support.clocks import OffClock
from tests.support.collecting import collecting, eventually
from tests.support.telegram import Telegram, until

HOUR = timedelta(hours=1)
OFTEN: dict[str, Any] = {"counters_slack": "0s", "counters_pause": "0s"}


@pytest.fixture
def sandbox_clock() -> OffClock:
    """May be moved on by a test: an hour passes at once."""
    return OffClock(WallClock(), timedelta(0))


def taken(channel: Channel, post_id: int, n: int) -> Any:
    """So many looks at a post beside its first sight."""

    async def true(tx: Any) -> Any:
        found = [s for s in await tx.counters.of(channel.id, post_id) if s.due]
        return found if len(found) == n else None

    return true


def said(sample: Sample) -> tuple[Any, ...]:
    return sample.views, sample.forwards, sample.replies, sample.reactions


async def test_counters_are_looked_at_when_they_are_due_and_dated_as_they_were_read(
    telegram: Telegram, store: Store, sandbox_clock: OffClock
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news")
    async with collecting(telegram, store, [channel], clock=sandbox_clock, **OFTEN) as task:
        await until(lambda: telegram.server.sessions)
        post = telegram.world.post(channel, "words", views=3, details=Details(discussion_id=9, replies=0))

        async def followed(tx: Any) -> bool:
            return await tx.counters.soonest([channel.id]) is not None

        await eventually(store, followed, task=task)
        telegram.world.count(channel, post.id, views=100, forwards=4, replies=2, reactions={"👍": 5})
        sandbox_clock.by += HOUR + timedelta(minutes=1)
        (first,) = await eventually(store, taken(channel, post.id, 1), task=task)
        telegram.world.count(channel, post.id, views=900)
        sandbox_clock.by += 5 * HOUR
        _, second = await eventually(store, taken(channel, post.id, 2), task=task)
        assert (first.due, second.due) == (HOUR, 6 * HOUR)
        assert said(first) == (100, 4, 2, (("👍", 5),))
        assert said(second) == (900, 4, 2, (("👍", 5),))
        assert timedelta(0) <= first.at - post.posted_at - HOUR < timedelta(minutes=5)
        sandbox_clock.by += timedelta(days=6, hours=23)
        last = (await eventually(store, taken(channel, post.id, 3), task=task))[-1]
        # A day after posting nobody looked: that is unknown for good.
        assert last.due == timedelta(days=7)
        async with store.read() as tx:
            assert await tx.counters.soonest([channel.id]) is None
            sight = (await tx.counters.of(channel.id, post.id))[0]
            assert (sight.due, said(sight)) == (timedelta(0), (3, 0, 0, None))
            assert await tx.posts.revisions(channel.id) == []


async def test_what_was_due_while_we_were_away_is_looked_at_late_and_dated_so(
    telegram: Telegram, store: Store, sandbox_clock: OffClock
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, every=timedelta(minutes=1))

    async def followed(tx: Any) -> bool:
        return await tx.counters.soonest([channel.id]) is not None

    async with collecting(telegram, store, [channel], clock=sandbox_clock, **OFTEN) as task:
        await eventually(store, followed, task=task)
    sandbox_clock.by += 8 * HOUR
    async with collecting(telegram, store, [channel], clock=sandbox_clock, **OFTEN) as task:
        (late,) = await eventually(store, taken(channel, 1, 1), task=task)
    assert late.due == 6 * HOUR
    assert late.at - channel.posts[1].posted_at >= 8 * HOUR
    asked = [e for e in telegram.log.entries if e.method == "messages.getMessagesViews"]
    assert asked == []  # it would count us as a reader, if asked wrongly


async def test_a_page_of_posts_is_looked_at_in_one_call_and_old_ones_not_at_all(
    telegram: Telegram, store: Store, sandbox_clock: OffClock
) -> None:
    old = telegram.channel("Old News", "old_news", posts=5, every=timedelta(days=9))
    busy = telegram.channel("Busy News", "busy_news", posts=PAGE + 20, every=timedelta(seconds=10))
    more: dict[str, Any] = {**OFTEN, "counters_at": ("1h",), "recheck_posts": 0, "since": "360d"}

    async def followed(tx: Any) -> bool:
        return await tx.posts.count() == PAGE + 25 and await tx.counters.soonest([busy.id]) is not None

    async with collecting(telegram, store, [old, busy], clock=sandbox_clock, **more) as task:
        await eventually(store, followed, task=task)
        before = len(telegram.log.of("channels.getMessages"))
        sandbox_clock.by += 2 * HOUR
        for number in (1, PAGE + 20):
            await eventually(store, taken(busy, number, 1), task=task)
        calls = [e for e in telegram.log.of("channels.getMessages")[before:] if len(e.request.id) > 1]
    assert sorted(len(e.request.id) for e in calls) == [20, PAGE]
    async with store.read() as tx:
        assert [s for n in range(1, 6) for s in await tx.counters.of(old.id, n) if s.due] == []


async def test_a_post_that_is_gone_when_it_is_due_is_recorded_as_deleted(
    telegram: Telegram, store: Store, sandbox_clock: OffClock
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=2, every=timedelta(minutes=1))

    async def followed(tx: Any) -> bool:
        return await tx.counters.soonest([channel.id]) is not None

    async def gone(tx: Any) -> bool:
        return [d.post_id for d in await tx.posts.deletions(channel.id)] == [1]

    async with collecting(telegram, store, [channel], clock=sandbox_clock, recheck_posts=0, **OFTEN) as task:
        await eventually(store, followed, task=task)
        telegram.world.delete(channel, 1, log=False)
        sandbox_clock.by += HOUR
        await eventually(store, gone, task=task)
        await eventually(store, taken(channel, 2, 1), task=task)
    async with store.read() as tx:
        assert [s for s in await tx.counters.of(channel.id, 1) if s.due] == []


@pytest.mark.parametrize("refusal", ["error", "throttle"])
async def test_a_channel_that_cannot_be_looked_at_holds_up_no_other(
    telegram: Telegram, store: Store, sandbox_clock: OffClock, refusal: str
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news")
    heron = telegram.channel("Heron News", "heron_news")
    channels = [falcon, heron]
    async with collecting(telegram, store, channels, clock=sandbox_clock, recheck_posts=0, **OFTEN) as task:
        await until(lambda: telegram.server.sessions)
        posts = [telegram.world.post(channel, "words", views=3) for channel in channels]

        async def followed(tx: Any) -> bool:
            return None not in [await tx.counters.soonest([channel.id]) for channel in channels]

        await eventually(store, followed, task=task)
        if refusal == "error":
            telegram.faults.error("channels.getMessages", 500, "RPC_CALL_FAIL", channel=falcon.id, times=None)
        else:
            until_then = sandbox_clock.now() + 10 * HOUR
            telegram.faults.throttle("channels.getMessages", until_then, channel=falcon.id)
        sandbox_clock.by += HOUR + timedelta(minutes=1)
        await eventually(store, taken(heron, posts[1].id, 1), task=task)
        telegram.faults.clear()
        if refusal == "error":
            await eventually(store, taken(falcon, posts[0].id, 1), task=task)
