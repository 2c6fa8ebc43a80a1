"""The parts run side by side; one that dies stops the whole.

A half-dead monitor is the worst state there is: it looks like silence.
"""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import structlog

from domain.errors import DeadairError

log = structlog.get_logger(__name__)

Part = Callable[[], Awaitable[None]]

#: Seconds the parts are given to close what they hold open; Ctrl-C must not take two.
GRACE = 1.6


class PartDied(DeadairError):
    """A part ended by itself, so all were stopped."""


class Crew:
    """The parts at work, some of which may be begun anew."""

    def __init__(self, parts: Mapping[str, Part]) -> None:
        self._coming = dict(parts)
        self.tasks: dict[asyncio.Future[None], str] = {}
        self.changed = asyncio.Event()

    def begin(self) -> None:
        self.tasks |= {asyncio.ensure_future(start()): name for name, start in self._coming.items()}
        self._coming = {}

    async def renew(self, parts: Mapping[str, Part]) -> None:
        """End these parts, and begin them as they are given here; the others work on.

        No part is begun before the former one has ended: two of a kind would do the same work.
        """
        leaving = {task: name for task, name in self.tasks.items() if name in parts}
        for task in leaving:
            del self.tasks[task]
        if leaving:
            await _end(leaving)
            await asyncio.wait(leaving)
        self._coming = dict(parts)
        self.begin()
        self.changed.set()


async def supervise(
    parts: Mapping[str, Part], beside: Callable[[Crew], Awaitable[None]] | None = None
) -> None:
    """Run the parts until a signal asks to stop (returns) or one of them ends (raises).

    `beside` runs with them, as one more part, and may have some of them begun anew. Raises the DeadairError
    that a part died of, or PartDied when it ended without one.
    """
    crew = Crew(parts)
    async with _stop_signal() as stop:
        crew.begin()
        if beside is not None:
            crew.tasks[asyncio.ensure_future(beside(crew))] = "config"
        waiting = asyncio.ensure_future(stop.wait())
        ended: list[asyncio.Future[None]] = []
        try:
            while not ended and not waiting.done():
                crew.changed.clear()
                renewed = asyncio.ensure_future(crew.changed.wait())
                watched: set[asyncio.Future[Any]] = {*crew.tasks, waiting, renewed}
                done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
                renewed.cancel()
                ended = [task for task in crew.tasks if task in done]
        finally:
            waiting.cancel()
            await _end(crew.tasks)
    for task in ended:
        name = crew.tasks[task]
        error = None if task.cancelled() else task.exception()
        if isinstance(error, DeadairError):
            log.error("part stopped, so all stop", part=name, reason=error.what)
            raise error
        if error is not None:
            log.error("part died, so all stop", part=name, exc_info=error)
            raise PartDied(
                f"the {name} died of an unforeseen {type(error).__name__}: {error}",
                hint="the log above says where; start again, and please report it",
            ) from error
        raise PartDied(f"the {name} ended by itself", hint="this should not happen; please report it")


async def _end(tasks: Mapping[asyncio.Future[None], str]) -> None:
    for task in tasks:
        task.cancel()
    _, late = await asyncio.wait(tasks, timeout=GRACE)
    for task in late:
        log.warning("part did not stop in time", part=tasks[task])


@contextlib.asynccontextmanager
async def _stop_signal() -> AsyncIterator[asyncio.Event]:
    """An event that is set by Ctrl-C or by a polite kill."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
