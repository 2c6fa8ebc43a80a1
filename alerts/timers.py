"""Instants at which something is to be decided: one for each key, moved as often as wanted, never scanned."""

import heapq
from typing import NamedTuple

from alerts.hours import NEVER


class Key(NamedTuple):
    """What a timer is for; its order breaks ties, so that every run decides in the same order."""

    what: str  #: who is asked when it comes up
    channel_id: int = 0
    name: str = ""  #: of a group, a topic or a claimant
    sort: str = ""  #: of a topic or claimant: which of the two


class Timers:
    """A heap that is left as it is when a timer moves later, as it does at every post."""

    __slots__ = ("_armed", "_due", "_heap")

    def __init__(self) -> None:
        self._due: dict[Key, float] = {}
        self._armed: dict[Key, float] = {}
        self._heap: list[tuple[float, Key]] = []

    def set(self, key: Key, at: float) -> None:
        """Let `key` come up at `at` and at no other instant; at NEVER it does not come up at all."""
        if at == NEVER:
            self._due.pop(key, None)
            return
        self._due[key] = at
        armed = self._armed.get(key)
        if armed is None or at < armed:
            self._armed[key] = at
            heapq.heappush(self._heap, (at, key))

    def cancel(self, key: Key) -> None:
        self._due.pop(key, None)

    def get(self, key: Key) -> float:
        return self._due.get(key, NEVER)

    def next(self) -> float:
        """When the next timer comes up."""
        heap = self._heap
        while heap:
            at, key = heap[0]
            if self._armed.get(key) == at:
                due = self._due.get(key)
                if due == at:
                    return at
                if due is not None:
                    heapq.heapreplace(heap, (due, key))
                    self._armed[key] = due
                    continue
                del self._armed[key]
            heapq.heappop(heap)
        return NEVER

    def pop(self) -> tuple[float, Key]:
        """The timer that `next` spoke of; it is spent."""
        at, key = heapq.heappop(self._heap)
        del self._armed[key], self._due[key]
        return at, key
