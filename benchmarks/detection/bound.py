"""How soon a change can be seen by whoever knows the channel, but not the news of the day.

The oracle knows how full of news each hour is, which nobody can. A bound knows the law by which the channel
posts: its usual rate at each instant, with all trends, how its posts cluster, how far and for how long news
sways it. It does not know the news, nor when something changes and how much. Between it and the oracle lies
what cannot be known; between a detector and it what there is to learn.

The news of the day is a hidden Markov chain, followed by its exact filter (Wonham 1965), with and without a
change of each size that there may be. The score is the Shiryaev-Roberts statistic over these sizes, log10
of hours: nearly the best for all of them together (Pollak 1985), not for each size by itself.
"""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from benchmarks.detection.score import Path
from benchmarks.detection.stream import STEP, Stream, Truth

WARM = 336.0  #: hours before the first score, in which the news of the day are found
LEVELS = 41  #: of the news
REACH = 3.2  #: standard deviations to which they go
#: What may be left of the posts, or how many times as many may come, and how much each weighs.
SIZES = {
    "down": ((0.0, 0.5), (0.1, 0.1), (0.2, 0.1), (0.4, 0.3)),
    "up": ((2.0, 1 / 3), (4.0, 1 / 3), (8.0, 1 / 3)),
}
TYPICAL = {"branching": 0.4, "delay": 0.5, "news_sd": 0.32, "news_for": 18.0}
MOST = 1e200  #: what is as likely as that needs no more figures
Filters = NDArray[np.float64]  #: how likely each level of the news is: without a change, then by its size


class Bound:
    """Knows the law of the channel; or (`typical`) its season only, and what is usual of the rest."""

    def __init__(self, *, typical: bool) -> None:
        self._typical = typical
        self.name = "bound, season known" if typical else "bound, channel known"

    def paths(self, stream: Stream, a: float, b: float, want: Sequence[str]) -> dict[str, Path]:
        truth = stream.truth
        if truth is None:
            return {}
        law = _Law(truth, **(TYPICAL if self._typical else {}))
        first, last = math.floor(a / STEP + 1e-9), math.floor(b / STEP + 1e-9)
        start = max(0, round((a - WARM) / STEP))
        clock = (np.arange(first, last) + 1) * STEP
        return {
            way: (clock, np.array(_scores(stream, law, sizes, start, last)[first - start :]))
            for way, sizes in SIZES.items()
            if way in want
        }


class _Law:
    """How a channel posts, but for the news."""

    def __init__(self, truth: Truth, **known: float) -> None:
        of = {name: known.get(name, getattr(truth, name)) for name in TYPICAL}
        self.jump, self.delay = of["branching"] / of["delay"], of["delay"]
        self.heads = ((1 - of["branching"]) * truth.rate / truth.news).tolist()
        sd, lasting = of["news_sd"], of["news_for"]
        level = np.linspace(-REACH * sd, REACH * sd, LEVELS)
        self.factor = np.exp(level - sd**2 / 2)
        at_first = np.exp(-((level / sd) ** 2) / 2)
        self.at_first = at_first / at_first.sum()
        self.step = expm(_drift(level, sd, lasting) * STEP)


def _drift(level: NDArray[np.float64], sd: float, lasting: float) -> NDArray[np.float64]:
    """The Ornstein-Uhlenbeck process as births and deaths on these levels: its rates, by from and to."""
    apart = level[1] - level[0]
    spread = sd**2 / lasting / apart**2
    up = np.maximum(spread - level / lasting / (2 * apart), 0.0)[:-1]
    down = np.maximum(spread + level / lasting / (2 * apart), 0.0)[1:]
    rates = np.diag(up, 1) + np.diag(down, -1)
    out: NDArray[np.float64] = rates - np.diag(rates.sum(axis=1))
    return out


def _scores(
    stream: Stream, law: _Law, sizes: Sequence[tuple[float, float]], start: int, last: int
) -> list[float]:
    """At the end of each step of the grid."""
    t = stream.t[np.searchsorted(stream.t, start * STEP) :].tolist()
    factors = np.array([1.0, *(size for size, _ in sizes)])[:, None]
    begins = np.array([weight for _, weight in sizes])[:, None] * STEP
    is_silence = factors[:, 0] == 0.0
    rates = factors * law.factor  # of first posts, by level, where one an hour is usual
    filters: Filters = np.zeros((factors.size, LEVELS))
    filters[0] = law.at_first
    out: list[float] = []
    now, excited, k = start * STEP, 0.0, 0
    for i in range(start, last):
        end = (i + 1) * STEP
        filters = filters @ law.step
        filters[1:] += begins * filters[0]
        np.minimum(filters, MOST, out=filters)
        head = rates * law.heads[i]
        while True:
            is_post = k < len(t) and t[k] < end
            until = t[k] if is_post else end
            left = excited * math.exp(-(until - now) / law.delay)
            filters *= np.exp(-(until - now) * head)
            # In a silence those posts stay away, too, that others bring about; else they come all the same.
            filters[is_silence] *= math.exp((excited - left) * law.delay)
            if is_post:
                filters *= head + left
                filters[is_silence] = 0.0
            filters /= filters[0].sum()
            now, excited = until, left
            if not is_post:
                break
            excited += law.jump
            k += 1
        out.append(math.log10(max(float(filters[1:].sum()), 1e-12)))
    return out


BOUNDS = (Bound(typical=False), Bound(typical=True))
