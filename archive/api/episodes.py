"""Episodes: what was abnormal, by what evidence, and what people made of it."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from archive.api import cursor
from archive.api.access import Route, needs
from archive.api.common import LARGEST, ChannelName, Cursor, Instant, Names, Record, channel_name
from archive.api.looking import channels_named
from archive.web.asked import store_of
from archive.web.problem import Problem
from domain.channel import Channel
from domain.credential import Scope
from domain.episode import Episode, Move, State
from domain.finding import Cause, Kind, Ruling
from domain.opinion import Fault, Says
from domain.severity import Severity

router = APIRouter(route_class=Route, tags=["episodes"], dependencies=[Depends(needs(Scope.EPISODES))])


class SubjectRecord(Record):
    """Whom it is about. All null: ourselves."""

    channel: ChannelName | None
    topic: str | None
    claimant: str | None
    group: str | None
    country: str | None


class EpisodeRecord(Record):
    id: int
    kind: Kind
    state: State
    subject: SubjectRecord
    members: list[ChannelName] = Field(description="The channels of one that is about several.")
    since_at: datetime = Field(description="The last post before it; of blindness, the last instant we saw.")
    found_at: datetime
    opened_at: datetime | None
    closed_at: datetime | None
    escalated_at: datetime | None
    again_at: datetime | None
    times: int = Field(description="How often it has begun; more than once, it flaps.")
    observed: int
    expected: float
    probability: float
    ruling: Ruling
    cause: Cause
    evidence: list[str]
    reason: str
    ended: str
    severity: Severity | None
    incident_id: int | None


class MoveRecord(Record):
    move: Move
    at: datetime


class OpinionRecord(Record):
    at: datetime
    says: Says
    note: str
    fault: Fault | None


class EpisodeWhole(EpisodeRecord):
    moves: list[MoveRecord]
    opinions: list[OpinionRecord] = Field(description="What people said of it; the last one stands.")


class Episodes(Record):
    episodes: list[EpisodeRecord]
    next: str | None


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    state: list[State] = Field(default_factory=list, max_length=10)
    kind: list[Kind] = Field(default_factory=list, max_length=10)
    channel: Names = Field(default_factory=list, description="@handle, number or title.")
    since: Instant | None = Field(None, description="Not over before then.")
    until: Instant | None = Field(None, description="Begun before.")
    limit: int = Field(50, ge=1, le=500)
    cursor: Cursor = None


@router.get("/episodes")
async def episodes(request: Request, asked: Annotated[_Asked, Query()]) -> Episodes:
    """Episodes, the newest first."""
    sign = cursor.sign_of("episodes", asked.model_dump(exclude={"cursor", "limit"}))
    before = cursor.read(asked.cursor, sign, int)[0] if asked.cursor else None
    async with store_of(request).read() as tx:
        wanted = await channels_named(tx, asked.channel, ())
        found = await tx.episodes.page(
            asked.limit + 1,
            before=before,
            states=asked.state,
            kinds=asked.kind,
            channels=[c.id for c in wanted] if wanted is not None else None,
            since=asked.since,
            until=asked.until,
        )
        channels = {c.id: c for c in await tx.channels.all()}
    page = found[: asked.limit]
    more = len(found) > len(page)
    return Episodes(
        episodes=[EpisodeRecord(**_fields(episode, channels)) for episode in page],
        next=cursor.write(sign, page[-1].id) if more else None,
    )


@router.get("/episodes/{number}")
async def episode(request: Request, number: Annotated[int, Path(ge=1, le=LARGEST)]) -> EpisodeWhole:
    async with store_of(request).read() as tx:
        found = await tx.episodes.get(number)
        if found is None:
            raise Problem(404, "no-such-episode", f"there is no episode {number}")
        channels = {c.id: c for c in await tx.channels.all()}
        return EpisodeWhole(
            **_fields(found, channels),
            moves=[MoveRecord(move=move, at=at) for move, at in await tx.episodes.moves(number)],
            opinions=[
                OpinionRecord(at=o.at, says=o.says, note=o.note, fault=o.fault)
                for o in await tx.opinions.of(number)
            ],
        )


def _fields(e: Episode, channels: dict[int, Channel]) -> dict[str, Any]:
    about = e.subject
    return {
        "id": e.id,
        "kind": e.kind,
        "state": e.state,
        "subject": SubjectRecord(
            channel=channel_name(about.channel_id, channels) if about.channel_id is not None else None,
            topic=about.topic,
            claimant=about.claimant,
            group=about.group,
            country=about.country,
        ),
        "members": [channel_name(member, channels) for member in e.members],
        "since_at": e.since_at,
        "found_at": e.found_at,
        "opened_at": e.opened_at,
        "closed_at": e.closed_at,
        "escalated_at": e.escalated_at,
        "again_at": e.again_at,
        "times": e.times,
        "observed": e.observed,
        "expected": e.expected,
        "probability": e.probability,
        "ruling": e.verdict.ruling,
        "cause": e.verdict.cause,
        "evidence": [str(said) for said in e.verdict.evidence],
        "reason": str(e.reason),
        "ended": str(e.ended),
        "severity": e.severity,
        "incident_id": e.incident_id,
    }
