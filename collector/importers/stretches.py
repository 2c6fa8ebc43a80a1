"""Of which stretches of time does a file hold all posts?"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from collector.numbered import Piece, unseen
from domain.watch import Seen

#: Ids are missing from every history: parts of albums, deleted posts. In 106 000 posts of 30 channels such
#: holes were up to 26 ids wide; the holes that a scraper's outage had left, up to 159.
REACH = 30
#: A history held at least 0.56 of its ids in the same files. What holds fewer was picked out by somebody.
LEAST_SHARE = 0.4
#: Pieces beyond which those are put together that will be so in the end.
_MOST = 50_000


class Stretches:
    """Watches the ids of one channel go by, in any order, and finds where they follow on each other.

    A file says what was there when it was written: a post deleted before that is missing, and nobody can
    tell. But where ids follow on each other nothing else is missing, and the time between them was seen.
    Unless a record in between could not be read: then there was something, and it is not known what. Nor was
    a long pause seen in which about as many ids are missing as such a time takes: there were posts.
    """

    def __init__(self) -> None:
        self._pieces: list[Piece] = []
        self._most = _MOST
        self._last: Piece | None = None
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
        if self._last is not None and self._last.add(post_id, posted_at):
            return
        self._last = Piece(post_id, post_id, 1, posted_at, posted_at)
        self._pieces.append(self._last)
        if len(self._pieces) > self._most:
            self._put_together()

    def wanted(self) -> Sequence[int]:
        """The ids beside what is known: where one of them is held by now, the pause until it is known too."""
        out: list[int] = []
        for run in self._runs():
            out += [run[0].low - 1, run[-1].high + 1]
            for before, after in unseen(run):
                out += [before.high + 1, after.low - 1]
        return out

    def found(self, held: Mapping[int, datetime] | None = None) -> Iterator[tuple[datetime, datetime]]:
        """From the first to the last post of each run of ids that is dense enough, in order; without the time
        between two posts where something in between could not be read, or is missing. `held`: when those
        posts of `wanted` were posted that are held already.
        """
        held = held or {}
        torn = list(self._tears)
        runs = self._runs()
        for run in runs:
            for before, after in unseen(run):
                start = held.get(before.high + 1, before.last_at)
                end = held.get(after.low - 1, after.first_at)
                torn += [(start, end)] if start < end else []
        seen = Seen.merged(torn)
        for run in runs:
            start = held.get(run[0].low - 1, min(piece.first_at for piece in run))
            end = held.get(run[-1].high + 1, max(piece.last_at for piece in run))
            if start < end:
                yield from seen.holes(start, end)

    def _runs(self) -> list[list[Piece]]:
        """The pieces in order, those near each other together, where they are dense enough."""
        self._join(within=1)
        runs: list[list[Piece]] = []
        for piece in self._pieces:
            if runs and runs[-1][-1].near(piece, REACH):
                runs[-1].append(piece)
            else:
                runs.append([piece])
        return [run for run in runs if sum(p.n for p in run) >= LEAST_SHARE * (run[-1].high - run[0].low + 1)]

    def _join(self, within: int) -> None:
        """Put those pieces together whose ids follow on each other `within` so many."""
        self._pieces.sort(key=lambda piece: piece.low)
        joined: list[Piece] = []
        for piece in self._pieces:
            if joined and joined[-1].near(piece, within):
                joined[-1].join(piece)
            else:
                joined.append(piece)
        self._pieces, self._last = joined, None

    def _put_together(self) -> None:
        """Keep to so many pieces, however large the file."""
        self._join(within=1)
        if len(self._pieces) > self._most // 2:
            holes = {id(after) for _, after in unseen(self._pieces)}
            kept: list[Piece] = []
            for piece in self._pieces:
                if kept and kept[-1].near(piece, REACH) and id(piece) not in holes:
                    kept[-1].join(piece)
                else:
                    kept.append(piece)
            self._pieces = kept
        # Still torn into that many pieces, it is no history: the smallest pieces are let go.
        if len(self._pieces) > self._most // 2:
            self._pieces = sorted(self._pieces, key=lambda piece: piece.n)[-self._most // 2 :]
            self._join(within=1)
