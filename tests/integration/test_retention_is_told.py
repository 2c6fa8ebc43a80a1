"""Whoever counts, searches or exports is told what was removed, and never takes it for nothing."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from archive.count import By, Counts, count
from archive.export.check import read_manifest
from archive.export.make import Order, export, held_export
from archive.query import Query
from archive.search import search
from domain.credential import Scope
from domain.errors import DeadairError
from domain.post import PostKey
from storage.store import Store
from tests.support.reading import FOOTBALL
from tests.support.retaining import NOW, gone, kept, removed, said
from tests.support.searching import DAY, FALCON, HERON, HOUR, KITE, NOON, found, numbers
from tests.support.serving import make_token, serving

UNTIL = NOON + 99 * DAY


async def counted(store: Store, query: Query, by: By = By.DAY) -> Counts:
    async with store.read() as tx:
        return await count(tx, query, by, zone=ZoneInfo("UTC"), now=NOW)


async def an_archive(store: Store) -> None:
    await kept(
        store,
        said(1, "alpha"),
        said(2, FOOTBALL),
        said(80, "alpha"),
        said(81, FOOTBALL),
        said(1, "alpha", HERON),
        said(82, "alpha", KITE),
    )
    await removed(store)
    assert await gone(store) == {PostKey(FALCON, 1), PostKey(FALCON, 2), PostKey(HERON, 1)}


async def test_a_count_of_words_is_unknown_where_something_was_removed(store: Store) -> None:
    await an_archive(store)
    asked = Query(text="alpha", since=NOON - DAY, until=UNTIL, channels=("falcon_news",))
    counts = await counted(store, asked)
    days = {row.key: (row.n, row.observed, row.removed) for row in counts.rows}
    assert days["2026-03-02"] == (0, None, 1)
    assert days["2026-03-03"] == (0, None, 1)
    assert days["2026-03-04"] == (0, 0, 0)
    assert days["2026-05-20"] == (1, 1, 0)
    assert (counts.total, counts.removed) == (1, 2)
    by_channel = await counted(store, Query(text="alpha", since=NOON, until=UNTIL), By.CHANNEL)
    assert {row.key: (row.n, row.observed, row.removed) for row in by_channel.rows} == {
        "@falcon_news": (1, None, 2),
        "@heron": (0, None, 1),
        "بلا اسم": (1, 1, 0),
    }
    by_topic = await counted(store, Query(media=("document",), since=NOON, until=UNTIL), By.TOPIC)
    assert {row.key: (row.n, row.observed) for row in by_topic.rows}["sport"] == (1, None)
    assert by_topic.removed == 3


async def test_a_count_of_what_was_read_is_as_it_was(store: Store) -> None:
    await an_archive(store)
    for query, days in (
        (Query(since=NOON, until=UNTIL), {"2026-03-02": 2, "2026-03-03": 1}),
        (Query(topics=("sport",), since=NOON, until=UNTIL), {"2026-03-02": 0, "2026-03-03": 1}),
        (Query(languages=("ar",), since=NOON, until=UNTIL), {"2026-03-03": 1}),
        (Query(edited=False, since=NOON, until=UNTIL), {"2026-03-02": 2}),
    ):
        counts = await counted(store, query)
        assert counts.removed == 0, query
        assert {row.key: row.observed for row in counts.rows}.items() >= days.items(), query


async def test_nobody_says_of_what_is_gone_that_it_did_not_say_something(store: Store) -> None:
    await an_archive(store)
    everywhere = await numbers(store)
    assert everywhere == [82, 81, 80, 2, 1, 1]
    assert await numbers(store, "-alpha") == [81]
    assert await numbers(store, links=False) == [82, 81, 80]
    for text, more in (("-alpha", {}), ("", {"links": False}), ("", {"links": True}), ('="alpha"', {})):
        assert (await found(store, text, **more)).removed, (text, more)
    assert not (await found(store, "alpha", since=NOON + 3 * DAY)).removed
    assert not (await found(store)).removed


async def test_an_export_says_what_was_removed_and_knows_no_hours_of_it(store: Store, tmp_path: Path) -> None:
    await an_archive(store)

    async def made(query: Query, name: str) -> dict[str, Any]:
        async with store.read() as tx:
            await export(tx, Order(query=query, at=UNTIL), tmp_path / name)
        return {
            table: [
                json.loads(line) for line in (tmp_path / name / f"{table}.ndjson").read_text().splitlines()
            ]
            for table in ("posts", "versions", "activity")
        } | {"manifest": json.loads((tmp_path / name / "manifest.json").read_text())}

    whole = await made(Query(channels=("falcon_news",)), "whole")
    assert [(r["post_id"], r["text"], bool(r["removed_at"])) for r in whole["posts"]] == [
        (1, None, True),
        (2, None, True),
        (80, "alpha", False),
        (81, FOOTBALL, False),
    ]
    first = whole["versions"][0]
    assert (first["text"], bool(first["removed_at"]), len(first["hash"])) == (None, True, 32)
    assert whole["posts"][1]["topics"] == ["sport", "sports"]
    assert sum(r["observed"] for r in whole["activity"] if r["observed"] is not None) == 4
    assert whole["manifest"]["removed"] == 0

    some = await made(Query(text="alpha", channels=("falcon_news",)), "some")
    assert [r["post_id"] for r in some["posts"]] == [80]
    unknown = [r["hour"] for r in some["activity"] if r["observed"] is None and r["watched"] == 1]
    assert [hour[:13] for hour in unknown] == ["2026-03-02T12", "2026-03-03T12"]
    assert some["manifest"]["removed"] == 2
    assert "2 more posts had been emptied by retention" in some["manifest"]["citation"]
    assert read_manifest(tmp_path / "some").removed == 2


async def test_what_an_export_quotes_stays_and_it_can_be_made_again(store: Store, tmp_path: Path) -> None:
    await kept(store, *(said(n, "alpha" if n % 2 else "beta") for n in range(1, 7)), said(9, "alpha", HERON))
    order = Order(query=Query(text="alpha", channels=("falcon_news",)), at=NOW, tables=("posts", "versions"))
    one = await held_export(store, order, tmp_path / "one", now=NOW)
    assert one.is_held
    with pytest.raises(DeadairError, match="something at"):  # this one comes to nothing, and holds nothing
        await held_export(store, Order(query=Query(), at=NOW), tmp_path / "one", now=NOW)
    await held_export(store, Order(query=Query(), at=NOW, tables=("activity",)), tmp_path / "counts", now=NOW)
    assert (await removed(store))["@falcon_news"].cited == 3
    assert await gone(store) == {PostKey(FALCON, n) for n in (2, 4, 6)} | {PostKey(HERON, 9)}
    two = await held_export(store, Order.again(one.manifest), tmp_path / "two", now=NOW + HOUR)
    assert [f.sha256 for f in two.manifest.files] == [f.sha256 for f in one.manifest.files]
    async with store.read() as tx:  # the same export is one
        assert (await tx.exported.held(FALCON, None, NOW)).stretches == [(1, 1), (3, 3), (5, 5)]


async def test_the_api_says_so_and_its_packs_hold_what_they_quote(store: Store) -> None:
    await an_archive(store)
    token = await make_token(store, Scope.EXPORT)
    reading = await make_token(store, Scope.POSTS)
    async with serving(store) as running:
        async with running.client(reading) as client:
            hits = (await client.get("/api/v1/posts", params={"channel": "falcon_news"})).json()
            assert [(h["post_id"], h["text"], bool(h["removed_at"])) for h in hits["posts"]][-1] == (
                1,
                "",
                True,
            )
            assert hits["removed"] is False
            assert (await client.get("/api/v1/posts", params={"q": "alpha"})).json()["removed"] is True
            post = (await client.get("/api/v1/channels/falcon_news/posts/1")).json()
            assert (post["removed_why"], post["versions"][0]["text"]) == ("kept for 63d", "")
            day = {"q": "alpha", "since": "2026-03-02T00:00:00Z", "until": "2026-03-03T00:00:00Z"}
            [row] = (await client.get("/api/v1/counts", params=day)).json()["counts"]
            assert (row["held"], row["observed"], row["watched"], row["removed"]) == (0, None, 1.0, 2)
        async with running.client(token) as client:
            asked = {"channel": "falcon_news", "q": "alpha"}
            assert (await client.get("/api/v1/exports", params=asked)).status_code == 200
            assert (await client.get("/api/v1/exports/posts", params={"channel": "heron"})).status_code == 200
    async with store.read() as tx:
        assert (await tx.exported.held(FALCON, None, NOW)).stretches == [(80, 80)]
        assert (await tx.exported.held(HERON, None, NOW)).stretches == []
    await removed(store, at=NOW + timedelta(days=200))
    assert PostKey(FALCON, 80) not in await gone(store)
    assert PostKey(FALCON, 81) in await gone(store)


async def test_a_page_of_search_without_words_shows_them_with_their_places(store: Store) -> None:
    await an_archive(store)
    async with store.read() as tx:
        page = await search(tx, Query(channels=("heron",)))
    [hit] = page.hits
    assert (hit.post.removed_at, hit.snippet()[1].text, hit.copies) == (NOW, "", None)
