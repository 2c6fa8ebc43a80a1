"""Cases of the catalogue that need the lexicon: which of two names it is, and whether it is one at all."""

import json
from pathlib import Path

import pytest

from claims.casualties import casualties
from claims.doubt import settle_doubts
from claims.groups import mark_unknown_groups
from claims.lexicon.load import load
from claims.marks import find_marks
from claims.normalise import fold, fold_text

CASES = Path(__file__).parents[2] / "data/claims/normalise_cases.jsonl"
ROWS = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]


def resolves(surface: str, text: str) -> bool:
    """Is the surface read as the thing it names?"""
    folded = fold(text)
    if "casualty" in surface or fold_text(surface) == "اصابه":
        return casualties(folded.text, 0, len(folded.text), {}) is not None
    marks = find_marks(load(), folded, "ar")
    mark_unknown_groups(marks)
    settle_doubts(marks)
    wanted = fold_text(surface)
    for thing in marks.things:
        said = folded.text[thing.start : thing.end]
        if (thing.actor or thing.place or thing.weapon) and said.split()[-1] == wanted.split()[-1]:
            return wanted in said and (" " not in wanted or said == wanted or wanted in said.split(" ", 1))
    return False


@pytest.mark.parametrize("case", [pytest.param(r, id=r["id"]) for r in ROWS if r["level"] == "resolve"])
def test_a_name_is_taken_for_what_it_is_in_its_surroundings(case: dict[str, object]):
    surface, text = str(case["surface"]), str(case["text"])
    if case["id"] in ("N067", "N068", "N069", "N070", "N071"):
        # Part of a longer name: the longer one must have won.
        marks = find_marks(load(), fold(text), "ar")
        mark_unknown_groups(marks)
        spans = [marks.text[t.start : t.end] for t in marks.things]
        assert fold_text(surface) not in spans
        assert any(fold_text(surface) in span for span in spans)
        return
    assert resolves(surface, text) is case["match"], case["rule"]
