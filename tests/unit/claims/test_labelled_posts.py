"""Labelled posts, all invented: what is read in them, slot by slot.

`fresh` and `duplicates_fresh` were written by people who did not know the rules; no rule was made from them.
"""

from pathlib import Path

import pytest

from claims.lexicon.load import load
from claims.reading import parse_row, read_post
from tests.support.claims_score import f1, pairwise, read_file

DATA = Path(__file__).parents[2] / "data/claims"


@pytest.mark.parametrize("name", ["seen", "unseen", "fresh"])
def test_claims_are_read_as_well_as_was_promised(name: str):
    pairs = read_file(DATA / f"{name}.jsonl")
    floors = {
        "is_claim": 0.90, "kind": 0.80, "claimant": 0.83, "location": 0.82, "country": 0.84, "target": 0.80,
        "weapon": 0.83, "topics": 0.70,
    }  # fmt: skip
    measured = {slot: f1(pairs, slot) for slot in floors}
    assert {slot: f for slot, f in measured.items() if f < floors[slot]} == {}


@pytest.mark.parametrize("name", ["seen", "unseen", "fresh"])
def test_posts_that_claim_nothing_are_hardly_ever_taken_for_claims(name: str):
    pairs = read_file(DATA / f"{name}.jsonl")
    negative = [read for gold, read in pairs if not gold["is_claim"]]
    assert sum(read["is_claim"] for read in negative) / len(negative) <= 0.07


def test_in_ordinary_posts_full_of_the_words_of_war_nothing_is_read():
    lines = (DATA / "ordinary.jsonl").read_text(encoding="utf-8").splitlines()
    posts = [parse_row(n, line) for n, line in enumerate(lines, 1)]
    assert [p.text for p in posts if read_post(load(), p.text, posted=p.posted).claims] == []


def test_every_value_stands_on_words_of_its_post():
    for gold, read in read_file(DATA / "seen.jsonl"):
        for claim in read["claims"]:
            for span in claim["spans"].values():
                assert gold["text"][span["start"] : span["end"]] == span["text"]
                assert span["rule"]
            for slot in ("claimant", "location", "casualties"):
                assert claim[slot] is None or slot in claim["spans"], (slot, gold["text"])


@pytest.mark.parametrize("name", ["duplicates_seen", "duplicates_unseen", "duplicates_fresh"])
def test_posts_of_one_act_are_found_as_well_as_was_promised(name: str):
    precision, recall = pairwise(DATA / f"{name}.jsonl")
    assert precision >= 0.92
    assert 2 * precision * recall / (precision + recall) >= 0.88


def test_terse_and_foreign_posts_are_rather_left_alone_than_joined_wrongly():
    precision, recall = pairwise(DATA / "duplicates_hard.jsonl")
    assert precision >= 0.92
    assert recall >= 0.4
