"""Exports: whole, the same each time, with what was missed, proof against tampering and spreadsheets."""

import contextlib
import csv
import json
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from archive.errors import FilterError
from archive.export.check import read_manifest, verify
from archive.export.make import Order, export
from archive.export.manifest import Manifest
from archive.export.writers import Format
from archive.query import Order as Found
from archive.query import Query
from domain.errors import DeadairError
from domain.post import How
from domain.watch import WatchSpan
from storage.store import Store
from tests.support.odd_files import JUNK, odd
from tests.support.searching import (
    DAY,
    FALCON,
    HERON,
    HOUR,
    KITE,
    MINUTE,
    NOON,
    claim,
    fill,
    numbers,
    post,
    put,
)

AT = NOON + 2 * DAY


async def made(store: Store, folder: Path, at: datetime = AT, **more: Any) -> Manifest:
    async with store.read() as tx:
        return await export(tx, Order(query=more.pop("query", Query()), at=at, **more), folder)


def lines(folder: Path, table: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / f"{table}.ndjson").read_text().splitlines()]


async def test_an_export_holds_posts_versions_claims_activity_and_what_was_missed(
    store: Store, tmp_path: Path
) -> None:
    await fill(store)
    manifest = await made(store, tmp_path / "out")
    folder = tmp_path / "out"
    assert {f.table: f.rows for f in manifest.files} == {
        "posts": 6,
        "versions": 7,
        "claims": 1,
        "incidents": 0,
        "activity": len(lines(folder, "activity")),
        "watch_spans": 3,
        "gaps": 1,
    }
    first = lines(folder, "posts")[0]
    assert (first["channel"], first["post_id"], first["posted_at"]) == (
        "falcon_news",
        1,
        "2026-03-01T12:01:00Z",
    )
    assert (first["language"], first["topics"], first["claimants"]) == ("ar", ["attacks", "drones"], ["kh"])
    assert first["url"] == "https://t.me/falcon_news/1"
    deleted = next(p for p in lines(folder, "posts") if p["post_id"] == 5)
    assert (deleted["deleted"], deleted["first_missed_at"]) == (True, "2026-03-01T14:00:00Z")
    assert [
        (v["version"], v["stands"], v["text"]) for v in lines(folder, "versions") if v["post_id"] == 6
    ] == [
        (0, False, "first wording of it"),
        (1, True, "second wording of it"),
    ]
    claim = lines(folder, "claims")[0]
    assert (claim["claimant"], claim["location"], claim["weapons"]) == ("kh", "harir", ["drone"])
    assert claim["evidence"]
    assert lines(folder, "gaps")[0]["cause"] == "link"


async def test_where_we_were_not_watching_nothing_is_observed(store: Store, tmp_path: Path) -> None:
    await fill(store)
    manifest = await made(store, tmp_path / "out", query=Query(until=NOON + 3 * HOUR))
    hours = [r for r in lines(tmp_path / "out", "activity") if r["channel_id"] == KITE]
    assert [(r["hour"][11:16], r["observed"], r["held"], r["watched"]) for r in hours] == [
        ("11:00", 0, 0, 1.0),
        ("12:00", 1, 1, 1.0),
        ("13:00", None, 0, 0.0),
        ("14:00", None, 0, 0.0),
    ]
    covered = {each["channel_id"]: each for each in manifest.coverage}
    assert covered[KITE]["watched"] == 0.5
    assert covered[KITE]["gap_hours"] == {"link": 2.0}
    assert (covered[FALCON]["watched"], covered[FALCON]["ids_expected"], covered[FALCON]["ids_held"]) == (
        1.0,
        3,
        3,
    )
    assert f"SHA-256 {manifest.identity}" in manifest.citation
    assert "watched 83.3 % of the time" in manifest.citation
    assert manifest.bibtex.startswith(f"@misc{{deadair-{manifest.identity[:12]}")


async def test_an_hour_that_was_asked_for_in_part_is_observed_by_nobody(store: Store, tmp_path: Path) -> None:
    """Two posts of three came after the half hour: as the count of a watched hour they would be too few."""
    await put(store, post(1, "one"), post(40, "two"), post(50, "three"), post(70, "four"))
    async with store.begin() as tx:
        await tx.watch.extend(
            WatchSpan(channel_id=FALCON, account="a", from_at=NOON - HOUR, to_at=AT, how=How.LIVE)
        )
    query = Query(channels=("@falcon_news",), since=NOON + 30 * MINUTE, until=NOON + 2 * HOUR + 30 * MINUTE)
    await made(store, tmp_path / "out", query=query, tables=["activity"])
    assert [
        (r["hour"][11:16], r["observed"], r["held"], r["watched"])
        for r in lines(tmp_path / "out", "activity")
    ] == [("12:00", None, 2, 1.0), ("13:00", 1, 1, 1.0), ("14:00", None, 0, 1.0)]


async def test_limits_within_a_second_are_kept_to_the_microsecond(store: Store, tmp_path: Path) -> None:
    tick = timedelta(microseconds=1)
    for n, at in enumerate((NOON, NOON + 300 * tick, NOON + 500 * tick, NOON + timedelta(seconds=1)), 1):
        await put(store, post(n, "one", at=at), index=False)
    await put(store)
    for since, until, expected in (
        (NOON + tick, None, [2, 3, 4]),
        (NOON + 400 * tick, None, [3, 4]),
        (None, NOON + 400 * tick, [1, 2]),
        (None, NOON + tick, [1]),
        (NOON + 300 * tick, NOON + 500 * tick, [2]),
        (NOON, NOON + timedelta(seconds=1), [1, 2, 3]),
    ):
        assert await numbers(store, order=Found.OLDEST, since=since, until=until) == expected


async def test_what_is_not_searchable_yet_is_said_and_changes_nothing_later(
    store: Store, tmp_path: Path
) -> None:
    await fill(store)
    await put(store, post(7, "not in the index yet", at=NOON + HOUR), index=False)
    manifest = await made(store, tmp_path / "one")
    assert manifest.unsearchable == 1
    assert "; 1 posts and edits that came last left out;" in manifest.citation
    await put(store, post(8, "and a later one", at=NOON + HOUR))
    async with store.read() as tx:
        await export(tx, Order.again(read_manifest(tmp_path / "one")), tmp_path / "two")
    for file in manifest.files:
        assert (tmp_path / "one" / file.name).read_bytes() == (tmp_path / "two" / file.name).read_bytes()


async def test_an_act_counts_the_claims_that_stand_and_each_once(store: Store, tmp_path: Path) -> None:
    await fill(store)
    async with store.begin() as tx:
        (act,) = await tx.claims.open_incidents([(NOON, NOON)], 1)
        before = replace(claim(2, "kh", "harir", "drone"), incident_id=act)
        gone = replace(claim(5, "kh", "harir", "drone", channel=HERON), incident_id=act)
        await tx.claims.put([before, gone])
        kept = await tx.claims.of_post(FALCON, 2, 1)
        await tx.claims.supersede([(kept[0].id, NOON + HOUR)])
        await tx.claims.put([replace(before, version=2, from_at=NOON + HOUR)])
    await made(store, tmp_path / "out", tables=["claims", "incidents"])
    assert len(lines(tmp_path / "out", "claims")) == 4
    assert [(r["claims"], r["channels"]) for r in lines(tmp_path / "out", "incidents")] == [
        (1, ["falcon_news"])
    ]


async def test_no_share_is_said_to_be_whole_that_is_not(store: Store, tmp_path: Path) -> None:
    """A second of a month is little, and is not nothing; of a channel nobody saw no time was watched."""
    await put(store)
    start, lost = NOON - 30 * DAY, NOON - 15 * DAY
    async with store.begin() as tx:
        for a, b in ((start, lost), (lost + timedelta(seconds=1), NOON)):
            await tx.watch.extend(WatchSpan(channel_id=FALCON, account="a", from_at=a, to_at=b, how=How.LIVE))
    manifest = await made(store, tmp_path / "one", at=NOON, query=Query(channels=("@falcon_news",)))
    assert manifest.coverage[0]["watched"] == 0.999999
    assert "watched 99.9 % of the time" in manifest.citation
    (short,) = [r for r in lines(tmp_path / "one", "activity") if r["observed"] is None]
    assert short["watched"] == 0.9997
    never = await made(store, tmp_path / "two", at=NOON, query=Query(channels=("@heron",)))
    assert never.coverage[0]["watched"] == 0
    assert "watched 0.0 % of the time" in never.citation


@pytest.mark.parametrize("form", list(Format))
async def test_the_manifest_run_again_gives_the_same_bytes(
    store: Store, tmp_path: Path, form: Format
) -> None:
    await fill(store)
    await made(store, tmp_path / "one", format=form, query=Query(text="-nothing_at_all"))
    again = Order.again(read_manifest(tmp_path / "one"))
    async with store.read() as tx:
        await export(tx, again, tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name
    # What comes later leaves it as it was.
    await put(store, post(7, "a later post", at=NOON + 3 * DAY), post(8, "an older one that came later"))
    async with store.begin() as tx:
        await tx.posts.missed(FALCON, [1], NOON + 4 * DAY)
    async with store.read() as tx:
        third = await export(tx, again, tmp_path / "three")
    for file in third.files:
        assert (tmp_path / "three" / file.name).read_bytes() == (tmp_path / "one" / file.name).read_bytes()


async def test_every_format_says_the_same(store: Store, tmp_path: Path) -> None:
    await fill(store)
    for form in Format:
        await made(store, tmp_path / form.value, format=form)
    plain = lines(tmp_path / "ndjson", "posts")
    table = parquet.read_table(tmp_path / "parquet" / "posts.parquet")
    assert [r["text"] for r in table.to_pylist()] == [r["text"] for r in plain]
    assert table.schema.field("posted_at").type.tz == "UTC"
    assert [r["topics"] for r in table.to_pylist()] == [r["topics"] for r in plain]
    with (tmp_path / "csv" / "posts.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    assert [r["text"].removeprefix("'") for r in rows] == [r["text"] for r in plain]
    assert [r["views"] for r in rows] == ["" if r["views"] is None else str(r["views"]) for r in plain]
    assert [json.loads(r["topics"]) if r["topics"] else None for r in rows] == [r["topics"] for r in plain]


FORMULAS = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    "\u200f=cmd|' /C calc'!A0",
    "'=1",
    "\ufeff=1",
)


async def test_no_cell_of_a_csv_passes_for_a_formula(store: Store, tmp_path: Path) -> None:
    await put(store, *(post(n, text, author=text) for n, text in enumerate(FORMULAS, 1)))
    await made(store, tmp_path / "out", format=Format.CSV, tables=("posts", "versions"))
    for table in ("posts", "versions"):
        with (tmp_path / "out" / f"{table}.csv").open(encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        assert [r["text"] for r in rows] == ["'" + text for text in FORMULAS]
        assert all(
            not str(cell).strip().startswith(("=", "+", "-", "@")) for r in rows for cell in r.values()
        )


async def test_verify_sees_every_change(store: Store, tmp_path: Path) -> None:
    await fill(store)
    await made(store, tmp_path / "out")
    folder = tmp_path / "out"
    assert verify(folder).is_whole
    assert verify(folder / "posts.ndjson").is_whole
    posts = folder / "posts.ndjson"
    whole = posts.read_bytes()
    for changed, says in (
        (whole.replace(b"wording", b"wordinG"), "its SHA-256 is"),
        (whole + b"{}\n", "bytes, the manifest says"),
        (whole[:-1], "bytes, the manifest says"),
    ):
        posts.write_bytes(changed)
        (bad,) = [each for each in verify(folder).files if each.trouble]
        assert bad.file.table == "posts"
        assert says in bad.trouble
    posts.unlink()
    assert [each.trouble for each in verify(folder).files if each.trouble] == ["it is not there"]
    posts.symlink_to("/etc/passwd")
    assert [each.trouble for each in verify(folder).files if each.trouble] == ["it is no plain file"]
    (folder / "more.txt").write_text("x")
    assert verify(folder).strangers == ["more.txt"]


async def test_verify_holds_the_citation_against_the_facts(store: Store, tmp_path: Path) -> None:
    await fill(store)
    manifest = await made(store, tmp_path / "out")
    path, whole = tmp_path / "out" / "manifest.json", manifest.document()
    assert verify(path).contradicted == []
    blind = [{**each, "watched": 1.0} for each in whole["coverage"]]
    for change, told in (
        ({"citation": manifest.citation.replace("reader version 1", "reader version 2")}, ["citation"]),
        ({"citation": None}, ["citation"]),
        ({"bibtex": manifest.bibtex.replace("@misc", "@article")}, ["bibtex"]),
        ({"again": whole["again"][:-4]}, ["again"]),
        ({"coverage": blind}, ["citation"]),
        ({"removed": 7}, ["citation"]),
        ({"reader_version": 9}, ["citation", "again"]),
        ({"deadair": "9.9"}, ["citation", "bibtex"]),
        ({"query": {**whole["query"], "text": "another"}}, ["again"]),
        ({"made_at": "2020-01-01T00:00:00+00:00"}, ["citation", "bibtex", "again"]),
    ):
        assert whole | change != whole, change
        path.write_text(json.dumps(whole | change))
        found = verify(tmp_path / "out")
        assert (found.contradicted, found.is_whole) == (told, False), change
        assert [each.trouble for each in found.files if each.trouble] == []
    path.write_text(json.dumps({name: said for name, said in whole.items() if name != "bibtex"}))
    assert verify(path).contradicted == ["bibtex"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"files": [{"name": "../../etc/passwd", "table": "posts", "rows": 1, "bytes": 1, "sha256": ""}]},
            "no export has",
        ),
        (
            {"files": [{"name": "x.ndjson", "table": "x", "rows": 1, "bytes": 1, "sha256": ""}]},
            "no export has",
        ),
        ({"manifest": "other 1"}, "it is no 'deadair export 1'"),
        ({"format": "exe"}, "no manifest that can be read"),
        ({"query": {"text": "a", "sql": "x"}}, "a query has no 'sql'"),
        ({"upto": {}}, "no manifest that can be read: it says nothing of 'post'"),
        ({"coverage": [{"channel": 7}]}, "no manifest that can be read"),
        ({"coverage": 1}, "no manifest that can be read"),
    ],
)
async def test_a_manifest_that_was_tampered_with_is_refused(
    store: Store, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    await fill(store)
    manifest = await made(store, tmp_path / "out")
    path = tmp_path / "out" / "manifest.json"
    path.write_text(json.dumps(manifest.document() | change))
    with pytest.raises(FilterError, match=says):
        verify(path)


def test_a_file_that_is_no_json_is_no_manifest_and_the_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("{\n[bot]\n")
    with pytest.raises(FilterError) as error:
        verify(tmp_path / "config.toml")
    assert error.value.what.endswith("it is no manifest that can be read: line 2 is no JSON")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(FilterError, match="too many brackets within each other"):
        verify(tmp_path / "deep.json")


@pytest.mark.parametrize("engine_name", ["sqlite"])
async def test_whatever_a_manifest_says_it_is_proved_or_refused(store: Store, tmp_path: Path) -> None:
    """One value after the other is something that nobody would expect there."""
    await fill(store)
    asked = Query(text="drone", channels=("heron",), edited=False, views_at_most=9)
    good = (await made(store, tmp_path / "out", query=asked)).document()
    path, n, again = tmp_path / "out" / "manifest.json", 0, 0
    for each in [*odd(good, JUNK[::4]), *odd({"query": good["query"]}, JUNK), "[" * 100_000]:
        path.write_text(each if isinstance(each, str) else json.dumps(good | each))
        n += 1
        try:
            found = verify(path).manifest
        except FilterError:
            continue
        if found.query != asked or n % 99 == 0:
            again += 1
            with contextlib.suppress(DeadairError):
                async with store.read() as tx:
                    await export(tx, Order.again(found), tmp_path / f"again{n}")
    assert again > 10


async def test_an_export_never_overwrites_and_leaves_nothing_half_made(store: Store, tmp_path: Path) -> None:
    await fill(store)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    with pytest.raises(DeadairError, match="something at"):
        await made(store, tmp_path / "full")
    with pytest.raises(DeadairError, match="there is no folder"):
        await made(store, tmp_path / "no" / "where")
    with pytest.raises(FilterError, match="no table 'postz'"):
        await made(store, tmp_path / "out", tables=("posts", "postz"))
    there = {name for name in os.listdir(tmp_path) if not name.startswith("deadair.db")}
    assert there == {"full"}
    assert os.listdir(tmp_path / "full") == ["mine.txt"]


async def test_an_export_holds_what_the_query_finds_and_nothing_else(store: Store, tmp_path: Path) -> None:
    await fill(store)
    await made(store, tmp_path / "out", query=Query(text="drone", languages=("en",)))
    assert [p["post_id"] for p in lines(tmp_path / "out", "posts")] == [3]
    assert lines(tmp_path / "out", "claims") == []


async def test_an_export_says_when_edits_came_as_they_were_made(store: Store, tmp_path: Path) -> None:
    await put(store, post(1, "as it was"), post(2, "untouched"))
    spans = (("home", 0, 4, How.LIVE), ("witness", 2, 8, How.POLLED), ("home", 6, 8, How.LIVE))
    async with store.begin() as tx:
        for account, start, end, how in spans:
            at = (NOON + start * HOUR, NOON + end * HOUR)
            await tx.watch.extend(
                WatchSpan(channel_id=FALCON, account=account, from_at=at[0], to_at=at[1], how=how)
            )
    query = Query(channels=("falcon_news",), since=NOON + HOUR, until=NOON + 7 * HOUR)
    manifest = await made(store, tmp_path / "out", query=query)
    assert [
        (s["from_at"][11:16], s["to_at"][11:16], s["edits"]) for s in lines(tmp_path / "out", "watch_spans")
    ] == [("13:00", "16:00", True), ("16:00", "18:00", False), ("18:00", "19:00", True)]
    (covered,) = manifest.coverage
    assert (covered["watched"], covered["edits_watched"]) == (1, round(4 / 6, 6))
    whole = lines(tmp_path / "out", "activity")
    assert [hour["observed"] for hour in whole] == [0] * 6
    # What was edited while nobody was pushed may have been edited back: no hour is known to have so many.
    await made(store, tmp_path / "edited", query=replace(query, edited=True))
    assert [(h["observed"], h["held"]) for h in lines(tmp_path / "edited", "activity")] == [(None, 0)] * 6
