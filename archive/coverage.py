"""What we could have seen: per channel the share of time watched, gaps by cause, and which numbers are held.

Unknown is not zero: whatever counts says beside it how much of the time it speaks of.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.channel import Channel
from domain.instant import FIRST
from domain.watch import Gap, Seen, edits_seen
from storage.posts import Census
from storage.store import Transaction

#: Accounts prove that nothing is missing one after the other, within so long.
_BESIDE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """One channel within [start, end)."""

    channel: Channel
    start: datetime
    end: datetime
    seen: Seen
    edits: Seen  #: when edits and deletions came as they were made
    gaps: Sequence[Gap]
    first_id: int | None  #: the lowest number held of that time; None: nothing is held
    last_id: int | None
    census: Census  #: what became of the numbers between them

    @property
    def share(self) -> float:
        """How much of the time was watched, 0 to 1."""
        return watched_share(self.seen, self.start, self.end)

    @property
    def edits_share(self) -> float:
        """In how much of the time edits and deletions came as they were made, 0 to 1."""
        return watched_share(self.edits, self.start, self.end)

    @property
    def expected(self) -> int:
        """Numbers that were given out between the first and the last that is held."""
        return 0 if self.first_id is None or self.last_id is None else self.last_id - self.first_id + 1

    @property
    def held(self) -> int:
        return self.expected - self.census.unknown

    @property
    def gap_hours(self) -> Mapping[str, float]:
        """Hours of the gaps of that time, by cause; where two overlap, both count."""
        out: dict[str, float] = defaultdict(float)
        for gap in self.gaps:
            start, end = max(gap.from_at, self.start), min(gap.to_at or self.end, self.end)
            if end > start:
                out[gap.cause.value] += (end - start) / timedelta(hours=1)
        return {cause: round(hours, 2) for cause, hours in sorted(out.items())}


def watched_share(seen: Seen, start: datetime, end: datetime) -> float:
    """Of no time at all nothing was watched."""
    if end <= start:
        return 0.0
    missed = sum((b - a for a, b in seen.holes(start, end)), timedelta())
    return 1 - missed / (end - start)


def edits_share(seen: Seen, edits: Seen, start: datetime) -> float:
    """In how much of the time from `start` to when the channel was last seen edits and deletions came as they
    were made; whoever looks beside the account that they come to may have seen it last.
    """
    until, heard = seen.until(), edits.until()
    if until is None or heard is None:
        return 0.0
    return watched_share(edits, start, heard if until - heard < _BESIDE else until)


def told_share(share: float, places: int) -> float:
    """Rounded, but never to all of the time where a part is missing, nor to none where there is one."""
    least = 10**-places
    return share if share in (0, 1) else min(max(round(share, places), least), round(1 - least, places))


async def coverage(tx: Transaction, channel: Channel, start: datetime | None, end: datetime) -> Coverage:
    """Without a start: from the first post or watched instant on; never from before there was Telegram."""
    spans, gaps = await tx.watch.spans(channel.id), await tx.watch.gaps(channel.id)
    seen = Seen.merged(spans)
    first = await tx.posts.span(channel.id)
    if start is None:
        starts = [
            at for at in (first[0] if first else None, seen.stretches[0][0] if seen.stretches else None) if at
        ]
        start = min(starts, default=end)
    start = max(start, FIRST)
    low, high = await tx.posts.id_range(channel.id, start, end)
    return Coverage(
        channel=channel,
        start=start,
        end=end,
        seen=_within(seen, start, end),
        edits=_within(edits_seen(spans, gaps), start, end),
        gaps=[g for g in gaps if (g.to_at is None or g.to_at > start) and g.from_at < end],
        first_id=low,
        last_id=high,
        census=Census() if low is None or high is None else await tx.posts.census(channel.id, low, high),
    )


def _within(seen: Seen, start: datetime, end: datetime) -> Seen:
    return Seen(tuple((max(a, start), min(b, end)) for a, b in seen.stretches if b > start and a < end))
