"""Counts say how much of the time they speak of: unknown is not zero."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from archive.count import By, Counts, count, offsets_of
from archive.coverage import coverage
from archive.query import Query
from domain.instant import FIRST
from storage.store import Store
from tests.support.searching import CHANNELS, DAY, HOUR, NOON, fill, post, put

UTC = ZoneInfo("UTC")


async def counted(
    store: Store, by: By, zone: ZoneInfo = UTC, now: datetime = NOON + 2 * DAY, **query: object
) -> Counts:
    async with store.read() as tx:
        return await count(tx, Query(**query), by, zone=zone, now=now)  # type: ignore[arg-type]


async def test_a_day_is_observed_only_where_all_of_it_was_watched(store: Store) -> None:
    await fill(store)
    days = await counted(store, By.DAY, channels=("falcon_news",), since=NOON, until=NOON + 2 * DAY)
    assert [(r.key, r.n, r.observed) for r in days.rows] == [
        ("2026-03-01", 3, 3),
        ("2026-03-02", 0, None),
        ("2026-03-03", 0, None),
    ]
    assert [r.watched for r in days.rows] == [1.0, 0.5, 0.0]
    assert days.total == 3
    assert days.watched == pytest.approx(0.5)
    nothing = await counted(store, By.DAY, text="drone", channels=("9",), since=NOON, until=NOON + HOUR)
    assert [(r.n, r.observed) for r in nothing.rows] == [(0, 0)]


async def test_days_are_those_of_the_asker(store: Store) -> None:
    """23:30 in Tehran is 20:00 in UTC; New York puts its clocks forward on 8 March 2026."""
    new_york = ZoneInfo("America/New_York")
    at = [
        datetime(2026, 3, 1, 20, 29, tzinfo=UTC),
        datetime(2026, 3, 1, 20, 31, tzinfo=UTC),
        datetime(2026, 3, 8, 4, 59, tzinfo=UTC),
        datetime(2026, 3, 8, 5, 1, tzinfo=UTC),
        datetime(2026, 3, 9, 3, 59, tzinfo=UTC),
        datetime(2026, 3, 9, 4, 1, tzinfo=UTC),
    ]
    await put(store, *(post(n, f"word {n}", at=each) for n, each in enumerate(at, 1)))
    now = datetime(2026, 3, 10, tzinfo=UTC)
    for zone in (ZoneInfo("Asia/Tehran"), new_york, UTC):
        days = await counted(store, By.DAY, zone, now)
        expected: dict[str, int] = {}
        for each in at:
            key = each.astimezone(zone).date().isoformat()
            expected[key] = expected.get(key, 0) + 1
        assert {r.key: r.n for r in days.rows if r.n} == expected
    changes = offsets_of(new_york, at[0], now)
    assert [ahead for _, ahead in changes] == [-5 * 3600, -4 * 3600]
    assert datetime.fromtimestamp(changes[1][0], UTC) == datetime(2026, 3, 8, 7, tzinfo=UTC)


async def test_time_before_there_was_telegram_is_not_counted_as_missed(store: Store) -> None:
    await fill(store)
    ever = [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
    by_day = await counted(store, By.DAY, since=ever[0], until=ever[1])
    assert (by_day.since, by_day.until) == (FIRST, NOON + 2 * DAY)
    assert by_day.rows[0].key == "2013-08-14"
    assert by_day.total == (await counted(store, By.DAY)).total
    async with store.read() as tx:
        covered = await coverage(tx, CHANNELS[0], ever[0], NOON + 2 * DAY)
    assert covered.start == FIRST


async def test_counts_by_channel_topic_and_claimant(store: Store) -> None:
    await fill(store)
    channels = await counted(store, By.CHANNEL, until=NOON + HOUR)
    assert [(r.key, r.n, r.observed) for r in channels.rows] == [
        ("@falcon_news", 3, 3),
        ("@heron", 2, 2),
        (CHANNELS[2].title, 1, 1),
    ]
    later = {
        r.key: r
        for r in (await counted(store, By.CHANNEL, since=NOON + 2 * HOUR, until=NOON + 3 * HOUR)).rows
    }
    assert (later[CHANNELS[2].title].observed, later[CHANNELS[2].title].watched) == (None, 0.0)
    topics = await counted(store, By.TOPIC)
    assert [(r.key, r.n) for r in topics.rows] == [("drones", 3), ("attacks", 1)]
    assert topics.total == 6
    claimants = await counted(store, By.CLAIMANT)
    assert [(r.key, r.n, r.watched) for r in claimants.rows] == [("kh", 1, None)]


async def test_each_post_counts_once_however_often_it_was_edited(store: Store) -> None:
    await fill(store)
    assert (await counted(store, By.DAY, text="wording")).total == 1
