"""Channels that may be taking the place of others, and who wants them watched."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.candidate import Candidate, CandidateState
from storage.channel_tables import Candidates
from storage.upsert import upsert


class CandidateRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def put(self, candidate: Candidate) -> tuple[Candidate, bool]:
        """Keep one; of a known one only the evidence and the title are brought up to date.

        Returns it as it is stored, and whether it is new.
        """
        before = await self._find(candidate.channel_id, candidate.handle)
        if before is None:
            row = {
                "channel_id": candidate.channel_id,
                "name": candidate.handle.lower(),
                "handle": candidate.handle,
                "title": candidate.title,
                "number": candidate.number,
                "found_at": candidate.found_at,
                "evidence": list(candidate.evidence),
                "state": candidate.state.value,
                "asked_at": candidate.asked_at,
                "asked_by": candidate.asked_by,
                "why": candidate.why,
            }
            await upsert(self._connection, Candidates, [row], key=("channel_id", "name"), keep=True)
        else:
            await self._connection.execute(
                update(Candidates)
                .where(Candidates.id == before.id)
                .values(
                    title=candidate.title or before.title,
                    number=candidate.number or before.number,
                    evidence=list(candidate.evidence),
                )
            )
        stored = await self._find(candidate.channel_id, candidate.handle)
        assert stored is not None  # noqa: S101 - it has just been stored
        return stored, before is None

    async def _find(self, channel_id: int, handle: str) -> Candidate | None:
        rows = await self._connection.execute(
            select(Candidates.__table__).where(
                Candidates.channel_id == channel_id, Candidates.name == handle.lower()
            )
        )
        row = rows.mappings().one_or_none()
        return _candidate(row) if row else None

    async def get(self, number: int) -> Candidate | None:
        rows = await self._connection.execute(select(Candidates.__table__).where(Candidates.id == number))
        row = rows.mappings().one_or_none()
        return _candidate(row) if row else None

    async def of(self, channel_id: int) -> Sequence[Candidate]:
        """Those found for one channel, oldest first."""
        rows = await self._connection.execute(
            select(Candidates.__table__).where(Candidates.channel_id == channel_id).order_by(Candidates.id)
        )
        return [_candidate(row) for row in rows.mappings()]

    async def in_state(self, *states: CandidateState) -> Sequence[Candidate]:
        rows = await self._connection.execute(
            select(Candidates.__table__)
            .where(Candidates.state.in_([state.value for state in states]))
            .order_by(Candidates.id)
        )
        return [_candidate(row) for row in rows.mappings()]

    async def ask(self, number: int, by: str, at: datetime) -> Candidate | None:
        """Somebody wants it watched. Returns it as it stands; None when there is none of that number."""
        wanted = (CandidateState.FOUND.value, CandidateState.FAILED.value)
        await self._connection.execute(
            update(Candidates)
            .where(Candidates.id == number, Candidates.state.in_(wanted))
            .values(state=CandidateState.ASKED.value, asked_at=at, asked_by=by, why="")
        )
        return await self.get(number)

    async def settle(self, number: int, state: CandidateState, why: str = "") -> None:
        """What came of somebody's wish."""
        await self._connection.execute(
            update(Candidates).where(Candidates.id == number).values(state=state.value, why=why)
        )


def _candidate(row: Mapping[Any, Any]) -> Candidate:
    fields = dict(row)
    fields.pop("name")
    return Candidate(
        **{**fields, "state": CandidateState(fields["state"]), "evidence": tuple(fields["evidence"])}
    )
