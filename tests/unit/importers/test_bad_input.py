"""A bad record is told with its place and reason, and costs nothing but itself."""

import contextlib
import gzip
import json
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.importers.errors import UnknownFormat
from collector.importers.lines import LONGEST
from collector.importers.read import read_records
from collector.importers.record import Bad, Record

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)


def common(n: int, **more: Any) -> dict[str, Any]:
    at = f"{AT + timedelta(minutes=n):%Y-%m-%dT%H:%M:%SZ}"
    return {"channel": "falcon_news", "id": n, "date": at, "text": f"post {n}"} | more


def line(n: int, **more: Any) -> bytes:
    return json.dumps(common(n, **more)).encode()


def read(path: Path) -> tuple[list[Record], list[Bad]]:
    found = list(read_records(path))
    return [r for r in found if isinstance(r, Record)], [b for b in found if isinstance(b, Bad)]


def between(tmp_path: Path, bad: bytes) -> tuple[list[Record], list[Bad]]:
    """A line that is bad, between two that are good."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\n".join((line(1), bad, line(3))) + b"\n")
    return read(path)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b'{"channel": "x", "id": 2, "da', "broken JSON: Unterminated string"),
        (b"[1, 2]", "no JSON object: [1, 2]"),
        (b"null", "no JSON object: None"),
        (b'{"channel": "x", "text": "\xd1\xe1"}', "not UTF-8: byte 0xd1 at 27"),
        (b'{"a":' * 100_000, "JSON nested beyond reason"),
        (b'{"channel":"x","id":' + b"9" * 5000 + b"}", "JSON with a number beyond reason"),
        (b'{"x": 1}', "it has not even an id and a date: ['x']"),
        (line(2, id=None), "it has no id"),
        (line(2, id=0), "no post of a channel has the id 0"),
        (line(2, id=-7), "no post of a channel has the id -7"),
        (line(2, id=10**30), "no post of a channel has the id 1000000000000000000000000000000"),
        (line(2, id=True), "its id is no number: True"),
        (line(2, id=2.5), "its id is no number: 2.5"),
        (line(2, id="two"), "its id is no number: 'two'"),
        (line(2, date=None), "it has no date"),
        (line(2, date="2024-03-01T12:00:00"), "no time zone"),
        (line(2, date="2024-03-01"), "no time zone"),
        (line(2, date="soon"), "its date is none: 'soon'"),
        (line(2, date="0001-01-01T00:00:00Z"), "is not of Telegram's time"),
        (line(2, date="0001-01-01T00:00:00+14:00"), "is not of Telegram's time"),
        (line(2, date="9999-12-31T23:59:59-14:00"), "is not of Telegram's time"),
        (line(2, date="2012-01-01T00:00:00Z"), "is not of Telegram's time"),
        (line(2, date=10**40), "is not of Telegram's time"),
        (line(2, date=[2024]), "its date is none: [2024]"),
        (line(2, text=5), "its text is no text: 5"),
        (line(2, text=["a", 5]), "a part of its text is no text: 5"),
        (line(2, channel=None), "it does not say of which channel it is"),
    ],
)
def test_a_bad_line_is_told_with_its_reason_and_the_rest_is_read(
    tmp_path: Path, bad: bytes, reason: str
) -> None:
    records, told = between(tmp_path, bad)
    assert [r.post.id for r in records] == [1, 3]
    assert [b.place for b in told] == ["line 2"]
    assert reason in told[0].reason


@pytest.mark.parametrize(
    "good",
    [
        line(2, text=None),
        line(2, id="2"),
        line(2, id=2.0),
        line(2, date=1709294520),
        line(2, date="1709294520"),
        line(2, date=1709294520000),
        line(2, date="2024-03-01 15:02:00+03:00"),
        line(2, views=10**30, forwards="many", reply_to={}, edited="never", grouped_id=-1, media_kind=5),
        line(2, x_edits="none", x_deleted_between=5),
        b'{"channel":"falcon_news","id":2,"date":"2024-03-01T12:02:00Z","views":NaN,"x":[Infinity,NaN]}',
        line(2) + b"\r",
        b"  " + line(2),
    ],
)
def test_what_can_be_understood_is_understood_and_what_matters_little_is_left_out(
    tmp_path: Path, good: bytes
) -> None:
    records, told = between(tmp_path, good)
    assert told == []
    assert [(r.post.id, r.post.posted_at) for r in records][1] == (2, AT + timedelta(minutes=2))
    assert records[1].post.views is None
    json.dumps(records[1].post.raw, allow_nan=False)


def test_empty_lines_are_nothing(tmp_path: Path) -> None:
    records, told = between(tmp_path, b"\n  \n\r\n")
    assert ([r.post.id for r in records], told) == ([1, 3], [])


def test_a_lone_surrogate_and_a_nul_are_no_reason_to_refuse_a_post(tmp_path: Path) -> None:
    bad = b'{"channel":"falcon_news","id":2,"date":"2024-03-01T12:02:00Z","text":"\\ud83d \\u0000"}'
    records, told = between(tmp_path, bad)
    assert ([r.post.id for r in records], told) == ([1, 2, 3], [])


def test_one_endless_line_costs_neither_the_rest_nor_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(line(1) + b'\n{"text": "')
        for _ in range(40):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + line(3) + b"\n")
    tracemalloc.start()
    try:
        records, told = read(path)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [r.post.id for r in records] == [1, 3]
    assert [str(b) for b in told] == ["line 2: longer than 4 MiB: no message of Telegram's is"]
    assert peak < 4 * LONGEST


def test_a_long_file_takes_no_more_memory_than_a_short_one(tmp_path: Path) -> None:
    def peak(n: int) -> int:
        path = tmp_path / f"{n}.json"
        messages = ",\n".join(
            json.dumps({"id": k + 1, "type": "message", "date_unixtime": "1709294400", "text": "x" * 500})
            for k in range(n)
        )
        path.write_text(f'{{"name": "F", "type": "public_channel", "id": 5, "messages": [{messages}]}}')
        del messages
        tracemalloc.start()
        try:
            assert sum(isinstance(r, Record) for r in read_records(path)) == n
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)  # what is made once
    assert peak(8000) < peak(2000) + 500_000


@pytest.mark.parametrize(
    "cut", [b'{"id": 4, "ty', b'{"id": 4}, oops', b'{"id": 4, "text": NaN}', b"\x00", b"9" * 5000, b"[" * 200]
)
def test_of_a_document_that_breaks_off_everything_before_is_kept(tmp_path: Path, cut: bytes) -> None:
    whole = b",\n".join(
        json.dumps({"id": n, "type": "message", "date_unixtime": "1709294400", "text": "t"}).encode()
        for n in (1, 2, 3)
    )
    path = tmp_path / "result.json"
    path.write_bytes(b'{"name": "F", "type": "public_channel", "id": 5, "messages": [' + whole + b",\n" + cut)
    records, told = read(path)
    assert [r.post.id for r in records] == [1, 2, 3]
    assert told[-1].place in ("after message 3", "after message 4")
    assert "the JSON breaks off here, about byte" in told[-1].reason


def test_a_bad_byte_inside_a_document_costs_only_its_message(tmp_path: Path) -> None:
    given = json.dumps([common(1), common(2, text="HERE"), common(3)]).encode().replace(b"HERE", b"\xd3\xff")
    path = tmp_path / "a.json"
    path.write_bytes(given)
    records, told = read(path)
    assert [r.post.id for r in records] == [1, 3]
    assert [str(b) for b in told] == ["message 2: its text is not UTF-8"]


def test_an_array_with_things_in_it_that_are_no_messages(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([common(1), 5, None, [common(2)], {}, "x", common(3)]))
    records, told = read(path)
    assert [r.post.id for r in records] == [1, 3]
    assert [b.place for b in told] == [f"message {n}" for n in (2, 3, 4, 5, 6)]


@pytest.mark.parametrize("lost", [1, 9, 400])
def test_of_a_gz_that_was_cut_off_everything_before_is_kept(tmp_path: Path, lost: int) -> None:
    data = gzip.compress(b"\n".join(line(n, x=str(hash(str(n)) * n)) for n in range(1, 400)) + b"\n")
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(data[:-lost])
    records, told = read(path)
    assert len(records) >= 398 - lost
    assert told[-1].place == "the end of the file"
    assert "ends in the middle" in told[-1].reason


def test_of_a_gz_that_is_damaged_everything_before_is_kept(tmp_path: Path) -> None:
    data = bytearray(gzip.compress(b"\n".join(line(n, x=str(hash(str(n)) * n)) for n in range(1, 3000))))
    data[-500] ^= 0xFF
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(data)
    records, told = read(path)
    assert len(records) > 2000
    assert told[-1].place == "the end of the file"
    assert "compressed data is damaged" in told[-1].reason


def test_gz_files_written_one_after_the_other_are_one(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(b"".join(gzip.compress(line(n) + b"\n") for n in (1, 2, 3)) + b"\0" * 100)
    records, told = read(path)
    assert ([r.post.id for r in records], told) == ([1, 2, 3], [])


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"2,2024-03-01T12:02:00Z,x", "it has 3 cells where 4 are named"),
        (b"2,2024-03-01T12:02:00Z,x,falcon_news,more", "it has 5 cells where 4 are named"),
        (b"two,2024-03-01T12:02:00Z,x,falcon_news", "its id is no number: 'two'"),
        (b"2,2024-03-01T12:02:00Z,\xd3\xe1,falcon_news", "it is not UTF-8"),
        (b"2,2024-03-01T12:02:00Z," + b"x" * (LONGEST + 5) + b",falcon_news", "longer than 4 MiB"),
    ],
)
def test_a_bad_row_of_csv_costs_only_itself(tmp_path: Path, row: bytes, reason: str) -> None:
    path = tmp_path / "a.csv"
    good = [f"{n},2024-03-01T12:0{n}:00Z,post {n},falcon_news".encode() for n in (1, 3)]
    path.write_bytes(b"\n".join((b"id,date,text,channel", good[0], row, good[1])) + b"\n")
    records, told = read(path)
    assert [r.post.id for r in records] == [1, 3]
    assert [(b.place, reason in b.reason) for b in told] == [("line 3", True)]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_KEYS = st.sampled_from(
    [
        *("id", "date", "text", "channel", "views", "edited", "x_edits", "x_deleted_between", "fwd_from"),
        *("_", "type", "message", "peer_id", "media", "entities", "reply_to", "poll", "photo", "from_id"),
        *("media_kind", "text_entities", "date_unixtime", "edit_date", "media_type", "sender_id", "chat"),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changes=st.dictionaries(_KEYS, _JSON, max_size=5),
    base=st.sampled_from(
        [
            common(2),
            {"id": 2, "type": "message", "date_unixtime": "1709294400", "text": "t", "from_id": "channel5"},
            {"_": "Message", "id": 2, "peer_id": {"channel_id": 5}, "date": "2024-03-01T12:00:00Z"},
        ]
    ),
)
def test_whatever_stands_in_a_record_it_is_a_post_or_bad_and_never_an_accident(
    tmp_path: Path, changes: dict[str, Any], base: dict[str, Any]
) -> None:
    records, told = between(tmp_path, json.dumps(base | changes).encode())
    assert len(records) + len(told) == 3
    assert {records[0].post.id, records[-1].post.id} == {1, 3}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.binary(max_size=300),
    start=st.sampled_from(
        [b"", b"{", b"[", b'[{"id":1', b"\x1f\x8b\x08", b"id,date\n", b"\xff\xfe", b'{"messages":[']
    ),
)
def test_whatever_bytes_a_file_holds_it_is_read_or_refused(tmp_path: Path, data: bytes, start: bytes) -> None:
    path = tmp_path / "fuzz"
    path.write_bytes(start + data)
    with contextlib.suppress(UnknownFormat):
        read(path)
