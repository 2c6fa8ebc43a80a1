"""Lines that break in every way: said once, survived, and on record."""

import asyncio
import gc
import time
from datetime import timedelta
from typing import Any

import pytest
import structlog

from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, whole
from tests.support.standing import gap, open_gap, state, stored, watched
from tests.support.telegram import Telegram, until


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive; where it does, a test says so."""
    return "sqlite"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


async def test_it_starts_before_telegram_can_be_reached(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    telegram.link.set(LinkState.REFUSED)
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [channel]) as task:
            await eventually(store, state("unreachable"), task=task)
            await asyncio.sleep(0.5)
            telegram.link.set(LinkState.OPEN)
            await eventually(store, watched(channel), task=task)
            await eventually(store, state("watching"), task=task)
    assert [e["event"] for e in logs].count("no line to Telegram") == 1


@pytest.mark.parametrize("link", [LinkState.RESET, LinkState.CUT])
async def test_connections_that_are_taken_and_reset_make_no_hot_loop(
    telegram: Telegram, store: Store, channel: Channel, link: LinkState
) -> None:
    """Telethon by itself: 1 600 reconnects in five seconds."""
    async with collecting(telegram, store, [channel], retry_min=0.1, retry_max=0.4) as task:
        await eventually(store, watched(channel), task=task)
        seen = telegram.log.counts["help.getConfig"]
        telegram.link.set(link)
        await eventually(store, gap(channel, GapCause.LINK), task=task)
        taken = telegram.link.taken
        await asyncio.sleep(1.5)
        assert telegram.link.taken - taken <= 10
        telegram.link.set(LinkState.OPEN)
        telegram.world.post(channel, "after")
        await eventually(store, stored(channel), task=task)
        assert telegram.log.counts["help.getConfig"] - seen <= 3


@pytest.mark.parametrize("link", [LinkState.CUT, LinkState.RESET, LinkState.REFUSED])
async def test_a_line_that_breaks_leaves_no_error_behind_that_nobody_asked_for(
    telegram: Telegram, store: Store, channel: Channel, link: LinkState, caplog: pytest.LogCaptureFixture
) -> None:
    """The client keeps the end of each connection as an error, which asyncio tells with a traceback."""
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.set(link)
        telegram.link.reset_all()
        taken = telegram.link.taken
        await eventually(store, gap(channel, GapCause.LINK), task=task)
        if link is not LinkState.REFUSED:
            await until(lambda: telegram.link.taken >= taken + 3)
        telegram.link.set(LinkState.OPEN)
        telegram.world.post(channel, "after")
        await eventually(store, stored(channel), task=task)
    gc.collect()
    await asyncio.sleep(0)
    assert [r.getMessage() for r in caplog.records if r.name == "asyncio"] == []


async def test_a_line_that_swallows_everything_is_noticed_and_replaced(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], answer_within=0.4) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.set(LinkState.BLACK_HOLE)
        telegram.world.post(channel, "unheard")
        await eventually(store, gap(channel, GapCause.LINK), task=task)
        telegram.link.set(LinkState.OPEN)
        await eventually(store, stored(channel), task=task)


async def test_a_half_open_line_is_noticed_by_the_probe(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Telethon by itself takes two minutes."""
    async with collecting(telegram, store, [channel], answer_within=0.4, reconcile_every="1h") as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.half_open()
        telegram.world.post(channel, "unheard")
        await eventually(store, stored(channel), within=5, task=task)


async def test_one_call_that_is_never_answered_does_not_stop_the_other_channels(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=3, joined=False)
    async with collecting(telegram, store, [channel, other], join=False, answer_within=0.4) as task:
        await eventually(store, watched(channel, other), task=task)
        connections = telegram.log.counts["help.getConfig"]
        telegram.faults.swallow("messages.getHistory", channel=other.id, times=3)
        telegram.world.post(other, "late")
        telegram.world.post(channel, "at once")
        await eventually(store, stored(channel), within=1, task=task)
        await eventually(store, stored(other), task=task)
        assert telegram.log.counts["help.getConfig"] == connections


async def test_pushes_that_have_died_are_brought_back_by_a_new_connection(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """A difference that is never answered makes Telethon deaf for the whole account, while every call
    works.
    """
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.swallow("updates.getChannelDifference", times=1)
        telegram.world.post(channel, "lost on the way", push=False)
        connections = telegram.log.counts["help.getConfig"]
        for n in range(200):
            telegram.world.post(channel, f"unheard {n}")
            await asyncio.sleep(0.03)
            if telegram.log.counts["help.getConfig"] > connections:
                break
        assert telegram.log.counts["help.getConfig"] > connections
        await eventually(store, stored(channel), task=task)
    assert await differences(telegram, store, channel) == []


async def test_errors_of_telegrams_own_are_waited_out(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.error("messages.getPeerDialogs", 500, "RPC_CALL_FAIL", times=2)
        telegram.faults.flood("messages.getHistory", 1, times=1)
        telegram.world.post(channel, "only in the history", log=False)
        await eventually(store, stored(channel), task=task, within=12)


async def test_a_long_flood_wait_is_a_gap_of_that_cause(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        until_ = telegram.world.clock.now() + timedelta(seconds=2)
        telegram.faults.throttle("messages.getPeerDialogs", until_)
        telegram.faults.throttle("messages.getHistory", until_)
        found = await eventually(store, gap(channel, GapCause.FLOOD), task=task)
        assert found.detail in ("1 s", "2 s")
        assert await eventually(store, state("throttled"), task=task)
        telegram.world.post(channel, "pushed all the same")
        await eventually(store, stored(channel), within=1, task=task)

        async def over(tx: Any) -> bool:
            return await open_gap(tx, channel.id, "main") is None

        await eventually(store, over, task=task)
        await eventually(store, state("watching"), task=task)
    async with store.read() as tx:
        waits = (await tx.marks.get("collector.throttled.main"))["waits"]
    assert {w["call"] for w in waits} == {"messages.getPeerDialogs", "messages.getHistory"}
    refused = [e for e in telegram.log.entries if e.outcome.startswith("FLOOD_WAIT")]
    assert len(refused) <= 4


async def test_stopping_takes_no_time_even_with_a_dead_line(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], answer_within=30) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.set(LinkState.BLACK_HOLE)
        await asyncio.sleep(0.3)
        began = time.monotonic()
        task.cancel()
        await asyncio.wait({task})
        assert time.monotonic() - began < 1.5


async def test_what_many_channels_posted_meanwhile_takes_one_page_of_each(
    telegram: Telegram, store: Store
) -> None:
    """Telegram names the newest post of all of them in one call: a page that ends with it is not asked on
    from, and what it proves is stored together with that of others."""
    channels = [telegram.channel(f"Channel {n}", f"channel_{n:02}", posts=3) for n in range(30)]
    async with collecting(telegram, store, channels, reconcile_every="1h", recheck_posts=0) as task:

        async def all_read(tx: Any) -> bool:
            cursors = await tx.posts.cursors(each.id for each in channels)
            return len(cursors) == 30 and all(cursor.complete for cursor in cursors.values())

        await eventually(store, all_read, task=task)
        telegram.link.set(LinkState.REFUSED)
        for each in channels:
            await eventually(store, gap(each, GapCause.LINK), task=task)
        for each in channels[:28]:
            telegram.world.post(each, "while the line was cut")
        asked = telegram.log.counts["messages.getHistory"]
        back = telegram.world.clock.now()
        telegram.link.set(LinkState.OPEN)

        async def all_watched(tx: Any) -> bool:
            seen = await tx.watch.until()
            return all(seen[each.id] > back for each in channels)

        await eventually(store, all_watched, task=task)
        assert telegram.log.counts["messages.getHistory"] - asked < 40  # 56 with an empty page of each
    for each in channels:
        assert await differences(telegram, store, each) == []
        async with store.read() as tx:
            (lost,) = [g for g in await tx.watch.gaps(each.id) if g.cause is GapCause.LINK]
            assert lost.to_at is not None
            assert lost.missing is Missing.EDITS


async def test_what_was_read_of_one_channel_is_kept_though_the_line_breaks_at_the_next(
    telegram: Telegram, store: Store
) -> None:
    """It is stored together with what others posted, and may be gone when the line is back."""
    first, second = (telegram.channel(name, name, posts=2) for name in ("falcon_news", "heron_news"))
    async with collecting(telegram, store, [first, second], reconcile_every="1h", recheck_posts=0) as task:
        await eventually(store, whole(telegram, store, first, second), task=task)
        await asyncio.sleep(0.3)
        telegram.link.set(LinkState.REFUSED)
        await eventually(store, gap(second, GapCause.LINK), task=task)
        for each in (first, second):
            for text in ("only on the page", "the newest, which Telegram names by the way"):
                telegram.world.post(each, text, log=False)
        telegram.faults.swallow("messages.getHistory", channel=second.id, times=1)
        asked = len(telegram.log.of("messages.getHistory"))
        telegram.link.set(LinkState.OPEN)
        await until(
            lambda: any(c.channel == second.id for c in telegram.log.of("messages.getHistory")[asked:])
        )
        telegram.link.set(LinkState.BLACK_HOLE)
        await eventually(store, has(first, first.top_id - 1), task=task)


def has(channel: Channel, number: int) -> Any:
    async def true(tx: Any) -> bool:
        return bool(await tx.posts.ids(channel.id, number, number))

    return true
