"""Of which stretches of time does a file hold all posts?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from domain.watch import Seen

#: Ids are missing from every history: parts of albums, deleted posts. In 106 000 posts of 30 channels such
#: holes were up to 26 ids wide; the holes that a scraper's outage had left, up to 159.
REACH = 30
#: A history held at least 0.56 of its ids in the same files. What holds fewer was picked out by somebody.
LEAST_SHARE = 0.4
_MOST_RUNS = 1000


@dataclass(slots=True)
class _Run:
    low: int
    high: int
    n: int
    first_at: datetime
    last_at: datetime

    def near(self, post_id: int) -> bool:
        return self.low - REACH <= post_id <= self.high + REACH

    def join(self, other: "_Run") -> None:
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.first_at, self.last_at = min(self.first_at, other.first_at), max(self.last_at, other.last_at)
        self.n += other.n


class Stretches:
    """Watches the ids of one channel go by, in any order, and finds where they follow on each other.

    A file says what was there when it was written: a post deleted before that is missing, and nobody can
    tell. But where ids follow on each other nothing else is missing, and the time between them was seen.
    Unless a record in between could not be read: then there was something, and it is not known what.
    """

    def __init__(self) -> None:
        self._runs: list[_Run] = []
        self._last: _Run | None = None
        self._added_at: datetime | None = None
        self._is_torn = False
        self._tears: list[tuple[datetime, datetime]] = []

    def tear(self) -> None:
        """What comes next in the file could not be read, and may be a post of this channel."""
        self._is_torn = True

    def turn(self) -> None:
        """What comes next is of another file."""
        self._added_at, self._is_torn = None, False

    def add(self, post_id: int, posted_at: datetime) -> None:
        if self._is_torn and self._added_at is not None:
            self._tears.append((min(self._added_at, posted_at), max(self._added_at, posted_at)))
        self._added_at, self._is_torn = posted_at, False
        run = self._last
        if run is None or not run.near(post_id):
            run = next((each for each in self._runs if each.near(post_id)), None)
        if run is None:
            run = _Run(post_id, post_id, 0, posted_at, posted_at)
            self._runs.append(run)
            if len(self._runs) > _MOST_RUNS:
                self._merge()
                run = next((each for each in self._runs if each.near(post_id)), None)
                if run is None:
                    return
        run.join(_Run(post_id, post_id, 1, posted_at, posted_at))
        self._last = run

    def _merge(self) -> None:
        self._runs.sort(key=lambda run: run.low)
        merged: list[_Run] = []
        for run in self._runs:
            if merged and merged[-1].near(run.low):
                merged[-1].join(run)
            else:
                merged.append(run)
        # Still torn into that many pieces, it is no history: the smallest pieces are let go.
        if len(merged) > _MOST_RUNS:
            merged = sorted(merged, key=lambda run: run.n)[_MOST_RUNS // 2 :]
        self._runs = merged
        self._last = None

    def found(self) -> Iterator[tuple[datetime, datetime]]:
        """From the first to the last post of each run of ids that is dense enough, in order; without the time
        between two posts where something in between could not be read.
        """
        self._merge()
        torn = Seen.merged(self._tears)
        for run in self._runs:
            if run.first_at < run.last_at and run.n >= LEAST_SHARE * (run.high - run.low + 1):
                yield from torn.holes(run.first_at, run.last_at)
