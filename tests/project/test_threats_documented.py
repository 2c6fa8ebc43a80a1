"""docs/threats.md names tests that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_test_that_the_page_of_threats_names_exists() -> None:
    page = (ROOT / "docs" / "threats.md").read_text()
    named = set(re.findall(r"`(test_\w+)`", page))
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    defined = set(re.findall(r"def (test_\w+)\(", tests))
    assert len(named) > 20
    assert named - defined == set()


def test_every_row_of_a_threat_is_shown_by_a_test_or_says_that_nothing_stands_against_it() -> None:
    page = (ROOT / "docs" / "threats.md").read_text()
    rows = [
        line
        for line in page.splitlines()
        if line.startswith("| ") and not line.startswith(("| they ", "|---"))
    ]
    assert len(rows) > 15
    for row in rows:
        shown = row.rstrip("|").rsplit("|", 1)[1]
        assert re.search(r"`test_\w+`", shown) or ("**nothing of ours**" in row and "–" in shown), row
