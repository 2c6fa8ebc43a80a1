"""The catalogue of spellings and evasions, case by case."""

import json
from pathlib import Path
from typing import Any

import pytest

from claims.finder import Finder
from claims.normalise import fold
from claims.surfaces import patterns

CASES = Path(__file__).parents[2] / "data/claims/normalise_cases.jsonl"
#: Spellings of loan words, as the lexicon holds them.
SWAPS = {
    "باليستي": ("بالستي",), "غراد": ("كراد", "گراد", "جراد"), "فكتوريا": ("فيكتوريا",),
}  # fmt: skip


def cases(*levels: str) -> list[Any]:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=row["id"]) for row in rows if row["level"] in levels]


@pytest.mark.parametrize("case", cases("char", "morph"))
def test_a_surface_is_found_where_a_reader_would_see_it_and_nowhere_else(case: dict[str, Any]):
    finder = Finder((pattern, True) for pattern in patterns(case["surface"], swaps=SWAPS))
    assert bool(finder.find(fold(case["text"]))) is case["match"], case["rule"]
