"""A value that may change while somebody works with it."""

import asyncio
from typing import Generic, TypeVar

T = TypeVar("T")


class Current(Generic[T]):
    """Set by one, followed by another: of several changes meanwhile only the last one is told."""

    def __init__(self, value: T) -> None:
        self.value = value
        self._changed = asyncio.Event()

    def set(self, value: T) -> None:
        self.value = value
        self._changed.set()

    async def next(self) -> T:
        """Wait until it has been set since the last time, and say what it is."""
        await self._changed.wait()
        self._changed.clear()
        return self.value
