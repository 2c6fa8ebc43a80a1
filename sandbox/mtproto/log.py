"""The log of every method called."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Any

KEPT = 20_000


@dataclass(slots=True, kw_only=True)
class Logged:
    """One call, by the world's clock; `outcome` is "ok", the refusal, or what a fault did to it."""

    at: datetime
    account: int | None
    method: str
    channel: int | None
    request: Any
    outcome: str = "…"


class MethodLog:
    """The last calls, and how many of each there have been in all."""

    def __init__(self) -> None:
        self.entries: deque[Logged] = deque(maxlen=KEPT)
        self.counts: dict[str, int] = {}

    def add(self, entry: Logged) -> Logged:
        self.entries.append(entry)
        self.counts[entry.method] = self.counts.get(entry.method, 0) + 1
        return entry

    def of(self, method: str) -> list[Logged]:
        return [e for e in self.entries if e.method == method]

    def clear(self) -> None:
        self.entries.clear()
        self.counts.clear()
