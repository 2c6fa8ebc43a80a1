"""Claims and the incidents that they tell of."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from archive.api import cursor
from archive.api.access import Route, needs
from archive.api.claim_records import ClaimRecord, claim_record
from archive.api.common import LARGEST, ChannelName, Cursor, Instant, Names, Record, channel_name
from archive.api.looking import channels_named
from archive.web.asked import store_of
from archive.web.problem import Problem
from domain.channel import Channel
from domain.claim import ClaimKind
from domain.credential import Scope
from storage.claim_search import ClaimsAsked, Telling
from storage.store import Transaction

router = APIRouter(route_class=Route, tags=["claims"], dependencies=[Depends(needs(Scope.CLAIMS))])


class _Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")
    channel: Names = Field(default_factory=list, description="@handle, number or title.")
    group: Names = Field(default_factory=list)
    since: Instant | None = Field(None, description="Posted then or later; with a zone.")
    until: Instant | None = Field(None, description="Posted before; with a zone.")
    kind: list[ClaimKind] = Field(default_factory=list, max_length=50)
    claimant: Names = Field(default_factory=list)
    place: Names = Field(default_factory=list)
    weapon: Names = Field(default_factory=list)
    country: Names = Field(default_factory=list, description="Of the place, by ISO 3166-1: `IQ`.")
    stands: bool | None = Field(None, description="Neither superseded by an edit nor withdrawn.")
    limit: int = Field(50, ge=1, le=500)
    cursor: Cursor = None

    def sign(self, what: str, version: int | None) -> str:
        return cursor.sign_of(what, self.model_dump(exclude={"cursor", "limit"}) | {"reader": version})


class _Claims(_Filters):
    incident: int | None = Field(None, ge=1, le=LARGEST)


class Claims(Record):
    claims: list[ClaimRecord]
    next: str | None
    reader_version: int | None = Field(description="By which these were read; null: nothing was read yet.")


class IncidentRecord(Record):
    """An act, as the claims of it were matched."""

    id: int
    reader_version: int
    first_at: datetime = Field(description="When the first post that tells of it was posted.")
    last_at: datetime
    channels: list[ChannelName]
    claimants: list[str]
    places: list[str]
    kinds: list[ClaimKind]
    claims: int = Field(description="Each once, however often it was edited.")
    claims_standing: int


class Incidents(Record):
    incidents: list[IncidentRecord]
    next: str | None
    reader_version: int | None


class IncidentWhole(IncidentRecord):
    told: list[ClaimRecord] = Field(description="Every version of every claim of it, oldest first.")


async def _asked(tx: Transaction, filters: _Filters, version: int, **more: Any) -> ClaimsAsked:
    channels = await channels_named(tx, filters.channel, filters.group)
    return ClaimsAsked(
        reader_version=version,
        channels=tuple(c.id for c in channels) if channels is not None else None,
        since=filters.since,
        until=filters.until,
        kinds=tuple(kind.value for kind in filters.kind),
        claimants=tuple(filters.claimant),
        places=tuple(filters.place),
        weapons=tuple(filters.weapon),
        countries=tuple(filters.country),
        stands=filters.stands,
        **more,
    )


def _after(given: str | None, sign: str) -> tuple[datetime, int] | None:
    if not given:
        return None
    at, number = cursor.read(given, sign, str, int)
    return cursor.instant(at), number


@router.get("/claims")
async def claims(request: Request, asked: Annotated[_Claims, Query()]) -> Claims:
    """Claims by what they say, the newest post first; every version of each, with its evidence."""
    async with store_of(request).read() as tx:
        version = await tx.readings.live_version()
        sign = asked.sign("claims", version)
        after = _after(asked.cursor, sign)
        if version is None:
            return Claims(claims=[], next=None, reader_version=None)
        wanted = await _asked(tx, asked, version, incident=asked.incident)
        found = await tx.claim_search.claims(wanted, asked.limit + 1, after)
        channels = {c.id: c for c in await tx.channels.all()}
    page = found[: asked.limit]
    more = len(found) > len(page)
    return Claims(
        claims=[claim_record(claim, channels) for claim in page],
        next=cursor.write(sign, page[-1].posted_at.isoformat(), page[-1].id) if more else None,
        reader_version=version,
    )


@router.get("/incidents")
async def incidents(request: Request, asked: Annotated[_Filters, Query()]) -> Incidents:
    """Incidents of which such a claim tells, the newest first."""
    async with store_of(request).read() as tx:
        version = await tx.readings.live_version()
        sign = asked.sign("incidents", version)
        after = _after(asked.cursor, sign)
        if version is None:
            return Incidents(incidents=[], next=None, reader_version=None)
        found = await tx.claim_search.incidents(await _asked(tx, asked, version), asked.limit + 1, after)
        channels = {c.id: c for c in await tx.channels.all()}
    page = found[: asked.limit]
    more = len(found) > len(page)
    return Incidents(
        incidents=[IncidentRecord(**_fields(telling, channels)) for telling in page],
        next=cursor.write(sign, page[-1].incident.first_at.isoformat(), page[-1].incident.id)
        if more
        else None,
        reader_version=version,
    )


@router.get("/incidents/{number}")
async def incident(request: Request, number: Annotated[int, Path(ge=1, le=LARGEST)]) -> IncidentWhole:
    async with store_of(request).read() as tx:
        found = await tx.claim_search.of_incident(number)
        channels = {c.id: c for c in await tx.channels.all()}
    if found is None:
        raise Problem(404, "no-such-incident", f"the archive has no incident {number}")
    telling, told = found
    return IncidentWhole(**_fields(telling, channels), told=[claim_record(claim, channels) for claim in told])


def _fields(telling: Telling, channels: dict[int, Channel]) -> dict[str, Any]:
    incident = telling.incident
    return {
        "id": incident.id,
        "reader_version": incident.reader_version,
        "first_at": incident.first_at,
        "last_at": incident.last_at,
        "channels": [channel_name(c, channels) for c in telling.channels],
        "claimants": list(telling.claimants),
        "places": list(telling.places),
        "kinds": [ClaimKind(kind) for kind in telling.kinds],
        "claims": telling.n_claims,
        "claims_standing": telling.n_standing,
    }
