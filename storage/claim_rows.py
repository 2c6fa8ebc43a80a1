"""Claims as rows, and back."""

from collections.abc import Mapping
from sys import intern
from typing import Any

from domain.claim import (
    ArchivedClaim,
    Assertion,
    Casualties,
    Claim,
    ClaimKind,
    ClaimMode,
    DateSource,
    Precision,
    Span,
)


def claim_row(archived: ArchivedClaim) -> dict[str, Any]:
    """A claim's columns, its number apart."""
    claim = archived.claim
    hurt = claim.casualties
    return {
        "channel_id": archived.channel_id,
        "post_id": archived.post_id,
        "number": archived.number,
        "version": archived.version,
        "reader_version": archived.reader_version,
        "revision": archived.revision,
        "posted_at": archived.posted_at,
        "from_at": archived.from_at,
        "superseded_at": archived.superseded_at,
        "incident_id": archived.incident_id,
        "kind": claim.kind.value,
        "claimant": claim.claimant,
        "mode": claim.mode.value,
        "target": claim.target,
        "target_type": claim.target_type,
        "location": claim.location,
        "precision": claim.precision.value if claim.precision else None,
        "country": claim.country,
        "action": claim.action,
        "weapons": list(claim.weapons),
        "day": claim.date,
        "date_precision": claim.date_precision.value,
        "date_source": claim.date_source.value,
        "killed": hurt.killed if hurt else None,
        "wounded": hurt.wounded if hurt else None,
        "losses": None if hurt is None else "vague" if hurt.vague else "told",
        "n_operations": claim.n_operations,
        "assertion": claim.assertion.value,
        "repeat": claim.repeat,
        "again": claim.again,
        "evidence": [[s.field, s.start, s.end, s.rule] for s in claim.evidence],
    }


def claim_record(row: Mapping[Any, Any]) -> ArchivedClaim:
    """The claim of a row that has `withdrawn_at` beside the columns of the table."""
    hurt = None
    if row["losses"] is not None:
        hurt = Casualties(killed=row["killed"], wounded=row["wounded"], vague=row["losses"] == "vague")
    return ArchivedClaim(
        id=row["id"],
        channel_id=row["channel_id"],
        post_id=row["post_id"],
        number=row["number"],
        version=row["version"],
        reader_version=row["reader_version"],
        revision=row["revision"],
        posted_at=row["posted_at"],
        from_at=row["from_at"],
        superseded_at=row["superseded_at"],
        withdrawn_at=row["withdrawn_at"],
        incident_id=row["incident_id"],
        claim=Claim(
            kind=ClaimKind(row["kind"]),
            claimant=row["claimant"],
            mode=ClaimMode(row["mode"]),
            target=row["target"],
            target_type=row["target_type"],
            location=row["location"],
            precision=Precision(row["precision"]) if row["precision"] else None,
            country=row["country"],
            action=row["action"],
            weapons=tuple(row["weapons"]),
            date=row["day"],
            date_precision=Precision(row["date_precision"]),
            date_source=DateSource(row["date_source"]),
            casualties=hurt,
            n_operations=row["n_operations"],
            assertion=Assertion(row["assertion"]),
            repeat=row["repeat"],
            again=row["again"],
            # Of these words there are a few hundred, and of claims many at hand.
            evidence=tuple(
                [Span(field=intern(f), start=a, end=b, rule=intern(r)) for f, a, b, r in row["evidence"]]
            ),
        ),
    )
