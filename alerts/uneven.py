"""Where posts scatter otherwise than a window's law says: at some hours of the day, and below the forecast.

A window's law (alerts/dispersion.py) is one for the whole day and for both sides. But when a night begins and
ends is far less certain than what an afternoon brings, and news makes a channel's scatter wide where no drop
is. So squared errors are held against the law, at each time of the day and on one side of the forecast.

By how much times of the day differ is moved towards their mean as far as chance makes them differ as well
(empirical Bayes, by moments; Efron and Morris 1975): where they are alike, nothing is changed.
"""

import math

#: Times of the day, of three hours each; a window longer than `SHORT` hours has all of them in it.
PLACES = 8
SHORT = 8.0
#: A squared error counts up to so many variances, so that one event does not make the rule.
WILD = 9.0
#: Windows as the law says, that everyone begins with, and those that stand behind a time of the day.
PRIOR, PRIOR_OF_PLACE = 8.0, 4.0
#: Windows after which one weighs a third.
OLD = 60.0
#: Variance of what a window teaches; it were 2 if errors were normal and did not overlap.
NOISE = 3.0
#: So many standard errors below the law a side must lie to be taken for calmer.
SURE = 2.0
#: The law is never taken for less than this part of itself.
LEAST = 0.2


class Uneven:
    """One side of the forecast, and by how much the variance there is another than the law's."""

    __slots__ = ("_errors", "_is_new", "_n", "factor", "factors", "is_below")

    def __init__(self, hours: float, *, is_below: bool) -> None:
        places = PLACES if hours <= SHORT else 1
        self.is_below = is_below
        self._n = [0.0] * places  #: windows that came to their end, and
        self._errors = [0.0] * places  #: their squared errors on this side, in those that the law expects
        self._is_new = False  #: was anything learned since it was taken up?
        self.factors = [1.0] * places  #: of the variance, by time of the day
        self.factor = 1.0  #: the one that holds now

    def learn(self, local: float, observed: float, expected: float, variance: float, weight: float) -> None:
        """A window ended at the hour `local` of the day; it counts for so much of an independent one."""
        place = self._place(local)
        keep = 1 - weight / OLD
        n, errors = self._n[place] * keep + weight, self._errors[place] * keep
        if (observed < expected) == self.is_below:
            error = min((observed - expected) ** 2 / variance, WILD)
            below = share_below(expected, variance)
            errors += weight * error / (below if self.is_below else 1 - below)
        self._n[place], self._errors[place] = n, errors
        self._is_new = True

    def turn(self, local: float) -> None:
        """It is the hour `local` of the day."""
        self.factor = self.factors[self._place(local)]

    def fit(self) -> None:
        """Take up what was learned. Above the forecast only times of the day are told apart: what was calm so
        far is no reason to take less news for a surge.
        """
        if not self._is_new:
            return
        self._is_new = False
        n = sum(self._n)
        mean = max((sum(self._errors) + PRIOR) / (n + PRIOR), LEAST)
        whole = min(1.0, mean * (1 + SURE * math.sqrt(NOISE / (n + PRIOR)))) if self.is_below else 1.0
        if len(self._n) == 1:
            self.factors = [whole]
            return
        behind = [each + PRIOR_OF_PLACE for each in self._n]
        ratios = [
            (errors / mean + PRIOR_OF_PLACE) / of for errors, of in zip(self._errors, behind, strict=True)
        ]
        by_chance = [NOISE / of for of in behind]
        spread = sum((ratio - 1) ** 2 for ratio in ratios) / len(ratios)
        true = max(0.0, spread - sum(by_chance) / len(by_chance))
        self.factors = [
            max(LEAST, whole * (1 + true / (true + chance) * (ratio - 1)))
            for ratio, chance in zip(ratios, by_chance, strict=True)
        ]

    def _place(self, local: float) -> int:
        return int(local % 24 * len(self._n) / 24)


def share_below(mean: float, variance: float) -> float:
    """Which part of a negative binomial's variance lies below its mean: half of it, less by its skewness.

    Straight from a symmetric law (0.5) to the exponential one (0.264); of laws more skewed than that a tenth
    at least.
    """
    skewness = (2 - mean / variance) * math.sqrt(variance) / mean
    return max(0.5 - 0.118 * skewness, 0.1)
