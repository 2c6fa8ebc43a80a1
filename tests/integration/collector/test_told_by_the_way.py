"""Posts that Telegram names by the way are kept, and come in the order in which they were posted."""

import asyncio
from datetime import timedelta

import pytest

from domain.post import How
from domain.watch import GapCause, Seen
from sandbox.channel import Channel
from sandbox.faults import LinkState
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_read
from tests.support.standing import gap, holds, now, read_to_the_end, watched_since
from tests.support.telegram import Telegram, until


def read_up_to(channel: Channel):  # type: ignore[no-untyped-def]
    async def true(tx):  # type: ignore[no-untyped-def]
        return await is_read(tx, channel.id, channel.top_id)

    return true


async def test_a_channel_that_the_engine_awaits_word_of_is_asked_at_that_instant(
    telegram: Telegram, store: Store
) -> None:
    awaited, other = (telegram.channel(f"Channel {n}", f"channel_{n}", posts=3) for n in (1, 2))
    async with collecting(telegram, store, [awaited, other], reconcile_every="1h", probe_every="1h") as task:
        await eventually(store, read_to_the_end(awaited), task=task)
        await eventually(store, watched_since(other, other.created_at), task=task)
        until_ = now() + timedelta(seconds=0.3)
        async with store.begin() as tx:
            await tx.awaited.put({awaited.id: until_, 4711: until_}, now())
            tx.notify("awaited")
        await eventually(store, watched_since(awaited, until_ - timedelta(microseconds=1)), task=task)
    async with store.read() as tx:
        found = await tx.watch.until()
    assert until_ <= found[awaited.id] < until_ + timedelta(seconds=5)
    assert found[other.id] < until_


HISTORY, DIALOGS = "messages.getHistory", "messages.getPeerDialogs"


async def test_a_post_told_by_the_way_is_kept_before_the_history_is_read_and_was_missed_by_push(
    telegram: Telegram, store: Store
) -> None:
    """Whoever asks how far channels are is told their newest post with it."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        telegram.faults.error(HISTORY, 400, "MSG_WAIT_FAILED", times=None)
        telegram.world.post(channel, "not pushed", push=False)
        await eventually(store, holds(channel, 4), task=task)
        telegram.faults.clear()

        async def missed(tx):  # type: ignore[no-untyped-def]
            mark = await tx.marks.get("collector.account.main")
            return mark.get("missed_by_push") == 1

        await eventually(store, missed, task=task)
    assert await differences(telegram, store, channel) == []


async def test_the_newest_post_is_kept_though_it_is_gone_before_a_restart_reads_on(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    telegram.world.post(channel, "while nobody looked")
    telegram.world.post(channel, "and soon gone")
    for method in (HISTORY, DIALOGS):
        telegram.faults.error(method, 400, "MSG_WAIT_FAILED", times=None)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, holds(channel, 4), task=task)
        telegram.world.delete(channel, 5)
        telegram.faults.clear()
        await eventually(store, holds(channel, 5), task=task)

        async def gone(tx):  # type: ignore[no-untyped-def]
            return await tx.posts.deletions(channel.id)

        await eventually(store, gone, task=task)
    assert await differences(telegram, store, channel) == []


async def in_order_of_arrival(store: Store) -> list[int]:
    async with store.read() as tx:
        return [post.id for _, post in await tx.posts.after(0, 1000)]


@pytest.mark.parametrize("joined", [True, False])
async def test_after_an_absence_posts_come_in_the_order_in_which_they_were_posted(
    telegram: Telegram, store: Store, joined: bool
) -> None:
    """Whoever follows the archive learns a channel anew when its posts come out of order."""
    telegram.server.too_long_after = 20
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=joined)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    known = len(await in_order_of_arrival(store))
    for n in range(250):
        telegram.world.post(channel, f"while nobody looked: {n}")
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_up_to(channel), task=task)
    assert (await in_order_of_arrival(store))[known:] == list(range(4, 254))
    assert await differences(telegram, store, channel) == []


async def test_what_telegram_makes_us_wait_for_comes_in_order_when_it_may_be_read(
    telegram: Telegram, store: Store
) -> None:
    telegram.server.too_long_after = 5
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    for n in range(20):
        telegram.world.post(channel, f"while nobody looked: {n}")
    telegram.faults.flood(HISTORY, 1, times=1)
    async with collecting(telegram, store, [channel], reconcile_every="5s") as task:
        await eventually(store, read_up_to(channel), task=task)
    assert any(e.outcome.startswith("FLOOD_WAIT") for e in telegram.log.of(HISTORY))
    assert (await in_order_of_arrival(store))[3:] == list(range(4, 24))


@pytest.mark.parametrize("ending", ["stopped", "cut off"])
async def test_the_newest_post_is_kept_when_the_history_before_it_is_not_read_to_its_end(
    telegram: Telegram, store: Store, ending: str
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        unanswered = telegram.faults.swallow(HISTORY, times=None, when=lambda asked: asked.add_offset < 0)
        telegram.world.post(channel, "not pushed", push=False)
        await until(lambda: unanswered.done)
        if ending == "cut off":
            telegram.link.set(LinkState.REFUSED)
            await eventually(store, holds(channel, 4), task=task)
    async with store.read() as tx:
        assert await tx.posts.count(channel.id) == 4


async def test_the_newest_post_that_is_deleted_while_the_history_before_it_is_read_is_kept(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        telegram.faults.delay(HISTORY, 0.3, times=1)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.post(channel, "not pushed, and soon gone", push=False)
        await until(lambda: telegram.log.of(DIALOGS)[-1].at > channel.posts[5].posted_at)
        telegram.world.delete(channel, 5, push=False)

        async def gone(tx):  # type: ignore[no-untyped-def]
            return await tx.posts.deletions(channel.id)

        await eventually(store, gone, task=task)

        async def missed(tx):  # type: ignore[no-untyped-def]
            mark = await tx.marks.get("collector.account.main")
            return mark.get("missed_by_push") == 2

        await eventually(store, missed, task=task)
    assert (await in_order_of_arrival(store))[3:] == [4, 5]
    assert await differences(telegram, store, channel) == []


async def test_what_is_deleted_while_the_answer_is_on_its_way_lies_in_the_gap(
    telegram: Telegram, store: Store
) -> None:
    """Telegram is asked how far a channel is, and the page with what was posted comes later."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=2)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        telegram.link.set(LinkState.REFUSED)
        await eventually(store, gap(channel, GapCause.LINK), task=task)
        telegram.world.post(channel, "unseen, and stays")
        telegram.world.post(channel, "unseen, and soon gone")
        telegram.faults.delay(HISTORY, 0.5, times=1, when=lambda asked: asked.add_offset < 0)
        asked = len(telegram.server.log.of(DIALOGS))
        telegram.link.set(LinkState.OPEN)
        await until(lambda: len(telegram.server.log.of(DIALOGS)) > asked)
        telegram.world.delete(channel, 4)
        gone = now()

        async def is_mended(tx):  # type: ignore[no-untyped-def]
            return not await tx.watch.open_gaps([channel.id])

        await eventually(store, is_mended, task=task)
        await eventually(store, watched_since(channel, now()), task=task)
    async with store.read() as tx:
        mended = next(g for g in await tx.watch.gaps(channel.id) if g.cause is GapCause.LINK)
        spans = await tx.watch.spans(channel.id)
    assert mended.to_at is not None
    assert mended.from_at < gone < mended.to_at
    live = [s for s in spans if s.how is How.LIVE]
    assert not any(s.from_at < mended.to_at and s.to_at > mended.from_at for s in live)
    assert Seen.merged(spans).all_of(mended.from_at, mended.to_at), "its posts are known"


async def test_what_is_pushed_while_something_before_it_is_missing_is_kept_though_it_is_deleted_at_once(
    telegram: Telegram, store: Store
) -> None:
    """Telethon holds it back for half a second, and then asks for what is missing: it is gone by then."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h", probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        telegram.world.post(channel, "as ever")
        await eventually(store, read_up_to(channel), task=task)
        telegram.world.post(channel, "withheld", push=False)
        pushed = telegram.world.post(channel, "pushed, and gone")
        await asyncio.sleep(0.1)
        telegram.world.delete(channel, pushed.id)
        telegram.world.post(channel, "after it")
        await eventually(store, read_up_to(channel), task=task)

        async def kept(tx):  # type: ignore[no-untyped-def]
            return await tx.posts.get(channel.id, pushed.id)

        assert (await eventually(store, kept, task=task)).text == "pushed, and gone"

        async def gone(tx):  # type: ignore[no-untyped-def]
            return [d.post_id for d in await tx.posts.deletions(channel.id)] == [pushed.id]

        await eventually(store, gone, task=task)
    assert await differences(telegram, store, channel) == []
