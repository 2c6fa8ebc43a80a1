"""Notices: word that there is something new. For speed only; the poll behind them is the truth."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

import structlog
from sqlalchemy.engine import URL

from domain.clock import Clock
from storage.patience import keep_alive

log = structlog.get_logger(__name__)

CHANNEL = "deadair"
#: Two looks of a poll are no closer together, in the machine's time, on a clock that runs fast.
LEAST_POLL = timedelta(seconds=0.25)


class Notice:
    """One listener's ear for some names. Between two waits nothing is missed."""

    def __init__(self, board: "Notices", names: Iterable[str]) -> None:
        self._board = board
        self.names = frozenset(names)
        self._heard = asyncio.Event()

    def __enter__(self) -> Self:
        self._board.listeners.add(self)
        return self

    def __exit__(self, *_: object) -> None:
        self._board.listeners.discard(self)

    def ring(self) -> None:
        self._heard.set()

    async def woken(self, clock: Clock, within: timedelta) -> bool:
        """Wait for a notice, at most `within` on that clock. True when there was one."""
        if not self._heard.is_set():
            ear = asyncio.ensure_future(self._heard.wait())
            nap = asyncio.ensure_future(clock.sleep(within))
            try:
                await asyncio.wait({ear, nap}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for each in (ear, nap):
                    each.cancel()
                await asyncio.gather(ear, nap, return_exceptions=True)
        heard = self._heard.is_set()
        self._heard.clear()
        return heard

    async def polled(self, clock: Clock, every: timedelta) -> bool:
        """`woken`, where nothing falls due by the clock but the next look itself: on one that runs fast,
        looks are at least `LEAST_POLL` of the machine's time apart.
        """
        return await self.woken(clock, max(every, LEAST_POLL * clock.speed) if clock.speed > 1 else every)


class Notices:
    """The board in one process."""

    def __init__(self) -> None:
        self.listeners: set[Notice] = set()

    def publish(self, names: Iterable[str]) -> None:
        given = set(names)
        for listener in self.listeners:
            if listener.names & given:
                listener.ring()


class PostgresNotices:
    """Brings the notices of other processes to this one's board, by LISTEN.

    When its connection breaks it is made anew; what was missed meanwhile the polls find.
    """

    def __init__(self, url: URL, board: Notices) -> None:
        self._url = url
        self._board = board
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen(), name="notices")
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        import asyncpg

        dsn = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        well = True
        while True:
            try:
                connection = await _opened(asyncio.ensure_future(asyncpg.connect(dsn, timeout=10)))
                try:
                    keep_alive(connection)
                    lost = asyncio.Event()
                    connection.add_termination_listener(lambda _c, lost=lost: lost.set())
                    await connection.add_listener(CHANNEL, lambda *heard: self._board.publish([heard[-1]]))
                    if not well:
                        log.info("notices: heard again")
                    well = True
                    await lost.wait()
                finally:
                    await connection.close(timeout=2)
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                if well:
                    log.warning("notices: not heard, polling only", error=str(error))
                well = False
            await asyncio.sleep(1)


async def _opened(opening: "asyncio.Future[Any]") -> Any:
    """The connection; given up half way, it is closed rather than left to itself."""
    try:
        return await asyncio.shield(opening)
    except asyncio.CancelledError:
        done, _ = await asyncio.wait({opening}, timeout=2)
        opening.cancel()
        if done and opening.exception() is None:
            opening.result().terminate()
        raise
