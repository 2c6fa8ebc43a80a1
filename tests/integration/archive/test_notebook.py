"""docs/notebook.ipynb does what it says: its cells run in order, as a notebook runs them."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.birds import NO_DRONES, NOW

NOTEBOOK = Path(__file__).parents[3] / "docs" / "notebook.ipynb"


def cells() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return found


def run(source: str, name: str, space: dict[str, Any]) -> Any:
    """A cell: all of it is executed, and its last expression is what it shows."""
    tree = ast.parse(source, name)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, name, "exec"), space)  # noqa: S102 - the cells of our own notebook
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), space)  # noqa: S307 - the same


async def test_its_cells_run_on_an_archive(
    birds_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DEADAIR_ARCHIVE", birds_url)
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {"__name__": "__main__"}
    plots = 0
    for cell in cells():
        if cell["cell_type"] == "code":
            # The test has a loop running, as a notebook has.
            shown = run("".join(cell["source"]), cell["id"], space)
            plots += hasattr(shown, "_repr_svg_") and shown._repr_svg_().startswith("<svg")
    assert plots == 5
    assert space["UNTIL"] == NOW
    assert space["CHANNEL"] == "@falcon_front"
    # One channel gave up two topics, which it had in the same posts, and the notebook finds them.
    assert (space["SILENT"], space["TOPIC"]) == ("@kite_news", space["missed"].loc[0, "topic"])
    assert set(space["missed"].loc[:1, "topic"]) == {"attacks", "drones"}
    assert space["missed"].loc[0, "last_post"] < NO_DRONES
    assert space["missed"].loc[0, "missed"] > 3 * space["missed"].loc[2, "missed"]
    said = capsys.readouterr().out
    assert "posts of @kite_news on Telegram, archived by Deadair; watched" in said
    assert (tmp_path / "export" / "silent.svg").is_file()
    assert "nothing has changed" in said


def test_it_is_stored_without_what_a_machine_made_of_it() -> None:
    whole = json.loads(NOTEBOOK.read_text("utf-8"))
    assert (whole["nbformat"], whole["nbformat_minor"]) == (4, 5)
    assert set(whole["metadata"]) == {"kernelspec", "language_info"}
    ids = [cell["id"] for cell in whole["cells"]]
    assert len(set(ids)) == len(ids)
    for cell in whole["cells"]:
        if cell["cell_type"] == "code":
            assert (cell["outputs"], cell["execution_count"]) == ([], None), cell["id"]
            assert cell["metadata"] == {}
    assert str(Path.home()) not in NOTEBOOK.read_text("utf-8")
