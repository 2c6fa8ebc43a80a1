"""What people found of alarms on real posts is well formed, short, and in their own words."""

import pytest

from benchmarks.detection import triage
from benchmarks.detection.posts import CHANNELS
from domain.finding import Kind


def test_every_note_is_of_a_known_channel_kind_and_finding_and_says_something() -> None:
    names = {channel or file for file, channel, _ in CHANNELS}
    found = triage.notes()
    assert len(found) > 20
    for note in found:
        assert note.channel in names
        assert Kind(note.kind) in triage.KINDS
        assert note.found in triage.FOUND[:-1]
        assert 5 < len(note.words) < 200
        assert note.words.isascii()  # no post is quoted: none of them is in English


def test_two_notes_of_one_channel_and_kind_are_never_of_the_same_alarm() -> None:
    keys = [(n.channel, n.kind, n.began) for n in triage.notes()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("found", triage.FOUND)
def test_unexplained_is_what_nothing_real_nor_a_hole_in_the_record_explains(found: str) -> None:
    class One:
        episode = type("E", (), {"kind": Kind.SURGE})
        found = ""

    one = One()
    one.found = found
    surge = triage.summary([one], 2.0)[2]  # type: ignore[list-item]  # only these two are read
    assert surge[0] == "surge"
    assert surge[-1] == ("0.00" if found in (triage.REAL, triage.RECORD) else "0.50")
