"""Exports: whole, the same each time, with what was missed, proof against tampering and spreadsheets."""

import csv
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest

from archive.errors import FilterError
from archive.export.check import read_manifest, verify
from archive.export.make import Order, export
from archive.export.manifest import Manifest
from archive.export.writers import Format
from archive.query import Query
from domain.errors import DeadairError
from storage.store import Store
from tests.support.searching import DAY, FALCON, HOUR, KITE, NOON, fill, post, put

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
        if file.table != "activity":  # which counts what is held of each hour
            assert (tmp_path / "three" / file.name).read_bytes() == (
                tmp_path / "one" / file.name
            ).read_bytes()


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
        ({"upto": {}}, "no manifest that can be read"),
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
