"""docs/faults.md names tests that are there, and leaves out no way to a false silence."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs" / "faults.md").read_text()
TESTS = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))


def test_every_test_that_the_table_of_faults_names_exists() -> None:
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    defined = set(re.findall(r"def (test_\w+)\(", TESTS))
    assert len(named) > 40
    assert named - defined == set()


def test_each_of_the_nineteen_ways_has_a_test_of_ours_and_one_of_the_bare_client() -> None:
    bare = (ROOT / "tests/integration/sandbox_mtproto/test_what_stock_telethon_loses.py").read_text()
    rows = re.findall(r"^\| (\d+) \|(.*)\|(.*)\|(.*)\|(.*)\|$", TABLE, re.MULTILINE)
    assert [int(number) for number, *_ in rows] == list(range(1, 20))
    for number, _, stock, _, ours in rows:
        assert [t for t in re.findall(r"`(test_\w+)`", stock) if f"def {t}(" in bare], number
        assert re.findall(r"`test_\w+`", ours), number
