"""Episodes and the steps of their lives."""

import contextlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table as SqlTable
from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.episode import Episode, Move, State, Subject, Transition
from domain.finding import Cause, Kind, Ruling, Verdict
from domain.sentence import Sentence, sentence_document, sentence_record
from domain.severity import Severity
from storage.keys import CHUNK
from storage.tables import Alerts, Episodes, Transitions
from storage.types import to_json
from storage.upsert import append

#: The instants of an episode, which a document holds in ISO form.
INSTANTS = ("since_at", "found_at", "opened_at", "closed_at", "escalated_at", "again_at")
#: Tests of the way to a chat are kept for their deliveries; of what happened they say nothing.
IS_REAL = Episodes.kind != Kind.TEST.value
#: No table has so high a number, and no database takes one.
_BEYOND = 1 << 63
_TABLE = cast("SqlTable", Episodes.__table__)
_OPEN = insert(_TABLE).returning(_TABLE.c.id, sort_by_parameter_order=True)
_CHANGE = (
    update(_TABLE)
    .where(_TABLE.c.id == bindparam("number"))
    .values({column.name: bindparam(column.name) for column in _TABLE.c if column.name != "id"})
)


class EpisodeRepository:
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def save(self, episode: Episode) -> Episode:
        """Store an episode as it stands; a new one (id 0) is given its number."""
        return (await self.save_all([episode]))[0]

    async def save_all(self, episodes: Sequence[Episode]) -> Sequence[Episode]:
        """The same for each of several, in their order."""
        new = [episode_document(each) for each in episodes if not each.id]
        known = [{"number": each.id, **episode_document(each)} for each in episodes if each.id]
        if known:
            await self._connection.execute(_CHANGE, known)
        made = iter((await self._connection.scalars(_OPEN, new)).all() if new else ())
        return [each if each.id else replace(each, id=next(made)) for each in episodes]

    async def record(self, transition: Transition) -> None:
        """Keep the step itself. The episode must have been saved."""
        await self.record_all([transition])

    async def record_all(self, transitions: Sequence[Transition]) -> None:
        """The same for each of several, in their order."""
        rows = [
            {
                "episode_id": transition.episode.id,
                "at": transition.at,
                "move": transition.move.value,
                "inhibited_by": transition.inhibited_by,
                "reason": transition.episode.reason,
            }
            for transition in transitions
        ]
        await append(self._connection, Transitions, rows)

    async def unfinished(self) -> Sequence[Episode]:
        """Episodes that are pending or open, oldest first."""
        rows = await self._connection.execute(
            select(Episodes.__table__).where(Episodes.state != State.CLOSED.value).order_by(Episodes.id)
        )
        return [episode_record(row) for row in rows.mappings()]

    async def newest(self, limit: int = 100, channel_id: int | None = None) -> Sequence[Episode]:
        """The newest, newest first. Tests are not among them, nor are acts that were claimed: they come by
        the hundred."""
        real = Episodes.kind.not_in((Kind.CLAIM.value, Kind.TEST.value))
        query = select(Episodes.__table__).where(real).order_by(Episodes.id.desc()).limit(limit)
        if channel_id is not None:
            query = query.where(Episodes.channel_id == channel_id)
        rows = await self._connection.execute(query)
        return [episode_record(row) for row in rows.mappings()]

    async def page(
        self,
        limit: int,
        *,
        before: int | None = None,
        states: Sequence[State] = (),
        kinds: Sequence[Kind] = (),
        channels: Sequence[int] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[Episode]:
        """Newest first, numbered below `before`; those not over at `since`, and begun before `until`.

        Tests are among them only where their kind is asked for.
        """
        query = select(Episodes.__table__)
        if before is not None:
            query = query.where(Episodes.id < before)
        if states:
            query = query.where(Episodes.state.in_([state.value for state in states]))
        if kinds:
            query = query.where(Episodes.kind.in_([kind.value for kind in kinds]))
        else:
            query = query.where(IS_REAL)
        if channels is not None:
            query = query.where(Episodes.channel_id.in_(channels))
        if since is not None:
            query = query.where(Episodes.closed_at.is_(None) | (Episodes.closed_at > since))
        if until is not None:
            query = query.where(Episodes.since_at < until)
        rows = await self._connection.execute(query.order_by(Episodes.id.desc()).limit(limit))
        return [episode_record(row) for row in rows.mappings()]

    async def told_since(self, at: datetime) -> Sequence[Episode]:
        """Real ones as they stood when people were told of them, or once more, after `at`; oldest first.

        What was hidden behind something larger was told to nobody and is not among them.
        """
        moves = (Move.OPENED.value, Move.REOPENED.value, Move.ESCALATED.value)
        rows = await self._connection.execute(
            select(Alerts.episode)
            .join(Episodes, Episodes.id == Alerts.episode_id)
            .where(IS_REAL, Alerts.at > at, Alerts.move.in_(moves))
            .order_by(Alerts.id)
        )
        return [episode_record(read_instants(document)) for document in rows.scalars()]

    async def get(self, episode_id: int) -> Episode | None:
        if abs(episode_id) >= _BEYOND:
            return None
        rows = await self._connection.execute(select(Episodes.__table__).where(Episodes.id == episode_id))
        row = rows.mappings().one_or_none()
        return episode_record(row) if row else None

    async def of_incidents(self, incidents: Iterable[int]) -> Mapping[int, Episode]:
        """What was told of these acts, by the number of the act; of which nothing was told is left out."""
        wanted, found = sorted(set(incidents)), dict[int, Episode]()
        for start in range(0, len(wanted), CHUNK):
            rows = await self._connection.execute(
                select(Episodes.__table__)
                .where(Episodes.incident_id.in_(wanted[start : start + CHUNK]))
                .order_by(Episodes.id)
            )
            for row in rows.mappings():
                found.setdefault(row["incident_id"], episode_record(row))
        return found

    async def moves(self, episode_id: int) -> Sequence[tuple[Move, Any]]:
        """Each step of an episode with its instant, in order."""
        rows = await self._connection.execute(
            select(Transitions.move, Transitions.at)
            .where(Transitions.episode_id == episode_id)
            .order_by(Transitions.seq)
        )
        return [(Move(move), at) for move, at in rows]


def episode_document(episode: Episode) -> dict[str, Any]:
    """An episode's columns, its number apart."""
    return {
        "kind": episode.kind.value,
        "channel_id": episode.subject.channel_id,
        "topic": episode.subject.topic,
        "claimant": episode.subject.claimant,
        "group": episode.subject.group,
        "country": episode.subject.country,
        "state": episode.state.value,
        "since_at": episode.since_at,
        "found_at": episode.found_at,
        "opened_at": episode.opened_at,
        "closed_at": episode.closed_at,
        "ruling": episode.verdict.ruling.value,
        "cause": episode.verdict.cause.value,
        "evidence": [sentence_document(said) for said in episode.verdict.evidence],
        "observed": episode.observed,
        "expected": episode.expected,
        "probability": episode.probability,
        "members": list(episode.members),
        "reason": episode.reason,
        "ended": _written(episode.ended),
        "escalated_at": episode.escalated_at,
        "times": episode.times,
        "again_at": episode.again_at,
        "incident_id": episode.incident_id,
        "severity": episode.severity.value if episode.severity else None,
    }


def read_instants(document: Mapping[str, Any]) -> dict[str, Any]:
    """An episode as an alert keeps it, with instants for their written form."""
    out = dict(document)
    for name in INSTANTS:
        if out.get(name) is not None:
            out[name] = datetime.fromisoformat(out[name])
    return out


def episode_record(row: Mapping[Any, Any]) -> Episode:
    return Episode(
        id=row["id"],
        kind=Kind(row["kind"]),
        subject=Subject(
            channel_id=row["channel_id"],
            topic=row["topic"],
            group=row["group"],
            claimant=row.get("claimant"),  # alerts of former versions do not name these two
            country=row.get("country"),
        ),
        state=State(row["state"]),
        since_at=row["since_at"],
        found_at=row["found_at"],
        opened_at=row["opened_at"],
        closed_at=row["closed_at"],
        verdict=Verdict(
            ruling=Ruling(row["ruling"]),
            cause=Cause(row["cause"]),
            evidence=tuple(sentence_record(said) for said in row["evidence"]),
        ),
        observed=row["observed"],
        expected=row["expected"],
        probability=row["probability"],
        members=tuple(row["members"]),
        reason=row["reason"],
        ended=_read(row["ended"]),
        escalated_at=row.get("escalated_at"),  # nor these
        times=row.get("times") or 1,
        again_at=row.get("again_at"),
        incident_id=row.get("incident_id"),
        severity=Severity(row["severity"]) if row.get("severity") else None,
    )


def _written(said: str) -> str:
    """A sentence as text that keeps what it was made of; mere text as it is."""
    return to_json(sentence_document(said)) if isinstance(said, Sentence) else said


def _read(written: Any) -> str:
    """The way back; alerts keep the document itself, and rows of former versions English text."""
    if isinstance(written, str) and written.startswith('{"say"'):
        with contextlib.suppress(ValueError):
            return sentence_record(json.loads(written))
    return sentence_record(written)
