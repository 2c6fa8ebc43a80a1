"""The incident tracker: acts that posts tell of, where, by whom and when. Pure, but for reading."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive.pages.names import Names
from archive.weeks import (
    EARLIER,
    EXACT,
    Act,
    Weeks,
    acts_of,
    by_week,
    mondays_until,
    read_seen,
    read_unread,
    share_of,
    watched_weeks,
)
from domain.channel import Channel
from domain.claim import UNKNOWN_GROUP
from domain.watch import Seen
from storage.store import Store
from storage.tracker import Told, Total

#: Days that can be looked at, and the weeks that are counted.
SPANS = (7, 30, 90)
WEEKS = 13
#: A page reads no more posts that tell of acts than the newest so many.
MOST_TOLD = 50_000
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)


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
    weeks: Weeks  #: acts of those shown, by claimant
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
    mondays = mondays_until(now, zone, WEEKS)
    since = min(datetime.combine(mondays[0], time(), zone), now - days * _DAY, now - 60 * _DAY)
    async with store.read() as tx:
        channels = {c.id: c for c in await tx.channels.all()}
        version = await tx.readings.live_version()
        told: Sequence[Told] = ()
        totals: Sequence[Total] = ()
        if version is not None:
            told = await tx.tracker.told(version, since - EARLIER, now + _DAY, MOST_TOLD)
            totals = await tx.tracker.totals(version, now - 30 * _DAY)
        seen = await read_seen(tx, since)
        unread = await read_unread(tx, {each.claimant or UNKNOWN_GROUP for each in told}, since, now, zone)
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
        weeks=Weeks(
            weeks=watched_weeks(
                seen, mondays, zone, now, told[-1].posted_at if len(told) == MOST_TOLD else None
            ),
            by_claimant=by_week(acts, mondays, zone),
            unread=unread,
        ),
        balances=[_balance(t, acts, seen) for t in totals if claimant in (None, t.claimant)],
        channels=channels,
        was_read=version is not None,
    )


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
        watched=share_of(seen, total.posted_at - 30 * _DAY, total.posted_at),
    )
