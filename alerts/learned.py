"""What a panel has learned, put away and taken up again: so that a start need not learn eight weeks anew.

Nothing that was decided is in it. What it leaves behind is what learning would have: the rhythm of each
channel, the shares of its topics and claimants, what channels posted together. Where pauses stand, what runs
and what was told is for the archive to say, at a start from here as at one that learned everything.
"""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import numpy

from alerts.baseline import WINDOW
from alerts.blind import Sight
from alerts.board import Board
from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.crowd import Crowds
from alerts.hours import NEVER
from alerts.plain import Unreadable, packed, unpacked
from alerts.rhythm import Rhythm
from alerts.share import Share
from alerts.strand import Strand
from alerts.topics import Topics
from alerts.tracks import FOUND, HIDDEN, OPEN, RUNNING, Track

#: So many channels make a part.
PART = 64
#: When so many hours more turn out to have been watched than was known, what was learned is worth little.
BLIND = 6.0

_NOT_OF_RHYTHM = {"_rules", "_zone", "_hold", "_overdue", "_unseen", "_bar", "_floor", "lessons", "season"}
_NOT_OF_SHARE = {"_rules", "_zone", "strand", "series", "case", "key", "lessons"}
_RHYTHM = tuple(name for name in Rhythm.__slots__ if name not in _NOT_OF_RHYTHM)
_SHARE = tuple(name for name in Share.__slots__ if name not in _NOT_OF_SHARE)
#: Of a track, as they are; the rest of it is not learned, or made of others.
_TRACK = ("pulse", "dues", "day", "grouped", "recent", "_announced", "_announces", "numbers")
_CROWD = ("pooled", "peaks", "found_at", "_hour", "_first", "_second", "_is_slow")


def fingerprint(rules: AlertsConfig, topics: Collection[str] | None, budgets: Budgets) -> str:
    """Of all that decides how every channel is learned: our own code, the rules, which topics are judged.

    What decides of single channels only stands with each.
    """
    of_topics = {name: n for name, n in budgets.saved.items() if name.startswith("topic:")}
    said = (
        code(),
        rules.model_dump_json(),
        None if topics is None else sorted(topics),
        sorted(budgets.topics.items()),
        sorted(of_topics.items()),
    )
    return sha256(repr(said).encode()).hexdigest()


@cache
def code() -> str:
    """A hash of what this room is made of, and of the numbers it reckons with."""
    digest = sha256(numpy.__version__.encode())
    for name, content in sorted(_sources(resources.files("alerts"), "")):
        digest.update(f"\n{name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _sources(folder: Traversable, under: str) -> Iterator[tuple[str, bytes]]:
    for each in folder.iterdir():
        if each.is_dir():
            yield from _sources(each, f"{under}{each.name}/")
        elif each.name.endswith((".py", ".toml")):
            yield under + each.name, each.read_bytes()


def put_away(board: Board, crowds: Crowds, without: Collection[int]) -> Iterator[bytes]:
    """All that is known of every channel but these, in parts; the last is what channels have in common."""
    tracks = [track for number, track in board.tracks.items() if number not in without]
    prints = _Prints()
    for start in range(0, len(tracks), PART):
        of = {
            track.channel.id: (prints.of(track), *_of_track(track), board.fleet.known.get(track.channel.id))
            for track in tracks[start : start + PART]
        }
        yield packed({"channels": of})
    yield packed({"common": _of_crowds(crowds), "fleet": (board.fleet.common, board.fleet.day)})


class Taking:
    """Taking up what was put away, part by part, into a panel that has learned nothing yet.

    Before, the panel must have been told what could be seen, what people said, and what silenced many.
    """

    def __init__(self, board: Board, crowds: Crowds, topics: Topics, sight: Sight) -> None:
        self._board, self._crowds, self._topics, self._sight = board, crowds, topics, sight
        self._prints = _Prints()
        self.taken: set[int] = set()  #: channels that need not be learned anew

    def take(self, part: bytes) -> None:
        """Raises `Unreadable` for a part that is damaged, or that the panel has outgrown: then all must be
        learned, by another panel.
        """
        found = unpacked(part)
        try:
            for number, (of, track, rhythm, shares, cover, known) in found.get("channels", {}).items():
                self._channel(number, of, track, rhythm, shares, cover, known)
            if "common" in found:
                self._common(found["common"], found["fleet"])
        except Unreadable:
            raise
        except Exception as error:  # it was readable, and is not what it should be
            raise Unreadable(f"it holds something else: {type(error).__name__}") from error

    def _channel(
        self,
        number: int,
        of: str,
        values: tuple[Any, ...],
        rhythm: tuple[Any, ...],
        shares: Mapping[Strand, tuple[Any, ...]],
        cover: tuple[list[float], list[float]],
        known: Any,
    ) -> None:
        track = self._board.tracks.get(number)
        if track is None or self._prints.of(track) != of:
            return
        if values[_TRACK.index("grouped")] != track.grouped:
            raise Unreadable("channels were put into other groups since")
        if self._seen_since(track, cover, rhythm) > BLIND:
            return
        before = track.cover.until
        for start, end in zip(
            *cover, strict=True
        ):  # while posts wait to be read, the record is not looked at
            track.cover.add(start, end)
        self._sight.extended(track, before)
        _set(track, _TRACK, values)
        _set(track.rhythm, _RHYTHM, rhythm)
        track.rhythm.scan.turns = []
        if track.rhythm.last > -NEVER:
            track.rhythm.resume(track.rhythm.last)
        for strand, state in shares.items():
            share = track.shares[strand] = Share(strand, track.channel, track.rules, track.pulse)
            share.lessons = track.schooling.series(strand)
            _set(share, _SHARE, state)
        self._topics.go_on(track)
        if known is not None:
            self._board.fleet.known[number] = known
        self.taken.add(number)

    def _seen_since(
        self, track: Track, cover: tuple[list[float], list[float]], rhythm: tuple[Any, ...]
    ) -> float:
        """How many hours of what was learned turn out to have been watched, and were not then."""
        last, tomorrow = rhythm[_RHYTHM.index("last")], rhythm[_RHYTHM.index("tomorrow")]
        then = type(track.cover)()
        then.starts, then.ends = cover
        oldest = tomorrow - 24 - WINDOW  # what was before is forgotten
        return sum(then.unrecorded(a, b) for a, b in track.cover.recorded_within(oldest, last))

    def _common(self, crowds: Mapping[tuple[str, str], tuple[Any, ...]], fleet: tuple[Any, int]) -> None:
        self._board.fleet.common, self._board.fleet.day = fleet
        tracks = {number: self._board.tracks[number] for number in self.taken}
        for which, (plan, *values) in crowds.items():
            crowd = self._crowds.of.get(which)
            if crowd is None:
                continue
            _set(crowd, _CROWD, values)
            crowd.plan = [(tracks[n], first, second) for n, first, second in plan if n in tracks]
        self._crowds.taken_up()


class _Prints:
    """Of each channel, what decides how it in particular is learned."""

    def __init__(self) -> None:
        self._rules: dict[int, tuple[AlertsConfig, str]] = {}

    def of(self, track: Track) -> str:
        rules, schooling = (
            track.rules,
            sorted(track.schooling.of.items(), key=lambda item: item[0] or ("", "")),
        )
        if id(rules) not in self._rules:
            self._rules[id(rules)] = rules, sha256(rules.model_dump_json().encode()).hexdigest()
        said = (self._rules[id(rules)][1], track.channel.zone, track.rhythm.season, schooling)
        return sha256(repr(said).encode()).hexdigest()


def _of_track(track: Track) -> tuple[Any, ...]:
    rhythm, cover = track.rhythm, track.cover
    return (
        tuple(getattr(track, name) for name in _TRACK),
        tuple(getattr(rhythm, name) for name in _RHYTHM),
        {strand: _of_share(share) for strand, share in track.shares.items()},
        (cover.starts, cover.ends),
    )


def _of_share(share: Share) -> tuple[Any, ...]:
    """As learning would have left it: what larger silences tell of it is not for it to say."""
    values = {name: getattr(share, name) for name in _SHARE}
    values["within"] = None
    if share.phase in (OPEN, HIDDEN):
        # Found in this pause by itself, or only told of with others?
        values["phase"] = FOUND if share.last < share.found_at < NEVER else RUNNING
    return tuple(values.values())


def _of_crowds(crowds: Crowds) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {
        which: (
            [(track.channel.id, first, second) for track, first, second in crowd.plan],
            *(getattr(crowd, name) for name in _CROWD),
        )
        for which, crowd in crowds.of.items()
    }


def _set(made: object, names: tuple[str, ...], values: Any) -> None:
    for name, value in zip(names, values, strict=True):
        setattr(made, name, value)
