"""What is to come of many channels in an hour, reckoned of all at once while history is learned.

Whoever has not posted since is not asked again: of ten thousand channels that post now and then most have
not, hour by hour for eight weeks.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alerts.board import Board
from alerts.forecast import PER_HOUR, Forecast
from alerts.hours import NEVER
from alerts.tracks import Track

#: Hours of a forecast that are kept at hand; who is to be asked beyond them is asked by himself.
HELD = 72
_CELLS = HELD * PER_HOUR + 1

Places = NDArray[np.intp]
Values = NDArray[np.float64]


@dataclass(slots=True)
class Part:
    """Of a crowd, who takes part in an hour, and what is to come from each in its halves."""

    hour: int
    places: Places
    first: Values
    second: Values


class Ahead:
    """`Board.takes_part` and `Rhythm.expected_between` of many, number for number.

    It holds as long as nothing but posts changes a channel, and each of these is told by `changed`.
    """

    __slots__ = (
        "_board", "_changed", "_ends", "_first", "_forecasts", "_hours", "_judged", "_last", "_levels",
        "_places", "_reach", "_second", "_sight", "_start", "_starts", "_within", "tracks",
    )  # fmt: skip

    def __init__(self, board: Board) -> None:
        self._board = board
        self.tracks: Sequence[Track] = list(board.tracks.values())
        n = len(self.tracks)
        self._places = {track.channel.id: place for place, track in enumerate(self.tracks)}
        self._changed = set(range(n))
        self._forecasts: list[Forecast | None] = [None] * n
        self._reach = np.zeros((n, _CELLS))
        self._start, self._levels, self._last, self._within = np.zeros((4, n))
        self._sight = np.zeros(n)  #: until when it is in sight without a break
        self._ends, self._starts = np.zeros((2, n))  #: of the stretch that was watched then
        self._judged = np.zeros(n, np.bool_)
        self._hours = np.array([track.ahead[0] for track in self.tracks])  #: as `Track.ahead`
        self._first = np.array([track.ahead[1] for track in self.tracks])
        self._second = np.array([track.ahead[2] for track in self.tracks])

    def places(self, tracks: Iterable[Track]) -> Places:
        """Where these stand in the tables."""
        return np.array([self._places[track.channel.id] for track in tracks], np.intp)

    def changed(self, track: Track) -> None:
        """It has posted."""
        self._changed.add(self._places[track.channel.id])

    def part(self, places: Places, hour: int) -> Part:
        """The hour that begins, of these."""
        for place in self._changed:
            self._take(place)
        self._changed.clear()
        near = self._judged[places] & (hour - self._last[places] <= self._within[places])
        takes = near & (hour <= self._sight[places])
        for n in np.flatnonzero(near & ~takes).tolist():
            takes[n] = self._board.takes_part(self.tracks[places[n]], hour)
            self._take(places[n])  # what its pause is counted from may be another instant now
        part = places[takes]
        for place in part[(self._starts[part] > hour) | (self._ends[part] < hour)].tolist():
            self._reached(place, hour)
        self._reckon(part[self._hours[part] != hour], hour)
        return Part(hour, part, self._first[part], self._second[part])

    def seen(self, part: Part, at: float) -> NDArray[np.bool_]:
        """Which of them could be seen from the hour's beginning until `at`."""
        places = part.places
        seen: NDArray[np.bool_] = (self._ends[places] >= at) & (self._starts[places] <= part.hour)
        for n in np.flatnonzero(seen & (self._sight[places] == -NEVER)).tolist():
            cover = self.tracks[places[n]].cover
            seen[n] = not (cover.hidden and cover.hides(part.hour, at))
        return seen

    def put_back(self) -> None:
        """What was reckoned, to each channel."""
        of_each = zip(self._hours.tolist(), self._first.tolist(), self._second.tolist(), strict=True)
        for track, ahead in zip(self.tracks, of_each, strict=True):
            track.ahead = ahead

    def _reckon(self, places: Places, hour: int) -> None:
        self._hours[places] = hour
        cell = (hour - self._start[places]).astype(np.intp) * PER_HOUR
        held = (cell >= 0) & (cell < _CELLS - PER_HOUR)
        cell[~held] = 0
        here, middle, after = (self._reach[places, cell + n] for n in range(3))
        levels = self._levels[places]
        self._first[places], self._second[places] = levels * (middle - here), levels * (after - middle)
        for place in places[~held].tolist():
            rhythm = self.tracks[place].rhythm
            self._first[place] = rhythm.expected_between(hour, hour + 0.5)
            self._second[place] = rhythm.expected_between(hour + 0.5, hour + 1)

    def _reached(self, place: int, hour: int) -> None:
        """More was watched later on, after a hole: what counts is the stretch that this hour is in."""
        cover = self.tracks[place].cover
        i = bisect_right(cover.starts, hour) - 1
        if i >= 0:
            self._starts[place], self._ends[place] = cover.starts[i], cover.ends[i]

    def _take(self, place: int) -> None:
        track = self.tracks[place]
        rhythm, cover = track.rhythm, track.cover
        self._judged[place] = judged = track.is_open and rhythm.ripe > 0 and rhythm.most < NEVER
        self._ends[place], self._starts[place] = (
            (cover.ends[-1], cover.starts[-1]) if cover.ends else (-NEVER, NEVER)
        )
        if not judged:
            return
        self._last[place], self._levels[place] = rhythm.last, rhythm.level
        self._within[place] = self._board.near(track)
        i = -1 if cover.hidden else bisect_right(cover.starts, rhythm.origin) - 1
        self._sight[place] = cover.ends[i] if i >= 0 and rhythm.origin <= cover.ends[i] else -NEVER
        if self._forecasts[place] is not rhythm.forecast:
            self._forecasts[place] = rhythm.forecast
            self._start[place] = rhythm.forecast.start
            self._reach[place] = rhythm.forecast.shape[:_CELLS]
