"""How many calls of a kind an account may make: as it is written, and as it is counted."""

import re
from dataclasses import dataclass
from datetime import timedelta

from domain.instant import parse_span


@dataclass(frozen=True, slots=True)
class Budget:
    """So many calls of a method in a span of time; as many may be made at once."""

    method: str  #: may hold * and ?
    calls: int
    span: timedelta

    @classmethod
    def parse(cls, text: str) -> "Budget":
        """`messages.getHistory 120/1m`. Raises ValueError that says what is allowed."""
        found = re.fullmatch(r"\s*([A-Za-z.*?]+)\s+([1-9]\d*)/(\S+)\s*", text)
        if found is None:
            raise ValueError(f"{text!r} is no budget: write it like messages.getHistory 120/1m")
        span = parse_span(found[3])
        if span <= timedelta(0):
            raise ValueError(f"{text!r} is no budget: its span of time is empty")
        return cls(found[1], int(found[2]), span)
