"""Two peers of R's package surveillance, a program of its own and asked as one. Skipped where not installed.

apt-get install --no-install-recommends r-base-core r-cran-surveillance
"""

import csv
import functools
import io
import shutil
import subprocess
from pathlib import Path as File

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.peers.parts import Array, Peer, closing, counts, expected
from benchmarks.detection.score import Path
from benchmarks.detection.stream import HISTORY, WEEK

NEEDED = "R's surveillance (Debian: r-base-core, r-cran-surveillance)"
_SCRIPT = File(__file__).with_suffix(".R")


def farrington(t: Array, a: float, b: float) -> dict[str, Path]:
    """farringtonFlexible (Noufaily et al. 2013): the same day of the week and those beside it, in the seven
    weeks before; the score is how unlikely so few or so many posts are."""
    width, y, i = 24.0, counts(t, 24.0), closing(24.0, a, b)
    scores = ask({"y": y[: int(b // width)]}, i.size, "farringtonFlexible", _week(width), i[0] + 1)
    return _signed(width, i, scores)


def glrnb(t: Array, a: float, b: float) -> dict[str, Path]:
    """glrnb (Höhle & Paul 2008): the likelihood ratio of a change within the last week, of any size, against
    the weekly profile, with the scatter about it of the eight weeks before."""
    width, y, i = 6.0, counts(t, 6.0), closing(6.0, a, b)
    first, last = int(a // width), int(b // width)
    mean = np.maximum(expected(t, width, a, last), 1e-3)
    past = slice(max(0, first - round(HISTORY / width)), first)
    excess = np.sum((y[past] - mean[past]) ** 2 - mean[past]) / np.sum(mean[past] ** 2)
    alpha = float(np.clip(excess, 1e-3, 5))
    start = max(0, first - _week(width))  # a week before, as that is how far back it looks
    columns = {"y": y[start:last], "mu0": mean[start:]}
    return _signed(width, i, ask(columns, i.size, "glrnb", _week(width), i[0] - start + 1, alpha))


def _week(width: float) -> int:
    return round(WEEK / width)


def _signed(width: float, bins: NDArray[np.int64], scores: Array) -> dict[str, Path]:
    known = (bins + 1) * width
    return {"down": (known, scores[:, 0]), "up": (known, scores[:, 1])}


def ask(columns: dict[str, Array], bins: int, *settings: object) -> Array:
    """What R makes of a table: down and up of each bin. One call for both, as most of it is R's start."""
    table = io.StringIO()
    csv.writer(table).writerows([columns, *zip(*(c.tolist() for c in columns.values()), strict=True)])
    command = ["Rscript", "--no-init-file", str(_SCRIPT), *map(str, settings)]
    done = subprocess.run(command, input=table.getvalue(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"R's {settings[0]} failed: {done.stderr.strip()}")
    return read(done.stdout, bins)


def read(answer: str, bins: int) -> Array:
    """The scores in R's answer, which has to be whole."""
    rows = list(csv.reader(io.StringIO(answer)))
    if rows[:1] != [["down", "up"]] or len(rows) != bins + 1:
        raise ValueError(f"R was asked for down and up of {bins} bins and answered {answer[:200]!r}")
    scores = np.array(rows[1:], float).reshape(bins, 2)
    if not np.isfinite(scores).all():
        raise ValueError(f"R answered with scores that are no numbers: {answer[:200]!r}")
    return scores


@functools.cache
def _has_package(program: str) -> bool:
    command = [program, "--no-init-file", "-e", 'cat(system.file(package = "surveillance"))']
    return bool(subprocess.run(command, capture_output=True, text=True, check=False).stdout)


PEERS = (Peer("farringtonFlexible, 24 h", farrington), Peer("glrnb, 6 h", glrnb))


def missing() -> list[str]:
    """What to install, if R or its package is not here."""
    program = shutil.which("Rscript")
    return [] if program and _has_package(program) else [NEEDED]


def installed() -> list[Peer]:
    """The peers, if R and its package are here."""
    return [] if missing() else list(PEERS)
