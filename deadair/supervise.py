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

#: Seconds the parts are given to close what they hold open; Ctrl-C must not take two.
GRACE = 1.6


class PartDied(DeadairError):
    """A part ended by itself, so all were stopped."""


async def supervise(parts: Mapping[str, Callable[[], Awaitable[None]]]) -> None:
    """Run the parts until a signal asks to stop (returns) or one of them ends (raises).

    Raises the DeadairError that a part died of, or PartDied when it ended without one.
    """
    async with _stop_signal() as stop:
        tasks: dict[asyncio.Future[None], str] = {
            asyncio.ensure_future(start()): name for name, start in parts.items()
        }
        waiting = asyncio.ensure_future(stop.wait())
        try:
            watched: set[asyncio.Future[Any]] = {*tasks, waiting}
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            await _end(tasks)
    for task, name in tasks.items():
        if task not in done:
            continue
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
