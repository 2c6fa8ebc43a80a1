"""What lasts for minutes, an hour or a day, on a clock that runs fast: posts are whole afterwards, and
the gap is as long as the fault was.
"""

import asyncio
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.clock import FastClock
from domain.watch import Gap, GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState, Upset
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collecting import collecting, differences, eventually, is_read, whole
from tests.support.standing import open_gap
from tests.support.telegram import Telegram, day

DIALOGS, HISTORY = "messages.getPeerDialogs", "messages.getHistory"


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive."""
    return "sqlite"


@pytest.fixture
def sandbox_clock() -> FastClock:
    """At the pace of the wall until a test lets it run."""
    return FastClock(day(1), 1)


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


def watched(*channels: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return {c.id for c in channels} <= set(await tx.watch.until())

    return true


def stored(channel: Channel) -> Any:
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, wanted)

    return true


def closed(channel: Channel, cause: GapCause) -> Any:
    async def true(tx: Any) -> Gap | None:
        if await open_gap(tx, channel.id, "main") is not None:
            return None
        return next((g for g in await tx.watch.gaps(channel.id) if g.cause is cause), None)

    return true


async def hold_for(clock: FastClock, span: timedelta, during: Any) -> None:
    """Let `span` pass in about a second, with something happening at every twentieth of it."""
    speed, clock_speed = span.total_seconds() / 1.2, clock.speed
    clock.run_at(max(speed, 1))
    try:
        for n in range(20):
            during(n)
            await clock.sleep(span / 20)
    finally:
        clock.run_at(clock_speed)


@pytest.mark.parametrize("span", [timedelta(hours=1), timedelta(days=1)])
async def test_a_server_that_is_down_for_long_is_a_gap_of_that_length_and_costs_no_post(
    telegram: Telegram, store: Store, channel: Channel, sandbox_clock: FastClock, span: timedelta
) -> None:
    async with collecting(
        telegram, store, [channel], clock=sandbox_clock, reconcile_every="1s", retry_max=0.05
    ) as task:
        await eventually(store, watched(channel), task=task)
        cut = sandbox_clock.now()
        telegram.link.set(LinkState.REFUSED)
        await hold_for(sandbox_clock, span, lambda n: telegram.world.post(channel, f"unseen {n}"))
        opened = sandbox_clock.now()
        telegram.link.set(LinkState.OPEN)
        gap = await eventually(store, closed(channel, GapCause.LINK), task=task)
        back = sandbox_clock.now()
    assert await differences(telegram, store, channel) == []
    assert gap.missing is Missing.EDITS
    assert cut - timedelta(seconds=3) <= gap.from_at <= cut
    assert opened <= gap.to_at <= back
    async with store.read() as tx:
        assert len((await tx.watch.seen(channel.id)).stretches) == 1


@pytest.mark.parametrize("span", [timedelta(seconds=5), timedelta(seconds=300), timedelta(hours=24)])
async def test_a_flood_wait_on_one_method_is_obeyed_and_the_rest_goes_on(
    telegram: Telegram, store: Store, channel: Channel, sandbox_clock: FastClock, span: timedelta
) -> None:
    """The newest numbers of many channels cannot be asked in one call; they are asked one by one."""
    other = telegram.channel("Heron News", "heron_news", posts=1)
    async with collecting(
        telegram, store, [channel, other], clock=sandbox_clock, reconcile_every="1s", recheck_posts=0
    ) as task:
        await eventually(store, watched(channel, other), task=task)
        until = sandbox_clock.now() + span
        telegram.faults.throttle(DIALOGS, until)

        def post(n: int) -> None:
            telegram.world.post(channel, f"pushed {n}")
            telegram.world.post(other, f"not pushed {n}", push=False)

        await hold_for(sandbox_clock, span, post)
        await eventually(store, stored(other), task=task)
        asked = len([e for e in telegram.log.of(DIALOGS) if e.outcome == "ok" and e.at > until])

        async def asked_again(_: Any) -> bool:
            return len([e for e in telegram.log.of(DIALOGS) if e.outcome == "ok" and e.at > until]) > asked

        await eventually(store, asked_again, task=task)
        await eventually(store, whole(telegram, store, channel, other), task=task)
    refused = [e for e in telegram.log.of(DIALOGS) if e.outcome.startswith("FLOOD")]
    assert 1 <= len(refused) <= 3
    async with store.read() as tx:
        for each in (channel, other):
            assert [g for g in await tx.watch.gaps(each.id) if g.cause is GapCause.FLOOD] == []
            assert len((await tx.watch.seen(each.id)).stretches) == 1
        waits = (await tx.marks.get("collector.throttled.main"))["waits"]
    assert waits[0]["call"] == DIALOGS
    assert abs(waits[0]["seconds"] - span.total_seconds()) < 0.1 * span.total_seconds() + 1


@pytest.mark.parametrize("span", [timedelta(seconds=5), timedelta(seconds=300), timedelta(hours=24)])
async def test_a_flood_wait_on_one_channel_is_its_gap_alone(
    telegram: Telegram, store: Store, channel: Channel, sandbox_clock: FastClock, span: timedelta
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=1)
    async with collecting(
        telegram, store, [channel, other], clock=sandbox_clock, reconcile_every="1s", recheck_posts=0
    ) as task:
        await eventually(store, watched(channel, other), task=task)
        until = sandbox_clock.now() + span
        telegram.faults.throttle(HISTORY, until, channel=channel.id)
        telegram.faults.upset(Upset.WITHHOLD, channel=channel.id, times=None)

        def post(n: int) -> None:
            telegram.world.post(channel, f"not pushed {n}")
            telegram.world.post(other, f"not pushed {n}", push=False)

        await hold_for(sandbox_clock, span, post)
        gap = await eventually(store, closed(channel, GapCause.FLOOD), task=task)
        await eventually(store, whole(telegram, store, channel, other), task=task)
    refused = [e for e in telegram.log.of(HISTORY) if e.outcome.startswith("FLOOD")]
    assert 1 <= len(refused) <= 3
    assert gap.missing is Missing.EDITS
    assert gap.from_at < until <= gap.to_at
    async with store.read() as tx:
        assert [g for g in await tx.watch.gaps(other.id) if g.cause is GapCause.FLOOD] == []
        assert len((await tx.watch.seen(other.id)).stretches) == 1
        assert len((await tx.watch.seen(channel.id)).stretches) == 1


async def test_a_database_that_is_away_for_ten_minutes_costs_no_post_and_leaves_no_gap(
    telegram: Telegram, channel: Channel, tmp_path: Path, sandbox_clock: FastClock
) -> None:
    path = tmp_path / "locked.db"
    async with (
        open_store(StorageConfig(url=f"sqlite:///{path}", busy_timeout=0.1)) as store,
        collecting(telegram, store, [channel], clock=sandbox_clock, reconcile_every="1s") as task,
    ):
        await eventually(store, watched(channel), task=task)
        other = await asyncio.to_thread(_lock, path)
        began = sandbox_clock.now()
        await hold_for(
            sandbox_clock,
            timedelta(minutes=10),
            lambda n: telegram.world.post(channel, f"while it is away {n}"),
        )
        assert not task.done()
        other.execute("ROLLBACK")
        other.close()
        back = sandbox_clock.now()

        async def is_proved(tx: Any) -> bool:
            return (await tx.watch.until())[channel.id] > back

        await eventually(store, is_proved, task=task)
        assert await differences(telegram, store, channel) == []
        async with store.read() as tx:
            assert [g for g in await tx.watch.gaps(channel.id) if g.from_at >= began] == []
            assert len((await tx.watch.seen(channel.id)).stretches) == 1
            lag = [
                (p.seen_at - p.posted_at).total_seconds()
                async for p in tx.posts.of(channel.id, since=began + timedelta(seconds=1))
            ]
    # They were seen as they came, and only stored later.
    assert max(lag) < 300


def _lock(path: Path) -> sqlite3.Connection:
    """Hold the file as another program does that is writing."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other
