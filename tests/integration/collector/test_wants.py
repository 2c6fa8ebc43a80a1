"""Channels added, paused, resumed and retired while the collector runs; wants outlive a restart."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from domain.channel import ChannelChange, ChannelStatus
from domain.clock import WallClock
from domain.wanted import Want, WantState, Watching
from sandbox.channel import Channel
from sandbox.web.server import WebPreview
from storage.store import Store
from tests.support.collecting import collecting, eventually, is_read
from tests.support.standing import open_gap
from tests.support.telegram import Telegram
from tests.support.web import watching_the_web


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested with the bot."""
    return "sqlite"


def holds(channel: Channel, number: int) -> Callable[[Any], Any]:
    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, number)

    return true


def status(channel: Channel, wanted: ChannelStatus) -> Callable[[Any], Any]:
    async def true(tx: Any) -> bool:
        known = await tx.channels.get(channel.id)
        return known is not None and known.status is wanted

    return true


def settled(key: str, state: WantState) -> Callable[[Any], Any]:
    async def true(tx: Any) -> Any:
        want = await tx.changes.want(key)
        return want if want is not None and want.state is state else None

    return true


async def want(store: Store, key: str, wanted: Watching, **more: Any) -> Want:
    given = Want(key=key, wanted=wanted, handle=key, asked_at=WallClock().now(), asked_by="Olga (5)", **more)
    async with store.begin() as tx:
        await tx.changes.put_want(given)
        tx.notify("wants")
    return given


async def test_a_channel_is_added_while_the_collector_runs_and_is_there_after_a_restart(
    telegram: Telegram, store: Store
) -> None:
    first = telegram.channel("Falcon News", "falcon_news", posts=2)
    added = telegram.channel("Heron News", "heron_news", posts=2, joined=False)
    async with collecting(telegram, store, [first]) as task:
        await eventually(store, holds(first, 2), task=task)
        await want(store, "heron_news", Watching.WATCHED, group="birds", zone="Asia/Baghdad", country="IQ")
        await eventually(store, settled("heron_news", WantState.DONE), task=task)
        await eventually(store, holds(added, 2), task=task)
    async with store.read() as tx:
        channel = await tx.channels.get(added.id)
    assert channel is not None
    assert (channel.group, channel.zone, channel.country) == ("birds", "Asia/Baghdad", "IQ")
    telegram.world.post(added, "after the restart")
    async with collecting(telegram, store, [first]) as task:
        await eventually(store, holds(added, 3), task=task)


async def test_what_is_paused_is_not_looked_at_is_no_silence_and_is_read_on_when_it_is_resumed(
    telegram: Telegram, store: Store
) -> None:
    paused = telegram.channel("Falcon News", "falcon_news", posts=2)
    other = telegram.channel("Heron News", "heron_news", posts=2)
    async with collecting(telegram, store, [paused, other]) as task:
        await eventually(store, holds(paused, 2), task=task)
        await want(store, "falcon_news", Watching.PAUSED)
        await eventually(store, status(paused, ChannelStatus.PAUSED), task=task)
        telegram.world.post(paused, "unseen")
        telegram.world.post(other, "seen")
        await eventually(store, holds(other, 3), task=task)
    async with collecting(telegram, store, [paused, other]) as task:  # the config still names it
        telegram.world.post(other, "seen too")
        await eventually(store, holds(other, 4), task=task)
        async with store.read() as tx:
            assert await tx.posts.get(paused.id, 3) is None
            channel = await tx.channels.get(paused.id)
            gap = await open_gap(tx, paused.id, "main")
        assert channel is not None
        assert channel.status is ChannelStatus.PAUSED
        assert gap is not None
        assert gap.detail == "paused by Olga (5)"
        await want(store, "falcon_news", Watching.WATCHED)
        await eventually(store, status(paused, ChannelStatus.OPEN), task=task)
        await eventually(store, holds(paused, 3), task=task)
    async with store.read() as tx:
        told = [e.change for _, e in await tx.channels.events_after(0) if e.channel_id == paused.id]
    assert told[-2:] == [ChannelChange.PAUSED, ChannelChange.BACK]


async def test_by_the_web_the_same(telegram: Telegram, preview: WebPreview, store: Store) -> None:
    first = telegram.channel("Falcon News", "falcon_news", posts=2, joined=False)
    added = telegram.channel("Heron News", "heron_news", posts=2, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(first, 2), task=task)
        await want(store, "heron_news", Watching.WATCHED, web=True)
        await eventually(store, holds(added, 2), task=task)
        await want(store, "falcon_news", Watching.RETIRED)
        await eventually(store, status(first, ChannelStatus.RETIRED), task=task)
        telegram.world.post(first, "unseen")
        telegram.world.post(added, "seen")
        await eventually(store, holds(added, 3), task=task)
        await asyncio.sleep(0.3)  # three rounds in which it could be looked at
        async with store.read() as tx:
            assert await tx.posts.get(first.id, 3) is None
        await want(store, "falcon_news", Watching.WATCHED, web=True)
        await eventually(store, holds(first, 3), task=task)
        await eventually(store, status(first, ChannelStatus.OPEN), task=task)


async def test_what_cannot_be_watched_is_kept_with_its_reason(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 1), task=task)
        await want(store, "heron_news", Watching.WATCHED)
        failed = await eventually(store, settled("heron_news", WantState.FAILED), task=task)
    assert failed.why == "no account watches here: it can be read from the web only"


async def test_a_want_of_former_times_does_not_settle_a_new_one(store: Store) -> None:
    before = await want(store, "falcon_news", Watching.PAUSED)
    async with store.begin() as tx:
        now = replace(before, wanted=Watching.WATCHED, asked_at=WallClock().now())
        await tx.changes.put_want(now)
        await tx.changes.settle_want(before, WantState.DONE)
        assert await tx.changes.want("falcon_news") == now


async def test_when_the_last_channel_of_the_web_is_retired_it_is_no_source_that_ails(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=2, joined=False)

    async def source(tx: Any) -> Any:
        return (await tx.marks.get("collector.account.web")).get("state")

    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(falcon, 2), task=task)
        await eventually(store, source, task=task)
        await want(store, "falcon_news", Watching.RETIRED)
        await eventually(store, status(falcon, ChannelStatus.RETIRED), task=task)
        await asyncio.sleep(0.5)
        async with store.read() as tx:
            assert await source(tx) is None
        await want(store, "falcon_news", Watching.WATCHED)
        await eventually(store, source, task=task)
