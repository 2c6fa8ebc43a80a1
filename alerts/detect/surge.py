"""Surge: over the last hours far more posts came than were forecast at their beginning.

As with drops, but each window speaks for itself, and only a post can make one: how many it takes is known
from the moment at which the window begins.
"""

import math

from alerts.detect.counts import log_at_least

#: How much a window of so many hours counts, on the log scale.
WEIGHTS = {1.0: -1.60, 2.0: -1.60, 4.0: -1.00, 8.0: -1.60, 24.0: -1.10}
#: Upward the negative binomial's tail is lighter than that of channels: what it says counts with this power.
POWER, SHIFT = 0.55, 0.02
MONTH = 720.0
#: Fewer posts than this are no surge, whatever was expected.
LEAST = 4


def score(hours: float, observed: float, expected: float, phi: float, v: float) -> float:
    """-log10 of how many times a month so many posts would come by chance in a window of so many hours."""
    chance = log_at_least(observed, expected, phi, v)
    return POWER * (WEIGHTS[hours] - chance - math.log10(MONTH / hours)) + SHIFT


def chance_of(hours: float, goal: float) -> float:
    """The probability at which a window of so many hours reaches the score `goal`."""
    return min(0.5, math.pow(10.0, WEIGHTS[hours] - math.log10(MONTH / hours) - (goal - SHIFT) / POWER))


def least(expected: float, phi: float, v: float, sds: float) -> int:
    """So many posts it takes at the very least; the tail is longer than a normal one of `sds`."""
    return max(LEAST, math.ceil(expected + sds * math.sqrt(phi * expected + v * expected * expected)))
