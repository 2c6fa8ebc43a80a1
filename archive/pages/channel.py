"""One channel: its rhythm, its activity beside what was to be expected, its topics, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alerts.hours import hours
from archive.activity import read_counted
from archive.coverage import edits_share
from archive.resolve import named
from archive.usual import Hour, Usual, usual_hours, usual_of
from domain.channel import Channel, ChannelEvent, Handle, Headcount
from domain.episode import Episode
from domain.post import Post
from domain.watch import Gap, Seen
from storage.search import Found
from storage.store import Store, Transaction

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: Days that can be looked at.
SPANS = (7, 14, 30)
#: Topics and claimants are shown by the day over so many days, the most frequent so many.
STRAND_DAYS, MOST_STRANDS = 30, 12
#: What was not written down yet of the last minutes is no hole.
_LAG = timedelta(minutes=5)
_POSTS, _EPISODES, _GAPS = 10, 20, 30


@dataclass(frozen=True, slots=True, kw_only=True)
class StrandDays:
    """A topic or claimant by the day."""

    topic: str
    claimant: str
    total: int
    days: Sequence[tuple[date, int, bool]]  #: how many, and whether all of the day was watched


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A post in a list: as it reads now, where the index has it, else as first seen."""

    post: Post
    text: str
    versions: int
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    channel: Channel
    at: datetime
    usual: Usual
    points: tuple[Hour, ...]
    watched: float  #: which part of the shown hours
    strands: Sequence[StrandDays]
    handles: Sequence[Handle]
    events: Sequence[ChannelEvent]
    headcounts: Sequence[Headcount]
    episodes: Sequence[Episode]
    edits_watched: float  #: in which part of them edits and deletions came as they were made
    holes: Sequence[tuple[datetime, datetime | None, str]]  #: unwatched, the newest first, and why
    posts: Sequence[Shown]
    seen_until: datetime | None
    was_read: bool

    @property
    def observed(self) -> int | None:
        """Posts in the hours that were wholly watched; None: there is none."""
        counted = [p.observed for p in self.points if p.observed is not None]
        return sum(counted) if counted else None

    @property
    def expected(self) -> float | None:
        """In the same hours; None: of one of them it is not known."""
        known = [p.expected for p in self.points if p.observed is not None]
        return None if None in known else sum(e for e in known if e is not None)


async def find_channel(tx: Transaction, name: str) -> Channel | None:
    return named(name, await tx.channels.all())


async def read_portrait(store: Store, channel: Channel, now: datetime, days: int, zone: ZoneInfo) -> Portrait:
    """Of the last `days` days; days of topics are those of `zone`."""
    end = now.replace(minute=0, second=0, microsecond=0)
    start = end - days * DAY
    month = datetime.combine(now.astimezone(zone).date() - (STRAND_DAYS - 1) * DAY, time(), zone)
    async with store.read() as tx:
        counted = await read_counted(tx, channel, start, end)
        version, watched = counted.reader_version, Seen.merged(counted.spans)
        strands: Mapping[tuple[str, str], Mapping[datetime, int]] = {}
        if version is not None:
            strands = await tx.overview.strands(channel.id, version, month, now)
        seen = await tx.watch.until()
        newest = await tx.posts.newest(channel.id, _POSTS)
        points = usual_hours(counted)
        return Portrait(
            channel=channel,
            at=now,
            usual=usual_of(channel, counted.posts, counted.spans, int(hours(end) // 24)),
            points=points,
            watched=sum(p.observed is not None for p in points) / max(len(points), 1),
            strands=_by_day(strands, watched, month, now, zone),
            handles=await tx.channels.handles(channel.id),
            events=await tx.overview.events(channel.id),
            headcounts=(await tx.channels.headcounts(channel.id, now - 90 * DAY))[-1:],
            episodes=await tx.episodes.newest(_EPISODES, channel.id),
            edits_watched=edits_share(
                watched, (await tx.watch.edits_seen_of([channel.id]))[channel.id], start
            ),
            holes=_holes(watched, await tx.watch.gaps(channel.id, start), start, now),
            posts=await shown_posts(tx, newest),
            seen_until=seen.get(channel.id),
            was_read=version is not None,
        )


def _holes(
    seen: Seen, gaps: Sequence[Gap], start: datetime, now: datetime
) -> list[tuple[datetime, datetime | None, str]]:
    """What was not watched, with what is on record of why; None: it still lasts."""
    out: list[tuple[datetime, datetime | None, str]] = []
    for a, b in seen.holes(start, now):
        if b - a < _LAG:
            continue
        why = [g.cause.value for g in gaps if g.from_at < b and (g.to_at is None or g.to_at > a)]
        out.append((a, None if b == now else b, why[0] if why else "unknown"))
    return out[::-1][:_GAPS]


def _by_day(
    strands: Mapping[tuple[str, str], Mapping[datetime, int]],
    seen: Seen,
    start: datetime,
    now: datetime,
    zone: ZoneInfo,
) -> list[StrandDays]:
    days = [start.date() + n * DAY for n in range(STRAND_DAYS)]
    whole = {}
    for day in days:
        begins = datetime.combine(day, time(), zone)
        ends = min(datetime.combine(day + DAY, time(), zone), now)
        whole[day] = not any(b - a > _LAG for a, b in seen.holes(begins, ends))
    out = []
    for (topic, claimant), counts in strands.items():
        by_day = dict.fromkeys(days, 0)
        for hour, n in counts.items():
            day = hour.astimezone(zone).date()
            if day in by_day:
                by_day[day] += n
        out.append(
            StrandDays(
                topic=topic,
                claimant=claimant,
                total=sum(by_day.values()),
                days=[(day, n, whole[day]) for day, n in by_day.items()],
            )
        )
    out.sort(key=lambda each: (-each.total, each.topic, each.claimant))
    return out[:MOST_STRANDS]


async def shown_posts(tx: Transaction, posts: Sequence[Post]) -> list[Shown]:
    """As they read now; those that the index does not have yet as first seen."""
    held = await tx.index.held([post.key for post in posts])
    found: Mapping[int, Found] = await tx.search.load([each.doc for each in held.values()])
    out = []
    for post in posts:
        known = found.get(held[post.key].doc) if post.key in held else None
        if known is None:
            out.append(Shown(post=post, text=post.text, versions=1, gone=False))
            continue
        versions = [known.post.text, *(revision.text for revision in known.revisions)]
        out.append(
            Shown(
                post=post,
                text=versions[min(known.current, len(versions) - 1)],
                versions=len(versions),
                gone=known.gone is not None,
            )
        )
    return out
