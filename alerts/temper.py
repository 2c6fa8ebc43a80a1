"""How often a channel's own past came near an alarm: what its scores are worth.

A tail that fits the fleet is too light for one channel and too heavy for the next. So what would have been
alarms at a lax level is counted over the last weeks, and the score is moved by the ratio of what was counted
to what was to be expected.
"""

import math

LAX = 8.0  #: a month, the level at which is counted
#: By how much a score of this level falls short of one that is reached once a month.
NEAR = -math.log10(LAX)
APART = 24.0  #: hours: what comes sooner belongs to the same
PRIOR = 6.0  #: alarms, as many counted as expected, that everyone begins with
KEEP = math.exp2(-1 / 28)  #: of what was counted, from one day to the next
LEAST, MOST = -0.6, 1.0  #: bounds of the shift


class Temper:
    """Near alarms counted, and days over which they were."""

    __slots__ = ("_days", "_last", "_n", "shift")

    def __init__(self) -> None:
        self._n = self._days = 0.0
        self._last = -math.inf
        self.shift = 0.0  #: to be taken from a score, which is on the scale of log10

    def weigh(self, score: float) -> float:
        """The score, as this channel's own past has it."""
        return score - self.shift

    def near(self, at: float) -> None:
        """A score of the lax level was reached at `at`."""
        if at - self._last >= APART:
            self._last = at
            self._n += 1

    def day(self) -> None:
        """A day that was watched and judged is over."""
        self._n, self._days = self._n * KEEP, self._days * KEEP + 1
        expected = 0.93 * LAX * self._days / 30  # one a day at the most, so a few are lost
        self.shift = min(max(math.log10((self._n + PRIOR) / (expected + PRIOR)), LEAST), MOST)
