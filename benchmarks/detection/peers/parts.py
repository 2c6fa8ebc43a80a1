"""What the peers have in common: bins, the last post before each tick, a plain weekly profile."""

import os
import time
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.score import Path
from benchmarks.detection.stream import END, HISTORY, LOCAL, WEEK, Stream

Array = NDArray[np.float64]
TICK = 1 / 6  #: hours between looks of the peers that poll
Rule = Callable[[Array, float, float], dict[str, Path]]


class Peer:
    """A rule for one series: used on all posts of the channel, and alike on those of the watched topic."""

    def __init__(self, name: str, rule: Rule) -> None:
        self.name = name
        self._rule = rule

    def paths(self, stream: Stream, a: float, b: float, want: Sequence[str]) -> dict[str, Path]:
        out: dict[str, Path] = {}
        if "down" in want or "up" in want:
            out |= {k: v for k, v in self._rule(stream.t, a, b).items() if k in want}
        if "topic" in want:
            found = self._rule(stream.t[stream.topic == 0], a, b)
            if "down" in found:
                out["topic"] = found["down"]
        return out


def counts(t: Array, width: float) -> Array:
    """Posts in each bin of `width` hours; a bin is known when it closes."""
    n = round(END / width)
    return np.bincount((t / width).astype(int), minlength=n)[:n].astype(float)


def closing(width: float, a: float, b: float) -> NDArray[np.int64]:
    """The bins that close in (a, b]."""
    bins = np.arange(int(a // width), int(b // width))
    late: NDArray[np.int64] = bins[(bins + 1) * width > a]
    return late


def ticks(t: Array, a: float, b: float) -> tuple[Array, Array]:
    """Every ten minutes in (a, b], and the last post before each."""
    clock = np.arange(np.floor(a / TICK + 1e-9) + 1, np.floor(b / TICK + 1e-9) + 1) * TICK
    before = np.searchsorted(t, clock, side="right") - 1
    last = np.where(before >= 0, t[np.maximum(before, 0)], 0.0) if t.size else np.zeros(clock.size)
    return clock, last


def weekly_profile(hourly: Array, upto: int) -> Array:
    """Relative rate (mean 1) by local hour of week, hour of day times weekday, from 8 weeks before `upto`."""
    first = max(0, upto - int(8 * WEEK))
    local = (np.arange(first, upto) + LOCAL) % 168
    y = hourly[first:upto]
    by_hour = np.bincount(local % 24, y, 24) / np.maximum(np.bincount(local % 24, minlength=24), 1)
    by_hour = np.convolve(np.r_[by_hour[-1], by_hour, by_hour[0]], [0.25, 0.5, 0.25], "valid")
    by_day = np.bincount(local // 24, y, 7) / np.maximum(np.bincount(local // 24, minlength=7), 1)
    table = np.outer(by_day, by_hour).ravel()
    profile: Array = 0.98 * table / (table.mean() + 1e-12) + 0.02
    return profile


def expected(t: Array, width: float, a: float, last: int) -> Array:
    """Posts expected in each bin before bin `last`, by the weekly profile of the eight weeks before `a`."""
    hourly, upto = counts(t, 1.0), int(a)
    profile = hourly[max(0, upto - int(HISTORY)) : upto].mean() * weekly_profile(hourly, upto)
    by_bin: Array = profile[(np.arange(int(last * width)) + LOCAL) % 168].reshape(last, -1).sum(1)
    return by_bin


def cpu() -> float:
    """Seconds of the processor so far, those of the programs that were run and have ended with them."""
    spent = os.times()
    return time.process_time() + spent.children_user + spent.children_system
