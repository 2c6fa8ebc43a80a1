"""A file of labelled episodes is read, or every mistake in it is told."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from deadair.labels import LabelError, read_labels
from domain.channel import Channel
from tests.support.odd_files import JUNK, odd

CHANNELS = [
    Channel(id=number, title=handle, handle=handle, zone=zone)
    for number, handle, zone in ((7, "falcon", "Asia/Baghdad"), (8, "heron", "America/New_York"))
]
GOOD: dict[str, Any] = {
    "channel": "falcon",
    "kind": "silence",
    "topic": "attacks",
    "from": "2031-03-14T12:00:00",
    "to": "2031-03-15T12:00:00Z",
}
ENDS = ("0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59", "9999-12-31T23:59:59-12:00")


def test_whatever_stands_in_it(tmp_path: Path) -> None:
    path, n = tmp_path / "labels.jsonl", 0
    for good in (GOOD, {**GOOD, "channel": "heron"}):
        for each in odd(good, [*JUNK, *ENDS]):
            path.write_text(json.dumps(each))
            try:
                (label,) = read_labels(path, CHANNELS)
            except LabelError:
                continue
            assert label.start.tzinfo is UTC
            n += 1
    assert n > 20


def test_a_time_without_a_zone_is_the_channels(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(GOOD))
    (label,) = read_labels(path, CHANNELS)
    assert label.start == datetime(2031, 3, 14, 9, tzinfo=UTC)


@pytest.mark.parametrize("name", ["labels.jsonl", "labels.toml"])
@pytest.mark.parametrize("text", ["[" * 100_000, "1" * 5_000], ids=["nested", "number"])
def test_what_is_beyond_reading(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(f"a = {text}" if name.endswith("toml") else text)
    with pytest.raises(LabelError, match=r"is no JSON|is not valid TOML"):
        read_labels(path, CHANNELS)


def test_what_is_missing_or_no_kind_is_said(tmp_path: Path) -> None:
    path = tmp_path / "labels.jsonl"
    nameless = {key: value for key, value in GOOD.items() if key != "channel"}
    path.write_text("\n".join(json.dumps(each) for each in (nameless, {**GOOD, "kind": "blind"})))
    with pytest.raises(LabelError) as told:
        read_labels(path, CHANNELS)
    assert "line 1: channel must be given; there are @falcon, @heron" in str(told.value)
    assert "line 2: 'blind' is no kind: silence, drop, surge" in str(told.value)
