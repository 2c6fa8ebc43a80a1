"""The peers from R: told of where they are missing, and read with care."""

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from benchmarks.detection.generate import EVENT, stream
from benchmarks.detection.inject import inject
from benchmarks.detection.peers import packages, surveillance
from benchmarks.detection.peers.parts import cpu
from benchmarks.detection.stream import HISTORY


def an_rscript(folder: Path, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    """The only program that is to be found, and what it does."""
    program = folder / "Rscript"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def test_without_r_there_is_nothing_but_word_of_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert surveillance.installed() == []
    assert surveillance.missing() == [surveillance.NEEDED]
    assert surveillance.NEEDED in packages.missing()
    assert not {p.name for p in packages.installed()} & {p.name for p in surveillance.PEERS}


def test_nor_is_there_with_an_r_that_has_not_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_rscript(tmp_path, monkeypatch, "exit 0")
    assert surveillance.installed() == []
    assert surveillance.missing() == [surveillance.NEEDED]


def test_with_both_they_are_among_the_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_rscript(tmp_path, monkeypatch, "echo /usr/lib/R/site-library/surveillance")
    assert surveillance.missing() == []
    assert packages.installed()[-2:] == list(surveillance.PEERS)


def test_an_r_that_fails_says_what_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    an_rscript(tmp_path, monkeypatch, "echo 'Error: no such bins' >&2; exit 1")
    with pytest.raises(RuntimeError, match="R's glrnb failed: Error: no such bins"):
        surveillance.ask({"y": np.ones(1), "mu0": np.ones(1)}, 1, "glrnb", 28, 1, 0.1)


def test_an_answer_is_down_and_up_of_each_bin() -> None:
    scores = surveillance.read("down,up\n0.5,1e-05\n12,0\n", 2)
    assert scores.tolist() == [[0.5, 1e-05], [12.0, 0.0]]
    assert surveillance.read("down,up\n", 0).shape == (0, 2)


@pytest.mark.parametrize(
    "answer", ["", "down,up\n1,2\n", "up,down\n1,2\n3,4\n", "down,up\n1,2\nNA,4\n", "down,up\n1,2\nInf,4\n"]
)
def test_an_answer_that_is_not_whole_is_refused(answer: str) -> None:
    with pytest.raises(ValueError, match=r"^R |NA"):
        surveillance.read(answer, 2)


def test_what_a_program_of_its_own_costs_is_counted() -> None:
    began, alone = cpu(), time.process_time()
    subprocess.run([sys.executable, "-c", "sum(range(3_000_000))"], check=True)
    assert cpu() - began > time.process_time() - alone + 0.02


def test_a_silence_of_days_raises_what_is_down_and_nothing_before_it() -> None:
    """Where R is; elsewhere nobody is asked."""
    quiet = inject(stream(EVENT, 50, 0), "silence", 1.0, start=HISTORY + 240)
    clean = stream(EVENT, 50, 0)
    peers = surveillance.installed()
    assert len(peers) == (0 if surveillance.missing() else 2)
    for peer in peers:
        usual, silent = (peer.paths(s, HISTORY, HISTORY + 360, ("down", "up")) for s in (clean, quiet))
        (known, before), (_, after) = usual["down"], silent["down"]
        early = known <= HISTORY + 240
        assert np.array_equal(before[early], after[early])
        assert np.array_equal(usual["up"][1][early], silent["up"][1][early])
        assert after.argmax() >= early.sum()
        assert after.max() > 3 * before.max()
        assert silent["up"][1][~early].max() < after.max() / 3
