"""Which account watches which channel, and which one looks at it beside: decided from what is known."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """An account, as far as it can take channels."""

    name: str
    limit: int = 500  #: channels it may watch
    is_lost: bool = False  #: it can watch nothing now
    is_known: bool = True  #: it has said which channels it is in
    where: str = ""  #: the process it is at work in


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """A channel that is to be watched."""

    key: str
    pin: str | None = None  #: the account that the config names
    home: str | None = None  #: the account that watches it as long as nothing is wrong
    stand_in: str | None = None  #: the one that watches it now in its place
    witness: str | None = None
    access: frozenset[str] = frozenset()  #: the accounts that can read it, for all that is known
    refused: frozenset[str] = frozenset()  #: those that have tried and cannot


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a channel belongs."""

    home: str | None = None  #: None: every account that could take it is full, or cannot read it
    watcher: str | None = None  #: its home, or who stands in while that is lost; None: nobody can
    witness: str | None = None


def spread(
    seats: Sequence[Seat], wants: Sequence[Want], *, witnesses: bool = True, waits: bool = False
) -> Mapping[str, Place]:
    """A place for every channel.

    A channel stays where it is. A new one goes to the account it is pinned to, else to one that can read it
    already, else to the one with the fewest; the first of the config where that leaves a choice. While its
    account is lost another stands in, its witness first, and gives it back afterwards. With `waits`, one
    that is new stays without a place until every account has said which channels it is in.
    """
    board = _Board(seats)
    homes = {want.key: board.settle(want) for want in wants}
    if not (waits and any(not seat.is_known and not seat.is_lost for seat in seats)):
        for want in wants:
            if homes[want.key] is None:
                homes[want.key] = board.find_home(want)
    board.open()
    watchers = {want.key: board.watcher(want, homes[want.key]) for want in wants}
    looks: Counter[str] = Counter()
    out = {}
    for want in wants:
        watcher = watchers[want.key]
        witness = board.witness(want, watcher, looks) if witnesses and watcher is not None else None
        if witness is not None:
            looks[witness] += 1
        out[want.key] = Place(home=homes[want.key], watcher=watcher, witness=witness)
    return out


class _Board:
    """How many channels each account has been given so far."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._seats = {seat.name: seat for seat in seats}
        self._order = {seat.name: n for n, seat in enumerate(seats)}
        self._homes: Counter[str] = Counter()
        self._watches: Counter[str] = Counter()

    def settle(self, want: Want) -> str | None:
        """The home it has, where that still stands."""
        home = want.pin or want.home
        if home is None or home not in self._seats or (home in want.refused and want.pin is None):
            return None
        self._homes[home] += 1
        return home

    def find_home(self, want: Want) -> str | None:
        able = [
            name
            for name, seat in self._seats.items()
            if name not in want.refused and not seat.is_lost and self._homes[name] < seat.limit
        ]
        home = self._best(able, want.access, self._homes)
        if home is not None:
            self._homes[home] += 1
        return home

    def open(self) -> None:
        """Every home is known: from here on stand-ins are counted on top of them."""
        self._watches = Counter({n: k for n, k in self._homes.items() if not self._seats[n].is_lost})

    def watcher(self, want: Want, home: str | None) -> str | None:
        if home is None or not self._seats[home].is_lost:
            return home
        able = [
            name
            for name, seat in self._seats.items()
            if name not in want.refused and not seat.is_lost and self._watches[name] < seat.limit
        ]
        for before in (want.stand_in, want.witness):
            if before in able:
                chosen: str | None = before
                break
        else:
            chosen = self._best(able, want.access, self._watches)
        if chosen is not None:
            self._watches[chosen] += 1
        return chosen

    def witness(self, want: Want, watcher: str, looks: Counter[str]) -> str | None:
        able = [
            name
            for name, seat in self._seats.items()
            if name != watcher
            and name not in want.refused
            and not seat.is_lost
            # The two speak with each other all the time.
            and seat.where == self._seats[watcher].where
        ]
        if want.witness in able:
            return want.witness
        return self._best(able, want.access, looks)

    def _best(self, able: Sequence[str], access: frozenset[str], load: Mapping[str, int]) -> str | None:
        return min(
            able,
            key=lambda name: (name not in access, load.get(name, 0), self._order[name]),
            default=None,
        )
