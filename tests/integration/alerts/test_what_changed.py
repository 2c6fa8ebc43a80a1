"""The engine is told what is other than it was told, by whoever that was written."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alerts.config import AlertsConfig
from alerts.engine import Engine
from alerts.hours import hours
from domain.clock import SetClock
from domain.post import How
from domain.watch import WatchSpan
from storage.store import Store
from tests.support.archiving import archive, channels, watched
from tests.support.rhythms import HOUR, MONDAY, Story, channel

DAY = timedelta(days=1)
STOP = MONDAY + 3 * DAY


@pytest.fixture
async def half_seen(store: Store) -> tuple[Store, Engine, SetClock]:
    """Two channels, the second of which was out of sight for half an hour an hour ago."""
    await channels(store, channel(1), channel(2))
    both = [*Story(1).posts(3 * DAY, 30).readings, *Story(2).posts(3 * DAY, 30).readings]
    await archive(store, sorted(both, key=lambda r: r.posted_at))
    await watched(store, STOP)
    await watched(store, STOP - 1.5 * HOUR, numbers=[2])
    await watched(store, STOP, since=STOP - HOUR, numbers=[2])
    clock = SetClock(STOP)
    engine = Engine(store, clock, AlertsConfig())
    await engine.step()
    return store, engine, clock


def is_whole(engine: Engine, number: int, until: int = 0) -> bool:
    """Does the engine think that it was watched from the first day until so many minutes after `STOP`?"""
    assert engine.panel is not None
    track = engine.panel.track(number)
    assert track is not None
    return track.cover.whole(hours(MONDAY), hours(STOP + timedelta(minutes=until)))


async def test_a_span_that_grows_and_a_hole_that_is_filled_are_taken_in(
    half_seen: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = half_seen
    assert is_whole(engine, 1)
    assert not is_whole(engine, 1, 1)
    assert not is_whole(engine, 2)
    for minutes in (1, 2, 3):  # the one, while nothing is written of the other
        clock.advance(timedelta(minutes=1))
        await watched(store, clock.now())
        await engine.step()
        assert is_whole(engine, 1, minutes)
        assert not is_whole(engine, 2)
    async with store.begin() as tx:
        hole = WatchSpan(
            channel_id=2,
            account="a",
            from_at=STOP - 1.5 * HOUR,
            to_at=STOP - HOUR,
            how=How.BACKFILLED,
        )
        await tx.watch.extend(hole)
    await engine.step()
    assert is_whole(engine, 2)


async def test_a_change_of_a_channel_is_taken_in_and_a_new_one_with_its_watch(
    half_seen: tuple[Store, Engine, SetClock],
) -> None:
    store, engine, clock = half_seen
    await engine.step()
    async with store.begin() as tx:
        await tx.channels.save(replace(channel(1), title="Renamed"), STOP)
    # Watched before it is known: its span stays what it was, and counts once there is a channel.
    await watched(store, STOP, since=MONDAY, numbers=[3])
    clock.advance(timedelta(seconds=1))
    await engine.step()
    assert engine.panel is not None
    assert {each.title for each in engine.panel.channels} == {"Renamed", "Channel 2"}
    await channels(store, channel(3))
    await engine.step()
    assert is_whole(engine, 3)
