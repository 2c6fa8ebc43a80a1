"""Years of history: newest first, resumed anywhere, proved by its numbers, and in nobody's way."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import count, groupby
from pathlib import Path
from typing import Any

import pytest

from collector.config import ChannelConfig
from collector.fetch import Fetched, fetch
from collector.history import PAGE
from domain.clock import WallClock
from domain.errors import DeadairError
from domain.post import How, Media
from sandbox.channel import Channel
from sandbox.faults import Deed
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collecting import APP, account, collecting, differences, eventually, hurried, is_read
from tests.support.collector_process import CollectorProcess
from tests.support.standing import read_to_the_end
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive; where it does, a test says so."""
    return "sqlite"


async def fetched(telegram: Telegram, store: Store, channel: Channel, **more: Any) -> Fetched:
    """One `deadair backfill` from beginning to end."""
    given: dict[str, Any] = {"since": channel.posts[channel.ids[0]].posted_at - timedelta(days=1)}
    config = more.pop("config", {})
    found = await fetch(
        hurried(telegram, **config),
        [account(telegram)],
        [ChannelConfig(handle=channel.handle)],
        store,
        WallClock(),
        app=APP,
        **{**given, **more},
    )
    return found[0]


def asked_below(telegram: Telegram, number: int) -> list[int]:
    """Where pages of history began that were asked for further back than this."""
    return [
        e.request.offset_id
        for e in telegram.log.of("messages.getHistory")
        if 0 < e.request.offset_id <= number and e.request.add_offset == 0
    ]


async def test_every_number_of_a_history_is_accounted_for(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=300)
    telegram.world.post_album(channel, [Media(kind="photo")] * 3, "an album")
    telegram.world.post(channel, service="pin")
    for number in (7, 8, 150):
        telegram.world.delete(channel, number)
    telegram.faults.spoil(Deed.TWICE, when=lambda r: r.offset_id > 0, times=1)
    told: list[Sequence[Fetched]] = []
    found = await fetched(telegram, store, channel, progress=told.append)
    assert found.is_done
    assert found.numbers == {"posts": 298, "album_parts": 2, "service": 1, "deleted": 0, "unknown": 3}
    shares = [each[0].share for each in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    async with store.read() as tx:
        hows = {post.how async for post in tx.posts.of(channel.id)}
    assert hows == {How.BACKFILLED}
    pages = len(telegram.log.of("messages.getHistory"))
    again = await fetched(telegram, store, channel)
    assert again.is_done
    assert len(telegram.log.of("messages.getHistory")) <= pages + 4  # is there anything new? Nothing else.


async def test_a_stretch_apart_is_read_and_proved_and_leaves_the_rest_to_be_read(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1000)
    telegram.world.delete(channel, 450)
    since = channel.posts[300].posted_at.replace(microsecond=0)
    until = channel.posts[601].posted_at.replace(microsecond=0)
    found = await fetched(telegram, store, channel, since=since, until=until)
    assert found.is_done
    assert found.posts == 300
    assert found.numbers == {"posts": 300, "album_parts": 0, "service": 0, "deleted": 0, "unknown": 1}
    async with store.read() as tx:
        held = set(await tx.posts.ids(channel.id, 1, 10_000))
        assert set(range(300, 601)) - {450} <= held
        assert not held & set(range(601, 901))
        assert not held & set(range(1, 300))
        seen = [s for s in await tx.watch.spans(channel.id) if s.how is How.BACKFILLED]
        assert (seen[0].from_at, seen[0].to_at) == (since, until)
        assert not (await tx.posts.cursor(channel.id)).complete
    asked = len(telegram.log.of("messages.getHistory"))
    assert (await fetched(telegram, store, channel, since=since, until=until)).is_done
    assert len(telegram.log.of("messages.getHistory")) <= asked + 4
    whole = await fetched(telegram, store, channel)
    assert whole.is_done
    assert await differences(telegram, store, channel) == ["post 450 is missing"]


@pytest.mark.parametrize("pause", ["0s", "0.01s"])
async def test_no_more_is_read_than_was_asked_for(telegram: Telegram, store: Store, pause: str) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=2000)
    found = await fetched(telegram, store, channel, limit=250, config={"history_pause": pause})
    assert found.is_done
    assert 250 <= found.posts <= 250 + 2 * PAGE
    until = channel.posts[1000].posted_at
    apart = await fetched(telegram, store, channel, until=until, limit=120)
    assert apart.is_done
    assert 120 <= apart.posts <= 120 + PAGE


async def test_what_lies_between_the_last_look_and_since_is_not_left_out(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=50)
    async with collecting(telegram, store, [channel]) as task:

        async def watched(tx: Any) -> bool:
            return channel.id in await tx.watch.until()

        await eventually(store, watched, task=task)
    for n in range(5):
        telegram.world.post(channel, f"while away {n}")
    since = telegram.world.clock.now()
    assert (await fetched(telegram, store, channel, since=since)).is_done
    assert await differences(telegram, store, channel) == []


async def test_a_stretch_that_ends_before_it_begins_is_refused(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5)
    now = WallClock().now()
    with pytest.raises(DeadairError, match="nothing lies between"):
        await fetched(telegram, store, channel, since=now, until=now - timedelta(days=1))


async def test_a_history_that_was_killed_in_the_middle_is_gone_on_with_page_by_page(
    telegram: Telegram, tmp_path: Path
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=4000, every=timedelta(minutes=1))
    url = f"sqlite:///{tmp_path / 'deadair.db'}"
    process = CollectorProcess(telegram, tmp_path, url, [channel], history_pause="0.02s")
    async with open_store(StorageConfig(url=url)) as store:

        def read_down_to(number: int) -> Any:
            async def true(tx: Any) -> Any:
                cursor = await tx.posts.cursor(channel.id)
                return cursor if cursor and cursor.oldest_id and cursor.oldest_id <= number else None

            return true

        for number in (3200, 1800):
            process.start()
            await eventually(store, read_down_to(number), within=60)
            process.kill()
            async with store.read() as tx:
                oldest = (await tx.posts.cursor(channel.id)).oldest_id
            # Nothing above the place where it goes on is asked for again.
            telegram.log.clear()
        process.start()
        await eventually(store, read_down_to(1), within=60)
        assert max(asked_below(telegram, 4000)) <= oldest
        process.stop()
        assert await differences(telegram, store, channel) == []


async def test_what_was_read_before_telegram_refused_is_stored_and_not_asked_for_again(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5000)
    calls = count(1)

    def every_eighth(request: Any) -> bool:
        return bool(request.offset_id) and next(calls) % 8 == 0

    refused = telegram.faults.flood("messages.getHistory", 1, times=None, when=every_eighth)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), within=30, task=task)
    assert await differences(telegram, store, channel) == []
    asked = asked_below(telegram, 4900)
    assert refused.done > 3
    assert len(asked) - len(set(asked)) <= refused.done


async def test_of_many_histories_one_is_read_at_a_time(telegram: Telegram, store: Store) -> None:
    """What is read ahead waits in memory, so that is done for a few only."""
    channels = [telegram.channel(f"News {n}", f"news_{n}", posts=2050) for n in range(5)]
    async with collecting(telegram, store, channels) as task:
        for channel in channels:
            await eventually(store, read_to_the_end(channel), within=60, task=task)
    asked = [e.request.peer.channel_id for e in telegram.log.of("messages.getHistory") if e.request.offset_id]
    bursts = [len(list(same)) for _, same in groupby(asked)][:4]
    assert all(n % 20 == 0 for n in bursts), bursts


async def test_live_posts_do_not_wait_for_years_of_history(telegram: Telegram, store: Store) -> None:
    """Of a small budget the history leaves a third to what is urgent."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=20_000, every=timedelta(minutes=1))
    polled = telegram.channel("Heron News", "heron_news", posts=10, joined=False)
    budget = ("messages.getHistory 15/1s",)
    async with collecting(
        telegram, store, [channel, polled], call_budgets=budget, reconcile_every="0.5s"
    ) as task:

        async def reading(tx: Any) -> bool:
            return await tx.posts.count(channel.id) > 300

        await eventually(store, reading, task=task)
        for n in range(5):
            telegram.world.post(polled, f"asked for {n}")
            telegram.world.post(channel, f"pushed {n}")

            async def both(tx: Any) -> bool:
                return await is_read(tx, polled.id, polled.top_id) and await is_read(
                    tx, channel.id, channel.top_id
                )

            await eventually(store, both, task=task)
        async with store.read() as tx:
            assert not (await tx.posts.cursor(channel.id)).complete
            live = await tx.posts.newest(channel.id, 5)
        assert {p.how for p in live} == {How.LIVE}
