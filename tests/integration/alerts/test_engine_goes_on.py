"""The engine over a real archive that is late, away, or followed by another engine."""

import asyncio
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from alerts.engine import Engine
from domain.channel import Channel
from domain.clock import SetClock
from domain.finding import Kind
from domain.post import How
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.config import StorageConfig
from storage.errors import StoreError
from storage.outage import RETRY
from storage.store import Store, open_store
from tests.support.archiving import VERSION, archive, channels, walk, watched
from tests.support.beginning import DAY, READER, RULES, STOP, WEEKS, episodes, people, told
from tests.support.rhythms import HOUR, MONDAY, Story, channel


async def test_a_new_engine_at_any_step_neither_repeats_nor_loses(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = begun
    while clock.now() < STOP + DAY:
        clock.advance(1.5 * HOUR)
        await watched(store, clock.now())
        engine = Engine(store, clock, RULES)
        await engine.step()
    [episode] = await episodes(store)
    assert await told(store, episode) == [READER]


async def test_when_storing_fails_the_same_is_decided_and_stored_once_at_the_next_try(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    """Without the table of deliveries no alert can be stored, and then nothing of the episode may be kept."""
    store, engine, clock = begun

    async def rename(old: str, new: str) -> None:
        async with store.begin() as tx:
            await tx.connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")

    failed = 0
    while clock.now() < STOP + DAY:
        clock.advance(HOUR / 2)
        await watched(store, clock.now())
        broken = failed < 3
        if broken:
            await rename("deliveries", "deliveries_away")
        try:
            await engine.step()
        except (DBAPIError, StoreError):
            failed += 1
        if broken:
            await rename("deliveries_away", "deliveries")
            assert await episodes(store) == []
    assert failed == 3
    [episode] = await episodes(store)
    assert await told(store, episode) == [READER]


async def test_posts_that_nobody_has_read_yet_are_not_taken_for_silence(
    begun: tuple[Store, Engine, SetClock],
) -> None:
    """The collector goes on, the reader stands still: the watch counts only up to the first unread post."""
    store, engine, clock = begun
    unread = Story(1, seed=9, start=STOP + HOUR).posts(2 * DAY, 30).readings
    fresh = [
        Reading(channel_id=1, post_id=50_000 + r.post_id, posted_at=r.posted_at, reader_version=VERSION)
        for r in unread
    ]
    await archive(store, fresh, read=False)
    await walk(store, engine, clock, STOP + DAY)
    assert [e for e in await episodes(store) if e.kind is Kind.SILENCE] == []


async def test_history_that_comes_in_pages_from_the_newest_teaches_as_well(store: Store) -> None:
    await people(store)
    await channels(store, Channel(id=1, title="One", added_at=STOP))
    clock = SetClock(STOP)
    engine = Engine(store, clock, RULES)
    await engine.step()
    posts = Story(1).posts(WEEKS + 13 * HOUR, 30).readings
    pages = [posts[i : i + 100] for i in range(0, len(posts), 100)]
    for page in reversed(pages):
        await archive(store, page)
        clock.advance(timedelta(seconds=1))
        await engine.step()
    async with store.begin() as tx:
        await tx.watch.extend(
            WatchSpan(channel_id=1, account="a", from_at=MONDAY, to_at=STOP, how=How.BACKFILLED)
        )
    await walk(store, engine, clock, STOP + DAY, numbers=(1,))
    assert engine.panel is not None
    track = engine.panel.track(1)
    assert track is not None
    assert track.pulse.count == len(posts)
    [episode] = await episodes(store)
    assert episode.since_at == posts[-1].posted_at


async def test_the_engine_waits_while_another_process_holds_the_archive(tmp_path: Path) -> None:
    """The lock is held by a real second connection; when it lets go, the silence is told."""
    file = tmp_path / "deadair.db"
    config = StorageConfig(url=f"sqlite:///{file}", busy_timeout=0.05)
    async with open_store(config) as store:
        await people(store)
        await channels(store, channel(1))
        await archive(store, Story(1).posts(WEEKS + 13 * HOUR, 30).readings)
        await watched(store, STOP)
        clock = SetClock(STOP)
        engine = Engine(store, clock, RULES)
        await engine.step()
        await watched(store, clock.advance(DAY))
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        running = asyncio.create_task(engine.run())
        await until(lambda: clock.now() > STOP + DAY + 2 * RETRY)
        assert await episodes(store) == []
        assert not running.done()
        other.execute("ROLLBACK")
        other.close()
        async with asyncio.timeout(20):
            while not await episodes(store):  # noqa: ASYNC110 - what it waits for is in the archive
                await asyncio.sleep(0.01)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        [episode] = [e for e in await episodes(store) if e.kind is Kind.SILENCE]
        assert await told(store, episode) == [READER]


async def until(true: Callable[[], bool]) -> None:
    """Wait for something that another task brings about; at most so many real seconds."""
    async with asyncio.timeout(20):
        while not true():  # noqa: ASYNC110 - the clock that it watches sets no event
            await asyncio.sleep(0.005)
