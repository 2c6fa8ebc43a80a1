"""Scoring: thresholds matched on clean streams, then the delay on streams with one event.

A path is a step function (times, scores): the score known at each time, using only posts at or before it. A
threshold raises an alarm at the first time with a score at or above it, and then none for a day.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.stream import Stream

Values = NDArray[np.floating[Any]]
Path = tuple[Values, Values]

REFRACTORY = 24.0  #: hours for which an alarm silences further ones
MOST = 40  #: alarms in one path that are told apart


class Detector(Protocol):
    """Anything that can be judged."""

    @property
    def name(self) -> str:
        """What the tables call it."""

    def paths(self, stream: Stream, a: float, b: float, want: Sequence[str]) -> dict[str, Path]:
        """The scores known in (a, b], for those of `down`, `up` and `topic` that are wanted and offered."""


def alarms(path: Path, threshold: float) -> list[float]:
    """When a threshold raises alarms."""
    times, scores = path
    over = times[scores >= threshold]
    out: list[float] = []
    i = 0
    while i < over.size:
        out.append(float(over[i]))
        i = int(np.searchsorted(over, over[i] + REFRACTORY, side="left"))
    return out


def ladder(path: Path) -> list[float]:
    """For k = 0, 1, ...: the highest score at which there still are more than k alarms, highest first.

    So a threshold raises as many alarms as there are rungs at or above it, and a path of weeks is kept in a
    few numbers.
    """
    values = np.unique(path[1])
    rungs: list[float] = []

    def between(low: int, high: int, n_low: int, n_high: int) -> None:
        """Rungs among values[low:high], whose thresholds raise n_low (at `low`) down to n_high alarms."""
        if n_low <= n_high:
            return
        if high - low == 1:
            rungs.extend([float(values[low])] * (n_low - n_high))
            return
        middle = (low + high) // 2
        n = min(len(alarms(path, float(values[middle]))), MOST)
        between(middle, high, n, n_high)
        between(low, middle, n_low, n)

    if values.size:
        between(0, values.size, min(len(alarms(path, float(values[0]))), MOST), 0)
    return rungs


def match(ladders: Iterable[Sequence[float]], target: float, months: float) -> float:
    """The smallest threshold with at most `target` alarms a month, all paths together over `months`."""
    rungs = sorted((r for one in ladders for r in one), reverse=True)
    allowed = int(target * months + 1e-9)
    return -np.inf if len(rungs) <= allowed else float(np.nextafter(rungs[allowed], np.inf))


def delay(path: Path, threshold: float, start: float, end: float) -> float:
    """Hours from `start` to the first alarm until `end`; infinite when missed."""
    times, scores = path
    hit = np.flatnonzero((times >= start) & (times <= end) & (scores >= threshold))
    return float(times[hit[0]] - start) if hit.size else np.inf


def restricted_mean(delays: Iterable[float], lasts: float) -> float:
    """The mean delay, a miss counting as the event's whole length."""
    return float(np.mean(np.minimum(np.fromiter(delays, float), lasts)))


def geometric_mean(values: Iterable[float]) -> float:
    """Over rate classes, whose delays differ by orders of magnitude."""
    return float(np.exp(np.mean(np.log(np.maximum(np.fromiter(values, float), 1e-9)))))
