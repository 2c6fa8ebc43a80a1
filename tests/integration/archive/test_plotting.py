"""Frames and plots of an archive of sixty days, from a notebook."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pandas
import pytest

from archive.client import Archive
from archive.errors import FilterError
from domain.errors import DeadairError
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.birds import CHANNELS, NO_DRONES, NOW

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
END = NOW.replace(minute=0)


@pytest.fixture
def archive(birds_url: str) -> Archive:
    return Archive(birds_url)


def test_frames_are_those_of_pandas_and_what_is_unknown_is_missing(archive: Archive) -> None:
    hours = archive.expected("@kite_news", until=NOW, since=NOW - 2 * DAY).set_index("start")
    assert isinstance(hours, pandas.DataFrame)
    assert {name: str(kind) for name, kind in hours.dtypes.items()} == {
        "observed": "Int64",
        "expected": "float64",
        "lower": "float64",
        "upper": "float64",
    }
    unwatched = hours.loc[hours.observed.isna()]
    assert (unwatched.index.min(), unwatched.index.max()) == (END - 18 * HOUR, END - 12 * HOUR)
    assert unwatched.expected.notna().all()  # its rhythm is known all the same
    assert (hours.lower <= hours.expected).all()
    assert (hours.expected <= hours.upper).all()
    weeks = archive.claims_by_week(channels="@falcon_front", weeks=3, until=NOW)
    assert list(weeks.loc[weeks.claimant == "kh"].observed.isna()) == [False, False, False]
    over_all = archive.claims_by_week(weeks=10, until=NOW)
    kh = over_all.loc[over_all.claimant == "kh"]
    assert kh.observed.isna().all()  # Wren was not watched before yesterday
    assert kh.held.sum() > 0
    assert kh.watched.iloc[0] == 0
    assert archive.gaps().to_at.isna().all()
    days = archive.counts(channels="@kite_news", by="day", since=NOW - 3 * DAY, until=NOW)
    assert list(days.observed.isna()) == [False, False, True, True]
    (covered,) = archive.coverage(channels="kite_news", until=NOW).itertuples()
    assert (covered.channel, round(covered.watched, 4)) == ("@kite_news", round(1 - 6 / (60 * 24), 4))


def test_a_topic_that_fell_silent_is_missed_by_its_share_of_the_posts(archive: Archive) -> None:
    hours = archive.expected("@kite_news", topic="drones", until=NOW)
    known = hours.loc[hours.observed.notna()]
    before, after = known.loc[known.start < NO_DRONES], known.loc[known.start > NO_DRONES]
    assert abs(before.observed.sum() / before.expected.sum() - 1) < 0.15
    assert after.observed.sum() == 0
    assert after.expected.sum() > 8
    # Where the channel was not watched, its posts are no clock.
    assert hours.loc[hours.observed.isna()].expected.isna().all()
    (episode,) = archive.episodes("@kite_news", kind="silence").itertuples()
    assert (episode.topic, episode.ruling) == ("drones", "confirmed")
    assert archive.episodes("@kite_news", kind="surge").empty
    # A channel that never had a topic which others have is no mistake in the asking.
    assert archive.expected("@wren_new", claimant="kh", until=NOW).expected.isna().all()


def test_without_pandas_the_same_comes_as_dictionaries(birds_url: str) -> None:
    rows = Archive(birds_url, frames=False).expected("kite_news", until=NOW, since=END - 13 * HOUR)
    assert [row["observed"] is None for row in rows][:3] == [True, True, False]
    assert isinstance(rows[0]["expected"], float)


def test_every_chart_of_the_pages_is_a_plot(archive: Archive) -> None:
    activity = archive.plot_activity("@kite_news", until=NOW).svg
    assert activity.count('class="mark silence"') == 1
    assert 'class="band"' in activity
    drones = archive.plot_activity("@kite_news", topic="drones", until=NOW).svg
    assert "drones" in drones
    assert drones != activity
    # The episode is the topic's: a claimant's chart has no mark of it.
    assert "mark silence" not in archive.plot_activity("@kite_news", claimant="kh", until=NOW).svg
    assert archive.plot_rhythm("@falcon_front", until=NOW).svg.count("<title>") == 7 * 24 + 1
    days = archive.plot_days(topics="drones", channels="@kite_news", since=NOW - 9 * DAY, until=NOW).svg
    # Both days of which six hours were not watched, and the legend.
    assert days.count('class="unknown"') == 3
    assert "Kataib Hezbollah" in archive.plot_claims(until=NOW).svg


def test_an_export_has_its_manifest_and_how_to_cite_it(archive: Archive, tmp_path: Path) -> None:
    made = archive.export(tmp_path / "out", channels="@owl_post", tables=("posts", "gaps"), format="csv")
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["gaps.csv", "manifest.json", "posts.csv"]
    assert "posts of @owl_post on Telegram" in made.citation
    assert made.identity in made.bibtex
    with pytest.raises(DeadairError, match="there is something at"):
        archive.export(tmp_path / "out")
    with pytest.raises(FilterError, match="no format 'xlsx'"):
        archive.export(tmp_path / "other", format="xlsx")


def test_what_cannot_be_plotted_is_said(archive: Archive, tmp_path: Path) -> None:
    for asked, said in (
        (lambda: archive.plot_activity("@kite_new"), "kite_new"),
        (
            lambda: archive.plot_activity("kite_news", topic="drones", claimant="kh"),
            "a topic or of a claimant",
        ),
        (lambda: archive.expected("kite_news", topic="drnes", until=NOW), "no topic 'drnes'"),
        (lambda: archive.plot_activity("kite_news", claimant="hk", until=NOW), "'hk'"),
        (lambda: archive.expected("kite_news", since=NOW, until=NOW - DAY), "no whole hour"),
        (lambda: archive.plot_rhythm("@wren_new", until=NOW), "is not known yet"),
        (lambda: archive.plot_claims(weeks=0), "there are no 0 weeks"),
        (lambda: archive.episodes(kind="quiet"), "no episodes of 'quiet'"),
        (lambda: Archive("sqlite:///x.db", language="tlh"), "do not speak 'tlh'"),
    ):
        with pytest.raises(FilterError, match=said):
            asked()
    empty = f"sqlite:///{tmp_path}/empty.db"

    async def make() -> None:
        async with open_store(StorageConfig(url=empty)) as store, store.begin() as tx:
            await tx.channels.save(CHANNELS[0], NOW)

    asyncio.run(make())
    with pytest.raises(FilterError, match="has been read yet"):
        Archive(empty).expected("@falcon_front")
    with pytest.raises(DeadairError, match="nothing to draw"):
        Archive(empty).plot_claims()
