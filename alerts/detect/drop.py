"""Drop: over the last hours or days far fewer posts came than were forecast at their beginning.

Several windows are looked at together, each against the scatter of the series' own past forecasts over so
long a time. The forecast is that of the window's first hour, so that a drop cannot lower what it is held
against.
"""

import math
from typing import NamedTuple

from alerts.detect.counts import log_at_most

#: How much a window of so many hours counts, on the log scale. Together they speak about as often as one that
#: were asked alone, and a drop by day is found by the day's window first.
WEIGHTS = {4.0: -0.48, 24.0: -0.18, 72.0: -0.78}
#: Added to v: no past is so even that the days to come may not scatter by so much more. Without it those
#: channels alarm most that were calm so far.
UNFORESEEN = 0.03
MONTH = 720.0
#: While more than this part of the posts still come it is no drop, and nothing is reckoned.
LIVELY = 0.75
MOST = 30.0  #: no score is higher


class Window(NamedTuple):
    """What came within a stretch, and what was to come."""

    hours: float
    observed: int
    expected: float
    phi: float
    v: float


def is_lively(observed: int, expected: float) -> bool:
    """Do still so many posts come that it is no drop?"""
    return observed > LIVELY * expected - 1


def score(windows: list[Window]) -> float:
    """-log10 of how many times a month so few posts would come by chance, all windows together."""
    total = 0.0
    for w in windows:
        if not is_lively(w.observed, w.expected):
            chance = log_at_most(w.observed, w.expected, w.phi, w.v + UNFORESEEN)
            total += 10.0 ** min(WEIGHTS[w.hours] - chance - math.log10(MONTH / w.hours), MOST)
    return math.log10(total) if total > 0 else -math.inf
