"""The incident tracker: acts that posts tell of, where, by whom and when. Pure, but for reading."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive.pages.names import Names
from domain.channel import Channel, ChannelStatus
from domain.claim import OUT_OF_VOCABULARY, UNKNOWN_GROUP, ClaimKind
from domain.watch import Seen
from storage.store import Store
from storage.tracker import Told, Total

#: Days that can be looked at, and the weeks that are counted.
SPANS = (7, 30, 90)
WEEKS = 13
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
#: What was not written down yet of the last minutes is no hole.
_LAG = timedelta(minutes=5)
#: How exact a place is, the most exact first.
EXACT = ("site", "town", "region", "country")


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
class Point:
    """A place of the lexicon with acts there."""

    code: str
    lat: float
    lon: float
    n: int
    precision: str  #: the roughest that one of its acts is known by


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a group says of itself beside what we hold of it."""

    total: Total
    week: int  #: acts it claims in what we hold of the seven days before
    month: int  #: of the thirty days before
    watched: float  #: which part of those thirty days was watched, over all channels


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracker:
    acts: Sequence[Act]  #: of the days shown, the newest first
    points: Sequence[Point]
    elsewhere: int  #: acts at no place that can be drawn
    weeks: Sequence[tuple[date, float]]  #: Mondays, and which part of the week was watched
    by_claimant: Sequence[tuple[str, Sequence[int]]]  #: acts in each of the weeks
    balances: Sequence[Balance]
    channels: Mapping[int, Channel]
    was_read: bool


async def read_tracker(
    store: Store,
    names: Names,
    now: datetime,
    zone: ZoneInfo,
    days: int,
    *,
    claimant: str | None = None,
    location: str | None = None,
) -> Tracker:
    """Weeks are those of `zone`."""
    monday = now.astimezone(zone).date()
    monday -= monday.weekday() * _DAY
    mondays = [monday - n * _WEEK for n in range(WEEKS)][::-1]
    since = min(datetime.combine(mondays[0], time(), zone), now - days * _DAY, now - 60 * _DAY)
    async with store.read() as tx:
        channels = {c.id: c for c in await tx.channels.all()}
        version = await tx.readings.live_version()
        told: Sequence[Told] = ()
        totals: Sequence[Total] = ()
        if version is not None:
            told = await tx.tracker.told(version, since, now + _DAY)
            totals = await tx.tracker.totals(version, now - 30 * _DAY)
        watched = [c.id for c in channels.values() if c.status is not ChannelStatus.RETIRED]
        seen = [Seen.merged(s) for s in (await tx.overview.spans(watched, since)).values()]
    seen += [Seen()] * (len(watched) - len(seen))
    acts = [
        act
        for act in acts_of(told)
        if (claimant is None or claimant in act.claimants) and (location is None or act.location == location)
    ]
    shown = [act for act in acts if act.first_at >= now - days * _DAY]
    points, elsewhere = points_of(shown, names)
    return Tracker(
        acts=shown,
        points=points,
        elsewhere=elsewhere,
        weeks=[(m, _share(seen, *_week(m, zone, now))) for m in mondays],
        by_claimant=by_week(acts, mondays, zone),
        balances=[_balance(t, acts, seen) for t in totals if claimant in (None, t.claimant)],
        channels=channels,
        was_read=version is not None,
    )


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


def points_of(acts: Sequence[Act], names: Names) -> tuple[list[Point], int]:
    """The places that have a point in the lexicon, the most acts first; and how many acts have none.

    What is known by its country only is not drawn: a point would say more than is known.
    """
    counted: Counter[str] = Counter()
    roughest: dict[str, str] = {}
    elsewhere = 0
    for act in acts:
        place = names.places.get(act.location or "")
        if place is None or place.lat is None or place.lon is None or act.precision in (None, "country"):
            elsewhere += 1
            continue
        counted[place.id] += 1
        before = roughest.get(place.id, "site")
        roughest[place.id] = max(before, act.precision, key=EXACT.index)
    out = []
    for code, n in counted.most_common():
        place = names.places[code]
        if place.lat is not None and place.lon is not None:
            out.append(Point(code=code, lat=place.lat, lon=place.lon, n=n, precision=roughest[code]))
    return out, elsewhere


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


def _balance(total: Total, acts: Sequence[Act], seen: Sequence[Seen]) -> Balance:
    def ours(span: timedelta) -> int:
        return sum(
            total.claimant in act.claimants and total.posted_at - span <= act.first_at <= total.posted_at
            for act in acts
        )

    return Balance(
        total=total,
        week=ours(_WEEK),
        month=ours(30 * _DAY),
        watched=_share(seen, total.posted_at - 30 * _DAY, total.posted_at),
    )


def _week(monday: date, zone: ZoneInfo, now: datetime) -> tuple[datetime, datetime]:
    start = datetime.combine(monday, time(), zone)
    return start, min(datetime.combine(monday + _WEEK, time(), zone), now)


def _share(seen: Sequence[Seen], start: datetime, end: datetime) -> float:
    """Which part of a stretch was watched, over all channels; 1 only where all of it was."""
    if not seen or end <= start:
        return 0.0
    missing = [
        sum(((b - a) for a, b in each.holes(start, end) if b - a > _LAG), timedelta()) for each in seen
    ]
    if not any(missing):
        return 1.0
    return min(1 - sum(m / (end - start) for m in missing) / len(seen), 0.9999)
