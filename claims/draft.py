"""A record in the making: its slots, each with the folded stretch that gave it."""

import datetime as dt
from dataclasses import dataclass, field

from claims.normalise import Folded
from domain.claim import (
    Assertion,
    Casualties,
    Claim,
    ClaimKind,
    ClaimMode,
    DateSource,
    Precision,
    Span,
)


@dataclass(slots=True)
class Draft:
    kind: ClaimKind
    rule: str  #: what decided the kind
    claimant: str | None = None
    mode: ClaimMode = ClaimMode.QUOTED
    target: str | None = None
    target_type: str | None = None
    location: str | None = None
    precision: Precision | None = None
    country: str | None = None
    action: str | None = None
    weapons: list[str] = field(default_factory=list)
    date: dt.date | None = None
    date_precision: Precision = Precision.DAY
    date_source: DateSource = DateSource.POSTED
    casualties: Casualties | None = None
    n_operations: int | None = None
    assertion: Assertion = Assertion.ASSERTED
    repeat: bool = False
    again: bool = False
    evidence: list[tuple[str, int, int, str]] = field(
        default_factory=list
    )  #: field, folded start and end, rule

    def show(self, name: str, start: int, end: int, rule: str) -> None:
        """Note the folded stretch that gave a field its value."""
        self.evidence.append((name, start, end, rule))

    def claim(self, folded: Folded) -> Claim:
        """The finished record, with its evidence on the raw text."""
        spans = []
        for name, start, end, rule in self.evidence:
            a, b = folded.raw_span(start, end)
            spans.append(Span(field=name, start=a, end=b, rule=rule))
        return Claim(
            kind=self.kind,
            claimant=self.claimant,
            mode=self.mode,
            target=self.target,
            target_type=self.target_type,
            location=self.location,
            precision=self.precision,
            country=self.country,
            action=self.action,
            weapons=tuple(self.weapons),
            date=self.date,
            date_precision=self.date_precision,
            date_source=self.date_source,
            casualties=self.casualties,
            n_operations=self.n_operations,
            assertion=self.assertion,
            repeat=self.repeat,
            again=self.again,
            evidence=tuple(spans),
        )
