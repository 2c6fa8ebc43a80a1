"""What we could see and what not: activity by hour, watch spans, gaps, coverage. Unknown is not zero."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from archive.activity import read_counted
from archive.api import cursor
from archive.api.access import Route, needs
from archive.api.channels import ChannelPath
from archive.api.common import ChannelName, Cursor, Instant, Name, Names, Record, channel_name
from archive.api.looking import channel_named, channels_named
from archive.coverage import coverage
from archive.usual import usual_hours
from archive.web.asked import clock_of, store_of
from archive.web.problem import Problem
from domain.credential import Scope
from domain.post import How
from domain.watch import GapCause, Missing

router = APIRouter(route_class=Route, tags=["watch"], dependencies=[Depends(needs(Scope.WATCH))])

_HOUR = timedelta(hours=1)
_LONGEST = timedelta(days=92)
_WEEK = timedelta(days=7)
#: Coverage counts every number of a channel: so many channels at once.
_COVERED = 20


class HourRecord(Record):
    start: datetime
    observed: int | None = Field(description="Posts; null: not all of the hour was watched. 0: it was.")
    expected: float | None = Field(
        description="By the rhythm of the weeks before; of a topic or claimant its share of what the channel "
        "posted in that hour. Null: it is not known."
    )
    lower: float | None = Field(description="What such an hour ordinarily holds, from ...")
    upper: float | None = Field(description="... to.")


class Activity(Record):
    channel: ChannelName
    topic: str | None
    claimant: str | None
    since: datetime
    until: datetime
    hours: list[HourRecord]


class _Time(BaseModel):
    model_config = ConfigDict(extra="forbid")
    since: Instant | None = None
    until: Instant | None = None


class _Activity(_Time):
    topic: Name | None = None
    claimant: Name | None = None


@router.get("/channels/{channel}/activity")
async def activity(request: Request, channel: ChannelPath, asked: Annotated[_Activity, Query()]) -> Activity:
    """Posts by hour, of the last seven days where no time is given; at most 92 days.

    Of a topic or a claimant its usual share of what the channel posted in that hour is to be expected.
    """
    if asked.topic is not None and asked.claimant is not None:
        raise Problem(400, "filter-not-usable", "a series is of a topic or of a claimant", hint="ask for one")
    now = _whole(clock_of(request).now())
    until = min(_whole(asked.until), now) if asked.until else now
    since = min(_whole(asked.since), until) if asked.since else until - _WEEK
    if until - since > _LONGEST:
        raise Problem(
            400,
            "too-much",
            f"at most {_LONGEST.days} days at once",
            hint="ask for the other days by themselves",
        )
    async with store_of(request).read() as tx:
        found = await channel_named(tx, channel)
        counted = await read_counted(tx, found, since, until, topic=asked.topic, claimant=asked.claimant)
    if counted.reader_version is None:
        raise Problem(
            409, "not-read-yet", "no post of this archive has been read yet", hint="deadair run reads them"
        )
    hours = await asyncio.to_thread(usual_hours, counted)
    return Activity(
        channel=channel_name(found.id, {found.id: found}),
        topic=asked.topic,
        claimant=asked.claimant,
        since=since,
        until=until,
        hours=[
            HourRecord(
                start=hour.start,
                observed=hour.observed,
                expected=hour.expected,
                lower=hour.lower,
                upper=hour.upper,
            )
            for hour in hours
        ],
    )


def _whole(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


class WatchSpanRecord(Record):
    from_at: datetime
    to_at: datetime
    account: str
    how: How


class WatchSpans(Record):
    channel: ChannelName
    watch_spans: list[WatchSpanRecord]
    next: str | None


class GapRecord(Record):
    from_at: datetime
    to_at: datetime | None = Field(description="Null: it still lasts.")
    cause: GapCause
    missing: Missing
    detail: str


class Gaps(Record):
    channel: ChannelName
    gaps: list[GapRecord]
    next: str | None


class _Paged(_Time):
    limit: int = Field(200, ge=1, le=1000)
    cursor: Cursor = None


@router.get("/channels/{channel}/watch-spans")
async def watch_spans(
    request: Request, channel: ChannelPath, asked: Annotated[_Paged, Query()]
) -> WatchSpans:
    """The stretches in which every post came to us, or would have, in order."""
    sign = cursor.sign_of("spans", asked.model_dump(exclude={"cursor", "limit"}) | {"channel": channel})
    start = cursor.read(asked.cursor, sign, int)[0] if asked.cursor else 0
    async with store_of(request).read() as tx:
        found = await channel_named(tx, channel)
        spans = [
            s
            for s in await tx.watch.spans(found.id, asked.since)
            if asked.until is None or s.from_at < asked.until
        ]
    page = spans[max(start, 0) : max(start, 0) + asked.limit]
    end = max(start, 0) + len(page)
    return WatchSpans(
        channel=channel_name(found.id, {found.id: found}),
        watch_spans=[
            WatchSpanRecord(from_at=s.from_at, to_at=s.to_at, account=s.account, how=s.how) for s in page
        ],
        next=cursor.write(sign, end) if end < len(spans) else None,
    )


@router.get("/channels/{channel}/gaps")
async def gaps(request: Request, channel: ChannelPath, asked: Annotated[_Paged, Query()]) -> Gaps:
    """The stretches in which a post could have come without our seeing it, by cause, in order."""
    sign = cursor.sign_of("gaps", asked.model_dump(exclude={"cursor", "limit"}) | {"channel": channel})
    start = cursor.read(asked.cursor, sign, int)[0] if asked.cursor else 0
    async with store_of(request).read() as tx:
        found = await channel_named(tx, channel)
        known = [
            g
            for g in await tx.watch.gaps(found.id, asked.since)
            if asked.until is None or g.from_at < asked.until
        ]
    page = known[max(start, 0) : max(start, 0) + asked.limit]
    end = max(start, 0) + len(page)
    return Gaps(
        channel=channel_name(found.id, {found.id: found}),
        gaps=[
            GapRecord(from_at=g.from_at, to_at=g.to_at, cause=g.cause, missing=g.missing, detail=g.detail)
            for g in page
        ],
        next=cursor.write(sign, end) if end < len(known) else None,
    )


class CoverageRecord(Record):
    """How much of a channel we could see, and which numbers are held."""

    channel: ChannelName
    since: datetime
    until: datetime
    watched: float = Field(description="Share of the time, 0 to 1.")
    edits_watched: float = Field(
        description="Share of the time in which edits and deletions came as they were made, 0 to 1."
    )
    gap_hours: dict[str, float] = Field(description="Hours of the gaps, by cause; overlapping ones each.")
    first_post_id: int | None
    last_post_id: int | None
    ids_expected: int = Field(description="Numbers given out between the first and the last that is held.")
    ids_held: int
    ids_deleted: int


class CoverageList(Record):
    coverage: list[CoverageRecord]
    next: str | None


class _Coverage(_Time):
    channel: Names = Field(default_factory=list, description="@handle, number or title.")
    group: Names = Field(default_factory=list)
    limit: int = Field(_COVERED, ge=1, le=_COVERED)
    cursor: Cursor = None


@router.get("/coverage")
async def covered(request: Request, asked: Annotated[_Coverage, Query()]) -> CoverageList:
    """Of each channel the share of the time that was watched, gaps by cause, ids expected and held."""
    sign = cursor.sign_of("coverage", asked.model_dump(exclude={"cursor", "limit"}))
    after = cursor.read(asked.cursor, sign, int)[0] if asked.cursor else None
    now = clock_of(request).now().replace(second=0, microsecond=0)
    until = min(asked.until, now) if asked.until else now
    since = min(asked.since, until) if asked.since else None
    async with store_of(request).read() as tx:
        wanted = await channels_named(tx, asked.channel, asked.group)
        everywhere = wanted if wanted is not None else await tx.channels.all()
        left = [c for c in everywhere if after is None or c.id > after]
        page = left[: asked.limit]
        found = [await coverage(tx, c, since, until) for c in page]
    return CoverageList(
        coverage=[
            CoverageRecord(
                channel=channel_name(c.channel.id, {c.channel.id: c.channel}),
                since=c.start,
                until=c.end,
                watched=c.share,
                edits_watched=c.edits_share,
                gap_hours=dict(c.gap_hours),
                first_post_id=c.first_id,
                last_post_id=c.last_id,
                ids_expected=c.expected,
                ids_held=c.held,
                ids_deleted=c.census.deleted,
            )
            for c in found
        ],
        next=cursor.write(sign, page[-1].id) if len(left) > len(page) else None,
    )
