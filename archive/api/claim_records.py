"""Claims as they are sent."""

from datetime import date, datetime

from pydantic import Field

from archive.api.common import ChannelName, Record, channel_name
from domain.channel import Channel
from domain.claim import (
    ArchivedClaim,
    Assertion,
    ClaimKind,
    ClaimMode,
    DateSource,
    Precision,
)


class EvidenceRecord(Record):
    """Why a field has its value."""

    field: str
    start: int = Field(description="In characters of the raw text of that version of the post.")
    end: int
    rule: str
    words: str | None = Field(description="What stands there; null where the text is not sent along.")


class CasualtiesRecord(Record):
    killed: int | None
    wounded: int | None
    vague: bool


class ClaimRecord(Record):
    id: int
    channel: ChannelName
    post_id: int
    number: int = Field(description="Within its post, from 1; stays the same over edits.")
    version: int = Field(description="Rises when an edit changes a value.")
    post_version: int = Field(description="Of the post, in whose text the evidence lies; 0: as first seen.")
    reader_version: int
    posted_at: datetime
    from_at: datetime
    superseded_at: datetime | None
    withdrawn_at: datetime | None
    stands: bool
    incident_id: int | None
    kind: ClaimKind
    claimant: str | None
    mode: ClaimMode
    target: str | None
    target_type: str | None
    place: str | None
    precision: Precision | None
    country: str | None
    action: str | None
    weapons: list[str]
    day: date | None
    day_precision: Precision
    day_source: DateSource
    casualties: CasualtiesRecord | None
    n_operations: int | None
    assertion: Assertion
    repeat: bool
    again: bool
    evidence: list[EvidenceRecord]


def claim_record(claim: ArchivedClaim, channels: dict[int, Channel], text: str | None = None) -> ClaimRecord:
    """`text`: of the version of the post in which the evidence lies."""
    c, hurt = claim.claim, claim.claim.casualties
    return ClaimRecord(
        id=claim.id,
        channel=channel_name(claim.channel_id, channels),
        post_id=claim.post_id,
        number=claim.number,
        version=claim.version,
        post_version=claim.revision,
        reader_version=claim.reader_version,
        posted_at=claim.posted_at,
        from_at=claim.from_at,
        superseded_at=claim.superseded_at,
        withdrawn_at=claim.withdrawn_at,
        stands=claim.standing,
        incident_id=claim.incident_id,
        kind=c.kind,
        claimant=c.claimant,
        mode=c.mode,
        target=c.target,
        target_type=c.target_type,
        place=c.location,
        precision=c.precision,
        country=c.country,
        action=c.action,
        weapons=list(c.weapons),
        day=c.date,
        day_precision=c.date_precision,
        day_source=c.date_source,
        casualties=CasualtiesRecord(killed=hurt.killed, wounded=hurt.wounded, vague=hurt.vague)
        if hurt
        else None,
        n_operations=c.n_operations,
        assertion=c.assertion,
        repeat=c.repeat,
        again=c.again,
        evidence=[
            EvidenceRecord(
                field=s.field,
                start=s.start,
                end=s.end,
                rule=s.rule,
                words=text[s.start : s.end] if text is not None else None,
            )
            for s in c.evidence
        ],
    )
