"""A scraper's record of its looks says when one could see."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from collector.importers.errors import UnknownFormat
from collector.importers.looks import read_looks, spans_of_looks
from collector.importers.record import Bad
from domain.watch import Look, Seen
from tests.support.shared import needs, shared

AT = datetime(2024, 3, 1, 12, tzinfo=UTC)
POLLS = "data/polls"


def look(hour: int, oldest: int | None, newest: int | None) -> Look:
    ok = oldest is not None
    state = "ok" if ok else "absent"
    at = AT + timedelta(hours=hour)
    return Look(at=at, ok=ok, state=state, n=20 * ok, oldest_id=oldest, newest_id=newest)


def test_looks_are_read_packed_or_not_and_bad_lines_are_told(tmp_path: Path) -> None:
    good = {"t": "2024-03-01T12:00:00Z", "state": "ok", "n": 20, "min_id": 1, "max_id": 20, "members": "1K"}
    no_zone = '{"t": "2024-03-01T12:00:00", "state": "ok"}'
    bad = ["{", "[]", '{"state": "ok"}', no_zone, '{"t": "2024-03-01T12:00:00Z"}']
    data = "\n".join([json.dumps(good), *bad]).encode()
    for name, content in (("a.jsonl", data), ("a.jsonl.gz", gzip.compress(data))):
        (tmp_path / name).write_bytes(content)
        first, *rest = read_looks(tmp_path / name)
        assert first == look(0, 1, 20)
        assert [each.place for each in rest if isinstance(each, Bad)] == [f"line {n}" for n in range(2, 7)]


def test_a_file_without_looks_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text('{"id": 1}\n')
    with pytest.raises(UnknownFormat, match="holds no record of looks"):
        list(read_looks(path))


def test_pages_that_meet_leave_no_hole_and_others_do() -> None:
    looks = [look(0, 1, 20), look(1, 15, 30), look(2, None, None), look(3, 31, 50), look(9, 80, 99)]
    spans = spans_of_looks(looks, 7, {1: AT - timedelta(hours=2), 80: AT + timedelta(hours=8)}.get)
    assert [(s.from_at - AT, s.to_at - AT) for s in spans] == [
        (timedelta(hours=-2), timedelta(hours=3)),
        (timedelta(hours=8), timedelta(hours=9)),
    ]


@needs(POLLS, "the real looks")
def test_real_looks_are_read_as_a_whole() -> None:
    for path in sorted(shared(POLLS).glob("*.gz")):
        looks = [each for each in read_looks(path) if isinstance(each, Look)]
        with gzip.open(path) as file:
            assert len(looks) == sum(1 for _ in file)
        assert Seen.merged(spans_of_looks(looks, 1, lambda _: None)).stretches
