"""Which reader understood a post: the number and the fingerprint."""

import subprocess
import sys
from pathlib import Path

import pytest

from claims.lexicon.load import load
from claims.topics import WordTopics
from claims.version import READER_VERSION, Reads, fingerprint
from tests.support.readings import readings, recorded


def test_no_change_of_what_is_read_goes_without_a_new_reader_version():
    number, before = recorded()
    now = readings()
    otherwise = [name for name in before if name in now and now[name] != before[name]]
    advice = "record it, which raises READER_VERSION: .venv/bin/python -m tests.support.readings"
    assert not otherwise, f"{len(otherwise)} labelled posts are read otherwise, as {otherwise[:5]}; {advice}"
    assert number == READER_VERSION, f"version {READER_VERSION} is not on record; {advice}"
    assert len(before.keys() & now.keys()) > 200


def test_the_fingerprint_is_the_same_in_every_process():
    script = (
        "from claims.lexicon.load import load; from claims.version import Reads, fingerprint; "
        "print(fingerprint(Reads(lexicon=load())))"
    )
    prints = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={"PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert prints == {fingerprint(Reads(lexicon=load()))}


@pytest.mark.parametrize(
    "text",
    [
        '[[actor]]\nid = "kh"\nar = ["الكتائب الصامدة"]\n',
        '[[place]]\nid = "camp_willow"\nkind = "base"\ncountry = "IQ"\nar = ["معسكر الصفصاف"]\n',
        '[topic.sports]\nar = ["هدف قاتل"]\n',
        '[cue.hedge]\nar = ["على ما يبدو لنا"]\n',
        'spelling = [["درون", "درونز"]]\n',
    ],
)
def test_what_an_operators_file_adds_makes_another_fingerprint(tmp_path: Path, text: str):
    shipped = fingerprint(Reads(lexicon=load()))
    path = tmp_path / "own.toml"
    path.write_text(text, encoding="utf-8")
    own = fingerprint(Reads(lexicon=load([path])))
    assert own != shipped
    path.rename(tmp_path / "moved.toml").write_text(
        f"# a comment, and another name\n{text}", encoding="utf-8"
    )
    assert fingerprint(Reads(lexicon=load([tmp_path / "moved.toml"]))) == own
    path.write_text("# nothing\n", encoding="utf-8")
    assert fingerprint(Reads(lexicon=load([path]))) == shipped


def test_ones_own_topics_make_another_fingerprint_and_their_order_does_not():
    def of(words: list[str], any_of: list[str]) -> str:
        topics = WordTopics({"attacks": words, "sport": ["مباراة"]}, {"attacks": any_of})
        return fingerprint(Reads(lexicon=load(), topics=topics))

    prints = [
        of(["قصف"], []),
        of(["قصف", "غارة"], []),
        of(["قصف"], ["threats"]),
        of(["قصف"], ["threats", "martyrs"]),
        fingerprint(Reads(lexicon=load())),
    ]
    assert len(set(prints)) == len(prints)
    assert of(["غارة", "قصف", "قصف"], []) == prints[1]
    assert of(["قصف"], ["martyrs", "threats"]) == prints[3]
