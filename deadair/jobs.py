"""Work by the clock: the one place that schedules it.

A run that was missed while the machine slept is made up once, not as often as it was missed; a run that is
still under way when the next is due is not started twice.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from deadair.config import JobsConfig
from domain.clock import Clock
from domain.errors import DeadairError
from storage.store import Store

log = structlog.get_logger(__name__)


@contextlib.asynccontextmanager
async def scheduler(config: JobsConfig, store: Store, clock: Clock) -> AsyncIterator[AsyncIOScheduler]:
    """The scheduled work of one process, stopped with the block."""
    works = AsyncIOScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
    )

    async def sign_of_life() -> None:
        async with store.begin() as tx:
            await tx.marks.set("process.life", {}, clock.now())

    works.add_job(
        _told_once("checkpoint", store.checkpoint),
        "interval",
        minutes=config.checkpoint_minutes,
        id="checkpoint",
    )
    works.add_job(
        _told_once("sign of life", sign_of_life),
        "interval",
        minutes=config.sign_of_life_minutes,
        id="sign_of_life",
        next_run_time=clock.now(),
    )
    works.start()
    try:
        yield works
    finally:
        works.shutdown(wait=False)


async def run_jobs(config: JobsConfig, store: Store, clock: Clock) -> None:
    """Do the scheduled work until cancelled."""
    async with scheduler(config, store, clock):
        while True:
            await clock.sleep(timedelta(hours=1))


def _told_once(name: str, work: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A failing job is told when it first fails and when it is well again; the next run tries anew."""
    failing = False

    async def run() -> None:
        nonlocal failing
        try:
            await work()
        except asyncio.CancelledError:
            return  # the process stops; the scheduler would log it as a failure
        except DeadairError as error:
            if not failing:
                log.warning("job fails", job=name, reason=error.what, hint=error.hint)
            failing = True
        else:
            if failing:
                log.info("job is well again", job=name)
            failing = False

    return run
