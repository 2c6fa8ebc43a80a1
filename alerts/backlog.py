"""What a silence withheld may come all at once when it ends: that says nothing of what is usual."""

import math

HALF = 6.0  #: hours after which half of it is no longer waited for
#: So much of what was withheld may come and count for nothing: how much it was is known but roughly.
ROUGHLY = 1.5
LEAST = 0.5  #: posts; less than that withheld is nothing any more


class Backlog:
    """The posts that the last silence left out, as far as they came afterwards or still may."""

    __slots__ = ("came", "expected", "posts", "since", "withheld")

    def __init__(self) -> None:
        self.withheld, self.since = 0.0, 0.0
        self.posts = 0  #: that came since then, and
        self.expected = 0.0  #: were to be expected
        self.came = 0.0  #: how many of them are the backlog

    def begin(self, withheld: float, at: float) -> None:
        """A silence ended at `at` that left out so many posts."""
        self.withheld, self.since = withheld, at
        self.posts, self.expected, self.came = 0, 0.0, 0.0

    def owed(self, since: float, at: float) -> float:
        """How many may have come from `since` to `at` besides those that are usual."""
        still = self._still(at)
        return max(still, self.came) if since <= self.since else still

    def part(self, at: float, expected: float) -> float:
        """How many posts one of `at` counts for, where so many were to be expected since the one before.

        What comes above the expected counts for nothing until it is clearly more than was withheld.
        """
        if not self.withheld:
            return 1.0
        still = self._still(at)
        if still < LEAST:
            self.withheld = 0.0
            return 1.0
        former, surplus = self.came, self.posts + 1 - self.expected - expected
        self.posts += 1
        self.expected += expected
        self.came = min(max(surplus, 0.0), max(ROUGHLY * still, former))
        return 1.0 + former - self.came

    def _still(self, at: float) -> float:
        return self.withheld * math.exp2(-(at - self.since) / HALF)
