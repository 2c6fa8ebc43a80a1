"""Channels that may fall silent together, counted as one: those of a group, of a country, or all."""

import math
from collections.abc import Callable

import numpy as np

from alerts.ahead import Ahead, Part, Places, Values
from alerts.board import Board
from alerts.hours import NEVER
from alerts.peaks import Peaks
from alerts.pooled import STEP, Pooled
from alerts.timers import Key
from alerts.tracks import Track
from domain.channel import ChannelStatus

CROWD = "crowd"  #: timers: ten minutes are over
ALL, COUNTRY, GROUP = "all", "country", "group"
#: Fewer channels are no crowd.
LEAST = 3
#: Of a crowd with fewer posts an hour, so many steps are taken at once.
SLOW, SLOWLY = 12.0, 3
#: Of so many channels history is learned with tables of all; of fewer it is quicker to ask each.
MANY = 50


class Crowd:
    """One of them: its members, and what came of what was to come from them."""

    __slots__ = (
        "_first",
        "_hour",
        "_is_slow",
        "_part",
        "_places",
        "_second",
        "found_at",
        "key",
        "members",
        "name",
        "peaks",
        "plan",
        "pooled",
        "sort",
    )

    def __init__(self, sort: str, name: str) -> None:
        self.sort, self.name = sort, name  #: of all there are, the name is empty
        self.members: dict[int, Track] = {}
        self.pooled = Pooled()
        self.peaks = Peaks()
        self.found_at = NEVER  #: since when what is found of it is being held
        self.key = Key(CROWD, 0, name, sort)
        self._hour = -1
        #: Who takes part in the running hour, and what is to come from each in its halves.
        self.plan: list[tuple[Track, float, float]] = []
        self._first = self._second = 0.0
        self._is_slow = True
        self._places: Places | None = None  #: where its members stand, while history is learned, and
        self._part: Part | None = None  #: what is `plan` otherwise

    @property
    def next(self) -> float:
        """When the next ten minutes are over; never for what has not begun or is too small."""
        tick = self.pooled.tick
        return (tick + self._stride) * STEP if tick >= 0 and len(self.members) >= LEAST else NEVER

    @property
    def _stride(self) -> int:
        """Steps that are taken at once: of the slow, half an hour's."""
        return SLOWLY if self._is_slow and self.pooled.tick % SLOWLY == 0 else 1

    def begin(self, at: float) -> None:
        """Its first post is known."""
        self.pooled.tick = math.floor(at / STEP)

    def forget_plan(self) -> None:
        """Its members are others now."""
        self._hour, self._places, self._part = -1, None, None

    def step(self, board: Board) -> list[Track]:
        """Ten minutes are over. Returns the members that could be seen all the while."""
        stride = self._stride
        tick = self.pooled.tick + stride
        at, hour = tick * STEP, (tick - 1) // 6
        if hour != self._hour:
            self._look_ahead(board, hour)
        is_first = (tick - 1) % 6 < 3
        expected = self._first if is_first else self._second
        seen = []
        for track, first, second in self.plan:
            cover = track.cover
            is_seen = (cover.ends[-1] >= at and cover.starts[-1] <= hour) or cover.recorded(hour, at)
            if (
                is_seen
                and track.channel.status is ChannelStatus.OPEN
                and not (cover.hidden and cover.hides(hour, at))
            ):
                seen.append(track)
            else:  # out of sight: nothing was to be expected of it
                expected -= first if is_first else second
        for _ in range(stride):
            self.pooled.step(max(expected, 0.0) / 3 if seen else 0.0)
        return seen

    def learn(self, board: Board, ahead: Ahead) -> list[Track]:
        """`step` while history is learned; of groups only it is said who could be seen."""
        stride = self._stride
        tick = self.pooled.tick + stride
        at, hour = tick * STEP, (tick - 1) // 6
        part = self._part
        if hour != self._hour:
            part = self._look_at(ahead, hour)
        elif part is None:  # an hour that began with another plan is gone through by that
            return self.step(board)
        seen = ahead.seen(part, at)
        of_each = part.first if (tick - 1) % 6 < 3 else part.second
        expected = _less(self._first if of_each is part.first else self._second, of_each[~seen])
        for _ in range(stride):
            self.pooled.step(max(expected, 0.0) / 3 if seen.any() else 0.0)
        return [ahead.tracks[place] for place in part.places[seen].tolist()] if self.sort == GROUP else []

    def learned(self, ahead: Ahead) -> None:
        """From here on it is decided, channel by channel."""
        if (part := self._part) is not None:
            of_each = zip(part.places.tolist(), part.first.tolist(), part.second.tolist(), strict=True)
            self.plan = [(ahead.tracks[place], first, second) for place, first, second in of_each]
        self._places = self._part = None

    def _look_at(self, ahead: Ahead, hour: int) -> Part:
        if self._places is None:
            self._places = ahead.places(self.members.values())
        part = self._part = ahead.part(self._places, hour)
        self._hour = hour
        self._first, self._second = _less(0.0, -part.first), _less(0.0, -part.second)
        self._is_slow = self._first + self._second < SLOW
        return part

    def _look_ahead(self, board: Board, hour: int) -> None:
        """What is to come from each member in the hour that begins."""
        self._hour, self.plan = hour, []
        self._first = self._second = 0.0
        for track in self.members.values():
            if not board.takes_part(track, hour):
                continue
            if track.ahead[0] != hour:
                rhythm = track.rhythm
                track.ahead = (
                    hour,
                    rhythm.expected_between(hour, hour + 0.5),
                    rhythm.expected_between(hour + 0.5, hour + 1),
                )
            _, first, second = track.ahead
            self.plan.append((track, first, second))
            self._first += first
            self._second += second
        self._is_slow = self._first + self._second < SLOW


def _less(total: float, values: Values) -> float:
    """One is taken after the other: numpy's own sum rounds otherwise."""
    return float(np.subtract.accumulate(np.concatenate(([total], values)))[-1]) if len(values) else total


class Crowds:
    """All crowds of a panel: who is in which, and what is done when ten minutes of one are over."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self.of: dict[tuple[str, str], Crowd] = {}
        #: By sort: what decides at the end of a step, and (with `learning`) what only learns from it.
        self.deciders: dict[str, Callable[[Crowd, list[Track], float, bool], None]] = {}
        self._next = NEVER
        self._ahead: Ahead | None = None  #: while history is learned

    def admit(self, track: Track) -> None:
        """Take a channel into its crowds, and out of those it was in."""
        self.learned()
        number, channel = track.channel.id, track.channel
        for former in self.of.values():
            if former.members.pop(number, None) is not None:
                former.forget_plan()
        sorts = [(ALL, "")]
        if channel.country:
            sorts.append((COUNTRY, channel.country))
        if channel.group:
            sorts.append((GROUP, channel.group))
        crowds = []
        for sort in sorts:
            crowd = self.of.get(sort)
            if crowd is None:
                crowd = self.of[sort] = Crowd(*sort)
            crowd.members[number] = track
            crowd.forget_plan()
            crowds.append(crowd)
        track.crowds = tuple(crowds)
        self._next = -NEVER

    def posted(self, track: Track, at: float) -> None:
        """One of them posted."""
        if self._ahead is not None:
            self._ahead.changed(track)
        for crowd in track.crowds:
            pooled = crowd.pooled
            if pooled.tick < 0:
                crowd.begin(at)
                self._board.timers.set(crowd.key, crowd.next)
                self._next = -NEVER
            if at > pooled.tick * STEP:  # else the channel is being learned anew
                pooled.count += 1

    def reach(self, at: float) -> None:
        """Only learn what there is until `at`."""
        if at < self._next:
            return
        for crowd in self.of.values():
            while crowd.next <= at:
                self._learn(crowd)
        self._next = min((crowd.next for crowd in self.of.values()), default=NEVER)

    def learned(self) -> None:
        """From here on it is decided, or said otherwise than by posts what becomes of channels."""
        if self._ahead is not None:
            for crowd in self.of.values():
                crowd.learned(self._ahead)
            self._ahead.put_back()
            self._ahead = None

    def _learn(self, crowd: Crowd) -> None:
        """Ten minutes of a crowd are over, of which there is only to learn."""
        if self._ahead is None and len(self._board.tracks) >= MANY:
            self._ahead = Ahead(self._board)
        seen = crowd.step(self._board) if self._ahead is None else crowd.learn(self._board, self._ahead)
        self.deciders[crowd.sort](crowd, seen, crowd.pooled.at, True)

    def taken_up(self) -> None:
        """Where they stand was put in from outside: they are all looked at with the next post."""
        self._next = -NEVER

    def settle(self) -> None:
        """After history was learned: from here on it is decided."""
        self.learned()
        for crowd in self.of.values():
            self._board.timers.set(crowd.key, crowd.next)

    def due(self, key: Key, _at: float) -> None:
        """Ten minutes of a crowd are over."""
        crowd = self.of[key.sort, key.name]
        board, at = self._board, crowd.next
        if at == NEVER:
            return
        if board.waits(key, at, crowd.members.values()):
            return
        seen = crowd.step(board)
        self.deciders[crowd.sort](crowd, seen, at, False)
        board.timers.set(key, crowd.next)
