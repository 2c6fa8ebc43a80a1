"""The archive from a notebook: the rows of an export, and nothing observed where nobody watched."""

from datetime import timedelta

import pytest

from archive.client import Archive
from archive.errors import FilterError, QueryError
from domain.episode import State, Subject
from domain.finding import Kind
from storage.config import StorageConfig
from storage.errors import StoreError
from storage.store import open_store
from tests.support.alerting import an_episode
from tests.support.searching import DAY, FALCON, HOUR, KITE, NOON, fill


async def test_a_notebook_gets_posts_claims_activity_and_counts(store_url: str) -> None:
    async with open_store(StorageConfig(url=store_url)) as store:
        await fill(store)
    archive = Archive(store_url, frames=False)
    assert archive.unsearchable() == 0
    assert [row["post_id"] for row in archive.posts("drone OR پهپاد")] == [3, 4]
    assert [row["post_id"] for row in archive.posts(channels="@heron", since="2026-03-01T12:05")] == [5]
    assert [row["claimant"] for row in archive.claims(claimants=["kh"])] == ["kh"]
    assert [row["version"] for row in archive.versions("wording")] == [0, 1]
    hours = archive.activity(channels=["9"], since=NOON, until=NOON + 3 * HOUR)
    assert [(row["channel_id"], row["observed"], row["held"]) for row in hours] == [
        (KITE, 1, 1),
        (KITE, None, 0),
        (KITE, None, 0),
    ]
    counts = archive.counts(by="topic")
    assert [(row["topic"], row["found"]) for row in counts] == [("drones", 3), ("attacks", 1)]
    assert [row["cause"] for row in archive.gaps()] == ["link"]
    (hit,) = archive.search("harir") or archive.search("حرير")
    assert hit.post.id == 1


async def test_a_plot_of_long_ago_marks_the_episodes_of_that_time(store_url: str) -> None:
    """However many there have been since."""
    async with open_store(StorageConfig(url=store_url)) as store:
        await fill(store)
        async with store.begin() as tx:
            await tx.readings.go_live(1, NOON)
            for n in range(202):
                since = NOON if n == 0 else NOON + (3 + n) * DAY
                await tx.episodes.save(
                    an_episode(
                        id=0, subject=Subject(channel_id=FALCON), since_at=since, closed_at=since + HOUR,
                        found_at=since, opened_at=since, state=State.CLOSED, kind=Kind.SURGE,
                    )
                )  # fmt: skip
    archive = Archive(store_url, frames=False)
    drawn = archive.plot_activity("@falcon_news", since=NOON - DAY, until=NOON + DAY)
    assert drawn.svg.count('class="mark surge"') == 1


async def test_a_day_is_taken_as_notebooks_have_them(store_url: str) -> None:
    """The weeks of claims_by_week are days, and so are those that people count with."""
    async with open_store(StorageConfig(url=store_url)) as store:
        await fill(store)
    archive = Archive(store_url, frames=False, zone="Asia/Baghdad")
    day = NOON.date()
    by_day = archive.posts(since=day, until=day + timedelta(days=1))
    assert by_day == archive.posts(since=day.isoformat(), until=(day + timedelta(days=1)).isoformat())
    assert by_day
    assert archive.posts(since=day + timedelta(days=1), until=day + timedelta(days=2)) == []
    with pytest.raises(FilterError, match="is no time"):
        archive.posts(since="0001-01-01")  # in UTC that is in no year
    with pytest.raises(FilterError, match="is no time"):
        archive.posts(since=7)


async def test_what_cannot_be_asked_is_said(store_url: str) -> None:
    async with open_store(StorageConfig(url=store_url)) as store:
        await fill(store)
    archive = Archive(store_url, frames=False)
    with pytest.raises(QueryError, match="never closed"):
        archive.posts("(a")
    with pytest.raises(FilterError, match="a query has no 'channel'"):
        archive.posts(channel="heron")
    with pytest.raises(FilterError, match="nothing is counted by 'week'"):
        archive.counts(by="week")
    with pytest.raises(FilterError, match="is no time"):
        archive.posts(since="yesterday")
    with pytest.raises(FilterError, match="is no time"):
        Archive(store_url, zone="Asia/Baghdad").posts(since="0001-01-01")
    with pytest.raises(FilterError, match="no time zone"):
        Archive(store_url, zone="Mars/Olympus")
    with pytest.raises(StoreError):
        Archive("mysql://x").posts()
    assert timedelta(hours=1) == HOUR
