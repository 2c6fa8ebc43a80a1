"""A command that is forked says and ends as one that is started."""

import subprocess
from pathlib import Path

import pytest

from tests.support import console, warm


@pytest.mark.parametrize(
    ("words", "said", "more"),
    [
        (("version",), "", {}),
        (("explain", "-"), "مباراة اليوم\n", {}),
        (("read", "nowhere.jsonl"), "", {}),
        (("status", "--config", "nowhere.toml"), "", {}),
        (("no-such-command",), "", {}),
        (("status", "--help"), "", {"COLUMNS": "60"}),
        (("status",), "", {"DEADAIR_STORAGE_URL": "no url"}),
    ],
)
def test_it_says_and_ends_as_one_that_is_started(
    tmp_path: Path, words: tuple[str, ...], said: str, more: dict[str, str]
) -> None:
    forked = warm.deadair(*words, cwd=tmp_path, said=said, **more)
    started = console.deadair(*words, cwd=tmp_path, said=said, **more)
    assert (forked.returncode, forked.stdout, forked.stderr) == (
        started.returncode,
        started.stdout,
        started.stderr,
    )
    assert forked.stdout + forked.stderr


def test_one_that_does_not_end_in_time_is_ended(tmp_path: Path) -> None:
    with pytest.raises(subprocess.TimeoutExpired):
        warm.deadair("sandbox", "--scenario", "quiet", cwd=tmp_path, within=0.5)
    assert warm.deadair("version", cwd=tmp_path).returncode == 0
