"""Work by the clock: the one place that schedules it. What belongs here and what not: decision 17.

A run that was missed while the machine slept is made up once, not as often as it was missed; a run that is
still under way when the next is due is not started twice.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from collector.disk import Disk
from deadair.config import Config, JobsConfig
from deadair.failures import Failures, keep_only
from deadair.health.marks import BACKUP, LIFE, RETENTION, WHOLE
from deadair.retention.work import COUNTERS, FILES, POSTS, retain
from domain.clock import Clock
from storage.backup.config import BackupConfig
from storage.backup.shelf import named, tidy
from storage.backup.write import write_backup
from storage.errors import RESTORE
from storage.marks import BACKUPS_ASKED
from storage.store import Store, Transaction

log = structlog.get_logger(__name__)

#: How often is looked for what has outlived its time.
_RETAIN_HOURS = 24
#: How often the file of an SQLite archive is read from end to end, and how long after a start at the soonest:
#: then posts that were missed are fetched.
_WHOLE_HOURS, _SETTLED = 24, timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Backups:
    """Which backups are made by the clock, and where."""

    config: BackupConfig
    folder: Path


@dataclass(frozen=True, slots=True)
class Keeping:
    """For how long what is kept, and where its files are."""

    config: Config
    disk: Disk


@contextlib.asynccontextmanager
async def scheduler(
    config: JobsConfig, backups: Backups, store: Store, clock: Clock, keeping: Keeping | None = None
) -> AsyncIterator[AsyncIOScheduler]:
    """The scheduled work of one process, stopped with the block."""
    works = AsyncIOScheduler(
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}, timezone="UTC"
    )

    told = Failures(store, clock).told

    async def sign_of_life() -> None:
        async with store.begin() as tx:
            await tx.marks.set(LIFE, {}, clock.now())
            await _keep_asked(tx, backups.config.every_hours, clock.now())

    works.add_job(
        told("checkpoint", store.checkpoint),
        "interval",
        minutes=config.checkpoint_minutes,
        id="checkpoint",
    )
    works.add_job(
        told("sign_of_life", sign_of_life),
        "interval",
        minutes=config.sign_of_life_minutes,
        id="sign_of_life",
        next_run_time=clock.now(),
    )
    if backups.config.every_hours:
        works.add_job(
            told("backup", lambda: _back_up(backups, store, clock)),
            "interval",
            hours=backups.config.every_hours,
            id="backup",
            next_run_time=await _next(BACKUP, backups.config.every_hours, store, clock),
        )
    if not store.is_postgres:
        works.add_job(
            told("whole", lambda: _look_whole(store, clock)),
            "interval",
            hours=_WHOLE_HOURS,
            id="whole",
            next_run_time=await _next(WHOLE, _WHOLE_HOURS, store, clock, _SETTLED),
        )
    if keeping is not None:
        works.add_job(
            told("retention", lambda: _retain(keeping, store, clock)),
            "interval",
            hours=_RETAIN_HOURS,
            id="retention",
            next_run_time=await _next(RETENTION, _RETAIN_HOURS, store, clock),
        )
    await keep_only(store, {job.id for job in works.get_jobs()}, clock.now())
    works.start()
    try:
        yield works
    finally:
        works.shutdown(wait=False)


async def run_jobs(
    config: JobsConfig, backups: Backups, store: Store, clock: Clock, keeping: Keeping | None = None
) -> None:
    """Do the scheduled work until cancelled."""
    async with scheduler(config, backups, store, clock, keeping):
        while True:
            await clock.sleep(timedelta(hours=1))


async def _keep_asked(tx: Transaction, every_hours: int, now: datetime) -> None:
    """Since when backups are asked for: by that is known that none was ever made, and not only not yet."""
    kept = await tx.marks.get(BACKUPS_ASKED)
    if not every_hours:
        if kept:
            await tx.marks.remove(BACKUPS_ASKED)
    elif kept.get("every_hours") != every_hours:
        since = kept.get("since", now.isoformat())
        await tx.marks.set(BACKUPS_ASKED, {"every_hours": every_hours, "since": since}, now)


async def _next(
    mark: str, hours: int, store: Store, clock: Clock, settled: timedelta = timedelta(minutes=1)
) -> datetime:
    """An interval after the last run, whoever did it; soon when there was none, it found damage or is
    overdue.
    """
    async with store.read() as tx:
        last = await tx.marks.get(mark)
    soon = clock.now() + settled
    if not last or last.get("damage"):
        return soon
    return max(soon, datetime.fromisoformat(last["at"]) + timedelta(hours=hours))


async def _retain(keeping: Keeping, store: Store, clock: Clock) -> None:
    now = clock.now()
    outcome = await retain(store, keeping.config, keeping.disk, now, dry_run=False)
    removed = {kind: sum(s.n for s in outcome.shares if s.kind == kind) for kind in (POSTS, FILES, COUNTERS)}
    async with store.begin() as tx:
        await tx.marks.set(RETENTION, {"at": now.isoformat(), **removed, "freed": outcome.freed}, now)
    if any(removed.values()) or outcome.freed or outcome.exports:
        log.info(
            "what had outlived its time was removed", **removed, exports=outcome.exports, freed=outcome.freed
        )


async def _back_up(backups: Backups, store: Store, clock: Clock) -> None:
    now, recipient = clock.now(), backups.config.recipient
    path = await asyncio.to_thread(named, backups.folder, now, encrypted=bool(recipient))
    done = await write_backup(store.patient(), path, now, recipient=recipient)
    async with store.begin() as tx:
        kept = {"at": now.isoformat(), "file": path.name, "sha256": done.sha256, "bytes": done.size}
        await tx.marks.set(BACKUP, kept, now)
    gone = await asyncio.to_thread(tidy, backups.folder, backups.config.keep)
    log.info("backup written", file=str(path), rows=done.rows, bytes=done.size, removed=len(gone))


async def _look_whole(store: Store, clock: Clock) -> None:
    damage, now = await store.damage(), clock.now()
    async with store.read() as tx:
        known = (await tx.marks.get(WHOLE)).get("damage")
    if damage and not known:
        log.error("the archive is damaged", what=damage, hint=RESTORE)
    async with store.begin() as tx:
        await tx.marks.set(WHOLE, {"at": now.isoformat(), "damage": damage}, now)
