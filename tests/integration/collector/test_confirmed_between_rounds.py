"""Channels that an account is in are asked many at once between two rounds: what was watched is known to the
minute.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest

from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually
from tests.support.standing import gap, holds, now, read_to_the_end, watched_since
from tests.support.telegram import Telegram

HISTORY, DIALOGS = "messages.getHistory", "messages.getPeerDialogs"


@pytest.fixture
def joined(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=3)


@pytest.fixture
async def between_rounds(telegram: Telegram, store: Store, joined: Channel) -> AsyncIterator[Channel]:
    """One that is not joined, beside one that is; the first round is over, the next is in an hour."""
    polled = telegram.channel("Heron News", "heron_news", posts=3, joined=False)
    rounds: dict[str, Any] = {
        "reconcile_every": "1h",
        "confirm_every": "0.2s",
        "probe_every": "1h",
        "recheck_posts": 0,
    }
    async with collecting(telegram, store, [joined, polled], **rounds) as task:
        for channel in (joined, polled):
            await eventually(store, read_to_the_end(channel), task=task)
        await eventually(store, watched_since(joined, now()), task=task)
        yield polled


async def test_only_those_that_can_be_asked_together_are(
    telegram: Telegram, store: Store, joined: Channel, between_rounds: Channel
) -> None:
    async with store.read() as tx:
        before = await tx.watch.until()
    asked = len(telegram.log.of(HISTORY))
    await eventually(store, watched_since(joined, now()))
    async with store.read() as tx:
        after = await tx.watch.until()
    assert after[joined.id] > before[joined.id]
    assert after[between_rounds.id] == before[between_rounds.id]
    assert len(telegram.log.of(HISTORY)) == asked


@pytest.mark.usefixtures("between_rounds")
async def test_a_post_that_was_not_pushed_is_found_before_the_next_round(
    telegram: Telegram, store: Store, joined: Channel
) -> None:
    telegram.world.post(joined, "not pushed", push=False)
    await eventually(store, holds(joined, 4))
    assert await differences(telegram, store, joined) == []


@pytest.mark.usefixtures("between_rounds")
async def test_a_gap_begins_at_the_last_answer_and_not_at_the_last_round(
    telegram: Telegram, store: Store, joined: Channel
) -> None:
    since = now()
    await eventually(store, watched_since(joined, since))
    telegram.link.set(LinkState.REFUSED)
    broken = await eventually(store, gap(joined, GapCause.LINK))
    assert broken.from_at >= since
    assert broken.missing is Missing.POSTS


@pytest.mark.usefixtures("between_rounds")
async def test_where_they_cannot_be_asked_together_each_waits_for_its_round(
    telegram: Telegram, joined: Channel, store: Store
) -> None:
    refused = telegram.faults.error(DIALOGS, 400, "MSG_WAIT_FAILED", times=3)
    asked = len(telegram.log.of(HISTORY))
    since = now()
    await eventually(store, watched_since(joined, since))  # once it is answered again
    assert refused.done
    assert len(telegram.log.of(HISTORY)) == asked


@asynccontextmanager
async def all_joined(
    telegram: Telegram, store: Store, joined: Channel
) -> AsyncIterator[tuple[asyncio.Task[None], list[Channel]]]:
    """Four others beside it; the first round is over, the next is in an hour."""
    others = [telegram.channel(f"Kite {n}", f"kite_{n}", posts=1) for n in range(4)]
    rounds: dict[str, Any] = {"reconcile_every": "1h", "confirm_every": "0.2s", "probe_every": "1h"}
    async with collecting(telegram, store, [joined, *others], recheck_posts=0, **rounds) as task:
        for channel in (joined, *others):
            await eventually(store, watched_since(channel, now()), task=task)
        yield task, others


async def asked_soon(store: Store, channel: Channel) -> None:
    """It is not to wait for the next round."""
    async with store.begin() as tx:
        await tx.awaited.put({channel.id: now() + timedelta(seconds=0.3)}, now())
        tx.notify("awaited")


async def test_when_nothing_may_be_asked_all_are_put_off_before_the_next_round(
    telegram: Telegram, store: Store, joined: Channel
) -> None:
    async with all_joined(telegram, store, joined) as (task, others):
        until = now() + timedelta(days=1)
        for method in (DIALOGS, HISTORY):
            telegram.faults.throttle(method, until)
        await asked_soon(store, joined)
        for channel in (joined, *others):
            await eventually(store, gap(channel, GapCause.FLOOD), task=task)
    refused = [each for each in telegram.log.of(HISTORY) if each.outcome.startswith("FLOOD")]
    assert len(refused) == 2  # the third is not asked for


async def test_a_history_refused_of_one_channel_puts_off_no_other(
    telegram: Telegram, store: Store, joined: Channel
) -> None:
    async with all_joined(telegram, store, joined) as (task, others):
        telegram.faults.throttle(DIALOGS, now() + timedelta(days=1))
        telegram.faults.throttle(HISTORY, now() + timedelta(days=1), channel=joined.id)
        asked = len(telegram.log.of(HISTORY))
        await asked_soon(store, joined)
        await eventually(store, gap(joined, GapCause.FLOOD), task=task)
        await eventually(store, watched_since(others[0], now()), task=task)  # it was asked, and answered
        async with store.read() as tx:
            gaps = [gap for each in others for gap in await tx.watch.gaps(each.id)]
    assert [each for each in gaps if each.cause is GapCause.FLOOD] == []
    assert len(telegram.log.of(HISTORY)) > asked + 1


async def test_a_round_that_takes_its_time_holds_up_nobody_who_can_be_asked_with_others(
    telegram: Telegram, store: Store, joined: Channel
) -> None:
    polled = [telegram.channel(f"Polled {n}", f"polled_{n}", posts=1, joined=False) for n in range(6)]
    rounds: dict[str, Any] = {"reconcile_every": "1h", "confirm_every": "0.1s", "probe_every": "1h"}
    telegram.faults.delay(HISTORY, 0.5, times=None)
    async with collecting(telegram, store, [joined, *polled], recheck_posts=0, **rounds) as task:
        await eventually(store, watched_since(joined, joined.created_at), task=task)
        await eventually(store, watched_since(joined, now()), task=task)
        async with store.read() as tx:
            found = await tx.watch.until()
    assert not all(channel.id in found for channel in polled)
