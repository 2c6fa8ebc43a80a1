"""Acts that posts tell of, by claimant and week, for pages and notebooks. Pure, but for reading."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from claims.act import HORIZON
from claims.scope import CLAIMANT, Scope
from domain.channel import ChannelStatus
from domain.claim import OUT_OF_VOCABULARY, UNKNOWN_GROUP, ClaimKind
from domain.watch import Seen
from storage.store import Transaction
from storage.tracker import Told

#: How exact a place is, the most exact first.
EXACT = ("site", "town", "region", "country")
#: So long before the first week posts are read too: an act that was told then belongs to no later week.
EARLIER = HORIZON
#: Of less than all of a week.
_NOT_ALL = 0.9999
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
#: What was not written down yet of the last minutes is no hole.
_LAG = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """An incident with what its claims say together."""

    id: int
    first_at: datetime
    claimants: tuple[str, ...]
    location: str | None
    precision: str | None
    country: str | None
    weapons: tuple[str, ...]
    kinds: tuple[ClaimKind, ...]
    channels: tuple[int, ...]
    posts: int
    day: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Weeks:
    """Acts by the week, and how much of each week could be seen."""

    weeks: Sequence[tuple[date, float]]  #: Mondays, and which part of the week was watched
    by_claimant: Sequence[tuple[str, Sequence[int]]]  #: acts in each of the weeks, the most first
    #: Of claimants the Mondays of weeks of which something was emptied before anybody looked for them.
    unread: Mapping[str, Collection[date]] = field(default_factory=dict)

    def of(self, claimant: str) -> Sequence[tuple[date, float]]:
        """Mondays, and which part of the week is known of this claimant."""
        unread = self.unread.get(claimant, ())
        return [(m, min(share, _NOT_ALL) if m in unread else share) for m, share in self.weeks]


async def read_weeks(
    tx: Transaction, now: datetime, zone: ZoneInfo, n: int, *, channels: Collection[int] | None = None
) -> Weeks:
    """The `n` weeks of `zone` that end with that of `now`, over all channels or only these."""
    mondays = mondays_until(now, zone, n)
    since = datetime.combine(mondays[0], time(), zone)
    version = await tx.readings.live_version()
    told = await tx.tracker.told(version, since - EARLIER, now) if version is not None else ()
    if channels is not None:
        told = [each for each in told if each.channel_id in channels]
    by_claimant = by_week(acts_of(told), mondays, zone)
    return Weeks(
        weeks=watched_weeks(await read_seen(tx, since, channels), mondays, zone, now),
        by_claimant=by_claimant,
        unread=await read_unread(tx, [name for name, _ in by_claimant], since, now, zone, channels),
    )


async def read_unread(
    tx: Transaction,
    claimants: Iterable[str],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    channels: Collection[int] | None = None,
) -> Mapping[str, Collection[date]]:
    """Of each claimant, the Mondays of weeks with emptied posts that nobody had looked for it in."""
    version = await tx.readings.live_version()
    scope, out = await Scope.of(tx, version), {}
    weeks: dict[tuple[int, ...], frozenset[date]] = {(): frozenset()}
    for claimant in claimants:
        missed = scope.missed(CLAIMANT, [claimant])
        if missed not in weeks and version is not None:
            hours = await tx.readings.hours_read_by(missed, version, since, until, channels)
            days = {hour.astimezone(zone).date() for hour in hours}
            weeks[missed] = frozenset(day - day.weekday() * _DAY for day in days)
        if weeks[missed]:
            out[claimant] = weeks[missed]
    return out


async def read_seen(
    tx: Transaction, since: datetime, channels: Collection[int] | None = None
) -> Sequence[Seen]:
    """When each channel that is not retired could be seen; of those that never were, nothing."""
    ids = [
        c.id
        for c in await tx.channels.all()
        if (c.status is not ChannelStatus.RETIRED if channels is None else c.id in channels)
    ]
    spans = await tx.overview.spans(ids, since)
    return [Seen.merged(spans.get(each, ())) for each in ids]


def mondays_until(now: datetime, zone: ZoneInfo, n: int) -> list[date]:
    """The beginnings of the `n` weeks that end with that of `now`."""
    monday = now.astimezone(zone).date()
    monday -= monday.weekday() * _DAY
    return [monday - i * _WEEK for i in range(n)][::-1]


def watched_weeks(
    seen: Sequence[Seen],
    mondays: Sequence[date],
    zone: ZoneInfo,
    now: datetime,
    read_from: datetime | None = None,
) -> list[tuple[date, float]]:
    """`read_from`: what was told before then was not read, and a week that begins before it is not known."""
    out = []
    for monday in mondays:
        start, end = _week(monday, zone, now)
        share = share_of(seen, start, end)
        is_read = read_from is None or read_from <= start
        out.append((monday, share if is_read else min(share, _NOT_ALL)))
    return out


def acts_of(told: Sequence[Told]) -> list[Act]:
    """Each act once, however many posts tell of it; the newest first."""
    by_act: dict[int, list[Told]] = defaultdict(list)
    for each in told:
        by_act[each.incident_id].append(each)
    out = []
    for number, them in by_act.items():
        place = _place(them)
        out.append(
            Act(
                id=number,
                first_at=min(t.posted_at for t in them),
                claimants=_often(t.claimant for t in them),
                location=place.location,
                precision=place.precision,
                country=place.country or next((t.country for t in them if t.country), None),
                weapons=_often(w for t in them for w in t.weapons),
                kinds=tuple(dict.fromkeys(t.kind for t in them)),
                channels=tuple(dict.fromkeys(t.channel_id for t in them)),
                posts=len({(t.channel_id, t.post_id) for t in them}),
                day=min((t.day for t in them if t.day), default=None),
            )
        )
    return sorted(out, key=lambda act: (act.first_at, act.id), reverse=True)


def _place(them: Sequence[Told]) -> Told:
    """The most exact place that any of them names; of equals the one named most often."""
    often = Counter(t.location for t in them)

    def order(told: Told) -> tuple[bool, int, int]:
        rank = EXACT.index(told.precision) if told.precision in EXACT else len(EXACT)
        return told.location in (None, OUT_OF_VOCABULARY), rank, -often[told.location]

    return min(them, key=order)


def _often(values: Iterable[str | None]) -> tuple[str, ...]:
    counted = Counter(v for v in values if v)
    return tuple(name for name, _ in counted.most_common())


def by_week(acts: Sequence[Act], mondays: Sequence[date], zone: ZoneInfo) -> list[tuple[str, list[int]]]:
    """Acts by claimant and week; an act that two claim stands with both. The most first."""
    place = {monday: n for n, monday in enumerate(mondays)}
    out: dict[str, list[int]] = {}
    for act in acts:
        day = act.first_at.astimezone(zone).date()
        n = place.get(day - day.weekday() * _DAY)
        if n is not None:
            for claimant in act.claimants or (UNKNOWN_GROUP,):
                out.setdefault(claimant, [0] * len(mondays))[n] += 1
    return sorted(out.items(), key=lambda item: (-sum(item[1]), item[0]))


def _week(monday: date, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    # In UTC: between two times of one zone Python counts what its clocks show, not what passed.
    start, end = (datetime.combine(day, time(), zone).astimezone(UTC) for day in (monday, monday + _WEEK))
    return start, min(end, now)


def share_of(seen: Sequence[Seen], start: datetime, end: datetime) -> float:
    """Which part of a stretch was watched, over all channels; 1 only where all of it was."""
    if not seen or end <= start:
        return 0.0
    missing = [
        sum(((b - a) for a, b in each.holes(start, end) if b - a > _LAG), timedelta()) for each in seen
    ]
    if not any(missing):
        return 1.0
    return min(1 - sum(m / (end - start) for m in missing) / len(seen), _NOT_ALL)
