"""An export with its manifest, fetched over HTTP: proved, made again byte for byte, and tampered with."""

import base64
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile
from zoneinfo import ZoneInfo

import pytest

from archive.export.check import read_manifest, verify
from archive.export.make import Order, export
from archive.export.manifest import File, Manifest
from archive.export.writers import Format
from archive.query import Query
from domain.credential import Scope
from domain.errors import DeadairError
from storage.store import Store
from tests.support.archived import fill_all, one_more
from tests.support.searching import NOON
from tests.support.serving import make_token, serving

SINCE = "2026-03-01T00:00:00Z"


async def test_it_is_proved_and_made_again_byte_for_byte(store: Store, tmp_path: Path) -> None:
    await fill_all(store)
    token = await make_token(store, Scope.EXPORT)
    async with serving(store) as running, running.client(token) as client:
        asked = {"table": ["posts", "claims", "gaps"], "since": SINCE, "format": "csv"}
        answer = await client.get("/api/v1/exports", params=asked)
        assert answer.headers["content-type"] == "application/zip"
        assert answer.headers["transfer-encoding"] == "chunked"
        assert answer.headers["content-disposition"].endswith('.zip"')
        assert answer.headers["ratelimit-limit"] == "100000"
        path = tmp_path / "fetched.zip"
        path.write_bytes(answer.content)
        as_of = {"as_of": answer.headers["deadair-as-of"]}
        plain = await client.get("/api/v1/exports/posts", params={"format": "csv", "since": SINCE, **as_of})
        with ZipFile(path) as pack:
            assert pack.namelist() == ["posts.csv", "claims.csv", "gaps.csv", "manifest.json"]
            manifest = json.loads(pack.read("manifest.json"))
            assert pack.read("posts.csv") == plain.content
            pack.extractall(tmp_path / "folder")
        assert manifest["query"] == {"since": "2026-03-01T00:00:00+00:00"}
        assert [f["rows"] for f in manifest["files"]] == [6, 3, 1]
        assert "SHA-256" in manifest["citation"]
        assert {each["channel_id"] for each in manifest["coverage"]} == {7, 8, 9}
        for fetched in (path, tmp_path / "folder", tmp_path / "folder" / "manifest.json"):
            assert verify(fetched).is_whole
            assert verify(fetched).strangers == []
        assert (await client.get("/api/v1/exports", params={**asked, **as_of})).content == answer.content

        await one_more(store, 40, "it came later")
        running.clock.advance(timedelta(hours=1))
        again = await client.get("/api/v1/exports", params={"again": manifest["again"]})
        assert again.status_code == 200
        with ZipFile(io.BytesIO(again.content)) as other, ZipFile(path) as first:
            for name in ("posts.csv", "claims.csv", "gaps.csv"):
                assert other.read(name) == first.read(name)
            assert json.loads(other.read("manifest.json"))["files"] == manifest["files"]
        # As the command line does it from the same manifest.
        async with store.read() as tx:
            made = await export(tx, Order.again(read_manifest(path)), tmp_path / "by_hand")
        assert made.again == manifest["again"]
        assert (tmp_path / "by_hand" / "posts.csv").read_bytes() == plain.content
        assert (await client.get("/api/v1/exports")).content.count(b"it came later") == 2


INSTANTS = {
    "1970": (datetime(1970, 1, 1, tzinfo=UTC), None),
    "2012": (datetime(2012, 2, 29, 23, 59, 59, tzinfo=UTC), datetime(2014, 1, 1, tzinfo=UTC)),
    "the hour that comes twice": (
        datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        datetime(2025, 10, 26, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"), fold=1),
    ),
    "half an hour": (datetime(2026, 3, 1, 17, tzinfo=ZoneInfo("Asia/Kolkata")), None),
    "microseconds": (NOON + timedelta(microseconds=1), NOON + timedelta(minutes=3, microseconds=7)),
    "ages": (datetime(1949, 10, 7, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)),
}


@pytest.mark.parametrize(("since", "until"), INSTANTS.values(), ids=INSTANTS)
async def test_the_instants_of_a_manifest_stay_what_they_are(
    store: Store, tmp_path: Path, since: datetime, until: datetime | None
) -> None:
    """Put within Telegram's time, as whoever asks anew has it, the same question was another one."""
    await fill_all(store)
    order = Order(
        query=Query(since=since, until=until),
        tables=["posts", "activity", "watch_spans", "gaps"] if since.year > 2000 else ["posts", "gaps"],
        at=NOON + timedelta(hours=5, microseconds=3),
    )
    async with store.read() as tx:
        made = await export(tx, order, tmp_path / "made")
    token = await make_token(store, Scope.EXPORT)
    async with serving(store) as running, running.client(token) as client:
        first = await client.get("/api/v1/exports", params={"again": made.again})
        second = await client.get("/api/v1/exports", params={"again": made.again})
    assert first.status_code == 200, first.text
    assert first.content == second.content
    with ZipFile(io.BytesIO(first.content)) as pack:
        for name in pack.namelist():
            assert pack.read(name) == (tmp_path / "made" / name).read_bytes(), name
    told = json.loads((tmp_path / "made" / "manifest.json").read_text())["query"]
    assert datetime.fromisoformat(told["since"]) == since.astimezone(UTC)
    async with store.read() as tx:
        await export(tx, Order.again(read_manifest(tmp_path / "made")), tmp_path / "again")
    for path in (tmp_path / "made").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


async def test_it_takes_the_scope_and_a_place_among_the_exports(store: Store) -> None:
    await fill_all(store)
    posts, export_ = await make_token(store, Scope.POSTS), await make_token(store, Scope.EXPORT)
    async with serving(store, exports_at_once=1) as running:
        async with running.client(posts) as client:
            answer = await client.get("/api/v1/exports")
            assert (answer.status_code, answer.json()["needs"]) == (403, "export")
        async with running.client(export_) as client:
            for _ in range(3):
                assert (await client.get("/api/v1/exports?table=gaps")).status_code == 200


def word(**changes: Any) -> str:
    """What stands as `again` in a manifest, with something of it changed."""
    whole = {
        "at": "2026-03-01T12:00:00Z",
        "format": "ndjson",
        "tables": ["gaps"],
        "query": {},
        "reader": None,
        "upto": [9, 9, 9],
    }
    return base64.urlsafe_b64encode(json.dumps(whole | changes).encode()).decode().rstrip("=")


async def test_a_word_that_no_manifest_holds_is_refused(store: Store) -> None:
    await fill_all(store)
    token = await make_token(store, Scope.EXPORT)
    async with serving(store, exports_at_once=1) as running, running.client(token) as client:
        assert (await client.get("/api/v1/exports", params={"again": word()})).status_code == 200
        for wrong in (
            "nonsense",
            word(at="0001-01-01T00:00:00+14:00"),
            word(at="2199-01-01T00:00:00Z"),
            word(at="2026-03-01T12:00:00"),
            word(format="exe"),
            word(tables=["../posts"]),
            word(tables=[]),
            word(tables=[[]]),
            word(query={"text": 5}),
            word(query={"password": "x"}),
            word(query=[]),
            word(query={"since": "0001-01-01T00:00:00+14:00"}),
            word(query={"since": "2026-03-01T00:00:00"}),
            word(query={"until": None}),
            word(reader="1"),
            word(reader=1 << 70),
            word(upto=[1, 2]),
            word(upto=[1, 2, -1]),
            base64.urlsafe_b64encode(b"[" * 5000).decode(),
        ):
            answer = await client.get("/api/v1/exports", params={"again": wrong})
            assert answer.status_code == 400, wrong
            assert answer.json()["type"] == "urn:deadair:problem:cursor-not-usable"
        both = await client.get("/api/v1/exports", params={"again": word(), "q": "x"})
        assert both.status_code == 400
        unread = await client.get("/api/v1/exports", params={"again": word(query={"text": "(x"})})
        assert unread.json()["type"] == "urn:deadair:problem:query-not-readable"
        assert (await client.get("/api/v1/exports", params={"table": "passwords"})).status_code == 422
        # None of these holds a place among the exports under way.
        assert (await client.get("/api/v1/exports/gaps")).status_code == 200


def test_one_that_was_tampered_with_is_told(tmp_path: Path) -> None:
    rows = b'{"id":1}\n'
    file = File(name="gaps.ndjson", table="gaps", rows=1, bytes=len(rows), sha256=sha256(rows).hexdigest())
    manifest = Manifest(
        made_at=datetime(2026, 3, 1, tzinfo=UTC),
        deadair="1",
        format=Format.NDJSON,
        query=Query(),
        reader_version=None,
        upto={"post": 1, "revision": 0, "claim": 0},
        files=[file],
        coverage=[],
        chains={},
        unsearchable=0,
    )

    def packed(files: dict[str, bytes], form: int = ZIP_STORED) -> Path:
        path = tmp_path / "it.zip"
        with ZipFile(path, "w", form) as pack:
            for name, data in files.items():
                pack.writestr(name, data)
            pack.writestr("manifest.json", manifest.text())
        return path

    whole = {"gaps.ndjson": rows}
    assert verify(packed(whole)).is_whole
    other = replace(manifest, deadair="2").document() | {"deadair": "1"}
    with ZipFile(tmp_path / "other.zip", "w", ZIP_STORED) as pack:
        pack.writestr("gaps.ndjson", rows)
        pack.writestr("manifest.json", json.dumps(other))
    assert (verify(tmp_path / "other.zip").contradicted, verify(tmp_path / "other.zip").is_whole) == (
        ["citation", "bibtex"],
        False,
    )
    assert "SHA-256" in verify(packed({"gaps.ndjson": b'{"id":2}\n'})).files[0].trouble
    assert "bytes" in verify(packed({"gaps.ndjson": rows * 2})).files[0].trouble
    assert verify(packed({})).files[0].trouble == "it is not there"
    assert verify(packed({**whole, "more.txt": b"x"})).strangers == ["more.txt"]
    assert "packed again" in verify(packed(whole, ZIP_DEFLATED)).files[0].trouble
    path = packed(whole)
    path.write_bytes(path.read_bytes().replace(rows, b'{"id":3}\n', 1))
    assert "cannot be read" in verify(path).files[0].trouble
    path.write_bytes(path.read_bytes()[:-40])  # as a stream that broke off
    with pytest.raises(DeadairError, match=r"cannot read|it is no"):
        verify(path)
