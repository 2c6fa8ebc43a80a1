"""Claims: every version of each, whether it still stands, and the incidents that they tell of."""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, bindparam, case, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.claim import ArchivedClaim, ClaimKind, Incident
from domain.post import PostKey
from storage.claim_rows import claim_record, claim_row
from storage.keys import CHUNK, key_parts
from storage.tables import Claims, Deletions, Incidents, Posts, Revisions
from storage.types import Instant

# A post can be gone only once at a time: the deletion from which it has not come back.
WITHDRAWN = (
    select(func.min(Deletions.first_missed_at))
    .where(
        Deletions.channel_id == Claims.channel_id,
        Deletions.post_id == Claims.post_id,
        Deletions.returned_at.is_(None),
    )
    .scalar_subquery()
    .label("withdrawn_at")
)
CLAIM = select(Claims.__table__, WITHDRAWN)
_GONE = (
    select(Deletions.post_id)
    .where(
        Deletions.channel_id == Claims.channel_id,
        Deletions.post_id == Claims.post_id,
        Deletions.returned_at.is_(None),
    )
    .exists()
)
#: What its channel still says, as far as we know.
STANDING = (Claims.superseded_at.is_(None), ~_GONE)
_ATTACKS = sorted(kind.value for kind in ClaimKind if kind.is_attack)
_WHETHER = select(
    Claims.id,
    Claims.incident_id,
    Claims.channel_id,
    Claims.post_id,
    Claims.number,
    Claims.version,
    Claims.superseded_at,
    WITHDRAWN,
)


class New(NamedTuple):
    """Of a claim that was just stored, by which to find its act."""

    id: int
    incident_id: int | None
    posted_at: datetime


class Standing(NamedTuple):
    """Of a claim, what of it can change: whether it still stands; and which one it is."""

    id: int
    incident_id: int
    channel_id: int
    post_id: int
    number: int
    version: int
    superseded_at: datetime | None
    withdrawn_at: datetime | None


class ClaimRepository:
    """A claim of one reader version never meets one of another."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, claims: Iterable[ArchivedClaim]) -> None:
        """Store claims that are not stored yet (id 0); `withdrawn_at` is not kept, deletions tell it."""
        rows = [claim_row(claim) for claim in claims]
        if rows:
            await self._connection.execute(insert(Claims), rows)

    async def of_post(self, channel_id: int, post_id: int, reader_version: int) -> Sequence[ArchivedClaim]:
        """Every version of every claim of a post, by number and version."""
        found = await self.of_posts([PostKey(channel_id, post_id)], reader_version)
        return found.get(PostKey(channel_id, post_id), ())

    async def of_posts(
        self, keys: Iterable[PostKey], reader_version: int
    ) -> dict[PostKey, Sequence[ArchivedClaim]]:
        """The same of many posts; those without a claim are left out."""
        out: dict[PostKey, list[ArchivedClaim]] = defaultdict(list)
        # Channel by channel: joined with the keys, SQLite goes by the reader's version, through all claims.
        for channel_id, ids in key_parts(keys):
            rows = await self._connection.execute(
                CLAIM.where(
                    Claims.channel_id == channel_id,
                    Claims.post_id.between(ids[0], ids[-1]),
                    Claims.post_id.in_(ids),
                    Claims.reader_version == reader_version,
                ).order_by(Claims.post_id, Claims.number, Claims.version)
            )
            for row in rows.mappings():
                claim = claim_record(row)
                out[PostKey(channel_id, claim.post_id)].append(claim)
        return dict(out)

    async def supersede(self, ends: Iterable[tuple[int, datetime]]) -> None:
        """From that instant on, a claim (by its id) is no longer what its post says."""
        rows = [{"claim": claim, "at": at} for claim, at in ends]
        if rows:
            await self._connection.execute(
                update(Claims)
                .where(Claims.id == bindparam("claim"), Claims.superseded_at.is_(None))
                .values(superseded_at=bindparam("at")),
                rows,
            )

    async def around(
        self, start: datetime, end: datetime, reader_version: int
    ) -> Sequence[tuple[ArchivedClaim, str]]:
        """The claims of every act that a post of [start, end] tells of, each with the text of its evidence.

        Those that no longer stand are among them: what others repeated of them is still of the same act.
        In the order in which they were read.
        """
        told = select(Claims.incident_id).where(
            Claims.reader_version == reader_version,
            Claims.posted_at >= start,
            Claims.posted_at <= end,
            Claims.incident_id.is_not(None),
        )
        return await self._with_text(Claims.incident_id.in_(told))

    async def telling_of(self, incidents: Iterable[int]) -> Sequence[tuple[ArchivedClaim, str]]:
        """The same for these incidents."""
        wanted = sorted(set(incidents))
        out: list[tuple[ArchivedClaim, str]] = []
        for start in range(0, len(wanted), CHUNK):
            out += await self._with_text(Claims.incident_id.in_(wanted[start : start + CHUNK]))
        return sorted(out, key=lambda found: found[0].id)

    async def standing_of(self, incidents: Iterable[int]) -> Sequence[Standing]:
        """Every version of every claim of these incidents, by its number; only whether it still stands."""
        wanted = sorted(set(incidents))
        out: list[Standing] = []
        for start in range(0, len(wanted), CHUNK):
            rows = await self._connection.execute(
                _WHETHER.where(Claims.incident_id.in_(wanted[start : start + CHUNK]))
            )
            out += [Standing._make(row) for row in rows]
        return sorted(out)

    async def with_text(self, claims: Iterable[int]) -> Sequence[tuple[ArchivedClaim, str]]:
        """Claims by their numbers, each with the text of its evidence."""
        wanted = sorted(set(claims))
        out: list[tuple[ArchivedClaim, str]] = []
        for start in range(0, len(wanted), CHUNK):
            out += await self._with_text(Claims.id.in_(wanted[start : start + CHUNK]))
        return out

    async def newer(self, after: int, reader_version: int, limit: int) -> Sequence[New]:
        """Versions of claims that were stored after the one with that number, in that order."""
        rows = await self._connection.execute(
            select(Claims.id, Claims.incident_id, Claims.posted_at)
            .where(Claims.id > after, Claims.reader_version == reader_version)
            .order_by(Claims.id)
            .limit(limit)
        )
        return [New(row.id, row.incident_id, row.posted_at) for row in rows]

    async def last_before(self, reader_version: int, since: datetime | None) -> int:
        """The number after which all claims in posts from an instant on are; None: the newest there is.

        0 where there are none.
        """
        of = Claims.reader_version == reader_version
        if since is not None:
            first = select(func.min(Claims.id)).where(of, Claims.posted_at >= since)
            found = (await self._connection.execute(first)).scalar_one_or_none()
            if found is not None:
                return found - 1
        newest = await self._connection.execute(select(func.max(Claims.id)).where(of))
        return newest.scalar_one_or_none() or 0

    async def _with_text(self, wanted: ColumnElement[bool]) -> list[tuple[ArchivedClaim, str]]:
        text = case((Claims.revision == 0, Posts.text), else_=Revisions.text).label("text")
        rows = await self._connection.execute(
            select(Claims.__table__, WITHDRAWN, text)
            .join(Posts, and_(Posts.channel_id == Claims.channel_id, Posts.id == Claims.post_id))
            .outerjoin(
                Revisions,
                and_(
                    Revisions.channel_id == Claims.channel_id,
                    Revisions.post_id == Claims.post_id,
                    Revisions.number == Claims.revision,
                ),
            )
            .where(wanted)
            .order_by(Claims.id)
        )
        return [(claim_record(row), row["text"]) for row in rows.mappings()]

    async def each(
        self,
        reader_version: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        channel_id: int | None = None,
        batch: int = 2000,
    ) -> AsyncIterator[ArchivedClaim]:
        """Every version of every claim in posts of [since, until), by time of posting, in flat memory."""
        wanted: list[ColumnElement[bool]] = [Claims.reader_version == reader_version]
        if since is not None:
            wanted.append(Claims.posted_at >= since)
        if until is not None:
            wanted.append(Claims.posted_at < until)
        if channel_id is not None:
            wanted.append(Claims.channel_id == channel_id)
        last: ArchivedClaim | None = None
        while True:
            query = CLAIM.where(*wanted)
            if last is not None:
                query = query.where(
                    Claims.posted_at >= last.posted_at,
                    or_(Claims.posted_at > last.posted_at, Claims.id > last.id),
                )
            rows = await self._connection.execute(query.order_by(Claims.posted_at, Claims.id).limit(batch))
            page = [claim_record(row) for row in rows.mappings()]
            for claim in page:
                yield claim
            if len(page) < batch:
                return
            last = page[-1]

    async def latest(
        self,
        reader_version: int,
        *,
        claimant: str | None = None,
        location: str | None = None,
        channel_id: int | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> Sequence[tuple[ArchivedClaim, str]]:
        """Claims and reports of attacks that stand, the newest first, each with the text of its evidence.

        Of one claimant, place or channel where that is given.
        """
        wanted = self._standing(reader_version)
        for column, value in (
            (Claims.claimant, claimant),
            (Claims.location, location),
            (Claims.channel_id, channel_id),
        ):
            if value is not None:
                wanted.append(column == value)
        rows = await self._connection.execute(
            select(Claims.id)
            .where(*wanted)
            .order_by(Claims.posted_at.desc(), Claims.id.desc())
            .limit(limit)
            .offset(offset)
        )
        ids = list(rows.scalars())
        found = {claim.id: (claim, text) for claim, text in await self._with_text(Claims.id.in_(ids))}
        return [found[i] for i in ids if i in found]

    async def named(self, reader_version: int, since: datetime) -> tuple[dict[str, int], dict[str, int]]:
        """Who claims, and which places are named, in what stands and was posted since then; each how often.

        The most frequent first.
        """
        out: list[dict[str, int]] = []
        for column in (Claims.claimant, Claims.location):
            rows = await self._connection.execute(
                select(column, func.count())
                .where(*self._standing(reader_version), Claims.posted_at >= since, column.is_not(None))
                .group_by(column)
                .order_by(func.count().desc(), column)
            )
            out.append({str(name): n for name, n in rows})
        return out[0], out[1]

    @staticmethod
    def _standing(reader_version: int) -> list[ColumnElement[bool]]:
        return [
            Claims.reader_version == reader_version,
            Claims.kind.in_(_ATTACKS),
            *STANDING,
        ]

    async def counts(self, reader_version: int, until_seq: int) -> dict[tuple[ClaimKind, str | None], int]:
        """Claims per kind and claimant in the posts stored up to `until_seq`, as they were first seen."""
        rows = await self._connection.execute(
            select(Claims.kind, Claims.claimant, func.count())
            .join(Posts, and_(Posts.channel_id == Claims.channel_id, Posts.id == Claims.post_id))
            .where(
                Claims.reader_version == reader_version,
                Claims.version == 1,
                Claims.revision == 0,
                Posts.seq <= until_seq,
            )
            .group_by(Claims.kind, Claims.claimant)
        )
        return {(ClaimKind(kind), claimant): n for kind, claimant, n in rows}

    async def open_incidents(
        self, bounds: Sequence[tuple[datetime, datetime]], reader_version: int
    ) -> Sequence[int]:
        """Store new incidents by when their first and last post was posted. Returns their numbers."""
        if not bounds:
            return []
        rows = [{"reader_version": reader_version, "first_at": a, "last_at": b} for a, b in bounds]
        made = await self._connection.scalars(
            insert(Incidents).returning(Incidents.id, sort_by_parameter_order=True), rows
        )
        return list(made.all())

    async def widen_incidents(self, bounds: Mapping[int, tuple[datetime, datetime]]) -> None:
        """Further posts tell of these incidents: the first and the last of them, by incident."""
        rows = [{"incident": n, "first": first, "last": last} for n, (first, last) in bounds.items()]
        if not rows:
            return
        first, last = bindparam("first", type_=Instant), bindparam("last", type_=Instant)
        await self._connection.execute(
            update(Incidents)
            .where(Incidents.id == bindparam("incident"))
            .values(
                first_at=case((Incidents.first_at > first, first), else_=Incidents.first_at),
                last_at=case((Incidents.last_at < last, last), else_=Incidents.last_at),
            ),
            rows,
        )

    async def incident(self, incident_id: int) -> Incident | None:
        """An incident with all its claims, each once however often it was edited."""
        rows = await self._connection.execute(select(Incidents.__table__).where(Incidents.id == incident_id))
        row = rows.mappings().one_or_none()
        if row is None:
            return None
        claims = await self._connection.execute(
            select(Claims.channel_id, Claims.post_id, Claims.number)
            .where(Claims.incident_id == incident_id)
            .distinct()
            .order_by(Claims.channel_id, Claims.post_id, Claims.number)
        )
        return Incident(**row, claims=tuple((c, p, n) for c, p, n in claims))
