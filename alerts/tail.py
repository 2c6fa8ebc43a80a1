"""How long a channel's own pauses are, in posts that were to be expected in them."""

import math
from bisect import bisect_right
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Beyond this quantile of a channel's own pauses the tail is modelled, below it is as observed.
QUANTILE = 0.85
#: With fewer pauses than this there is only the prior.
LEAST = 20
#: The prior: what the fleet's channels have in common, and how many pauses beyond the quantile outweigh it.
PRIOR_MEAN, MEAN_WEIGHT = 1.7, 60.0
#: What a series tells of its tail from further in: the mean excess beyond this quantile, times this, against
#: so many pauses of the fleet's.
INNER, OUTWARD, FLEET_WEIGHT = 0.7, 1.05, 20.0
PRIOR_SHAPE, SHAPE_WEIGHT = 0.1, 200.0
#: No more than this part of the pauses beyond a quantile is taken for cut short.
MOST_CUT = 0.5
#: A shape nearer to zero than this is taken for this: the formulas divide by it, and the tails are alike.
LEAST_SHAPE = 1e-4
_STEPS = np.linspace(0, QUANTILE, 18)


@dataclass(frozen=True, slots=True)
class Tail:
    """Survival of a pause: empirical up to a threshold, generalised Pareto beyond it.

    Fitted by probability-weighted moments (Hosking & Wallis 1987), shape and mean excess shrunk to a prior so
    that a slow channel with few pauses does not alarm by accident.
    """

    threshold: float = 0.0
    beyond: float = 1.0  #: probability of a pause longer than the threshold
    scale: float = PRIOR_MEAN * (1 - PRIOR_SHAPE)
    shape: float = PRIOR_SHAPE
    mean: float = 1.0  #: of all pauses
    below: tuple[float, ...] = ()  #: quantiles in even steps from 0 to the threshold's

    @classmethod
    def fit(cls, edges: NDArray[np.float64], counts: NDArray[np.float64], cut: float = 0.0) -> "Tail":
        """The tail of a series from its own pauses, in posts expected: so many between each two edges.

        Of the longest, `cut` lasted longer than is counted, as what was told as a silence does: they are
        taken for censored (Kaplan & Meier 1958), or a channel told of by mistake would never be known better.
        """
        total = float(counts.sum())
        if total < LEAST:
            return cls()
        reached = np.concatenate(([0.0], np.cumsum(counts))) / total
        threshold = float(np.interp(QUANTILE, reached, edges))
        width = edges[1:] - edges[:-1]
        excess, n_of = _beyond(edges, width, counts, threshold)
        n = float(n_of.sum())
        prior = _prior_mean(edges, width, counts, float(np.interp(INNER, reached, edges)), cut)
        ended = n - min(cut, MOST_CUT * n)
        of_all = float(n_of @ excess)
        m0 = of_all / ended if n else 0.0
        ranks = np.cumsum(n_of) - (n_of - 1) / 2
        plain = of_all / n if n else 0.0
        m1 = float((n_of * (1 - (ranks - 0.35) / n)) @ excess) / n if n else 0.0
        shape = 2 - plain / (plain - 2 * m1) if plain - 2 * m1 > 1e-9 else 0.4
        shape = (n * min(max(shape, -0.1), 0.5) + SHAPE_WEIGHT * PRIOR_SHAPE) / (n + SHAPE_WEIGHT)
        if abs(shape) < LEAST_SHAPE:
            shape = LEAST_SHAPE
        m0 = (ended * m0 + MEAN_WEIGHT * prior) / (ended + MEAN_WEIGHT)
        return cls(
            threshold=threshold,
            beyond=max(n, 1.0) / total,
            scale=m0 * (1 - shape),
            shape=shape,
            mean=max(float(counts @ (edges[:-1] + edges[1:])) / 2 / total, 0.3),
            below=tuple(np.interp(_STEPS, reached, edges).tolist()),
        )

    def survival(self, pause: float) -> float:
        """The probability that a pause lasts longer than this one."""
        if pause > self.threshold:
            z = max(0.0, 1 + self.shape * (pause - self.threshold) / self.scale)
            return self.beyond * math.exp(-math.log(z) / self.shape) if z > 0 else 0.0
        if not self.below:
            return 1.0
        i = bisect_right(self.below, pause)
        return 1.0 - (1.0 - self.beyond) * min(i, len(self.below) - 1) / (len(self.below) - 1)

    def at(self, probability: float) -> float:
        """The pause that is outlasted with this probability; never below the threshold."""
        if probability >= self.beyond:
            return self.threshold
        return self.threshold + self.scale / self.shape * (
            math.pow(self.beyond / probability, self.shape) - 1
        )

    def running(self, pause: float) -> float:
        """The probability that, looking at any moment, one finds a pause running this long or longer.

        Longer pauses are met more often than they occur, so this is more than `survival`.
        """
        if pause <= self.threshold:
            return 1.0
        excess = (self.scale + self.shape * (pause - self.threshold)) / (1 - self.shape)
        return min(1.0, self.survival(pause) * excess / self.mean)

    def running_at(self, probability: float) -> float:
        """The pause at which `running` falls to this probability."""
        low, high = self.threshold, self.threshold + 1.0
        while self.running(high) > probability:
            low, high = high, high + 2 * (high - self.threshold)
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.running(middle) > probability else (low, middle)
        return high


def _beyond(
    edges: NDArray[np.float64], width: NDArray[np.float64], counts: NDArray[np.float64], threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each bin how far it lies beyond the threshold, and how many of its pauses do."""
    cut = np.maximum(edges, threshold)
    low, high = cut[:-1], cut[1:]
    return (low + high) / 2 - threshold, counts * (high - low) / width


def _prior_mean(
    edges: NDArray[np.float64],
    width: NDArray[np.float64],
    counts: NDArray[np.float64],
    beyond: float,
    cut: float,
) -> float:
    """What the mean excess of the tail should be: a bursty poster's is longer than the fleet's.

    Never shorter: who posts like clockwork is given the benefit of the doubt.
    """
    excess, n_of = _beyond(edges, width, counts, beyond)
    n = float(n_of.sum())
    n -= min(cut, MOST_CUT * n)
    return max(PRIOR_MEAN, (OUTWARD * float(n_of @ excess) + FLEET_WEIGHT * PRIOR_MEAN) / (n + FLEET_WEIGHT))


def chance_of_all(probabilities: list[float]) -> float:
    """Fisher's method: how improbable these are together. Closed form, as the degrees of freedom are even."""
    y = -sum(math.log(max(p, 1e-300)) for p in probabilities)
    term = total = 1.0
    for j in range(1, len(probabilities)):
        term *= y / j
        total += term
    return min(1.0, math.exp(-y) * total)
