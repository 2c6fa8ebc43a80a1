"""A channel as an analyst wants to know it: its rhythm, today against normal, what goes on, last posts."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from alerts.outlook import LEARNED, Outlook
from alerts.ripeness import WINDOW, Ripe, ripe
from bot.desk import JudgedBy
from bot.markup import Html, bold, foreign, html, joined, link, paragraphs
from bot.naming import Names
from bot.post_line import post_line
from bot.say import Say
from bot.saying import say_at, say_at_briefly, say_country, say_expected, say_number, say_span
from bot.standing import Standing, say_episode
from bot.texts import alerting, asking, common
from domain.channel import Channel, ChannelStatus
from domain.episode import Episode, State
from domain.finding import Kind
from domain.instant import utc
from domain.post import Post
from domain.reading import Reading
from domain.series import Expected, SeriesKey
from domain.watch import Gap, Seen
from storage.store import Store

HOUR = timedelta(hours=1)
WEEK = timedelta(days=7)
_LAST_POSTS, _EXCERPT = 3, 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """The reader's day so far."""

    observed: int
    expected: float
    lower: int
    upper: int
    watched: timedelta
    passed: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One channel, as of one instant."""

    now: datetime
    channel: Channel
    seen: Seen
    gap: Gap | None  #: one that lasts
    ripe: Ripe
    outlook: Outlook
    week: tuple[Expected, ...]
    day: tuple[Expected, ...]  #: the hours of the reader's day, those to come too
    today: Today
    last_posts: Sequence[Post]
    episodes: Sequence[Episode]  #: open ones


async def read_outlook(
    store: Store, channel: Channel, by: JudgedBy, start: datetime, end: datetime
) -> tuple[Outlook, tuple[Expected, ...], tuple[Reading, ...], Seen]:
    """What is to be expected of a channel, and its whole hours of [start, end] beside that."""
    since = min(start, end - LEARNED)
    async with store.read() as tx:
        version = await tx.readings.live_version() or 0
        until = await tx.readings.last_seq()
        readings = tuple(
            [
                r
                async for r in tx.readings.since(
                    since, until_seq=until, channel_id=channel.id, reader_version=version
                )
            ]
        )
        spans = await tx.watch.spans(channel.id, since)
        seen = Seen.merged(spans)
        buckets = await tx.tallies.buckets(SeriesKey(channel.id), version, whole_hours(start, end), seen)
    # Learning takes its tenths of a second of a busy channel: others are not to wait for it.
    outlook = await asyncio.to_thread(
        Outlook, channel, readings, spans, by.rules, topics=by.topics, budgets=by.budgets
    )
    return outlook, outlook.beside(buckets), readings, seen


async def read_profile(
    store: Store, channel: Channel, by: JudgedBy, zone: ZoneInfo, now: datetime
) -> Profile:
    outlook, week, readings, seen = await read_outlook(store, channel, by, now - WEEK, now)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    tomorrow = (midnight + timedelta(days=1)).replace(tzinfo=zone)
    async with store.read() as tx:
        version = await tx.readings.live_version() or 0
        starts = whole_hours(midnight, tomorrow)
        day = await tx.tallies.buckets(SeriesKey(channel.id), version, starts, seen)
        posts = await tx.posts.count(channel.id, since=now - WINDOW)
        gaps = [g for g in await tx.watch.gaps(channel.id, now - timedelta(seconds=1)) if g.to_at is None]
        episodes = [
            e
            for e in await tx.episodes.unfinished()
            if e.state is State.OPEN
            and (e.subject.channel_id == channel.id or channel.id in e.members)
            and (e.kind is not Kind.BLIND or channel.id in e.members)
        ]
        last = await tx.posts.newest(channel.id, _LAST_POSTS)
    return Profile(
        now=now,
        channel=channel,
        seen=seen,
        gap=gaps[0] if gaps else None,
        ripe=ripe(
            seen, posts, now, by.budgets.rules(channel, by.rules).silence if by.budgets else by.rules.silence
        ),
        outlook=outlook,
        week=week,
        day=outlook.beside(day),
        today=_today(outlook, readings, seen, midnight, now),
        last_posts=last,
        episodes=episodes,
    )


def whole_hours(start: datetime, end: datetime) -> list[datetime]:
    """The beginnings of the whole hours within [start, end], as posts are counted: by the hours of UTC.

    Clocks that stand half an hour off, or are moved meanwhile, have other hours.
    """
    start, end = utc(start), utc(end)
    at = start.replace(minute=0, second=0, microsecond=0)
    at = at if at == start else at + HOUR
    n = max(0, int((end - at) / HOUR))
    return [at + i * HOUR for i in range(n)]


def _today(
    outlook: Outlook, readings: Sequence[Reading], seen: Seen, midnight: datetime, now: datetime
) -> Today:
    """Only what we watched counts, on both sides."""
    edges = [midnight, *(edge for hole in seen.holes(midnight, now) for edge in hole), now]
    parts = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b > a]
    observed = sum(r.counts and any(a <= r.posted_at <= b for a, b in parts) for r in readings)
    expected = sum(outlook.expected(a, b) for a, b in parts)
    lower, upper = outlook.usual_of(expected)
    watched = sum((b - a for a, b in parts), timedelta())
    return Today(
        observed=observed, expected=expected, lower=lower, upper=upper, watched=watched, passed=now - midnight
    )


def say_profile(profile: Profile, zone: ZoneInfo, say: Say, names: Names) -> Html:
    """In words, for one reader."""
    return paragraphs(
        [
            _who(profile, say),
            _seen(profile, zone, say),
            _rhythm(profile, zone, say),
            _going_on(profile, zone, say, names),
            _posts(profile, zone, say),
        ]
    )


def channel_name(channel: Channel, longest: int = 60) -> Html:
    """By its title, linked where it has a handle."""
    title = foreign(channel.title or channel.name, longest)
    return link(title, f"https://t.me/{channel.handle}") if channel.handle else title


def _who(profile: Profile, say: Say) -> list[Html]:
    channel = profile.channel
    head = bold(channel_name(channel, 80))
    if channel.handle:
        head = joined([head, foreign(f"@{channel.handle}")], " ")
    of = [foreign(channel.group, 60)] if channel.group else []
    if channel.country:
        of.append(html(say_country(channel.country, say)))
    where = say(asking.GROUP_AND_COUNTRY, group=of[0], country=of[1]) if len(of) == 2 else joined(of)
    return [
        h for h in (head, where, say(asking.STANDS, status=say(common.STATUSES[channel.status.value]))) if h
    ]


def _seen(profile: Profile, zone: ZoneInfo, say: Say) -> list[Html]:
    lines = []
    if profile.seen.stretches:
        start, end = profile.seen.stretches[-1]
        since = say_at(start, zone, say, profile.now)
        lines.append(say(asking.SEEN_SINCE, since=since, until=say_at_briefly(end, zone, profile.now, say)))
    else:
        lines.append(say(asking.NEVER_WATCHED))
    if profile.gap is not None:
        since = say_at_briefly(profile.gap.from_at, zone, profile.now, say)
        cause = say(asking.GAPS[profile.gap.cause.value])
        lines.append(say(asking.BLIND_TO_IT, since=since, cause=cause))
    return lines


def _rhythm(profile: Profile, zone: ZoneInfo, say: Say) -> list[Html]:
    known, today = profile.ripe, profile.today
    if not profile.outlook.is_known:
        return [say(asking.RHYTHM_UNKNOWN)]
    lines = []
    if today.watched <= timedelta():
        lines.append(say(asking.TODAY_UNSEEN))
    else:
        partly = today.passed - today.watched > timedelta(minutes=1)
        lines.append(
            say(
                asking.TODAY_PARTLY if partly else asking.TODAY,
                observed=bold(say.many(common.POSTS, today.observed)),
                expected=say_expected(today.expected, say),
                lower=say_number(today.lower, say),
                upper=say_number(today.upper, say),
                watched=say_span(today.watched, say),
            )
        )
    a_day = profile.outlook.expected(profile.now, profile.now + WEEK) / 7
    lines.append(say(asking.A_DAY, n=say.many(common.POSTS, _counted(a_day), say_expected(a_day, say))))
    due = profile.outlook.overdue_at
    silent = any(e.kind in (Kind.SILENCE, Kind.BLIND) for e in profile.episodes)
    if due is not None and due > profile.now and not silent and profile.channel.status is ChannelStatus.OPEN:
        lines.append(say(asking.NEWS_AT, at=say_at(due, zone, say)))
    if known.part >= 1:
        lines.append(say(asking.RHYTHM_RIPE))
    else:
        short = known.days / max(known.of_days, 1e-9) <= known.posts / known.of_posts
        n, of = (known.days, known.of_days) if short else (known.posts, known.of_posts)
        lines.append(
            say(
                asking.RHYTHM_BY_DAYS if short else asking.RHYTHM_BY_POSTS,
                part=say_number(int(100 * known.part), say),
                n=say_number(int(n), say),
                all=say_number(round(of), say),
            )
        )
    return lines


def _counted(n: float) -> float:
    """The number whose form is said: 1.0 is one, 28.4 is said as 28."""
    return round(n, 1) if n < 10 else round(n)


def _going_on(profile: Profile, zone: ZoneInfo, say: Say, names: Names) -> list[Html]:
    standing = Standing(now=profile.now, channels=[profile.channel], episodes=profile.episodes, seen_until={})
    lines = [say.bullet(say_episode(e, standing, zone, say, names)) for e in profile.episodes[:8]]
    return [bold(say(asking.OPEN_EPISODES)), *lines] if lines else []


def _posts(profile: Profile, zone: ZoneInfo, say: Say) -> list[Html]:
    if not profile.last_posts:
        return [say(asking.LAST_POST_NONE)]
    lines = [bold(say(alerting.LAST_POSTS))]
    lines += [
        post_line(post, profile.channel, zone, say, profile.now, excerpt=_EXCERPT)
        for post in profile.last_posts
    ]
    return lines
