"""The reader's day beside what is normal, wherever the reader's clocks stand."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bot.desk import JudgedBy
from bot.profile import read_profile, whole_hours
from domain.channel import Channel
from domain.post import How, Post
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.store import Store

HOUR = timedelta(hours=1)
NOW = datetime(2031, 3, 14, 12, 0, tzinfo=UTC)
CHANNEL = Channel(id=1001, title="Falcon Front", handle="falcon_front")


async def watched_for_weeks(store: Store) -> None:
    """A post an hour."""
    start = NOW - timedelta(days=40)
    instants = [start + n * HOUR + HOUR / 4 for n in range(40 * 24)]
    posts = [
        Post(channel_id=1001, id=n, posted_at=at, seen_at=at, how=How.LIVE, text="A statement.")
        for n, at in enumerate(instants, 1)
    ]
    readings = [
        Reading(channel_id=1001, post_id=p.id, posted_at=p.posted_at, reader_version=1, language="en")
        for p in posts
    ]
    async with store.begin() as tx:
        await tx.channels.save(CHANNEL, NOW)
        await tx.posts.put(posts)
        await tx.watch.extend(WatchSpan(channel_id=1001, account="a", from_at=start, to_at=NOW, how=How.LIVE))
        await tx.readings.put(readings)
        await tx.tallies.add(readings)
        await tx.readings.go_live(1, NOW)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Baghdad", "Asia/Tehran", "Asia/Kabul", "Asia/Kathmandu"])
async def test_the_hours_of_the_day_show_the_posts_there_were_in_every_zone(store: Store, zone: str) -> None:
    await watched_for_weeks(store)
    profile = await read_profile(store, CHANNEL, JudgedBy(), ZoneInfo(zone), NOW)
    past = [p.observed for p in profile.day if p.start + HOUR <= NOW]
    assert len(past) >= 12
    assert set(past) == {1}
    assert {p.observed for p in profile.day if p.start + HOUR > NOW} == {None}


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Beirut", datetime(2031, 3, 29), 24),  # noqa: DTZ001 - a day of the zone's clocks
        ("Asia/Beirut", datetime(2031, 3, 30), 23),  # noqa: DTZ001
        ("Europe/Berlin", datetime(2031, 3, 30), 23),  # noqa: DTZ001
        ("Europe/Berlin", datetime(2031, 10, 26), 25),  # noqa: DTZ001
    ],
)
def test_a_day_on_which_the_clocks_are_moved_has_each_of_its_hours_once(
    zone: str, day: datetime, hours: int
) -> None:
    midnight, next_one = (d.replace(tzinfo=ZoneInfo(zone)) for d in (day, day + timedelta(days=1)))
    starts = whole_hours(midnight, next_one)
    assert len(starts) == hours
    assert [b - a for a, b in pairwise(starts)] == [HOUR] * (hours - 1)
    assert starts[0] == midnight.astimezone(UTC)
    assert starts[-1] + HOUR == next_one.astimezone(UTC)
