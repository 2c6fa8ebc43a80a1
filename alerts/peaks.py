"""How often a score was reached by chance: the highest of each quarter of a day, over the last weeks."""

from alerts.pauses import Pauses
from alerts.tail import Tail

BLOCK = 6.0  #: hours; what comes within them belongs together
LOOKS = 120.0  #: blocks a month
#: Blocks to be known before they tell more than theory does: two weeks.
RIPE = 56


class Peaks:
    """The highest scores of a series' own past (peaks over a threshold, as hydrologists count floods).

    However wrong the theory behind a score is, so often did it come so high while nothing happened.
    """

    __slots__ = ("_block", "_n", "_of", "_tail", "_top")

    def __init__(self) -> None:
        self._of = Pauses()  # bounded, forgets after eight weeks, and does not mind what it measures
        self._block = -1
        self._top = 0.0
        self._n = 0
        self._tail = Tail()

    def add(self, at: float, score: float) -> None:
        """The score, in nats, stood so high at `at`."""
        block = int(at // BLOCK)
        if block == self._block:
            self._top = max(self._top, score)
            return
        if self._block >= 0:
            self._of.add(self._block * BLOCK, max(self._top, 0.0))
            self._n += 1
            if self._n % 4 == 0:
                self._tail = self._of.tail(at)
        self._block, self._top = block, score

    def per_month(self, score: float) -> float | None:
        """How many times a month it comes so high by chance; None while too little is known."""
        return None if self._n < RIPE else LOOKS * self._tail.survival(score)

    def bar(self, per_month: float) -> float | None:
        """The score that is reached so many times a month by chance; None while too little is known."""
        return None if self._n < RIPE else self._tail.at(per_month / LOOKS)
