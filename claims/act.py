"""One act as far as it is known: who told of it, when, and how long others may still tell of it."""

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from claims.copies import Line, breaks_off, is_copy, telling_lines
from claims.face import Face, compare, face_of, same_day
from claims.nearby import Nearby
from domain.claim import Claim, ClaimKind

#: How long after the first post of an act others may still tell of it as news.
WINDOW = timedelta(hours=10)
#: The same of reports that name no claimant: officials speak later than channels.
REPORT_WINDOW = timedelta(hours=14)
#: The same, when one says on which day it was and that is the day of the other.
DATED_WINDOW = timedelta(days=3)
#: Later numbers of dead and wounded, and footage, come days after.
UPDATE_WINDOW = timedelta(days=3)
FOOTAGE_WINDOW = timedelta(days=10)
#: No two posts further apart tell of one act, a forward apart: the claims from so long before a stretch of
#: time to so long after it are all that is needed to match those within.
HORIZON = FOOTAGE_WINDOW
#: Another attack is seldom announced so soon after one: "again" in two posts so near is one statement.
AGAIN_AFTER = timedelta(minutes=30)
#: What is filmed is shown so soon that news of it may come after its pictures.
PICTURES_FIRST = timedelta(hours=2)
#: How long after the whole text a copy that breaks off is made.
CUT_OFF_WITHIN = timedelta(hours=2)
#: How much it says that one line is the copy, or the beginning, of the other, or that a post forwards one.
COPY, CUT_OFF, FORWARD = 2.0, 1.5, 10.0

Key = tuple[Hashable, int]
T = TypeVar("T")


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


class Case:
    """A claim as it is compared: its slots, and the lines that tell it."""

    __slots__ = ("at", "dated", "face", "lines", "reach", "told")

    def __init__(self, told: Told) -> None:
        self.told = told
        self.at = told.posted_at
        self.face = face_of(told.claim, told.text, told.posted_at)
        self.lines = telling_lines(told.claim, told.text) if not self.face.tally else frozenset()
        self.dated = self.face.said is not None
        if told.claim.repeat:
            self.reach = FOOTAGE_WINDOW
        elif told.claim.kind is ClaimKind.CASUALTY:
            self.reach = UPDATE_WINDOW
        elif self.face.claimant is None and told.claim.kind is ClaimKind.ATTACK_REPORT:
            self.reach = REPORT_WINDOW
        else:
            self.reach = WINDOW


@dataclass(slots=True)
class Act:
    """What is known of one act so far."""

    number: int
    first_at: datetime
    last_news: datetime | None = None
    last_report: datetime | None = None
    last_update: datetime | None = None
    last_footage: datetime | None = None
    again: bool = False  #: somebody says that it is another act like one before
    faces: dict[Face, set[Key]] = field(default_factory=dict)  #: by none: only earlier versions said so
    posts: dict[Hashable, tuple[int, ...]] = field(default_factory=dict)
    lines: dict[Line, tuple[Line, ...]] = field(default_factory=dict)

    @property
    def last_at(self) -> datetime:
        return max(at for at in (self.last_news, self.last_report, self.last_update, self.last_footage) if at)

    @property
    def only_echoes(self) -> bool:
        """Has nobody told it as news yet? Then older news of it may still come to light."""
        return self.last_news is None and self.last_report is None

    def take(self, case: Case) -> None:
        """One more claim tells of it."""
        told, at = case.told, case.at
        self.first_at = min(self.first_at, at)
        if told.claim.repeat:
            self.last_footage = _later(self.last_footage, at)
        elif told.claim.kind is ClaimKind.CASUALTY:
            self.last_update = _later(self.last_update, at)
        elif case.reach == REPORT_WINDOW:
            self.last_report = _later(self.last_report, at)
        else:
            self.last_news = _later(self.last_news, at)
        self.again = self.again or told.claim.again
        self.faces.setdefault(case.face, set()).add(told.key)
        self.posts[told.post] = with_one(self.posts.get(told.post, ()), told.number)
        for line in case.lines:
            self.lines[line[:3]] = with_one(self.lines.get(line[:3], ()), line)

    def fit(self, case: Case, nearby: Nearby) -> float:
        """How much speaks for the claim being of this act; below 0 when it cannot be."""
        told = case.told
        if self.posts.get(told.post, (told.number,)) != (told.number,):
            return -1.0  # two records of one post are two acts
        forward = self._is_forward(case)
        relay = forward or (told.forwarded and self._copied(case) == COPY)
        if not relay and not (self._in_time(case) and self._once_more(case)):
            return -1.0
        best = 0.0
        for other, keys in self.faces.items():
            score = compare(case.face, other, nearby)
            if score < 0 and keys:
                return -1.0
            best = max(best, score)
        return best + (FORWARD if forward else self._copied(case))

    def may_keep(self, case: Case, nearby: Nearby) -> bool:
        """Does nothing that others tell of it speak against this new version of a claim of it?"""
        others = (other for other, keys in self.faces.items() if keys - {case.told.key})
        return all(compare(case.face, other, nearby) >= 0 for other in others)

    def _in_time(self, case: Case) -> bool:
        # What is in time by the narrower windows is so by the wider, for which every face is looked at.
        return self._within(case, case.reach, WINDOW, REPORT_WINDOW) or (
            any(same_day(case.face, other) for other in self.faces)
            and self._within(case, max(case.reach, DATED_WINDOW), DATED_WINDOW, DATED_WINDOW)
        )

    def _within(self, case: Case, reach: timedelta, news: timedelta, report: timedelta) -> bool:
        at = case.at
        if at - self.first_at > reach:
            return False
        pictures = self.only_echoes and self.last_update is None
        if pictures and case.reach < FOOTAGE_WINDOW and at - self.first_at > PICTURES_FIRST:
            return False  # they are of what was before them: later news is of something else
        ends = (
            (self.last_news, news),
            (self.last_report, report),
            (self.last_update, UPDATE_WINDOW),
            (self.last_footage, FOOTAGE_WINDOW),
        )
        return all(end is None or end - at <= most for end, most in ends)

    def _once_more(self, case: Case) -> bool:
        """May a claim that says "again" be of this act, and not of a later one like it?"""
        return not case.told.claim.again or self.again or abs(case.at - self.first_at) <= AGAIN_AFTER

    def _is_forward(self, case: Case) -> bool:
        """Is it the very post that this act was told in, forwarded however much later?"""
        origin = case.told.origin
        return origin is not None and origin in self.posts

    def _copied(self, case: Case) -> float:
        """How much it says that the words are those of another telling."""
        best = 0.0
        soon = abs(case.at - self.last_at) <= CUT_OFF_WITHIN
        for line in case.lines:
            for other in self.lines.get(line[:3], ()):
                if is_copy(line, other):
                    return COPY
                if soon and (breaks_off(line, other) or breaks_off(other, line)):
                    best = CUT_OFF
        return best


def with_one(held: tuple[T, ...], one: T) -> tuple[T, ...]:
    """These with one more, each once. Most hold one alone, for which a set is four times as large."""
    return held if one in held else (*held, one)


def _later(a: datetime | None, b: datetime) -> datetime:
    return b if a is None else max(a, b)
