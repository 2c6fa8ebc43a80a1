"""Drop: over the last hours or days far fewer posts came than were forecast at their beginning.

Several windows are looked at together, each against the scatter of the series' own past forecasts over so
long a time, and with them the pause that runs. The forecast is that of the window's first hour, so that a
drop cannot lower what it is held against.
"""

import math
from typing import NamedTuple

from alerts.detect.counts import log_at_most

#: The windows' parts of the budget, by their hours, on the log scale. They mostly speak of the same hours, so
#: that together they speak about as often as one that had all of it.
PARTS = {1.0: -1.4, 2.0: -1.3, 4.0: -1.1, 8.0: -1.0, 24.0: -0.6, 72.0: -0.8, 168.0: -1.2}
#: The running pause's part of the budget, on the log scale: where posts become few, pauses become long.
PAUSE_PART = -0.6
#: A sum of windows that are looked at all the time comes near an alarm more often than so many independent
#: looks would, and the more so the less probable it is: what it says counts with this power, less this.
POWER, SHIFT = 0.88, 0.46
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


def score(windows: list[Window], pause: float = -math.inf) -> float:
    """-log10 of how many times a month so few posts would come by chance, all windows together.

    `pause` is the same of the running pause by itself (alerts/detect/silence.py).
    """
    total = 10.0 ** min(PAUSE_PART + pause, MOST)
    for w in windows:
        if w.observed <= LIVELY * w.expected - 1:
            chance = log_at_most(w.observed, w.expected, w.phi, w.v)
            total += 10.0 ** min(PARTS[w.hours] - chance - math.log10(MONTH / w.hours), MOST)
    return POWER * math.log10(total) - SHIFT if total > 0 else -math.inf
