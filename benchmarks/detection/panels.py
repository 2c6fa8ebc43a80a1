"""Forty channels at once, and what befell them: the collector, the country, a group, or one channel alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.generate import PANEL, stream
from benchmarks.detection.habits import swaying
from benchmarks.detection.stream import END, GRID, HISTORY

N = 40
MILITIA, COUNTRY = range(10), range(28)  #: the group, and the country it is in
GROUP, CUT_OFF, ABROAD = "militia", "IQ", "LB"
COLLECTOR, UNNOTICED, NATIONAL, ORDER, SINGLE = (
    "collector out",
    "collector out, unnoticed",
    "national cut",
    "order to a group",
    "one channel silent",
)
KINDS = (COLLECTOR, UNNOTICED, NATIONAL, ORDER, SINGLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """Posts of a panel from which some were taken."""

    kind: str
    start: float
    end: float
    posts: list[NDArray[np.float64]]
    numbers: list[NDArray[np.int64]]  #: under which Telegram has each of them
    silent: tuple[int, ...]  #: the channels it befell


def scenario(kind: str, number: int) -> Scenario:
    """Channels of 6 to 500 posts a day that share part of their news, and one event."""
    panel = 1000 * KINDS.index(kind) + number + 1
    rng = np.random.default_rng((20_411, PANEL, panel))
    shared = swaying(rng, GRID.size, 0.2, 24.0)
    rates = np.exp(rng.uniform(np.log(6), np.log(500), N))
    posts = [stream(PANEL, float(rate), i, shared, panel).t for i, rate in enumerate(rates)]
    start = HISTORY + 48 + rng.random() * (END - HISTORY - 200)
    lasts, part = 72.0, 1.0
    silent = tuple(range(N))
    if kind in (COLLECTOR, UNNOTICED):
        # Whoever notices reads afterwards what was posted meanwhile: nothing is lost to the panel.
        lasts, part = rng.uniform(1, 12), float(kind == UNNOTICED)
    elif kind == NATIONAL:
        lasts, part, silent = rng.uniform(3, 24), 0.95, tuple(COUNTRY)
    elif kind == ORDER:
        silent = tuple(sorted(int(i) for i in rng.choice(list(MILITIA), 8, replace=False)))
    else:
        silent = (int(rng.integers(N)),)
    numbers = [np.arange(1, times.size + 1) for times in posts]
    for i in silent:
        inside = (posts[i] >= start) & (posts[i] < start + lasts)
        left = ~(inside & (rng.random(posts[i].size) < part))
        posts[i] = posts[i][left]
        # What was posted and lost to us has its number all the same; what was not posted has none.
        numbers[i] = numbers[i][left] if kind == UNNOTICED else numbers[i][: posts[i].size]
    return Scenario(kind=kind, start=start, end=start + lasts, posts=posts, numbers=numbers, silent=silent)
