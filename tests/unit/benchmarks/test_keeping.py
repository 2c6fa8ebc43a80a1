"""What is measured is kept, and put where it belongs."""

from pathlib import Path

import pytest

from benchmarks.detection.__main__ import main
from benchmarks.detection.delays import Delays
from benchmarks.detection.page import put
from benchmarks.detection.peers.gaps import GAPS
from benchmarks.detection.table import Results


def test_results_are_there_after_an_interruption(tmp_path: Path) -> None:
    first = Results(tmp_path / "a" / "rows.csv", ("who", "n"))
    first.add([{"who": "one", "n": 1}, {"who": "two, and", "n": 2}])
    again = Results(tmp_path / "a" / "rows.csv", ("who", "n"))
    assert again.rows == first.rows
    assert [r["n"] for r in again.having(who="two, and")] == ["2"]


def test_a_half_written_row_is_measured_again(tmp_path: Path) -> None:
    kept = Results(tmp_path / "rows.csv", ("who", "n"))
    kept.add([{"who": "one", "n": 1}])
    with (tmp_path / "rows.csv").open("a") as file:
        file.write("two")
    assert [r["who"] for r in Results(tmp_path / "rows.csv", ("who", "n")).rows] == ["one"]


def test_a_second_run_measures_only_what_is_missing(tmp_path: Path) -> None:
    grace = GAPS[1]
    first = Delays(tmp_path)
    first.run([grace], streams=1, processes=1)
    n = len(first.delays.rows)
    assert n > 0
    again = Delays(tmp_path)
    again.run([grace], streams=1, processes=1)
    assert len(again.delays.rows) == n
    assert len(again.clean.rows) == len(first.clean.rows)


def test_a_table_goes_between_its_marks_and_nowhere_else() -> None:
    page = "prose\n<!-- cost -->\nold\n<!-- end -->\nmore\n<!-- other -->\nkept\n<!-- end -->\n"
    changed = put(page, "cost", "new | table")
    assert "new | table" in changed
    assert "old" not in changed
    assert "kept" in changed
    assert put(changed, "no such place", "x") == changed


def test_an_empty_place_takes_a_table_and_leaves_the_prose_that_follows() -> None:
    page = "<!-- cost -->\n<!-- end -->\n\nprose\n\n<!-- other -->\n<!-- end -->\n"
    once = put(page, "cost", "table")
    assert once == "<!-- cost -->\n\ntable\n\n<!-- end -->\n\nprose\n\n<!-- other -->\n<!-- end -->\n"
    assert put(once, "cost", "table") == once


@pytest.mark.parametrize(
    ("given", "said"), [("streams", "NAME=N"), ("pans=3", "NAME=N"), ("streams=0", "NAME=N")]
)
def test_a_bad_size_is_refused_with_what_is_allowed(
    given: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks.detection", "--size", given])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 2
    assert said in capsys.readouterr().err
