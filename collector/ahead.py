"""A history that is read on while what was read of it is stored."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from collector.history import Page
from domain.post import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A few pages of history: their posts, the last page, and down to which number they reach."""

    posts: list[Post]
    last: Page
    lowest: int
    is_end: bool  #: nothing is to be expected before


class Ahead:
    """What is below a number of a history, asked for before its turn: while some of it is stored, the next
    waits, and one more is on its way. To be stopped when nobody wants more of it.
    """

    def __init__(
        self,
        read: Callable[[int, int | None], Awaitable[Read]],
        below: int,
        left: int | None = None,
    ) -> None:
        """`read` gets the number below which to read, and how many posts are wanted: of the `left` ones those
        that are not read yet; None: all there are.
        """
        self._left = left
        self.below = below  #: on this number follows what `next` brings
        self.is_over = False  #: `next` has brought the end, or has raised
        self._read = read
        self._waiting: asyncio.Queue[Read | Exception] = asyncio.Queue(maxsize=1)
        self._task = asyncio.create_task(self._run())

    async def next(self) -> Read:
        """Raises what asking raised, once all that came before was given."""
        found = await self._waiting.get()
        if isinstance(found, Exception):
            self.is_over = True
            raise found
        self.below, self.is_over = found.lowest, found.is_end
        return found

    async def stop(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        below, left, is_end = self.below, self._left, False
        while not is_end:
            try:
                found = await self._read(below, left)
            except Exception as error:  # told to whoever waits for it, and to nobody else
                await self._waiting.put(error)
                return
            if left is not None and (left := left - len(found.posts)) <= 0:
                found = replace(found, is_end=True)
            below, is_end = found.lowest, found.is_end
            await self._waiting.put(found)
