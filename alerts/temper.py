"""How often a channel's own past came near an alarm, and how far beyond: what its scores are worth.

A tail that fits the fleet is too light for one channel and too heavy for the next. So what would have been
alarms at a lax level is counted over the last weeks, and how far each went is added up: peaks over a
threshold, whose excesses are exponential in theory (Davison and Smith 1990). The score is moved by how many
there were, and stretched by how far they went, each held against what was to be expected.
"""

import math

LAX = 8.0  #: a month, the level at which is counted
#: By how much a score of this level falls short of one that is reached once a month.
NEAR = -math.log10(LAX)
APART = 24.0  #: hours: what comes sooner belongs to the same
PRIOR = 6.0  #: alarms, as many counted as expected, that everyone begins with
KEEP = math.exp2(-1 / 28)  #: of what was counted, from one day to the next
LEAST, MOST = -0.6, 1.0  #: bounds of the shift
#: How far one goes in the mean, if a score higher by one is ten times as rare, as it says.
EXCESS = 1 / math.log(10)
#: From this far on it may have been told, and no one looks further: so far it went at least.
FAR = 0.9
#: Alarms that went as far as expected, that everyone begins with.
PRIOR_EXCESS = 4.0
LONGEST = 3.0  #: the stretch is no more


class Temper:
    """Near alarms, what they went beyond, and the days over which they were counted.

    The stretch is no less than `least`: with 1, that few went far raises no score. That there were few may.
    """

    __slots__ = ("_cut", "_days", "_excess", "_last", "_least", "_n", "_top", "shift", "stretch")

    def __init__(self, least: float) -> None:
        self._least = least
        self._n = self._days = 0.0
        self._excess = self._cut = 0.0  #: what all went beyond, and how many of them to `FAR`
        self._top = 0.0  #: what the last one has gone beyond so far
        self._last = -math.inf
        self.shift = 0.0  #: to be taken from a score, which is on the scale of log10
        self.stretch = 1.0  #: what a score is beyond the lax level is to be divided by this

    def weigh(self, score: float) -> float:
        """The score, as this channel's own past has it."""
        if score > NEAR:
            score = NEAR + (score - NEAR) / self.stretch
        return score - self.shift

    def near(self, at: float, score: float) -> None:
        """A score of the lax level or higher was reached at `at`."""
        if at - self._last >= APART:
            self._last, self._top = at, 0.0
            self._n += 1
        beyond = min(score - NEAR, FAR)
        if beyond > self._top:
            self._excess += beyond - self._top
            self._cut += beyond == FAR
            self._top = beyond

    def day(self) -> None:
        """A day that was watched and judged is over."""
        self._n, self._days = self._n * KEEP, self._days * KEEP + 1
        self._excess, self._cut = self._excess * KEEP, self._cut * KEEP
        expected = 0.93 * LAX * self._days / 30  # one a day at the most, so a few are lost
        self.shift = min(max(math.log10((self._n + PRIOR) / (expected + PRIOR)), LEAST), MOST)
        known = max(self._n - self._cut, 0.0)
        far = (self._excess + PRIOR_EXCESS * EXCESS) / (known + PRIOR_EXCESS)
        self.stretch = min(max(far / EXCESS, self._least), LONGEST)
