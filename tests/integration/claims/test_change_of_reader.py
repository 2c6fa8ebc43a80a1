"""From one reader version to the next: everything is read first, what differs is told, then it counts."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from claims import change
from claims.change import difference, difference_mark
from claims.lexicon.load import load
from claims.topics import WordTopics
from claims.version import Reads, settle_version
from domain.series import SeriesKey
from storage.reader_versions import Left
from storage.store import Store
from tests.support.reading import (
    DRONES,
    FOOTBALL,
    HARIR,
    NOON,
    TANKER,
    a_post,
    a_reader,
    archive_of,
    claims_of,
    incidents_of,
    readings_of,
    reads,
    store_posts,
)

OWN = '[[actor]]\nid = "river_hawks"\nside = "axis"\nar = ["صقور الرافد"]\n'
HAWKS = "صقور الرافد تعلن استهداف قاعدة حرير بطائرة مسيرة"


@pytest.fixture(scope="module")
def better(tmp_path_factory: pytest.TempPathFactory) -> Reads:
    """The same with a group of the operator's own."""
    path: Path = tmp_path_factory.mktemp("lexicon") / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    return Reads(lexicon=load([path]), topics=WordTopics({"sport": ["مباراة"]}))


async def live(store: Store) -> int | None:
    async with store.read() as tx:
        return await tx.readings.live_version()


async def an_archive(store: Store) -> None:
    """Read under version 1."""
    await store_posts(
        store, a_post(1, HAWKS), a_post(2, DRONES), a_post(3, FOOTBALL), a_post(4, HAWKS, channel=8)
    )
    await store_posts(store, a_post(2, HARIR, edited=NOON.replace(hour=20)))
    reader = a_reader(store)
    await reader.take_over()
    await reader.catch_up()


async def test_nothing_is_live_in_an_archive_that_nobody_reads_and_the_first_reader_is_at_once(
    store: Store,
) -> None:
    assert await live(store) is None
    await store_posts(store, a_post(1, DRONES))
    reader = a_reader(store)
    await reader.take_over()
    assert await live(store) == 1
    assert await reader.unread() == 1


async def test_a_new_version_counts_only_when_it_has_read_all_and_its_difference_is_told(
    store: Store, better: Reads
) -> None:
    await an_archive(store)
    assert [await settle_version(store, each, NOON) for each in (reads(), better)] == [1, 2]
    before = await archive_of(store, 1)
    beginning = a_reader(store, version=2, batch=2, read=better)
    assert await beginning.begin() == 1
    assert await beginning.read_batch() == 2
    assert await live(store) == 1
    # Broken off, and begun again by another process.
    with capture_logs() as logs:
        await a_reader(store, version=2, batch=2, read=better).take_over()
    assert await live(store) == 2
    told = [log["event"] for log in logs]
    assert told[0] == "reader: the archive is read again"
    assert told.index("reader: the new version finds otherwise") < told.index("reader: a new version is live")
    found = [(x["kind"], x["claimant"], x["before"], x["after"]) for x in logs if "before" in x]
    assert ("responsibility", "river_hawks", 0, 2) in found
    assert all(claimant != "kh" for _, claimant, _, _ in found)
    async with store.read() as tx:
        kept = await tx.marks.get(difference_mark(1, 2))
    assert kept["posts"] == 4
    assert ["responsibility", "kh", 1, 1] in kept["counts"]
    assert ["responsibility", "river_hawks", 0, 2] in kept["counts"]
    assert await archive_of(store, 1) == before
    assert {claimant for r in await readings_of(store, 2) for claimant in r.claimants} == {
        "kh",
        "river_hawks",
    }


async def test_the_difference_is_of_the_posts_that_both_have_read_as_first_seen(
    store: Store, better: Reads
) -> None:
    await an_archive(store)
    await store_posts(store, a_post(9, HAWKS), a_post(10, TANKER))
    await a_reader(store, version=2, read=better).catch_up()
    found = await difference(store, 1, 2)
    assert (found.before, found.after, found.posts) == (1, 2, 4)
    assert {(s.kind.value, s.claimant): s.after for s in found.shifts if s.after} == {
        ("responsibility", "river_hawks"): 2,
        ("responsibility", "kh"): 1,
    }
    assert all(s.claimant != "kh" for s in found.changed)
    assert await live(store) == 1


async def test_no_series_mixes_two_versions(store: Store, better: Reads) -> None:
    await an_archive(store)
    reader = a_reader(store, version=2, read=better)
    await reader.take_over()
    await store_posts(store, a_post(20, HAWKS))
    await reader.catch_up()
    hour = NOON
    async with store.read() as tx:
        for version, hawks, all_ in ((1, {}, 3), (2, {hour: 2}, 4)):
            series = SeriesKey(7, claimant="river_hawks")
            assert await tx.tallies.hours(series, version, NOON, NOON.replace(hour=13)) == hawks
            everything = await tx.tallies.hours(SeriesKey(7), version, NOON, NOON.replace(hour=13))
            assert everything == {hour: all_}
    for version in (1, 2):
        numbers = {c.incident_id for c in await claims_of(store, version)}
        assert {i.reader_version for i in await incidents_of(store, version)} == {version}
        assert all(i.id in numbers for i in await incidents_of(store, version))


async def test_versions_before_the_former_are_dropped_in_parts_and_nothing_else(
    store: Store, better: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(change, "_PART", 2)
    await an_archive(store)
    for version in (2, 3):
        await a_reader(store, version=version, read=better).take_over()
    assert await live(store) == 3
    assert (await readings_of(store, 1), await claims_of(store, 1)) == ([], [])
    async with store.read() as tx:
        assert await tx.tallies.hours(SeriesKey(7), 1, NOON, NOON.replace(hour=13)) == {}
        assert await tx.readings.obsolete_versions() == []
        assert await tx.posts.count() == 4
    assert await archive_of(store, 2) == await archive_of(store, 3)
    assert len(await claims_of(store, 3)) > 3


async def test_a_version_that_was_being_dropped_is_read_from_the_start_when_it_comes_back(
    store: Store, better: Reads
) -> None:
    await an_archive(store)
    whole = await archive_of(store, 1)
    await a_reader(store, version=2, read=better).take_over()
    async with store.begin() as tx:
        await tx.readings.go_live(3, NOON)
        assert await tx.readings.obsolete_versions() == [1]
        assert await tx.readings.drop(1, Left(), 1, NOON) is not None
        assert await tx.readings.drop(2, Left(), 1, NOON) is None  # it is kept, for a way back
    assert len(await readings_of(store, 1)) == 3
    assert len(await readings_of(store, 2)) == 4
    await a_reader(store, version=1).take_over()
    assert await live(store) == 1
    assert await archive_of(store, 1) == whole
