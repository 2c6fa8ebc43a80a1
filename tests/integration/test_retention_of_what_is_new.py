"""A topic newer than what retention emptied is unknown there, not zero, to whoever counts or learns."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import MetaData, func, insert, select, text, update

from archive.activity import read_counted
from archive.count import By, Counts, count
from archive.export.make import Order, export
from archive.query import Query
from archive.usual import usual_hours
from archive.weeks import read_weeks
from claims.lexicon.load import load
from claims.topics import WordTopics
from claims.version import Reads, settle_version
from deadair.config import Setup, parse
from deadair.history import from_archive
from domain.post import Post, PostKey
from storage.config import StorageConfig
from storage.migrate import migrate
from storage.store import Store, open_store
from storage.types import Document, Instant
from tests.support.earlier import engine_of, lay_down
from tests.support.reading import DRONES, FOOTBALL, TOPICS, a_reader, reads
from tests.support.retaining import NOW, gone, pinned, removed, said, stored, understood
from tests.support.searching import DAY, FALCON, NOON, found

UTC = ZoneInfo("UTC")
UNTIL = NOON + 99 * DAY
MATCH = TOPICS | {"match": ["الزوراء"]}
NEW_ACTOR = """
[[actor]]
id = "blue_dawn"
side = "axis"
type = "armed_group"
en = ["Blue Dawn Brigade"]
"""


async def read_with(store: Store, reads: Reads) -> int:
    """All is read by a version that is known to look for this. Returns its number."""
    version = await settle_version(store, reads, NOON)
    await understood(store, reader=a_reader(store, version=version, read=reads))
    return version


async def emptied(store: Store, *more: Post) -> None:
    """Two posts were read and emptied, and two are younger."""
    await stored(store, said(1, "alpha"), said(2, FOOTBALL), said(80, "alpha"), said(81, FOOTBALL), *more)
    await read_with(store, reads())
    await removed(store)
    assert await gone(store) == {PostKey(FALCON, n) for n in (1, 2, *(post.id for post in more))}


async def counted(store: Store, query: Query, by: By = By.DAY) -> Counts:
    async with store.read() as tx:
        return await count(tx, query, by, zone=UTC, now=NOW)


async def days(
    store: Store, *, topic: str = "match", channels: tuple[str, ...] = ()
) -> dict[str, tuple[int, int | None, int]]:
    query = Query(topics=(topic,), since=NOON - DAY, until=UNTIL, channels=channels)
    rows = (await counted(store, query)).rows
    return {row.key: (row.n, row.observed, row.removed) for row in rows}


async def test_a_topic_that_is_new_is_unknown_in_what_was_emptied_and_zero_elsewhere(store: Store) -> None:
    await emptied(store)
    assert await read_with(store, reads(MATCH)) == 2
    new = await days(store)
    assert new["2026-03-02"] == (0, None, 1)
    assert new["2026-03-03"] == (0, None, 1)
    assert new["2026-03-04"] == (0, 0, 0)
    assert new[(NOON + 81 * DAY).date().isoformat()] == (1, 1, 0)
    assert (await days(store, topic="sport"))["2026-03-02"] == (0, 0, 0)
    assert (await days(store, topic="sport"))["2026-03-03"] == (1, 1, 0)
    assert (await days(store, channels=("heron",)))["2026-03-02"] == (0, 0, 0)
    assert (await found(store, topics=("match",))).removed
    assert not (await found(store, topics=("sport",))).removed
    both = Query(text="alpha", topics=("sport",), since=NOON - DAY, until=UNTIL)
    assert (await counted(store, both)).removed == 1  # only one is of the topic
    both = Query(text="alpha", topics=("match",), since=NOON - DAY, until=UNTIL)
    assert (await counted(store, both)).removed == 2
    either = Query(topics=("match", "sport"), since=NOON - DAY, until=UNTIL)
    assert ((await counted(store, either)).total, (await counted(store, either)).removed) == (2, 1)
    in_arabic = Query(topics=("match",), languages=("ar",), since=NOON - DAY, until=UNTIL)
    assert (await counted(store, in_arabic)).removed == 1


async def test_counts_by_topic_say_of_each_what_nobody_knows(store: Store) -> None:
    await emptied(store)
    await read_with(store, reads({**MATCH, "never": ["nowhere"]}))
    rows = {
        r.key: (r.n, r.observed, r.removed)
        for r in (await counted(store, Query(since=NOON, until=UNTIL), By.TOPIC)).rows
    }
    assert rows["match"] == (1, None, 2)
    assert rows["never"] == (0, None, 2)
    assert rows["sport"] == (2, 2, 0)
    assert "attacks" not in rows
    words = (await counted(store, Query(text="alpha OR مباراة", since=NOON, until=UNTIL), By.TOPIC)).rows
    assert {r.key: r.removed for r in words}.items() >= {"match": 2, "never": 2, "sport": 1}.items()


async def test_hours_of_a_new_topic_are_unknown_and_teach_nothing(store: Store) -> None:
    await emptied(store, pinned(4))  # which counts for nothing
    await read_with(store, reads(MATCH))

    async def hours(topic: str) -> dict[datetime, int | None]:
        async with store.read() as tx:
            [channel] = [c for c in await tx.channels.all() if c.id == FALCON]
            found = await read_counted(tx, channel, NOON, NOON + 5 * DAY, topic=topic)
            return {hour.start: hour.observed for hour in usual_hours(found)}

    new, old = await hours("match"), await hours("sport")
    assert [at for at, n in new.items() if n is None] == [NOON + DAY, NOON + 2 * DAY]
    assert [at for at, n in old.items() if n is None] == []
    assert old[NOON + 2 * DAY] == 1


async def test_an_export_leaves_those_hours_empty_and_says_how_many_posts(
    store: Store, tmp_path: Path
) -> None:
    await emptied(store)
    await read_with(store, reads(MATCH))
    query = Query(topics=("match",), channels=("falcon_news",), since=NOON, until=NOON + 5 * DAY)
    async with store.read() as tx:
        made = await export(tx, Order(query=query, at=UNTIL, tables=("activity",)), tmp_path / "e")
    assert made.removed == 2
    assert (tmp_path / "e" / "activity.ndjson").read_text().count('"observed":null') == 2


async def test_an_export_made_again_asks_the_reader_version_that_it_was_made_with(
    store: Store, tmp_path: Path
) -> None:
    await emptied(store)
    await read_with(store, reads(MATCH))
    query = Query(topics=("match",), channels=("falcon_news",), since=NOON, until=NOON + 5 * DAY)
    order = Order(query=query, at=UNTIL, tables=("activity",))
    async with store.read() as tx:
        one = await export(tx, order, tmp_path / "one")
    assert await read_with(store, reads()) == 1  # which counts again, and never heard of that topic
    async with store.read() as tx:
        two = await export(tx, Order.again(one), tmp_path / "two")
    assert (two.removed, two.files) == (2, one.files)


async def test_words_that_came_to_a_topic_later_make_it_unknown_where_it_was_not_found(store: Store) -> None:
    await emptied(store)
    await read_with(store, reads({**TOPICS, "sport": [*TOPICS["sport"], "alpha"]}))
    now = await days(store, topic="sport")
    assert now["2026-03-02"] == (0, None, 1)
    assert now["2026-03-03"] == (1, 1, 0)
    # The version that read them counts again: nothing was kept from it.
    assert await read_with(store, reads()) == 1
    assert (await days(store, topic="sport"))["2026-03-02"] == (0, 0, 0)


async def test_who_really_read_is_known_through_any_number_of_versions(store: Store) -> None:
    await emptied(store)
    for n in range(3):
        await read_with(store, reads({**TOPICS, f"t{n}": ["nowhere"]}))
    await read_with(store, reads(MATCH))
    async with store.read() as tx:
        assert await tx.readings.taken_over_from(5) == [1]
    assert (await days(store))["2026-03-02"] == (0, None, 1)
    assert (await days(store, topic="sport"))["2026-03-02"] == (0, 0, 0)


async def test_where_nobody_wrote_down_what_was_looked_for_every_topic_is_unknown(store: Store) -> None:
    await stored(store, said(1), said(81))
    await understood(store)  # by a version of which it is not known
    await removed(store)
    await understood(store, reader=a_reader(store, version=2))
    assert (await days(store, topic="attacks"))["2026-03-02"] == (0, None, 1)
    assert (await days(store, topic="sport"))["2026-03-02"] == (1, 1, 0)
    arabic = Query(languages=("fa",), since=NOON - DAY, until=UNTIL)
    assert (await counted(store, arabic)).removed == 0


async def test_of_what_nobody_is_known_to_have_read_nothing_is_known(store: Store) -> None:
    """Its reading was lost with a version that never came to count."""
    await emptied(store)
    async with store.begin() as tx:
        await tx.connection.execute(text("DELETE FROM readings WHERE post_id = 1"))
    await read_with(store, reads({**TOPICS, "other": ["nowhere"]}))
    async with store.read() as tx:
        assert await tx.readings.taken_over_from(2) == [0, 1]
    assert (await days(store, topic="sport"))["2026-03-02"] == (0, None, 1)
    assert (await days(store, topic="sport"))["2026-03-03"] == (1, 1, 0)
    persian = Query(languages=("fa",), since=NOON - DAY, until=UNTIL)
    assert (await counted(store, persian)).removed == 1


async def test_of_a_claimant_that_is_new_nothing_is_known_either(store: Store, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(NEW_ACTOR, encoding="utf-8")
    new = Reads(lexicon=load([tmp_path / "own.toml"]), topics=WordTopics(TOPICS))
    claim = "Blue Dawn Brigade claims drone attack on Ain al-Asad base"
    await stored(store, said(1, "alpha"), said(80, claim), replace(said(81), text=DRONES))
    await read_with(store, reads())
    await removed(store)
    await read_with(store, new)

    async def of(**filters: tuple[str, ...]) -> tuple[int, int]:
        counts = await counted(store, Query(since=NOON - DAY, until=UNTIL, **filters))
        return counts.total, counts.removed

    assert await of(claimants=("blue_dawn",)) == (1, 1)
    assert await of(claimants=("kh",)) == (1, 0)
    assert await of(claimants=("blue_dawn", "kh")) == (2, 1)
    assert await of(kinds=("responsibility",)) == (2, 0)
    rows = {
        r.key: (r.n, r.removed)
        for r in (await counted(store, Query(since=NOON, until=UNTIL), By.CLAIMANT)).rows
    }
    assert rows == {"blue_dawn": (1, 1), "kh": (1, 0)}
    async with store.read() as tx:
        weeks = await read_weeks(tx, UNTIL, UTC, 15)
    known = {
        name: [day.isoformat() for day, share in weeks.of(name) if share < 1] for name, _ in weeks.by_claimant
    }
    assert known["kh"] == []
    assert known["blue_dawn"] == ["2026-03-02"]


async def test_tuning_is_told_what_nobody_looked_for(store_url: str, tmp_path: Path) -> None:
    config = StorageConfig(url=store_url)
    async with open_store(config) as store:
        await emptied(store)
        await read_with(store, reads(MATCH))
    setup = Setup(config=parse(f"[storage]\nurl = '{store_url}'\n"), folder=tmp_path)
    history = await from_archive(setup)
    missing = {
        r.post_id: [r.unread is not None and ("topic", t) in r.unread for t in ("match", "sport")]
        for r in history.readings
    }
    assert missing == {1: [True, False], 2: [True, False], 80: [False, False], 81: [False, False]}


@pytest.mark.parametrize(
    ("former", "after", "read_by"), [(None, False, None), (1, True, None), (1, False, 0)]
)
async def test_of_archives_from_before_it_is_unknown_who_read_what_was_emptied_before_a_version_came(
    store_url: str, former: int | None, after: bool, read_by: int | None
) -> None:
    await lay_down(store_url, "0017")
    engine = engine_of(store_url)
    async with engine.begin() as connection:
        found = MetaData()
        await connection.run_sync(found.reflect)
        marks, removals, readings = (found.tables[name] for name in ("marks", "removals", "readings"))
        marks.c.value.type, marks.c.at.type = Document, Instant()
        removals.c.at.type, removals.c.links.type = Instant(), Document
        live = marks.c.name == "reader.live"
        counts = (await connection.execute(select(marks.c.at).where(live))).scalar_one()
        version = (await connection.execute(select(func.max(readings.c.reader_version)))).scalar_one()
        its = select(readings.c.seq, readings.c.channel_id, readings.c.post_id)
        its = its.where(readings.c.reader_version == version).order_by(readings.c.seq)
        seq, channel_id, post_id = (await connection.execute(its.limit(1))).one()
        value = {"version": version, "former": former}
        await connection.execute(update(marks).where(live).values(value=value))
        at = counts if after else counts - timedelta(seconds=1)
        removal = {"channel_id": channel_id, "post_id": post_id, "at": at, "why": "x", "links": []}
        await connection.execute(insert(removals).values(removal))
    await engine.dispose()
    await migrate(StorageConfig(url=store_url))
    async with open_store(StorageConfig(url=store_url)) as store, store.read() as tx:
        reading = await tx.readings.of_post(channel_id, post_id, version)
        assert reading is not None
        assert (reading.seq, reading.read_by) == (seq, read_by)
