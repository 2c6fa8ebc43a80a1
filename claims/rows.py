"""Rows of JSON for what was read: the form in which commands print it."""

from collections.abc import Mapping
from typing import Any

from domain.claim import Claim, Span, Understanding


def row(id_: object, text: str, read: Understanding) -> dict[str, Any]:
    """One post as `deadair read` prints it."""
    return {
        "id": id_,
        "lang": read.language,
        "is_claim": read.is_claim,
        "claims": [claim_row(claim, text) for claim in read.claims],
        "topics": [topic.name for topic in read.topics],
    }


def claim_row(claim: Claim, text: str) -> dict[str, Any]:
    """One record."""
    hurt = claim.casualties
    return {
        "kind": claim.kind.value,
        "claimant": claim.claimant,
        "mode": claim.mode.value,
        "target": claim.target,
        "target_type": claim.target_type,
        "location": claim.location,
        "country": claim.country,
        "action": claim.action,
        "weapon": list(claim.weapons),
        "date": claim.date.isoformat() if claim.date else None,
        "date_source": claim.date_source.value,
        "casualties": {"killed": hurt.killed, "wounded": hurt.wounded} if hurt else None,
        "n_operations": claim.n_operations,
        "assertion": claim.assertion.value,
        "repeat": claim.repeat,
        "spans": _spans(claim.evidence, text),
    }


def _spans(evidence: tuple[Span, ...], text: str) -> Mapping[str, Any]:
    out: dict[str, Any] = {}
    for span in evidence:
        out.setdefault(
            span.field,
            {"text": text[span.start : span.end], "start": span.start, "end": span.end, "rule": span.rule},
        )
    return out
