"""How posts are found by what other tables say: few are looked up, of many the newest come first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from archive.query import Order, Query
from archive.resolve import resolve
from domain.counters import Sample
from domain.reading import Reading
from storage.conditions import Conditions, Narrowing, how_many, listed
from storage.doc_number import SEQ_BITS, doc_number
from storage.store import Store, Transaction
from storage.whens import whens, whens_within
from tests.support.searching import FALCON, HERON, HOUR, NOON, claim, numbers, post, put

#: More than are looked up one by one.
MANY = 2100
RARE = (5, 700, 2000)


def read(n: int, **what: Any) -> Reading:
    return Reading(channel_id=FALCON, post_id=n, posted_at=NOON + n * HOUR / 60, reader_version=1, **what)


async def filled(store: Store) -> None:
    """Every post but the last five makes a claim, three of them in another's name; nearly all are gone."""
    await put(store, *(post(n, f"drone {n}", at=NOON + n * HOUR / 60) for n in range(1, MANY + 6)))
    await put(store, post(1, "drone", channel=HERON))
    told = [claim(n, "kd" if n in RARE else "kh", "harir", "drone") for n in range(1, MANY + 1)]
    async with store.begin() as tx:
        await tx.readings.go_live(1, NOON)
        await tx.readings.put(
            read(n, topics=("attacks", "funerals") if n in RARE else ("attacks",) if n <= MANY else ())
            for n in range(1, MANY + 6)
        )
        await tx.claims.put(told)
        await tx.claims.put([replace(told[4], number=2)])  # two claims in one post: found once
        await tx.posts.missed(FALCON, range(1, MANY), NOON + 60 * HOUR)
        await tx.posts.missed(HERON, [1], NOON + 60 * HOUR)


async def plan(tx: Transaction, narrowing: Narrowing) -> str:
    """How a page of it is found, as the database says."""
    search, said = tx.search, []
    run = search._run

    async def explained(made: object, what: str) -> list[object]:
        how = "EXPLAIN" if search._postgres else "EXPLAIN QUERY PLAN"
        said.extend(row[-1] for row in await run(made, f"{how} {what}"))  # type: ignore[arg-type]
        return []

    search._run = explained  # type: ignore[assignment,method-assign]
    try:
        await search.newest(narrowing, 5)
    finally:
        search._run = run  # type: ignore[method-assign]
    return " / ".join(said)


async def test_rare_languages_and_many_views_are_looked_up_too(store: Store) -> None:
    await put(
        store, *(replace(post(n, "drone", at=NOON + n * HOUR / 60), views=n) for n in range(1, MANY + 6))
    )
    async with store.begin() as tx:
        await tx.readings.go_live(1, NOON)
        await tx.readings.put(
            read(n, language="he" if n in RARE else None if n == 6 else "ar") for n in range(1, MANY + 6)
        )
        for n, views in ((5, 7000), (700, 5000), (2000, 2000), (6, 999)):
            sample = Sample(channel_id=FALCON, post_id=n, at=NOON + 60 * HOUR, due=HOUR, views=views)
            await tx.counters.add([sample])
        if tx.search._postgres:
            await tx.search._connection.execute(text("ANALYZE"))
    assert await numbers(store, languages=("he",)) == sorted(RARE, reverse=True)
    assert await numbers(store, "drone", Order.OLDEST, languages=("he",)) == list(RARE)
    assert (await numbers(store, languages=("ar",)))[:2] == [MANY + 5, MANY + 4]
    assert len(await numbers(store, languages=("ar", "he"))) == 50
    assert await numbers(store, views_at_least=5000) == [700, 5]
    assert await numbers(store, views_at_least=MANY + 4) == [MANY + 5, MANY + 4, 700, 5]
    assert await numbers(store, views_at_least=2500, views_at_most=6000) == [700]
    assert await numbers(store, views_at_least=2500, languages=("he",)) == [700, 5]
    async with store.read() as tx:
        asked = {
            name: (await resolve(tx, query)).narrowing
            for name, query in {
                "he": Query(languages=("he",)),
                "ar": Query(languages=("ar",)),
                "many": Query(views_at_least=5000),
                "most": Query(views_at_least=1000),
            }.items()
        }
        assert await tx.search.count(asked["he"]) == 3
        assert await tx.search.count(asked["ar"]) == MANY + 1
        assert await tx.search.count(asked["most"]) == MANY + 5 - 999 + 2
        assert await tx.search.count(replace(asked["most"], views_at_least=999)) == MANY + 5 - 998 + 3
        if tx.search._postgres:
            return
        for name, indexes in (
            ("he", ["ix_readings_language (reader_version=? AND language=?)"]),
            ("many", ["ix_posts_views (views>? AND views<?)", "ix_counters_views (views>? AND views<?)"]),
        ):
            few = await plan(tx, asked[name])
            assert "SCAN words VIRTUAL TABLE INDEX 0:=" in few, name
            for how in (how_many(asked[name].listable[0], 9), listed(asked[name].listable[0])):
                rows = await tx.search._connection.execute(text(f"EXPLAIN QUERY PLAN {how[0]}"), how[1])
                steps = " / ".join(row[-1] for row in rows)
                assert all(index in steps for index in indexes), steps
        many = await plan(tx, asked["ar"])
        assert ":=" not in many
        assert "TEMP B-TREE" not in many


async def test_few_are_looked_up_and_of_many_the_newest_come_first(store: Store) -> None:
    await filled(store)
    async with store.begin() as tx:
        if tx.search._postgres:  # as its own housekeeping does, some time after
            await tx.search._connection.execute(text("ANALYZE"))
    assert await numbers(store, claimants=("kd",)) == sorted(RARE, reverse=True)
    assert await numbers(store, "drone", Order.OLDEST, claimants=("kd",)) == list(RARE)
    assert await numbers(store, topics=("funerals",)) == sorted(RARE, reverse=True)
    assert await numbers(store, topics=("funerals", "attacks"), claimants=("kd",)) == sorted(
        RARE, reverse=True
    )
    assert (await numbers(store, topics=("attacks",)))[:3] == [MANY, MANY - 1, MANY - 2]
    newest = await numbers(store, claimants=("kh",))
    assert newest[:3] == [MANY, MANY - 1, MANY - 2]
    assert (await numbers(store, deleted=True))[:2] == [MANY - 1, MANY - 2]
    assert await numbers(store, deleted=False) == list(range(MANY + 5, MANY - 1, -1))
    assert await numbers(store, deleted=True, claimants=("kd",)) == sorted(RARE, reverse=True)
    async with store.read() as tx:
        asked = {
            name: (await resolve(tx, query)).narrowing
            for name, query in {
                "kd": Query(claimants=("kd",)),
                "kh": Query(claimants=("kh",)),
                "harir": Query(text="drone", places=("harir",)),
                "deleted": Query(deleted=True),
                "funerals": Query(topics=("funerals",)),
                "attacks": Query(text="drone", topics=("attacks",)),
            }.items()
        }
        assert await tx.search.count(asked["kh"]) == MANY - len(RARE)
        assert await tx.search.count(asked["deleted"]) == MANY
        pages = [page async for page in tx.search.docs(asked["kh"], 500)]
        assert [len(page) for page in pages] == [500, 500, 500, 500, MANY - len(RARE) - 2000]
        assert len({doc & ((1 << SEQ_BITS) - 1) for page in pages for doc in page}) == MANY - len(RARE)
        assert await tx.search.count(asked["attacks"]) == MANY
        if tx.search._postgres:  # it knows by itself how many there are
            await tx.search._connection.execute(text("SET LOCAL enable_seqscan = off"))
            assert "ix_readings_topics" in await plan(tx, asked["funerals"])
            return
        for name in ("kd", "funerals"):
            few = await plan(tx, asked[name])
            assert "SCAN words VIRTUAL TABLE INDEX 0:=" in few, name  # by number, and not from the end
            assert "CORRELATED" not in few, name
        for how in (how_many(asked["funerals"].listable[0], 9), listed(asked["funerals"].listable[0])):
            rows = await tx.search._connection.execute(text(f"EXPLAIN QUERY PLAN {how[0]}"), how[1])
            steps = " / ".join(row[-1] for row in rows)
            assert "INDEX ix_readings_topics (reader_version=? AND topics=?)" in steps
            assert "INDEX ix_readings_topics (reader_version=? AND topics>?)" in steps
            assert "SCAN c" not in steps
        for name, index in (
            ("kh", "claims"),
            ("harir", "claims"),
            ("deleted", "deletions"),
            ("attacks", "readings"),
        ):
            many = await plan(tx, asked[name])
            assert ":=" not in many, name  # none is looked up before its turn
            assert "TEMP B-TREE" not in many, name  # as they come, until there are enough
            assert f"SEARCH c USING INDEX sqlite_autoindex_{index}_1 (channel_id=? AND post_id=?" in many


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_postgresql_finds_a_time_of_a_word_by_its_index_of_words_alone(store: Store) -> None:
    """Whatever it believes of how rare the word is: it never goes through all posts of the time."""
    days = 400
    await put(store, *(post(n, f"drone {n}", at=NOON + n * 24 * HOUR) for n in range(1, days + 1)))
    async with store.begin() as tx:
        await tx.search._connection.execute(text("ANALYZE"))
    spans = {"a week": (200, 207), "a season": (100, 190), "all but a day": (2, days)}
    async with store.read() as tx:
        await tx.search._connection.execute(text("SET LOCAL enable_seqscan = off"))
        for name, (first, last) in spans.items():
            query = Query(text="drone", since=NOON + first * 24 * HOUR, until=NOON + last * 24 * HOUR)
            asked = (await resolve(tx, query)).narrowing
            assert await tx.search.count(asked) == last - first, name
            how = await plan(tx, asked)
            assert "ix_words_body" in how, name
            assert "pk_words" not in how, name
        everything = (await resolve(tx, Query(since=NOON + 24 * HOUR))).narrowing
        assert "pk_words" in await plan(tx, everything)  # without a word, time is all there is to go by


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_postgresql_is_asked_for_most_of_the_time_without_signs_of_it(store: Store) -> None:
    """What is rare is sought in little of the time by its signs, and in all the rest without."""
    days = 400
    await put(store, *(post(n, f"drone {n}", at=NOON + n * 24 * HOUR) for n in range(1, days + 1)))
    for order, first, last in ((Order.NEWEST, days, 3), (Order.OLDEST, 1, days - 2)):
        assert await numbers(store, f'"drone {last}"', order) == [last]
        assert (await numbers(store, "drone", order))[0] == first
    asked: list[str] = []
    async with store.read() as tx:
        run = tx.search._run

        async def heard(made: Conditions, what: str) -> Sequence[Any]:
            asked.append(str(made.bound))
            return await run(made, what)

        tx.search._run = heard  # type: ignore[method-assign]
        await tx.search.newest((await resolve(tx, Query(text='"drone 3"'))).narrowing, 5)
    assert len(asked) > 1
    assert ["=t" in each for each in asked] == [True] * (len(asked) - 1) + [False]


@pytest.mark.parametrize("engine_name", [pytest.param("postgresql", marks=pytest.mark.postgres)])
async def test_postgresql_keeps_words_beside_the_rows_that_it_counts(store: Store) -> None:
    """Of all posts, edited ones too: a page of the table has the rows of many."""
    posts = [post(n, " ".join(f"word{n} drone{k}" for k in range(30))) for n in range(1, 501)]
    await put(store, *posts)
    edited = [
        replace(p, text=f"{p.text} later", edited_at=NOON + 60 * HOUR, seen_at=NOON + 60 * HOUR)
        for p in posts
    ]
    await put(store, *edited)
    async with store.begin() as tx:
        size = text("SELECT pg_relation_size('words') / (SELECT count(*) FROM words)")
        # Twice as many rows as there are posts, for those of before the edits wait to be taken away.
        assert (await tx.search._connection.execute(size)).scalar_one() < 2 * 150
    assert await numbers(store, '"drone29 later" word7') == [7]
    assert (await numbers(store, "drone3"))[:2] == [500, 499]


def test_the_signs_of_a_time_are_few_and_every_post_of_it_has_one_of_them() -> None:
    start = doc_number(NOON, 5)
    for seconds in (0, 1, 3600, 86_400, 10 * 86_400, 100 * 86_400, 800 * 86_400):
        last = doc_number(NOON + timedelta(seconds=seconds), 9)
        signs = whens_within(start, last)
        assert 1 <= len(signs) <= 10
        for share in (0, 0.3, 0.9999, 1):
            assert set(whens(start + int((last - start) * share))) & set(signs)
        for outside in (start - (200 * 86_400 << SEQ_BITS), last + (200 * 86_400 << SEQ_BITS)):
            assert not set(whens(outside)) & set(signs)
    assert whens_within(start, doc_number(NOON + timedelta(days=2000), 1)) == []
