"""Proves by real requests that the line does its work, and says how soon to try again when it did not."""

import asyncio
from datetime import timedelta
from typing import NoReturn

from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world

from collector.client import Line
from collector.errors import Failed, Unanswered, Unreachable, Wait
from collector.tasks import patiently, pause
from domain.clock import Clock


async def probe(line: Line, every: timedelta, clock: Clock) -> NoReturn:
    """Ask for something small, again and again. Raises Unreachable when the line is dead, LoggedOut when it
    is ours no longer. "Connected" proves nothing: a line can be up, and deaf for hours."""
    loop = asyncio.get_running_loop()
    before: object = None
    since = loop.time()
    while True:
        await pause(clock, every)
        waiting = line.waiting_updates()
        if waiting is None or waiting != before:
            before, since = waiting, loop.time()
        elif loop.time() - since > line.within:
            raise Unreachable("updates wait, and the client does not take them: its loop hangs")
        try:
            await line.ask(F.updates.GetStateRequest())
        except Unanswered as silence:
            raise Unreachable(str(silence)) from silence
        except Wait as wait:
            await patiently(clock, wait)
        except Failed:
            continue  # it answered


class Backoff:
    """How long to wait before the next attempt, in real seconds: doubled each time, up to a limit.

    A connection that lasted for less than the wait before it counts as no success: one that is taken and
    reset at once must not become a hot loop.
    """

    def __init__(self, least: float, most: float) -> None:
        self._least = least
        self._most = most
        self._next = least

    def next(self, lasted: float) -> float:
        """The wait after a connection that lasted so many seconds."""
        if lasted > self._next:
            self._next = self._least
        wait, self._next = self._next, min(self._next * 2, self._most)
        return wait
