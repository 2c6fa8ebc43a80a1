"""Counts say how much of the time they speak of: unknown is not zero."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from archive.count import By, Counts, count, offsets_of
from archive.coverage import coverage
from archive.indexer import Indexer
from archive.query import Query
from deadair.commands.count import number
from domain.clock import WallClock
from domain.instant import FIRST
from domain.post import How
from domain.watch import Gap, GapCause, Missing, WatchSpan
from storage.store import Store
from tests.support.searching import CHANNELS, DAY, FALCON, HOUR, NOON, fill, post, put

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


@pytest.mark.parametrize("name", ["America/New_York", "Europe/London", "Africa/Casablanca", "Asia/Tehran"])
async def test_days_of_all_the_years_of_telegram_are_those_of_the_asker(store: Store, name: str) -> None:
    """Clocks of such zones have been put forward and back some thirty times since."""
    zone, at = ZoneInfo(name), [FIRST + n * (173 * DAY + 7 * HOUR) for n in range(27)]
    await put(store, *(post(n, f"word {n}", at=each) for n, each in enumerate(at, 1)))
    days = await counted(store, By.DAY, zone, at[-1] + DAY, since=FIRST)
    expected = {each.astimezone(zone).date().isoformat(): 1 for each in at}
    assert {r.key: r.n for r in days.rows if r.n} == expected


@pytest.mark.parametrize("year", [2027, 2200, 9999])
async def test_of_time_that_is_to_come_there_is_nothing_to_count(store: Store, year: int) -> None:
    await fill(store)
    for by in By:
        found = await counted(
            store, by, ZoneInfo("Asia/Baghdad"), since=datetime(year, 12, 31, 20, tzinfo=UTC)
        )
        assert (found.total, found.watched) == (0, 0)
        assert all(row.observed is None for row in found.rows)


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


@pytest.mark.parametrize("by", [By.TOPIC, By.CLAIMANT])
async def test_a_topic_or_claimant_is_observed_only_where_all_of_the_time_was_watched(
    store: Store, by: By
) -> None:
    await fill(store)
    watched = await counted(store, by, since=NOON, until=NOON + HOUR)
    assert watched.watched == 1
    assert [(r.key, r.n) for r in watched.rows] == [(r.key, r.observed) for r in watched.rows]
    partly = await counted(store, by, since=NOON, until=NOON + 2 * DAY)
    assert 0 < partly.watched < 1
    assert [(r.key, r.n) for r in partly.rows] == [(r.key, r.n) for r in watched.rows]
    assert {r.observed for r in partly.rows} == {None}
    assert {number(r) for r in partly.rows} <= {"3+", "1+"}


async def test_each_post_counts_once_however_often_it_was_edited(store: Store) -> None:
    await fill(store)
    assert (await counted(store, By.DAY, text="wording")).total == 1


async def test_a_count_of_edits_is_observed_only_where_they_came_as_they_were_made(store: Store) -> None:
    await put(store, post(1, "as it was"), post(2, "untouched"))
    hour = {"channels": ("falcon_news",), "since": NOON, "until": NOON + HOUR}

    async def said(**query: object) -> tuple[int, int | None, float | None]:
        found = await counted(store, By.DAY, now=NOON + DAY, **hour, **query)
        return found.rows[0].n, found.rows[0].observed, found.edits_watched

    async with store.begin() as tx:
        await tx.posts.put([replace(post(1, "as it became"), edited_at=NOON + HOUR, seen_at=NOON + HOUR)])
        await tx.watch.extend(span("home", 0, 6, How.LIVE))
        # A witness looks beside, and was the last to.
        await tx.watch.extend(span("witness", 0, 6.5, How.POLLED))
    await Indexer(store, WallClock()).catch_up()
    assert await said(edited=True) == (1, 1, 1.0)
    assert await said(edited=False) == (1, 1, 1.0)
    assert await said(deleted=True) == (0, 0, 1.0)
    assert await said() == (2, 2, None)  # of posts nothing is missing, whatever becomes of them
    async with store.begin() as tx:
        # Posts were not pushed, so perhaps edits of that hour's posts were not either, later though it was.
        gap = Gap(
            channel_id=FALCON,
            account="home",
            from_at=NOON + 3 * HOUR,
            to_at=NOON + 4.5 * HOUR,
            cause=GapCause.UNKNOWN,
            missing=Missing.EDITS,
        )
        await tx.watch.add_gap(gap)
    assert await said(edited=True) == (1, None, 0.75)
    assert await said(edited=False) == (1, None, 0.75)
    assert await said(deleted=True) == (0, None, 0.75)
    assert await said() == (2, 2, None)
    # The home has been away since: whoever stands in is told of posts when it asks, and of edits never.
    async with store.begin() as tx:
        await tx.watch.extend(span("witness", 6.5, 12, How.POLLED))
    assert await said(edited=True) == (1, None, pytest.approx(4.5 / 12))
    async with store.read() as tx:
        covered = await coverage(tx, CHANNELS[0], NOON, NOON + 12 * HOUR)
    assert (covered.share, covered.edits_share) == (1.0, pytest.approx(4.5 / 12))


def span(account: str, start: float, end: float, how: How) -> WatchSpan:
    at = (NOON + start * HOUR, NOON + end * HOUR)
    return WatchSpan(channel_id=FALCON, account=account, from_at=at[0], to_at=at[1], how=how)
