"""Waiting and running side by side, as every loop of the collector does it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any

import structlog

from collector.errors import LoggedOut, Stumbled, Trouble, Wait
from domain.clock import Clock
from domain.errors import DeadairError

log = structlog.get_logger(__name__)

#: No loop turns faster than this, in real seconds, however fast the clock runs.
_FLOOR = 0.01


async def pause(clock: Clock, span: timedelta) -> None:
    """Wait for a span of the clock, and never so short that a loop becomes hot."""
    await asyncio.gather(clock.sleep(span), asyncio.sleep(_FLOOR))


async def patiently(clock: Clock, wait: Wait) -> None:
    """Wait as long as Telegram wants."""
    await pause(clock, timedelta(seconds=wait.seconds))


async def woken(clock: Clock, event: asyncio.Event, within: timedelta) -> bool:
    """Wait for the event, at most `within` on the clock; clear it. True when it had been set."""
    nap = asyncio.ensure_future(pause(clock, within))
    ear = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait({nap, ear}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        await _end(nap, ear)
    heard = event.is_set()
    event.clear()
    return heard


async def _end(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def together(*parts: Coroutine[Any, Any, Any]) -> None:
    """Run all of them until the first ends badly; then end the rest and raise that error alone.

    When several end badly at once, one that a person must mend goes before one that mends itself. Being
    cancelled goes before all of them.
    """
    tasks = [asyncio.ensure_future(part) for part in parts]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        # Not a TaskGroup: there, a part that fails while it is ended hides that all were told to end, and
        # whoever tries again after a failure would never stop.
        await _end(*tasks)
    errors = [error for task in tasks if not task.cancelled() and (error := task.exception()) is not None]
    if errors:
        raise min(errors, key=_rank)


async def tireless(
    clock: Clock, span: timedelta, part: Callable[[], Coroutine[Any, Any, Any]], failed: Callable[[str], None]
) -> None:
    """Run a part to its end. When it fails in a way that nobody has thought of, `failed` is told how, and it
    begins anew after a while: what it does is not worth more than what the others do.
    """
    while True:
        try:
            await part()
            return
        except (Trouble, DeadairError):
            raise
        except Exception as error:
            log.exception("a part of the collector failed, and begins anew", part=part.__qualname__)
            failed(f"{part.__qualname__}: {error!r}")
        await pause(clock, span)


async def understood(deed: Awaitable[None]) -> None:
    """Do it. Raises Stumbled for what nobody has thought of."""
    try:
        await deed
    except (Trouble, DeadairError):
        raise
    except Exception as error:
        log.exception("the collector stumbled")
        raise Stumbled(repr(error)) from error


def _rank(error: BaseException) -> int:
    if isinstance(error, DeadairError) and not isinstance(error, LoggedOut):
        return 0
    if isinstance(error, LoggedOut):
        return 1
    return 3 if isinstance(error, Trouble) else 2


async def quietly(deed: Awaitable[Any], within: float) -> None:
    """Try for so many real seconds; what comes of it changes nothing any more. Being cancelled still does."""
    try:
        async with asyncio.timeout(within):
            await deed
    except Exception as error:  # whatever it is, there is something more important to do than to tell it
        log.debug("left undone", error=repr(error))
