"""What the audit of the dependencies makes of each answer: an index that knows nothing gives no all-clear."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

AUDIT = Path(__file__).resolve().parents[2] / ".ci" / "audit"
WELL = {"name": "a", "version": "1", "vulns": []}
WEAK = {"name": "b", "version": "2", "vulns": [{"id": "PYSEC-2026-1", "fix_versions": ["2.1"]}]}
SKIPPED = {"name": "c", "skip_reason": "not found on PyPI"}


def audited(folder: Path, *answers: list[dict[str, Any]] | str) -> tuple[int, str]:
    """What comes of it when pip-audit says this of one lock after the other; a text: it stumbles over it."""
    for number, answer in enumerate(answers):
        text = answer if isinstance(answer, str) else json.dumps({"dependencies": answer})
        (folder / f"{number}.txt").write_text(text)
    tool = folder / "pip-audit"
    tool.write_text(
        '#!/bin/sh\nfor each; do case "$each" in -r=*) lock=${each#-r=} ;; esac; done\n'
        'if [ "$(head -c 1 "$lock")" = "{" ]; then cat "$lock"; else cat "$lock" >&2; exit 1; fi\n'
    )
    tool.chmod(0o755)
    locks = [str(folder / f"{number}.txt") for number in range(len(answers))]
    done = subprocess.run([sys.executable, AUDIT, tool, *locks], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("answers", "status", "says"),
    [
        (([WELL],), 0, "1 packages, 0 with known weaknesses, 0 not asked about"),
        (([WELL, WEAK],), 1, "b 2: PYSEC-2026-1, mended in 2.1"),
        (([WEAK, SKIPPED],), 1, "1 with known weaknesses, 1 not asked about"),
        (([WELL, SKIPPED],), 2, "1 not asked about"),
        (([],), 2, "0 packages"),
        (("Traceback\nConnectionError: no such host\n",), 2, "nothing could be asked: ConnectionError"),
        (([WEAK], "ConnectionError\n"), 1, "nothing could be asked"),
        (([SKIPPED], [WELL]), 2, "1 not asked about"),
    ],
)
def test_each_answer_has_its_status(
    tmp_path: Path, answers: tuple[list[dict[str, Any]] | str, ...], status: int, says: str
) -> None:
    code, out = audited(tmp_path, *answers)
    assert code == status
    assert says in out
