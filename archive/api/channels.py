"""Channels: who they are, by which handles they went, and how many follow them."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from archive.api import cursor
from archive.api.access import Route, needs
from archive.api.common import Cursor, Name, Record
from archive.api.looking import channel_named
from archive.web.asked import store_of
from domain.channel import Channel, ChannelStatus
from domain.credential import Scope

router = APIRouter(route_class=Route, tags=["channels"], dependencies=[Depends(needs(Scope.POSTS))])

#: A channel in a path.
ChannelPath = Annotated[
    str, Path(min_length=1, max_length=200, description="@handle, number or title of a channel.")
]


class ChannelRecord(Record):
    id: int
    name: str = Field(description="@handle, else the title.")
    title: str
    handle: str | None
    status: ChannelStatus
    group: str | None
    zone: str
    country: str | None
    audience: int | None
    flags: list[str]
    added_at: datetime | None


class HandleRecord(Record):
    name: str
    from_at: datetime
    to_at: datetime | None


class HeadcountRecord(Record):
    at: datetime
    members: int
    within: int = Field(description="By how many it may be off.")


class ChannelWhole(ChannelRecord):
    handles: list[HandleRecord]
    headcounts: list[HeadcountRecord] = Field(description="The last hundred.")
    first_post_at: datetime | None
    last_post_at: datetime | None
    watched_until: datetime | None


class Channels(Record):
    channels: list[ChannelRecord]
    next: str | None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    group: Name | None = None
    status: ChannelStatus | None = None
    limit: int = Field(100, ge=1, le=1000)
    cursor: Cursor = None


@router.get("/channels")
async def channels(request: Request, asked: Annotated[_Asked, Query()]) -> Channels:
    """All channels of the archive, by number."""
    sign = cursor.sign_of("channels", asked.model_dump(exclude={"cursor", "limit"}))
    after = cursor.read(asked.cursor, sign, int)[0] if asked.cursor else None
    async with store_of(request).read() as tx:
        everywhere = await tx.channels.all()
    wanted = [
        c
        for c in everywhere
        if (asked.group is None or (c.group or "").casefold() == asked.group.casefold())
        and (asked.status is None or c.status is asked.status)
        and (after is None or c.id > after)
    ]
    page = wanted[: asked.limit]
    more = len(wanted) > len(page)
    return Channels(
        channels=[ChannelRecord(**_fields(c)) for c in page],
        next=cursor.write(sign, page[-1].id) if more else None,
    )


@router.get("/channels/{channel}")
async def channel(request: Request, channel: ChannelPath) -> ChannelWhole:
    async with store_of(request).read() as tx:
        found = await channel_named(tx, channel)
        span = await tx.posts.span(found.id)
        seen = await tx.watch.seen(found.id)
        return ChannelWhole(
            **_fields(found),
            handles=[
                HandleRecord(name=h.name, from_at=h.from_at, to_at=h.to_at)
                for h in await tx.channels.handles(found.id)
            ],
            headcounts=[
                HeadcountRecord(at=h.at, members=h.members, within=h.within)
                for h in (await tx.channels.headcounts(found.id))[-100:]
            ],
            first_post_at=span[0] if span else None,
            last_post_at=span[1] if span else None,
            watched_until=seen.until(),
        )


def _fields(c: Channel) -> dict[str, object]:
    return {
        "id": c.id,
        "name": c.name,
        "title": c.title,
        "handle": c.handle,
        "status": c.status,
        "group": c.group,
        "zone": c.zone,
        "country": c.country,
        "audience": c.audience,
        "flags": list(c.flags),
        "added_at": c.added_at,
    }
