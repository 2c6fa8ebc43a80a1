"""When we could have seen, and when not. Every count, baseline and verdict asks here."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from domain.instant import refuse_naive
from domain.post import How

_NEVER = datetime.max.replace(tzinfo=UTC)


class GapCause(StrEnum):
    """Why we could not see."""

    OUR_STOP = "our_stop"  #: the collector was not running
    LINK = "link"  #: no way to Telegram
    FLOOD = "flood"  #: Telegram made us wait
    ACCOUNT = "account"  #: the account was logged out or banned
    DISK = "disk"  #: nothing could be written
    UNKNOWN = "unknown"


class Missing(StrEnum):
    """What a gap may hide."""

    POSTS = "posts"
    EDITS = "edits"  #: posts were read afterwards; edits and deletions in between may be lost


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSpan:
    """From `from_at` until `to_at`, every post of the channel has come to us, or would have."""

    channel_id: int
    account: str
    from_at: datetime
    to_at: datetime
    how: How

    def __post_init__(self) -> None:
        refuse_naive(self, "from_at", "to_at")
        if self.to_at < self.from_at:
            raise ValueError(f"a watch span ends before it begins: {self.from_at} to {self.to_at}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch in which a post could have come without our seeing it. `to_at` None: it still lasts."""

    channel_id: int
    account: str
    from_at: datetime
    to_at: datetime | None
    cause: GapCause
    missing: Missing = Missing.POSTS
    detail: str = ""

    def __post_init__(self) -> None:
        refuse_naive(self, "from_at", "to_at")


@dataclass(frozen=True, slots=True)
class Seen:
    """The stretches in which one channel could be seen, merged and in order: the one answer to whether a post
    of that time could have been seen. Whatever counts asks it (alerts/cover.py is the same, grown in place).
    """

    stretches: tuple[tuple[datetime, datetime], ...] = ()

    @classmethod
    def merged(cls, spans: Iterable[WatchSpan | tuple[datetime, datetime]]) -> "Seen":
        """Overlapping and touching spans, of any account and way, become one stretch."""
        ends = sorted((s.from_at, s.to_at) if isinstance(s, WatchSpan) else s for s in spans)
        out: list[tuple[datetime, datetime]] = []
        for start, end in ends:
            if out and start <= out[-1][1]:
                out[-1] = (out[-1][0], max(out[-1][1], end))
            else:
                out.append((start, end))
        return cls(tuple(out))

    def at(self, instant: datetime) -> bool:
        """Could we have seen a post of this channel at that instant?"""
        return self.all_of(instant, instant)

    def all_of(self, start: datetime, end: datetime) -> bool:
        """Was the whole of [start, end] watched?"""
        n = bisect_right(self.stretches, start, key=lambda stretch: stretch[0]) - 1
        return n >= 0 and end <= self.stretches[n][1]

    def until(self) -> datetime | None:
        """The last instant known to have been watched."""
        return self.stretches[-1][1] if self.stretches else None

    def holes(self, start: datetime, end: datetime) -> Sequence[tuple[datetime, datetime]]:
        """The parts of [start, end] that were not watched."""
        out: list[tuple[datetime, datetime]] = []
        at = start
        for a, b in self.stretches:
            if b <= at:
                continue
            if a >= end:
                break
            if a > at:
                out.append((at, a))
            at = max(at, b)
        if at < end:
            out.append((at, end))
        return out


def edits_seen(spans: Iterable[WatchSpan], gaps: Iterable[Gap]) -> Seen:
    """When edits and deletions of one channel came to us as they were made: its posts were pushed to an
    account of which no gap is on record, not even one whose posts were read afterwards.

    Of all other time only what stood whenever it was looked at again is held: not what was edited twice
    between two looks, nor the last wording of what was edited and deleted.
    """
    gaps_of: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for gap in gaps:
        gaps_of[gap.account].append((gap.from_at, gap.to_at or _NEVER))
    return Seen.merged(
        stretch
        for span in spans
        if span.how is How.LIVE
        for stretch in Seen.merged(gaps_of[span.account]).holes(span.from_at, span.to_at)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at a channel by whoever polled it: what the page held, or why there was none."""

    at: datetime
    ok: bool  #: the channel was there and could be read
    state: str  #: in the words of whoever looked
    n: int = 0  #: posts on the page
    oldest_id: int | None = None
    newest_id: int | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "at")
