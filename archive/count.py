"""Counts of what is found: by day, channel, topic or claimant; and of how much of the time they speak."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from archive.coverage import edits_share, watched_share
from archive.indexer import unsearchable
from archive.query import Query
from archive.resolve import Asked, resolve
from claims.scope import CLAIMANT, TOPIC, Scope
from domain.instant import FIRST
from domain.watch import Seen
from storage.doc_number import second_of
from storage.store import Transaction

_DAY = 86_400
_EPOCH = date(1970, 1, 1)


class By(StrEnum):
    DAY = "day"
    CHANNEL = "channel"
    TOPIC = "topic"
    CLAIMANT = "claimant"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A count, and the share of the time in which we could have seen."""

    key: str
    n: int  #: posts that were found
    watched: float | None  #: 0 to 1, over the channels asked; None: of topics and claimants it is not said
    #: Posts of which it cannot be said any more whether they would be found: what they said was removed.
    removed: int = 0
    #: Of topics and claimants: whether all channels asked were watched all of the time. Where edits or
    #: deletions are asked about: whether they came as they were made.
    is_sure: bool = True

    @property
    def observed(self) -> int | None:
        """The count where all of the time was watched, nothing of it was removed, and edits and deletions, if
        they are asked about, came as they were made; None: there may have been more, or anything at all.
        """
        if self.removed or not self.is_sure or (self.watched is not None and self.watched < 1):
            return None
        return self.n


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    by: By
    total: int  #: posts; one of two topics stands in two rows
    rows: Sequence[Row]
    watched: float  #: over all channels and all of the time
    since: datetime
    until: datetime
    unsearchable: int
    removed: int = 0  #: posts of which nobody can say any more whether they would be found
    #: In how much of the time since edits and deletions came as they were made, over all channels. None: they
    #: are not asked about.
    edits_watched: float | None = None


async def count(tx: Transaction, query: Query, by: By, *, zone: ZoneInfo, now: datetime) -> Counts:
    """Days are those of `zone`. Raises as `search` does."""
    asked = await resolve(tx, query)
    channels = asked.channels if asked.channels is not None else await tx.channels.all()
    ids = [c.id for c in channels]
    seen = await tx.watch.seen_of(ids)
    since, until = await _span(tx, query, ids, seen, now)
    watched = _share(ids, seen, since, until)
    missing = await unsearchable(tx)
    edits = await _edits_share(tx, ids, seen, since) if query.asks_of_edits else None
    if by is By.DAY:
        rows = await _by_day(tx, asked, ids, seen, since, until, zone)
        total, lost_of_all = sum(row.n for row in rows), sum(row.removed for row in rows)
    else:
        lost_of_all = await hidden(tx, asked)
        total = await tx.search.count(asked.narrowing)
        if by is By.CHANNEL:
            found = await tx.search.by_channel(asked.narrowing)
            gone = {} if asked.hidden is None else await tx.search.by_channel(asked.hidden)
            of = [
                Row(
                    key=c.name,
                    n=found.get(c.id, 0),
                    watched=_share([c.id], seen, since, until),
                    removed=gone.get(c.id, 0),
                )
                for c in channels
            ]
            rows = [r for r in of if r.n or r.removed or (r.watched or 0) < 1 or query.channels]
        else:
            version = asked.narrowing.reader_version or await tx.readings.live_version()
            narrowing = replace(asked.narrowing, reader_version=version)
            counted = tx.search.by_topic if by is By.TOPIC else tx.search.by_claimant
            found_by = await counted(narrowing)
            lost = (
                {} if asked.hidden is None else await counted(replace(asked.hidden, reader_version=version))
            )
            for key, n in (await _never_looked_for(tx, asked, version, by, found_by)).items():
                lost[key] = lost.get(key, 0) + n
            rows = [
                Row(key=key, n=found_by.get(key, 0), watched=None, removed=lost.get(key, 0))
                for key in found_by | lost
            ]
        rows.sort(key=lambda row: (-row.n, row.key))
    is_partly = by in (By.TOPIC, By.CLAIMANT) and watched < 1
    if is_partly or (edits is not None and edits < 1):
        rows = [replace(row, is_sure=False) for row in rows]
    return Counts(
        by=by,
        total=total,
        rows=rows,
        watched=watched,
        since=since,
        until=until,
        unsearchable=missing,
        removed=lost_of_all,
        edits_watched=edits,
    )


async def _edits_share(
    tx: Transaction, ids: Sequence[int], seen: Mapping[int, Seen], since: datetime
) -> float:
    """Until now: a post of then may have been edited ever since."""
    edits = await tx.watch.edits_seen_of(ids)
    return _mean([edits_share(seen.get(c, Seen()), edits[c], since) for c in ids])


async def _never_looked_for(
    tx: Transaction, asked: Asked, version: int | None, by: By, found: Collection[str]
) -> dict[str, int]:
    """Of each topic or claimant, the emptied posts whose reader did not look for it."""
    out: dict[str, int] = {}
    scope = await Scope.of(tx, version)
    if asked.emptied is None:
        return out
    what, names = CLAIMANT, set(found)
    if by is By.TOPIC and scope.now is not None:
        what, names = TOPIC, names | set(scope.now.get(TOPIC, ()))
    elif by is By.TOPIC:
        what = TOPIC
    missed = {name: scope.missed(what, [name]) for name in names}
    for reader in scope.former:
        its = [name for name in names if reader in missed[name]]
        if not its:
            continue
        of = replace(asked.emptied, reader_version=version, read_by=reader)
        n, has = await tx.search.count(of), await tx.search.by_topic(of) if by is By.TOPIC else {}
        for name in its:
            if rest := n - has.get(name, 0):
                out[name] = out.get(name, 0) + rest
    return out


async def hidden(tx: Transaction, asked: Asked) -> int:
    """How many posts can no longer be said to answer to it or not."""
    return 0 if asked.hidden is None else await tx.search.count(asked.hidden)


async def _span(
    tx: Transaction, query: Query, ids: Sequence[int], seen: dict[int, Seen], now: datetime
) -> tuple[datetime, datetime]:
    """The time that is asked for: as far back as anything is known or could be, and not beyond now."""
    until = min(query.until, now) if query.until is not None else now
    if query.since is not None:
        since = min(max(query.since, FIRST), now)
        return since, max(until, since)
    since = await first_known(tx, ids, seen) or until
    return since, max(until, since)


async def first_known(tx: Transaction, ids: Sequence[int], seen: Mapping[int, Seen]) -> datetime | None:
    """From when on anything is known of these channels: a post, or that we watched."""
    starts = [s.stretches[0][0] for s in seen.values() if s.stretches]
    if (first := await tx.posts.first_at(ids)) is not None:
        starts.append(first)
    return min(starts, default=None)


def _share(ids: Sequence[int], seen: dict[int, Seen], start: datetime, end: datetime) -> float:
    return _mean([watched_share(seen.get(c, Seen()), start, end) for c in ids])


def _mean(shares: Sequence[float]) -> float:
    """1 only where each is."""
    if not shares:
        return 0.0
    return 1.0 if all(share >= 1 for share in shares) else min(sum(shares) / len(shares), 0.9999)


async def _by_day(
    tx: Transaction,
    asked: Asked,
    ids: Sequence[int],
    seen: dict[int, Seen],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> list[Row]:
    offsets = offsets_of(zone, since, until)
    found = await tx.search.by_stretch(asked.narrowing, _DAY, offsets)
    gone = {} if asked.hidden is None else await tx.search.by_stretch(asked.hidden, _DAY, offsets)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    days = {(_EPOCH + timedelta(days=n)) for n in found | gone}
    starts: list[date] = []
    day, last = min([first, *days]), max([last, *days])
    while day <= last:
        starts.append(day)
        day += timedelta(days=1)
    edges = [datetime.combine(day, time(), zone).astimezone(UTC) for day in starts]
    edges.append(datetime.combine(day, time(), zone).astimezone(UTC))
    bounds = [min(max(edge, since), until) for edge in edges]
    shares = shares_of([seen.get(c, Seen()) for c in ids], bounds)
    return [
        Row(
            key=day.isoformat(),
            n=found.get((day - _EPOCH).days, 0),
            watched=share,
            removed=gone.get((day - _EPOCH).days, 0),
        )
        for day, share, start, end in zip(starts, shares, bounds, bounds[1:], strict=False)
        if start < end or day in days
    ]


def shares_of(seen: Sequence[Seen], edges: Sequence[datetime]) -> list[float]:
    """Of each stretch between two edges, how much was watched, over all of these channels; 1 only for all."""
    size = len(edges) - 1
    watched = [timedelta()] * size
    whole = [0] * (size + 1)  # differences: how many channels were watched all of a stretch
    for each in seen:
        for a, b in each.stretches:
            start, end = max(a, edges[0]), min(b, edges[-1])
            if start >= end:
                continue
            first = bisect_right(edges, start) - 1
            last = bisect_left(edges, end) - 1
            full = first if edges[first] == start else first + 1
            past = last + 1 if edges[last + 1] == end else last
            if full < past:
                whole[full] += 1
                whole[past] -= 1
            for n in {first, last}:
                if not full <= n < past:
                    watched[n] += min(end, edges[n + 1]) - max(start, edges[n])
    out, of_all = [], 0
    for n in range(size):
        of_all += whole[n]
        length = edges[n + 1] - edges[n]
        if not seen or not length:
            out.append(0.0)
        elif of_all == len(seen):
            out.append(1.0)
        else:
            out.append(min((of_all + watched[n] / length) / len(seen), 0.9999))
    return out


def offsets_of(zone: ZoneInfo, since: datetime, until: datetime) -> list[tuple[int, int]]:
    """From which second of UTC on the zone's clock is ahead by how many seconds, oldest first."""

    def ahead(at: datetime) -> int:
        return int((at.astimezone(zone).utcoffset() or timedelta()).total_seconds())

    at = since.replace(minute=0, second=0, microsecond=0) - timedelta(days=2)
    out = [(second_of(at), ahead(at))]
    while at < until + timedelta(days=2):
        step = at + timedelta(days=1)
        if ahead(step) != out[-1][1]:
            low, high = at, step
            while high - low > timedelta(minutes=15):  # zones change at a full quarter of an hour
                middle = low + timedelta(minutes=15 * max(1, int((high - low) / timedelta(minutes=15)) // 2))
                low, high = (middle, high) if ahead(middle) == out[-1][1] else (low, middle)
            out.append((second_of(high), ahead(high)))
        at = step
    return out
