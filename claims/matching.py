"""Which claims tell of the same act, across posts, channels and languages.

Claims are told one after another, also ones older than what is known; each gets the number of an act that is
known, or a new one, and keeps it. A denial is never merged with what it denies: only claims of attacks are
matched. What a claim is compared with is looked up by what a match needs (place, claimant, ship, line of
text), so that its cost grows with what happened around it and not with the archive.
"""

from bisect import bisect_left, insort
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from claims.copies import Line, breaks_off, heads, is_copy, telling_lines
from claims.face import ENOUGH, Face, compare, face_of, same_day
from claims.lexicon.entries import Place
from claims.nearby import Nearby
from domain.claim import Claim, ClaimKind

#: How long after the first post of an act others may still tell of it as news.
WINDOW = timedelta(hours=10)
#: The same, when both say on which day it was.
DATED_WINDOW = timedelta(hours=36)
#: Later numbers of dead and wounded, and footage, come days after.
UPDATE_WINDOW = timedelta(days=3)
FOOTAGE_WINDOW = timedelta(days=10)
#: No two posts further apart tell of one act: the claims from so long before a stretch of time to so long
#: after it are all that is needed to match those within.
HORIZON = FOOTAGE_WINDOW
#: Another attack is seldom announced so soon after one: "again" in two posts so near is one statement.
AGAIN_AFTER = timedelta(minutes=30)
#: What is filmed is shown so soon that news of it may come after its pictures.
PICTURES_FIRST = timedelta(hours=2)
#: How long after the whole text a copy that breaks off is made.
CUT_OFF_WITHIN = timedelta(hours=2)
#: How much it says that one line is the copy, or the beginning, of the other.
COPY, CUT_OFF = 2.0, 1.5

Key = tuple[Hashable, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One claim of an attack, where and when it was told."""

    post: Hashable  #: whatever names its post
    number: int  #: of the claim within its post; versions of one claim share it
    posted_at: datetime
    claim: Claim
    text: str = ""  #: in which the evidence of the claim lies
    origin: Hashable = None  #: the post that this one forwards, when that is known
    forwarded: bool = False

    @property
    def key(self) -> Key:
        return self.post, self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """The act that a claim tells of, and why."""

    number: int
    opened: bool  #: no act that was known fits
    score: float = 0.0  #: how much spoke for it; 0 when it was opened, or known before


@dataclass(slots=True)
class _Act:
    """What is known of one act so far."""

    number: int
    first_at: datetime
    last_news: datetime | None = None
    last_update: datetime | None = None
    last_footage: datetime | None = None
    again: bool = False
    faces: dict[Face, set[Key]] = field(default_factory=dict)  #: none: told so by an earlier version only
    posts: dict[Hashable, set[int]] = field(default_factory=dict)
    lines: dict[Line, set[Line]] = field(default_factory=dict)
    keys: set[Hashable] = field(default_factory=set)

    @property
    def last_at(self) -> datetime:
        return max(at for at in (self.last_news, self.last_update, self.last_footage) if at is not None)

    @property
    def only_echoes(self) -> bool:
        """Has nobody told it as news yet?"""
        return self.last_news is None


class Acts:
    """The acts of a time, which claims join or open. `free` is the first number for a new act."""

    def __init__(self, places: Mapping[str, Place], *, free: int = 1) -> None:
        self._nearby = Nearby(places)
        self._free = free
        self._acts: dict[int, _Act] = {}
        self._of: dict[Key, int] = {}
        self._face: dict[Key, Face] = {}
        self._index: dict[Hashable, list[tuple[datetime, int]]] = {}
        self._posts: dict[Hashable, dict[int, None]] = {}
        self.compared = 0  #: how many pairs of claims were compared so far

    def known(self, told: Told, number: int) -> None:
        """A claim that has its number already. Versions of one claim in their order."""
        act = self._acts.get(number)
        if act is None:
            act = self._acts[number] = _Act(number, told.posted_at)
        self._free = max(self._free, number + 1)
        self._join(act, told, face_of(told.claim, told.text, told.posted_at))

    def tell(self, told: Told) -> Joined:
        """The act of a claim: one that is known when it fits, else a new one.

        A later version of a claim stays with its act as long as nothing else there speaks against it.
        """
        face = face_of(told.claim, told.text, told.posted_at)
        former = self._of.get(told.key)
        if former is not None and (self._face[told.key] == face or self._may_stay(told, face, former)):
            self._join(self._acts[former], told, face)
            return Joined(number=former, opened=False)
        best: tuple[float, timedelta, _Act] | None = None
        for act in self._candidates(told, face):
            score = self._fit(told, face, act)
            if score < ENOUGH:
                continue
            apart = -abs(told.posted_at - act.last_at)
            if best is None or (score, apart, act.number) > (best[0], best[1], best[2].number):
                best = score, apart, act
        if best is not None:
            self._join(best[2], told, face)
            return Joined(number=best[2].number, opened=False, score=best[0])
        act = self._acts[self._free] = _Act(self._free, told.posted_at)
        self._free += 1
        self._join(act, told, face)
        return Joined(number=act.number, opened=True)

    def forget(self, before: datetime) -> None:
        """Drop the acts that were last told of before then; nothing new is matched with them."""
        for act in [act for act in self._acts.values() if act.last_at < before]:
            del self._acts[act.number]
            for key in act.keys:
                self._take_out(key, act)
            for post, numbers in act.posts.items():
                self._posts[post].pop(act.number)
                if not self._posts[post]:
                    del self._posts[post]
                for number in numbers:
                    if self._of.get((post, number)) == act.number:
                        del self._of[post, number], self._face[post, number]

    # What fits

    def _may_stay(self, told: Told, face: Face, number: int) -> bool:
        others = [f for f, keys in self._acts[number].faces.items() if keys - {told.key}]
        self.compared += len(others)
        return all(compare(face, other, self._nearby) >= 0 for other in others)

    def _fit(self, told: Told, face: Face, act: _Act) -> float:
        """How well a claim fits an act; 0 when it cannot be of it."""
        if act.posts.get(told.post, {told.number}) != {told.number}:
            return 0.0  # two records of one post are two acts
        forward = self._forwards(told, act)
        if not forward and not (_in_time(told, face, act) and self._once_more(told, act)):
            return 0.0
        best = 0.0
        for other, keys in act.faces.items():
            self.compared += 1
            score = compare(face, other, self._nearby)
            if score < 0 and keys:
                return 0.0
            best = max(best, score)
        return best + (COPY if forward else _copied(told, act))

    def _forwards(self, told: Told, act: _Act) -> bool:
        """Is it the very post that the act was told in, forwarded however much later?"""
        if told.origin is not None and told.origin in act.posts:
            return told.number in act.posts[told.origin] or len(act.posts[told.origin]) == 1
        if not told.forwarded:
            return False
        lines = telling_lines(told.claim, told.text)
        return any(is_copy(line, other) for line in lines for other in act.lines.get(line[:3], ()))

    @staticmethod
    def _once_more(told: Told, act: _Act) -> bool:
        """May a claim that says "again" be of this act, and not of a later one like it?"""
        return not told.claim.again or act.again or abs(told.posted_at - act.first_at) <= AGAIN_AFTER

    # Where to look

    def _candidates(self, told: Told, face: Face) -> Iterator[_Act]:
        """The acts that may fit, each once."""
        met: set[int] = set()
        if told.origin is not None:
            met.update(self._posts.get(told.origin, ()))
        back = _reach(told.claim)
        if back == WINDOW:
            back = DATED_WINDOW
        if told.forwarded:
            back = HORIZON
        start = told.posted_at - back
        for key in self._wanted(told, face):
            for echo, end in ((False, told.posted_at + DATED_WINDOW), (True, told.posted_at + HORIZON)):
                found = self._index.get((echo, key))
                if not found:
                    continue
                for at, number in found[bisect_left(found, (start, 0)) :]:
                    if at > end:
                        break
                    met.add(number)
        return (self._acts[number] for number in sorted(met))

    def _wanted(self, told: Told, face: Face) -> Iterator[Hashable]:
        """Under which keys an act that fits this claim is found."""
        if face.tally:
            yield "tally", face.claimant, face.n_operations
            return
        if face.place is not None:
            for place in self._nearby.of(face.place):
                yield "place", place
        for word in face.words:
            yield "word", word
        if face.claimant is not None:
            yield "loose", face.claimant
            if face.is_loose or self._nearby.is_broad(face.place or ""):
                yield "claimant", face.claimant
        if face.ships:
            yield "ships", "any"
        for head in heads(telling_lines(told.claim, told.text)):
            yield "line", head

    def _kept(self, face: Face) -> Iterator[Hashable]:
        """Under which keys an act with this face is kept."""
        if face.tally:
            yield "tally", face.claimant, face.n_operations
            return
        if face.place is not None:
            yield "place", face.place
        for word in face.words:
            yield "word", word
        if face.claimant is not None:
            yield "claimant", face.claimant
            if face.is_loose or self._nearby.is_broad(face.place or ""):
                yield "loose", face.claimant
        if face.ships:
            yield "ships", "any"

    # Taking in

    def _join(self, act: _Act, told: Told, face: Face) -> None:
        was = act.first_at, act.only_echoes, bool(act.keys)
        old = self._face.get(told.key)
        if old is not None and old != face:
            self._acts[self._of[told.key]].faces[old].discard(told.key)
        at = told.posted_at
        act.first_at = min(act.first_at, at)
        if told.claim.repeat:
            act.last_footage = _later(act.last_footage, at)
        elif told.claim.kind is ClaimKind.CASUALTY:
            act.last_update = _later(act.last_update, at)
        else:
            act.last_news = _later(act.last_news, at)
        act.again = act.again or told.claim.again
        act.faces.setdefault(face, set()).add(told.key)
        act.posts.setdefault(told.post, set()).add(told.number)
        self._posts.setdefault(told.post, {})[act.number] = None
        self._of[told.key], self._face[told.key] = act.number, face
        keys = set(self._kept(face))
        if not face.tally:
            for line in telling_lines(told.claim, told.text):
                act.lines.setdefault(line[:3], set()).add(line)
                keys.add(("line", line[:3]))
        if was == (act.first_at, act.only_echoes, True):
            for key in keys - act.keys:
                insort(self._index.setdefault((act.only_echoes, key), []), (act.first_at, act.number))
            act.keys |= keys
            return
        for key in act.keys:
            self._take_out(key, act, at=was[0], echo=was[1])
        act.keys |= keys
        for key in act.keys:
            insort(self._index.setdefault((act.only_echoes, key), []), (act.first_at, act.number))

    def _take_out(
        self, key: Hashable, act: _Act, *, at: datetime | None = None, echo: bool | None = None
    ) -> None:
        where = (act.only_echoes if echo is None else echo, key)
        found = self._index[where]
        del found[bisect_left(found, (at or act.first_at, act.number))]
        if not found:
            del self._index[where]


def match(told: Iterable[Told], places: Mapping[str, Place]) -> dict[Key, int]:
    """Number the acts: claims with the same number tell of the same one. Order of input does not matter."""
    acts = Acts(places)
    ordered = sorted(told, key=lambda t: (t.posted_at, str(t.post), t.number))
    return {one.key: acts.tell(one).number for one in ordered}


def _later(a: datetime | None, b: datetime) -> datetime:
    return b if a is None else max(a, b)


def _reach(claim: Claim) -> timedelta:
    """How long after an act a claim like this is still told of it."""
    if claim.repeat:
        return FOOTAGE_WINDOW
    return UPDATE_WINDOW if claim.kind is ClaimKind.CASUALTY else WINDOW


def _in_time(told: Told, face: Face, act: _Act) -> bool:
    at, reach = told.posted_at, _reach(told.claim)
    if reach == WINDOW and any(same_day(face, other) for other in act.faces):
        reach = DATED_WINDOW
    if at - act.first_at > reach:
        return False
    pictures = act.last_news is None and act.last_update is None
    if pictures and reach < FOOTAGE_WINDOW and at - act.first_at > PICTURES_FIRST:
        return False  # they are of what was before them: later news is of something else
    news = DATED_WINDOW if reach == DATED_WINDOW else WINDOW
    ends = ((act.last_news, news), (act.last_update, UPDATE_WINDOW), (act.last_footage, FOOTAGE_WINDOW))
    return all(end is None or end - at <= most for end, most in ends)


def _copied(told: Told, act: _Act) -> float:
    """How much it says that the words are those of another telling."""
    best = 0.0
    for line in telling_lines(told.claim, told.text):
        for other in act.lines.get(line[:3], ()):
            if is_copy(line, other):
                return COPY
            if abs(told.posted_at - act.last_at) <= CUT_OFF_WITHIN and (
                breaks_off(line, other) or breaks_off(other, line)
            ):
                best = CUT_OFF
    return best
