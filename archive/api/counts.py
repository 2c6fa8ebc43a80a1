"""Counts of what is found, by day, channel, topic or claimant; null where we did not watch."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from archive.api.access import Route, needs
from archive.api.common import Name, Record
from archive.api.filters import PostFilters
from archive.count import By, count
from archive.narrow import saying_what_to_narrow
from archive.query import zone_named
from archive.web.asked import clock_of, store_of
from domain.credential import Scope

router = APIRouter(route_class=Route, tags=["counts"], dependencies=[Depends(needs(Scope.POSTS))])


class CountRecord(Record):
    key: str = Field(description="The day, channel, topic or claimant.")
    held: int = Field(description="Posts that are held and were found.")
    observed: int | None = Field(
        description="The same where all of the time was watched and nothing was removed of what posts said; "
        "null: there may have been more."
    )
    watched: float | None = Field(description="Share of the time, 0 to 1; null: of this key it is not said.")
    removed: int = Field(
        description="Posts of which nobody can say any more whether they would be found: what they said was "
        "removed, its time being over."
    )


class Counts(Record):
    by: By
    zone: str
    since: datetime
    until: datetime = Field(description="Where none was asked for: the last whole minute.")
    total: int = Field(description="Posts; one of two topics stands in two rows.")
    watched: float = Field(description="Share of the time over all channels asked, 0 to 1.")
    edits_watched: float | None = Field(
        description="Where edits or deletions are asked about: share of the time since in which they came as "
        "they were made, 0 to 1. Below 1 none is `observed`."
    )
    counts: list[CountRecord]
    not_yet_searchable: int
    removed: int = Field(description="As in `counts`, in all.")


class _Asked(PostFilters):
    by: By = By.DAY
    zone: Name = Field("UTC", description="In which days are counted: `Asia/Baghdad`.")


@router.get("/counts")
async def counts(request: Request, asked: Annotated[_Asked, Query()]) -> Counts:
    """How many posts are found, with how much of the time could be seen beside every number."""
    # To the minute, so that the same answer stays the same for those who hold it.
    now = clock_of(request).now().replace(second=0, microsecond=0)
    zone = zone_named(asked.zone)
    query = asked.query()
    with saying_what_to_narrow(query):
        async with store_of(request).read() as tx:
            found = await count(tx, query, asked.by, zone=zone, now=now)
    return Counts(
        by=found.by,
        zone=zone.key,
        since=found.since,
        until=found.until,
        total=found.total,
        watched=found.watched,
        edits_watched=found.edits_watched,
        counts=[
            CountRecord(key=r.key, held=r.n, observed=r.observed, watched=r.watched, removed=r.removed)
            for r in found.rows
        ],
        not_yet_searchable=found.unsearchable,
        removed=found.removed,
    )
