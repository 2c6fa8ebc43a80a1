"""An archive of every schema that there was opens after `deadair migrate`, and tells what it told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import MetaData

from archive.coverage import coverage
from archive.indexer import Indexer
from archive.query import Paging, Query
from archive.search import search
from domain.clock import WallClock
from domain.episode import Move, State, Subject
from domain.finding import Cause, Kind, Ruling
from domain.post import How, Post
from domain.series import SeriesKey
from domain.subscription import DeliveryState, Subscription
from storage.config import StorageConfig
from storage.errors import SchemaMismatch
from storage.migrate import migrate
from storage.proof import Proof, channels_of, prove
from storage.schema import script
from storage.sealing import seal
from storage.store import Store, Transaction, open_store
from storage.table import Table
from storage.whole import kept_tables
from tests.support.earlier import ARCHIVES, Held, engine_of, held, lay_down, rows_of
from tests.support.stores import Copied

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
FALCON, HERON, KITE = 7, 8, 9
SCHEMAS = [each.revision for each in script().walk_revisions()][::-1]
WRITTEN = [schema for schema in SCHEMAS if (ARCHIVES / f"{schema}.jsonl").exists()]
#: What the index itself must hold is asked of archives that had one.
INDEXED = [schema for schema in SCHEMAS[:-1] if schema >= "0010"]


def test_every_schema_but_the_newest_has_an_archive_of_its_time() -> None:
    """Is one missing? tests/data/archives/README.md says how it is written."""
    assert WRITTEN[: len(SCHEMAS) - 1] == SCHEMAS[:-1]
    assert {path.stem for path in ARCHIVES.glob("*.jsonl")} <= set(SCHEMAS)


@pytest.mark.parametrize("schema", WRITTEN)
async def test_it_has_rows_in_every_table_of_its_time(schema: str, tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'a.db'}"
    await lay_down(url, schema)
    engine, found = engine_of(url), MetaData()
    async with engine.connect() as connection:
        await connection.run_sync(found.reflect, only=lambda name, _: not name.startswith("words"))
    await engine.dispose()
    kept = {name: table for name, table in found.tables.items() if name not in NOT_KEPT}
    told = held(schema)
    assert {name: set(each.columns) for name, each in told.items()} == {
        name: {column.name for column in table.columns} for name, table in kept.items()
    }
    assert [name for name, each in told.items() if not each.rows] == []


NOT_KEPT = {"alembic_version", *Table.metadata.tables} - {table.name for table in kept_tables()}


@pytest.mark.parametrize("schema", WRITTEN)
async def test_an_archive_of_each_schema_is_brought_up_and_tells_what_it_told(
    schema: str, store_url: str
) -> None:
    await lay_down(store_url, schema)
    config = StorageConfig(url=store_url)
    if schema != SCHEMAS[-1]:
        with pytest.raises(SchemaMismatch, match=f"has schema {schema}") as outdated:
            await opened_once(config)
        assert "deadair migrate" in outdated.value.hint
    await migrate(config)

    then = held(schema)
    now = await rows_of(store_url, {name: each.columns for name, each in then.items()})
    assert without_marks(now) == without_marks({name: each.rows for name, each in then.items()})
    async with open_store(config, create=False) as store:
        assert await Indexer(store, WallClock()).catch_up() == 11
        assert await finds(store) == FOUND
        async with store.read() as tx:
            assert await tx.readings.live_version() == 2
            await the_series_are_as_they_were(tx)
            await what_could_be_seen_is_known(tx)
            await episodes_and_deliveries_are_as_they_were(tx)
            await what_its_time_knew_besides(tx, then)
        await it_is_proven(store, has_chain="links" in then)
        await it_goes_on(store)


async def opened_once(config: StorageConfig) -> None:
    async with open_store(config):
        pass


def without_marks(rows: dict[str, list[list[Any]]]) -> dict[str, Any]:
    """A migration may leave a mark, and leaves those that there are."""
    kept = [row for row in rows["marks"] if row[0] not in ("reader.live", "chain.unsealed")]
    return {**rows, "marks": kept}


FOUND = {
    "مسيرة": [(FALCON, 1)],
    "پهپاد": [(HERON, 4)],
    "پهپاد OR drone": [(HERON, 4), (FALCON, 3)],
    "first": [(KITE, 6)],
    "second wording": [(KITE, 6)],
    "گزارش": [(FALCON, 5)],
    "حذف": [(HERON, 5)],
    "nothing of it": [],
}
TOPICS = [(HERON, 4), (FALCON, 3), (FALCON, 1)]
DELETED = [(HERON, 5)]


async def finds(store: Store) -> dict[str, list[tuple[int, int]]]:
    """What a search finds, newest first."""

    async def found(query: Query) -> list[tuple[int, int]]:
        page = await search(tx, query, Paging(fold_copies=False))
        return [(hit.post.channel_id, hit.post.id) for hit in page.hits]

    async with store.read() as tx:
        assert await found(Query(topics=("drones",))) == TOPICS
        assert await found(Query(deleted=True)) == DELETED
        return {words: await found(Query(text=words)) for words in FOUND}


async def the_series_are_as_they_were(tx: Transaction) -> None:
    series = {
        SeriesKey(FALCON): {NOON: 2, NOON + HOUR: 2},
        SeriesKey(FALCON, "drones"): {NOON: 1, NOON + HOUR: 1},
        SeriesKey(FALCON, "attacks"): {NOON: 1},
        SeriesKey(FALCON, claimant="kh"): {},
        SeriesKey(HERON): {NOON + HOUR: 2, NOON + 2 * HOUR: 1},
        SeriesKey(KITE): {NOON + 2 * HOUR: 1},
    }
    for key, hours in series.items():
        assert await tx.tallies.hours(key, 2, NOON - DAY, NOON + DAY) == hours, key
    assert await tx.tallies.hours(SeriesKey(FALCON, "drones"), 1, NOON - DAY, NOON + DAY) == {}
    starts = [NOON + n * HOUR for n in range(-1, 3)]
    buckets = {
        number: await tx.tallies.buckets(SeriesKey(number), 2, starts, await tx.watch.seen(number))
        for number in (FALCON, KITE)
    }
    assert [bucket.observed for bucket in buckets[FALCON]] == [0, 2, 2, 0]
    assert [bucket.observed for bucket in buckets[KITE]] == [0, 0, None, None]  # unwatched is not zero


async def what_could_be_seen_is_known(tx: Transaction) -> None:
    channels = {channel.id: channel for channel in await tx.channels.all()}
    assert (channels[HERON].name, channels[KITE].name) == ("@heron_new", "بلا اسم")
    assert [handle.name for handle in await tx.channels.handles(HERON)] == ["heron", "heron_new"]
    seen = {n: await coverage(tx, each, NOON, NOON + 4 * HOUR) for n, each in channels.items()}
    assert {n: each.share for n, each in seen.items()} == {FALCON: 1.0, HERON: 1.0, KITE: 0.25}
    assert seen[KITE].gap_hours == {"link": 3.0}
    versions = await tx.posts.revisions(KITE, 6)
    assert [version.text for version in versions] == ["second wording of it"]
    gone = {each.post_id: each.returned_at for each in await tx.posts.deletions(HERON)}
    assert gone == {5: None, 6: NOON + 4 * HOUR}


async def episodes_and_deliveries_are_as_they_were(tx: Transaction) -> None:
    open_, closed = await tx.episodes.newest()
    assert (closed.id, closed.kind, closed.state, closed.ended) == (1, Kind.SILENCE, State.CLOSED, "post 3")
    assert closed.subject == Subject(channel_id=FALCON, country=closed.subject.country)
    assert (closed.since_at, closed.closed_at) == (NOON + HOUR, NOON + 3 * HOUR)
    assert (open_.id, open_.state, open_.subject.topic) == (2, State.OPEN, "drones")
    for episode in (open_, closed):
        assert (episode.verdict.ruling, episode.verdict.cause) == (Ruling.CONFIRMED, Cause.UNEXPLAINED)
        assert [str(said) for said in episode.verdict.evidence] == EVIDENCE
        assert (episode.expected, episode.members) == (4.5, (FALCON,))
    assert [move for move, _ in await tx.episodes.moves(1)] == [Move.OPENED, Move.CLOSED]
    told = {each.chat_id: each.state for each in await tx.outbox.deliveries(1)}
    assert told == {4: DeliveryState.SENT, -1005: DeliveryState.LEASED}
    alert, payload = await tx.outbox.alert(1)
    assert (alert.episode.id, alert.episode.since_at, payload) == (1, NOON + HOUR, {"chart": [1, None]})
    assert {each.chat_id for each in await tx.subscriptions.subscribers()} == {4, -1005}


EVIDENCE = ["it was always on time", "we watched all of it"]


async def what_its_time_knew_besides(tx: Transaction, then: dict[str, Held]) -> None:
    claims = [claim.incident_id for claim in await tx.claims.of_post(FALCON, 1, 2)]
    assert claims == ([1] if "claims" in then else [])
    assert [each.by for each in await tx.opinions.of(1)] == (["Ana"] if "opinions" in then else [])
    copies = [kept.copy.data for kept in await tx.raws.of(FALCON, 1)]
    assert copies == ([b"\0TL 7 1"] if "raws" in then else [])
    _, closed = await tx.episodes.newest()
    falcon = await tx.channels.get(FALCON)
    assert falcon is not None
    country = "IQ" if "country" in then["channels"].columns else None
    assert (falcon.country, closed.subject.country) == (country, country)


async def it_is_proven(store: Store, *, has_chain: bool) -> None:
    """What is older than the chain is said to be so, until it is sealed; a chain of its time holds."""
    proofs = [await prove(store, channel_id) for channel_id in await channels_of(store)]
    assert [proof.broken for proof in proofs] == [None] * 3
    if has_chain:
        assert [(dict(proof.kinds), proof.unsealed) for proof in proofs] == [
            ({"post": 6}, 0),
            ({"post": 3, "deletion": 2, "return": 1}, 0),
            ({"post": 1, "revision": 1}, 0),
        ]
        return
    assert [(proof.links, proof.unsealed) for proof in proofs] == [(0, 6), (0, 6), (0, 2)]
    for proof in proofs:
        await seal(store, proof.channel_id, NOON + DAY)
        sealed: Proof = await prove(store, proof.channel_id)
        assert (sealed.broken, sealed.unsealed, sealed.links) == (None, 0, proof.unsealed + 1)


async def it_goes_on(store: Store) -> None:
    async with store.begin() as tx:
        await tx.posts.put(
            [
                Post(
                    channel_id=FALCON,
                    id=7,
                    text="طائرة مسيرة أخرى",
                    posted_at=NOON + 5 * HOUR,
                    seen_at=NOON + 5 * HOUR,
                    how=How.LIVE,
                )
            ]
        )
        third = await tx.subscriptions.subscribe(Subscription(chat_id=4, topic="drones", made_at=NOON))
    assert third.id == 3
    assert await Indexer(store, WallClock()).catch_up() == 1
    async with store.read() as tx:
        page = await search(tx, Query(text="مسيرة"), Paging())
        assert [hit.post.id for hit in page.hits] == [7, 1]
    assert (await prove(store, FALCON)).broken is None


async def brought_up_and_indexed(url: str) -> None:
    await lay_down(url, WRITTEN[-1])
    await migrate(StorageConfig(url=url))
    async with open_store(StorageConfig(url=url), create=False) as store:
        await Indexer(store, WallClock()).catch_up()
        await store.checkpoint()


@pytest.mark.parametrize("schema", INDEXED)
async def test_an_index_that_an_earlier_schema_had_is_found_in_as_it_is(schema: str, copied: Copied) -> None:
    """But PostgreSQL's, which has kept words beside the rows since 0020: it is built anew, as is told."""
    store_url = await copied(brought_up_and_indexed)
    config = StorageConfig(url=store_url)
    await migrate(config, schema)
    await migrate(config)
    async with open_store(config, create=False) as store:
        indexer = Indexer(store, WallClock())
        if store_url.startswith("postgresql") and schema < "0020":
            assert await indexer.left() == await indexer.catch_up() > 0
        assert await finds(store) == FOUND
        assert await indexer.catch_up() == 0
