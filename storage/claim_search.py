"""Claims and incidents by what they say, a page at a time, newest first."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.claim import ArchivedClaim, Incident
from storage.claim_rows import claim_record
from storage.claims import CLAIM, WITHDRAWN
from storage.keys import CHUNK
from storage.tables import Claims, Incidents
from storage.types import storable


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimsAsked:
    """Of several values of one field one must hold, and of all fields that are given each."""

    reader_version: int
    channels: tuple[int, ...] | None = None
    since: datetime | None = None  #: the post was posted then or later
    until: datetime | None = None  #: and before
    kinds: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    incident: int | None = None
    stands: bool | None = None  #: the channel still says so, as far as we know


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What tells of an incident."""

    incident: Incident
    channels: tuple[int, ...]
    claimants: tuple[str, ...]
    places: tuple[str, ...]
    kinds: tuple[str, ...]
    n_claims: int  #: each once, however often it was edited
    n_standing: int


class ClaimSearchRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._postgres = connection.dialect.name == "postgresql"

    async def claims(
        self, asked: ClaimsAsked, limit: int, after: tuple[datetime, int] | None = None
    ) -> Sequence[ArchivedClaim]:
        """`after`: when the last one of the page before was posted, and its number."""
        query = CLAIM.where(*self._conditions(asked))
        if after is not None:
            at, number = after
            query = query.where(or_(Claims.posted_at < at, and_(Claims.posted_at == at, Claims.id < number)))
        rows = await self._connection.execute(
            query.order_by(Claims.posted_at.desc(), Claims.id.desc()).limit(limit)
        )
        return [claim_record(row) for row in rows.mappings()]

    async def incidents(
        self, asked: ClaimsAsked, limit: int, after: tuple[datetime, int] | None = None
    ) -> Sequence[Telling]:
        """Those of which a claim tells that is so; with all their claims."""
        told = select(literal(1)).where(Claims.incident_id == Incidents.id, *self._conditions(asked)).exists()
        query = select(Incidents.__table__).where(Incidents.reader_version == asked.reader_version, told)
        if after is not None:
            at, number = after
            query = query.where(
                or_(Incidents.first_at < at, and_(Incidents.first_at == at, Incidents.id < number))
            )
        rows = await self._connection.execute(
            query.order_by(Incidents.first_at.desc(), Incidents.id.desc()).limit(limit)
        )
        found = [Incident(**row) for row in rows.mappings()]
        claims = await self._of([incident.id for incident in found])
        return [_telling(incident, claims.get(incident.id, ())) for incident in found]

    async def _of(self, incidents: Iterable[int]) -> dict[int, Sequence[ArchivedClaim]]:
        """Of each incident its claims, in every version."""
        wanted = sorted(set(incidents))
        out: dict[int, list[ArchivedClaim]] = defaultdict(list)
        for start in range(0, len(wanted), CHUNK):
            rows = await self._connection.execute(
                CLAIM.where(Claims.incident_id.in_(wanted[start : start + CHUNK])).order_by(
                    Claims.posted_at, Claims.id
                )
            )
            for row in rows.mappings():
                out[row["incident_id"]].append(claim_record(row))
        return dict(out)

    async def of_incident(self, number: int) -> tuple[Telling, Sequence[ArchivedClaim]] | None:
        """An incident with its claims in every version, oldest first."""
        rows = await self._connection.execute(select(Incidents.__table__).where(Incidents.id == number))
        row = rows.mappings().one_or_none()
        if row is None:
            return None
        claims = (await self._of([number])).get(number, ())
        return _telling(Incident(**row), claims), claims

    def _conditions(self, asked: ClaimsAsked) -> list[ColumnElement[bool]]:
        out: list[ColumnElement[bool]] = [Claims.reader_version == asked.reader_version]
        if asked.channels is not None:
            out.append(Claims.channel_id.in_(asked.channels))
        if asked.since is not None:
            out.append(Claims.posted_at >= asked.since)
        if asked.until is not None:
            out.append(Claims.posted_at < asked.until)
        if asked.incident is not None:
            out.append(Claims.incident_id == asked.incident)
        for column, values in (
            (Claims.kind, asked.kinds),
            (Claims.claimant, asked.claimants),
            (Claims.location, asked.places),
            (Claims.country, asked.countries),
        ):
            if values:
                out.append(column.in_([storable(value) for value in values]))
        if asked.weapons:
            out.append(self._listed(Claims.weapons, asked.weapons))
        if asked.stands is not None:
            stands = and_(Claims.superseded_at.is_(None), WITHDRAWN.is_(None))
            out.append(stands if asked.stands else ~stands)
        return out

    def _listed(self, column: Any, values: Sequence[str]) -> ColumnElement[bool]:
        """One of the values stands in a column that holds a list."""
        wanted = [storable(value) for value in values]
        listed = func.jsonb_array_elements_text if self._postgres else func.json_each
        each = listed(column).table_valued("value")
        return select(literal(1)).select_from(each).where(each.c.value.in_(wanted)).exists()


def _telling(incident: Incident, claims: Sequence[ArchivedClaim]) -> Telling:
    last = {(c.channel_id, c.post_id, c.number): c for c in claims}.values()
    return Telling(
        incident=incident,
        channels=tuple(sorted({c.channel_id for c in last})),
        claimants=tuple(sorted({c.claim.claimant for c in last if c.claim.claimant})),
        places=tuple(sorted({c.claim.location for c in last if c.claim.location})),
        kinds=tuple(sorted({c.claim.kind.value for c in last})),
        n_claims=len(last),
        n_standing=sum(c.standing for c in last),
    )
