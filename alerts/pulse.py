"""A channel's posts as a clock, for what is measured in them."""

import math

from alerts.hours import NEVER

SHARE_HALF = 12 * 24.0  #: half-life of a topic's share, in hours
BURST_HALF = 12.0  #: half-life of what tells a topic's busy day


class Pulse:
    """How many posts so far, and how many lately."""

    __slots__ = ("at", "count", "fast", "slow")

    def __init__(self) -> None:
        self.count = 0
        self.slow = self.fast = 0.0
        self.at = -NEVER

    def beat(self, at: float) -> None:
        """The channel posted at `at`."""
        if self.count:
            passed = at - self.at
            self.slow *= math.exp2(-passed / SHARE_HALF)
            self.fast *= math.exp2(-passed / BURST_HALF)
        self.slow += 1
        self.fast += 1
        self.count += 1
        self.at = at
