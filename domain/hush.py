"""What a chat does not want to hear just now: mutes, quiet hours, and a digest in place of single alerts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.episode import Episode
from domain.instant import refuse_naive

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mute:
    """A chat hears nothing of a channel, of one topic or claimant, or of anything, until a time.

    All of channel, topic and claimant None: everything. A topic without a channel: that topic anywhere.
    """

    id: int = 0  #: 0 until stored
    chat_id: int
    channel_id: int | None = None
    topic: str | None = None
    claimant: str | None = None
    until: datetime | None = None  #: None: until it is revoked
    reason: str = ""
    by: str = ""  #: who made it, as `name (number)`
    made_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str = ""

    def __post_init__(self) -> None:
        refuse_naive(self, "until", "made_at", "revoked_at")

    def stands(self, now: datetime) -> bool:
        """Is it in force?"""
        return self.revoked_at is None and self.made_at <= now and (self.until is None or now < self.until)

    def covers(self, episode: Episode) -> bool:
        """Is all of this episode muted? A grouped one only when each of its members is."""
        subject = episode.subject
        if (self.topic is not None and self.topic != subject.topic) or (
            self.claimant is not None and self.claimant != subject.claimant
        ):
            return False
        if self.channel_id is None:
            return True
        about = episode.members if subject.channel_id is None else (subject.channel_id,)
        return bool(about) and set(about) == {self.channel_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """Every day from `start` to `end` on the clocks of the chat's zone nothing rings; what came is told at
    the end, as one digest. Across midnight where `end` is the earlier. Equal ends: no quiet hours at all.
    """

    chat_id: int
    start: time
    end: time
    made_at: datetime
    by: str = ""

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at")

    def over_at(self, now: datetime, zone: ZoneInfo) -> datetime | None:
        """When the quiet hours end that last at `now`; None: it is no quiet hour.

        Where the clocks are put forward over an end, that end is the moment at which they are. Where they are
        put back over one, quiet begins with the second of the two and ends with the first: it never lasts at
        an hour that its owner did not name.
        """
        if self.start == self.end:
            return None
        today = now.astimezone(zone).date()
        for day in (today - _DAY, today):
            first = _instants(day, self.start, zone)[1]
            ends = _instants(day if self.start < self.end else day + _DAY, self.end, zone)
            last = next((end for end in ends if end > first), None)
            if last is not None and first <= now < last:
                return last
        return None


class Every(StrEnum):
    """How often a digest comes."""

    DAY = "daily"
    WEEK = "weekly"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A chat gets a summary every day or week, at an hour of its zone. No record: none."""

    chat_id: int
    every: Every
    hour: int  #: 0 to 23
    weekday: int = 0  #: of a weekly one; 0 is Monday
    instead: bool = False  #: alerts wait for it; else they come at once, and the digest sums up
    made_at: datetime
    by: str = ""
    sent_at: datetime | None = None  #: the last one: up to then all is told

    def __post_init__(self) -> None:
        refuse_naive(self, "made_at", "sent_at")
        if not 0 <= self.hour <= 23 or not 0 <= self.weekday <= 6:
            raise ValueError(f"hours run from 0 to 23 and weekdays from 0 to 6: {self.hour}, {self.weekday}")

    def next_after(self, at: datetime, zone: ZoneInfo) -> datetime:
        """The first time for a digest later than `at`."""
        day = at.astimezone(zone).date() - _DAY
        while True:
            due = _instants(day, time(self.hour), zone)[0]
            if due > at and (self.every is Every.DAY or day.weekday() == self.weekday):
                return due
            day += _DAY

    def due_at(self, zone: ZoneInfo) -> datetime:
        """When the next one is due: reckoned from the last, or from when it was asked for."""
        return self.next_after(self.sent_at or self.made_at, zone)


def _instants(day: date, at: time, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The first and the last instant at which the clocks show this: two of them where clocks are put back.

    A time that the clocks leap over is the instant of the leap.
    """
    first, last = (datetime.combine(day, at, zone).replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    if first <= last:
        return first, last
    # In a gap `fold` reads the clocks as they were before (fold 0: too late) and after (too early).
    low, high = last, first
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    leap = high.replace(microsecond=0)
    return leap, leap
