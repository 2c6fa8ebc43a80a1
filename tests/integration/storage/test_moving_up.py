"""An archive of the first release, with all sorts in it, moved up and down again: nothing of it is lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, MetaData, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.claim import ArchivedClaim, Claim, ClaimKind
from domain.episode import Alert, Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.post import How, Post
from domain.reading import Reading
from domain.series import SeriesKey
from domain.subscription import Subscription
from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine, sqlite_engine
from storage.migrate import migrate
from storage.store import Store, open_store
from storage.words import SHADOWS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
async def engine(store_url: str) -> AsyncIterator[AsyncEngine]:
    config, url = StorageConfig(url=store_url), parse_url(store_url)
    lite = url.drivername.startswith("sqlite")
    made = sqlite_engine(url, config, writes=True) if lite else postgres_engine(url, config)
    yield made
    await made.dispose()


def reading(n: int, version: int = 2) -> Reading:
    return Reading(
        channel_id=7, post_id=n, posted_at=NOON + n * HOUR, reader_version=version, topics=("attacks",)
    )


def an_episode(subject: Subject) -> Episode:
    return Episode(
        id=0,
        kind=Kind.SILENCE,
        subject=subject,
        state=State.OPEN,
        since_at=NOON,
        found_at=NOON + HOUR,
        opened_at=NOON + 2 * HOUR,
        verdict=Verdict(
            ruling=Ruling.CONFIRMED, cause=Cause.UNEXPLAINED, evidence=("it was always on time",)
        ),
        members=(7,),
    )


async def fill(store: Store) -> None:
    """What a year with the first release leaves behind."""
    async with store.begin() as tx:
        posts = [
            Post(
                channel_id=7,
                id=n,
                posted_at=NOON + n * HOUR,
                seen_at=NOON + n * HOUR,
                how=How.LIVE,
                text="word",
            )
            for n in range(1, 4)
        ]
        await tx.posts.put(posts)
        await tx.posts.put([replace(posts[0], text="another", edited_at=NOON + 9 * HOUR)])
        await tx.posts.missed(7, [2], NOON + 9 * HOUR)
        for version in (1, 2):
            await tx.readings.put([reading(n, version) for n in (1, 2, 3)])
            await tx.tallies.add([reading(n, version) for n in (1, 2, 3)])
            await tx.marks.set(f"reader.{version}", {"seq": 3}, NOON + version * HOUR)
        await tx.marks.set("reader.versions", {"fingerprints": ["a", "b", "c"]}, NOON + 9 * HOUR)
        episode = await tx.episodes.save(an_episode(Subject(channel_id=7, topic="attacks")))
        await tx.episodes.record(Transition(move=Move.OPENED, at=NOON, episode=episode))
        await tx.outbox.add(Alert(id=0, at=NOON, move=Move.OPENED, episode=episode), {"chart": []}, [4])
        await tx.subscriptions.subscribe(Subscription(chat_id=4, topic="attacks", made_at=NOON))


async def rows(engine: AsyncEngine) -> dict[str, list[Any]]:
    """All that is in the archive, as the database gives it."""

    def read(connection: Connection) -> dict[str, list[Any]]:
        found = MetaData()
        found.reflect(connection, only=lambda name, _: name not in {"words", *SHADOWS})
        return {
            name: sorted((dict(row) for row in connection.execute(select(table)).mappings()), key=str)
            for name, table in found.tables.items()
            if name != "alembic_version"
        }

    async with engine.connect() as connection:
        return await connection.run_sync(read)


async def forget_claimants(engine: AsyncEngine) -> None:
    """The copies of episodes in alerts as the first release wrote them."""

    def forget(connection: Connection) -> None:
        found = MetaData()
        found.reflect(connection, only=["alerts"])
        alerts = found.tables["alerts"]
        for row in connection.execute(select(alerts)).mappings().all():
            document = {key: value for key, value in row["episode"].items() if key != "claimant"}
            assert document != row["episode"]
            connection.execute(update(alerts).where(alerts.c.id == row["id"]).values(episode=document))

    async with engine.begin() as connection:
        await connection.run_sync(forget)


async def test_an_archive_of_the_first_release_keeps_all_on_its_way_up_and_down(
    store_url: str, engine: AsyncEngine
) -> None:
    config = StorageConfig(url=store_url)
    async with open_store(config) as store:
        await fill(store)
    await migrate(config, "0001")
    old = await rows(engine)
    assert [len(old[name]) for name in ("posts", "readings", "tallies", "alerts")] == [3, 6, 12, 1]
    await migrate(config)
    new = await rows(engine)
    for name, before in old.items():
        if name != "marks":
            assert [{k: v for k, v in row.items() if k in before[0]} for row in new[name]] == before, name
    await migrate(config, "0001")
    assert await rows(engine) == old


async def test_what_counted_in_the_first_release_counts_until_another_version_is_ready(
    store_url: str, engine: AsyncEngine
) -> None:
    config = StorageConfig(url=store_url)
    async with open_store(config) as store:
        await fill(store)
    await migrate(config, "0001")
    await forget_claimants(engine)
    await migrate(config)
    async with open_store(config, create=False) as store, store.read() as tx:
        assert await tx.readings.live_version() == 2
        assert [replace(r, seq=0) for r in await tx.readings.after(3, 9)] == [reading(n) for n in (1, 2, 3)]
        for series in (SeriesKey(7), SeriesKey(7, "attacks")):
            hours = await tx.tallies.hours(series, 2, NOON, NOON + 9 * HOUR)
            assert hours == {NOON + n * HOUR: 1 for n in (1, 2, 3)}
        assert await tx.tallies.hours(SeriesKey(7, claimant="kh"), 2, NOON, NOON + 9 * HOUR) == {}
        alert, _ = await tx.outbox.alert(1)
        assert alert.episode.subject == Subject(channel_id=7, topic="attacks")


async def test_a_new_archive_has_no_live_version_before_anything_is_read(store_url: str) -> None:
    config = StorageConfig(url=store_url)
    await migrate(config, "0001")
    await migrate(config)
    async with open_store(config, create=False) as store, store.read() as tx:
        assert await tx.readings.live_version() is None


async def test_on_the_way_down_a_claimants_silence_does_not_become_that_of_its_channel(
    store_url: str, engine: AsyncEngine
) -> None:
    config = StorageConfig(url=store_url)
    async with open_store(config) as store, store.begin() as tx:
        for n in range(2):
            await tx.episodes.save(an_episode(Subject(channel_id=7 + n, claimant="kh")))
        await tx.subscriptions.subscribe(Subscription(chat_id=4, channel_id=7, claimant="kh", made_at=NOON))
        await tx.tallies.add([replace(reading(1), claimants=("kh",))])
        claim = Claim(kind=ClaimKind.RESPONSIBILITY, claimant="kh")
        await tx.claims.put(
            [
                ArchivedClaim(
                    channel_id=7,
                    post_id=1,
                    number=1,
                    reader_version=2,
                    posted_at=NOON,
                    from_at=NOON,
                    claim=claim,
                )
            ]
        )
    await migrate(config, "0001")
    old = await rows(engine)
    assert [(e["channel_id"], e["topic"]) for e in old["episodes"]] == [(7, "kh"), (8, "kh")]
    assert [s["topic"] for s in old["subscriptions"]] == ["kh"]
    assert sorted(t["topic"] for t in old["tallies"]) == ["", "attacks"]
    assert "claims" not in old


async def test_two_versions_of_tallies_that_differ_only_by_claimant_live_side_by_side(store: Store) -> None:
    async with store.begin() as tx:
        one = replace(reading(1), topics=("kh",), claimants=("kh", "iri"))
        await tx.tallies.add([one, replace(one, counts=False)])
        await tx.tallies.add([one], known=True)
    async with store.read() as tx:
        found = {
            series: sum((await tx.tallies.hours(series, 2, NOON, NOON + 9 * HOUR)).values())
            for series in (SeriesKey(7), SeriesKey(7, "kh"), SeriesKey(7, claimant="kh"), SeriesKey(7, "iri"))
        }
    assert list(found.values()) == [1, 2, 2, 0]
