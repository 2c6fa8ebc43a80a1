"""Claims of attacks side by side, for whoever counts and maps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.claim import ClaimKind
from storage.claims import STANDING
from storage.tables import Claims

_ATTACKS = tuple(kind.value for kind in ClaimKind if kind.is_attack and kind is not ClaimKind.TALLY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one post tells of one act, and still does."""

    incident_id: int
    channel_id: int
    post_id: int
    posted_at: datetime
    kind: ClaimKind
    claimant: str | None
    target: str | None
    location: str | None
    precision: str | None
    country: str | None
    weapons: tuple[str, ...]
    day: date | None
    repeat: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of operations that a group gives for itself over a period."""

    channel_id: int
    post_id: int
    posted_at: datetime
    claimant: str | None
    n_operations: int


class TrackerRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def told(
        self, reader_version: int, since: datetime, until: datetime, limit: int | None = None
    ) -> Sequence[Told]:
        """Claims and reports of acts in posts of [since, until) that stand, the newest first; of more than
        `limit` the newest.
        """
        rows = await self._connection.execute(
            select(
                Claims.incident_id,
                Claims.channel_id,
                Claims.post_id,
                Claims.posted_at,
                Claims.kind,
                Claims.claimant,
                Claims.target,
                Claims.location,
                Claims.precision,
                Claims.country,
                Claims.weapons,
                Claims.day,
                Claims.repeat,
            )
            .where(
                Claims.reader_version == reader_version,
                Claims.posted_at >= since,
                Claims.posted_at < until,
                Claims.incident_id.is_not(None),
                Claims.kind.in_(_ATTACKS),
                *STANDING,
            )
            .order_by(Claims.posted_at.desc(), Claims.id.desc())
            .limit(limit)
        )
        return [
            Told(**{**row, "kind": ClaimKind(row["kind"]), "weapons": tuple(row["weapons"] or ())})
            for row in rows.mappings()
        ]

    async def totals(self, reader_version: int, since: datetime, limit: int = 200) -> Sequence[Total]:
        """What groups say of themselves, in posts since then that stand, the newest first."""
        rows = await self._connection.execute(
            select(
                Claims.channel_id,
                Claims.post_id,
                Claims.posted_at,
                Claims.claimant,
                Claims.n_operations,
            )
            .where(
                Claims.reader_version == reader_version,
                Claims.posted_at >= since,
                Claims.kind == ClaimKind.TALLY.value,
                Claims.n_operations.is_not(None),
                *STANDING,
            )
            .order_by(Claims.posted_at.desc(), Claims.id.desc())
            .limit(limit)
        )
        return [Total(**row) for row in rows.mappings()]
