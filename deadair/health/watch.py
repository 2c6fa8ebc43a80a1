"""The part that answers for the others: over HTTP, and by a heartbeat to somebody outside."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from aiohttp import ClientError, ClientSession, ClientTimeout, web

from deadair.health.config import host_and_port
from deadair.health.examine import Measure, judged
from deadair.health.judge import is_well
from deadair.health.metrics import exposition
from deadair.health.vitals import Vitals, read_vitals
from domain.check import Check
from domain.clock import Clock
from domain.errors import DeadairError
from storage.errors import StoreError
from storage.held import Held
from storage.store import Store

log = structlog.get_logger(__name__)
_METRICS = "text/plain; version=0.0.4; charset=utf-8"
_FRESH = timedelta(seconds=2)  #: whoever asks more often gets the same answer: asking costs us nothing


class HealthError(DeadairError):
    """Nothing can be answered at the place that the config names."""


class HealthWatch:
    """Reads the vital signs when somebody asks."""

    def __init__(self, measure: Measure, store: Store, clock: Clock) -> None:
        self._measure = measure
        self._config = measure.limits
        self._store = store
        self._clock = clock
        self._reading = asyncio.Lock()
        self._held = Held()
        self._last: Vitals | None = None

    async def run(self) -> None:
        """Answer and send heartbeats until cancelled. Raises HealthError when the place is taken."""
        async with AsyncExitStack() as stack:
            if self._config.listen:
                await stack.enter_async_context(self._served())
            if self._config.heartbeat_url:
                await self._beat()
            await asyncio.Event().wait()

    async def examined(self) -> tuple[Vitals, Sequence[Check]]:
        """How things are. Raises StoreError when the archive cannot be read."""
        async with self._reading:
            now = self._clock.now()
            if self._last is None or not timedelta() <= now - self._last.at < _FRESH:
                self._last = await read_vitals(self._store, now, self._held)
            vitals = self._last
        return vitals, await judged(vitals, self._measure)

    # -- asked

    @asynccontextmanager
    async def _served(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            host, port = host_and_port(self._config.listen)
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                raise HealthError(
                    f"cannot answer at {self._config.listen}: {error.strerror or error}",
                    hint="another program has that port, or this machine not that address: [health] listen",
                ) from error
            log.info("health: answering", at=self._config.listen)
            yield
        finally:
            await runner.cleanup()

    async def _healthz(self, _request: web.Request) -> web.Response:
        """200 while every part makes progress, 503 else; what was found, either way."""
        try:
            vitals, checks = await self.examined()
        except StoreError as error:
            failed = Check.failed("archive", error)
            return web.json_response({"well": False, "checks": [_document(failed)]}, status=503)
        well = is_well(checks)
        document = {"well": well, "at": vitals.at.isoformat(), "checks": [_document(c) for c in checks]}
        return web.json_response(document, status=200 if well else 503)

    async def _readyz(self, _request: web.Request) -> web.Response:
        """200 when this process is up and its archive can be read."""
        try:
            await self.examined()
        except StoreError as error:
            return web.json_response({"ready": False, "why": error.what}, status=503)
        return web.json_response({"ready": True})

    async def _metrics(self, _request: web.Request) -> web.Response:
        try:
            vitals, checks = await self.examined()
        except StoreError as error:
            return web.Response(text=f"# the archive cannot be read: {error.what}\n", status=503)
        return web.Response(body=exposition(vitals, checks), headers={"Content-Type": _METRICS})

    # -- sent

    async def _beat(self) -> None:
        """As long as all is well. When it is not, the silence is what tells."""
        every = self._config.heartbeat_every.total_seconds()
        missed = unwell = False
        async with ClientSession(timeout=ClientTimeout(total=min(every, 30))) as session:
            while True:
                try:
                    _, checks = await self.examined()
                    wrong = [check.of for check in checks if not is_well([check])]
                except StoreError as error:
                    wrong = [error.what]
                if bool(wrong) != unwell:
                    unwell = bool(wrong)
                    if wrong:
                        log.warning("health: no heartbeats from here on", wrong=wrong)
                    else:
                        log.info("health: heartbeats again")
                if not wrong:
                    why = await _knock(session, self._config.heartbeat_url)
                    if bool(why) != missed:
                        missed = bool(why)
                        if why:
                            log.warning("health: the heartbeat is not taken", why=why)
                        else:
                            log.info("health: the heartbeat is taken again")
                await asyncio.sleep(every)


async def _knock(session: ClientSession, url: str) -> str:
    """Ask for the address. Returns what went wrong; never the address, which may be secret."""
    try:
        async with session.get(url) as answer:
            return "" if answer.status < 400 else f"it answered {answer.status}"
    except TimeoutError:
        return "no answer in time"
    except (ClientError, OSError) as error:
        return type(error).__name__


def _document(check: Check) -> dict[str, str]:
    return {"of": check.of, "level": check.level.value, "what": check.what, "hint": check.hint}
