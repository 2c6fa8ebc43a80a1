"""Work by the clock: backups are made when they are due, by whichever process then runs."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from deadair.config import JobsConfig
from deadair.failures import Failures
from deadair.health.config import HealthConfig
from deadair.health.examine import Measure, examine
from deadair.health.vitals import read_vitals
from deadair.jobs import Backups, scheduler
from domain.check import Level
from domain.clock import WallClock
from storage.backup.config import BackupConfig
from storage.backup.read import check
from storage.config import StorageConfig
from storage.store import Store, open_store


def due(works: object) -> datetime:
    job = works.get_job("backup")  # type: ignore[attr-defined]
    at = job.next_run_time
    assert isinstance(at, datetime)
    return at.astimezone(UTC)


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(400):
        if await holds():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not come to it")


async def test_a_backup_is_made_when_due_and_the_next_one_an_interval_later(
    store: Store, tmp_path: Path
) -> None:
    clock, folder = WallClock(), tmp_path / "backups"
    backups = Backups(BackupConfig(every_hours=24, keep=2), folder)
    async with scheduler(JobsConfig(), backups, store, clock) as works:
        first = due(works)
        assert first - clock.now() < timedelta(minutes=2)  # there was none yet
        works.modify_job("backup", next_run_time=clock.now())
        marks: list[dict[str, object]] = []

        async def kept() -> bool:
            async with store.read() as tx:
                marks[:] = [await tx.marks.get("process.backup")]
            return bool(marks[0])

        await until(kept)
    (made,) = folder.iterdir()
    assert check(made).rows["marks"] >= 0
    assert marks[0]["file"] == made.name
    async with scheduler(JobsConfig(), backups, store, clock) as works:  # another process, later
        assert timedelta(hours=23) < due(works) - clock.now() <= timedelta(hours=24)


async def test_a_job_that_was_missed_often_is_made_up_once(store: Store, tmp_path: Path) -> None:
    clock, runs = WallClock(), list[datetime]()

    async def work() -> None:
        runs.append(clock.now())

    async with scheduler(JobsConfig(), Backups(BackupConfig(), tmp_path), store, clock) as works:
        slept = clock.now() - timedelta(hours=5, minutes=0.5)
        works.add_job(work, "interval", hours=1, next_run_time=slept, id="missed")
        await asyncio.sleep(0.5)
        assert len(runs) == 1
        assert works.get_job("missed").next_run_time > clock.now()


async def test_a_job_that_is_under_way_is_not_started_twice_and_goes_on_afterwards(
    store: Store, tmp_path: Path
) -> None:
    clock, begun, at_once, most = WallClock(), 0, 0, 0
    release = asyncio.Event()

    async def work() -> None:
        nonlocal begun, at_once, most
        begun, at_once = begun + 1, at_once + 1
        most = max(most, at_once)
        await release.wait()
        at_once -= 1

    async def again() -> bool:
        return begun > 1

    async with scheduler(JobsConfig(), Backups(BackupConfig(), tmp_path), store, clock) as works:
        works.add_job(work, "interval", seconds=0.1, next_run_time=clock.now())
        await asyncio.sleep(0.6)
        assert begun == 1  # though it was due five times more
        release.set()
        await until(again)
        assert most == 1


async def test_a_damaged_archive_is_found_told_once_and_looked_at_again_after_a_start(
    tmp_path: Path,
) -> None:
    clock, path = WallClock(), tmp_path / "archive.db"
    config, nothing = StorageConfig(url=f"sqlite:///{path}"), Backups(BackupConfig(), tmp_path)

    async def looked(store: Store) -> dict[str, Any]:
        """What is on record, once the job has run."""
        kept: list[dict[str, Any]] = []
        since = clock.now().isoformat()

        async def done() -> bool:
            async with store.read() as tx:
                kept[:] = [await tx.marks.get("process.whole")]
            return str(kept[0].get("at", "")) > since

        async with scheduler(JobsConfig(), nothing, store, clock) as works:
            works.modify_job("whole", next_run_time=clock.now())
            await until(done)
        return kept[0]

    async with open_store(config) as store:
        assert (await looked(store))["damage"] == ""
        async with scheduler(JobsConfig(), nothing, store, clock) as works:
            assert works.get_job("whole").next_run_time - clock.now() > timedelta(hours=23)
    with contextlib.closing(sqlite3.connect(path)) as file:
        ((root,),) = file.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'raws'")
        ((size,),) = file.execute("PRAGMA page_size")
    raw = bytearray(path.read_bytes())
    raw[(root - 1) * size : root * size] = b"\xff" * size
    path.write_bytes(raw)

    async with open_store(config) as store:
        with structlog.testing.capture_logs() as logs:
            assert (await looked(store))["damage"]
            assert (await looked(store))["damage"]
        (told,) = [each for each in logs if each["log_level"] == "error"]
        assert told["event"] == "the archive is damaged"
        assert "deadair restore" in told["hint"]
        assert (await read_vitals(store, clock.now())).damage == told["what"]
        async with scheduler(JobsConfig(), nothing, store, clock) as works:
            assert works.get_job("whole").next_run_time - clock.now() < timedelta(minutes=21)


async def test_without_an_interval_none_is_made(store: Store, tmp_path: Path) -> None:
    async with scheduler(JobsConfig(), Backups(BackupConfig(), tmp_path), store, WallClock()) as works:
        assert works.get_job("backup") is None


async def test_since_when_backups_are_asked_for_is_kept_over_starts_until_they_are_no_more(
    store: Store, tmp_path: Path
) -> None:
    clock = WallClock()

    async def started(every_hours: int, expected: int | None) -> datetime | None:
        """Since when, once a process that starts with this has said it."""
        found: list[dict[str, Any]] = []

        async def said() -> bool:
            async with store.read() as tx:
                found[:] = [await tx.marks.get("process.backups_asked")]
            return found[0].get("every_hours") == expected

        backups = Backups(BackupConfig(every_hours=every_hours), tmp_path)
        async with scheduler(JobsConfig(), backups, store, clock):
            await until(said)
        return (await read_vitals(store, clock.now())).backups_asked_at

    before = clock.now()
    first = await started(24, 24)
    assert first is not None
    assert before <= first <= clock.now()
    assert await started(12, 12) == first
    assert await started(0, None) is None
    again = await started(12, 12)
    assert again is not None
    assert again > first


async def test_a_job_that_fails_is_on_record_until_it_does_its_work_again(
    store: Store, tmp_path: Path
) -> None:
    clock, folder = WallClock(), tmp_path / "backups"
    folder.write_text("no folder")
    backups = Backups(BackupConfig(every_hours=24), folder)
    measure = Measure(limits=HealthConfig(), parts=("jobs",))

    async def is_wrong() -> bool:
        _, (check, *_) = await examine(store, clock.now(), measure)
        return check.level is Level.WRONG and check.what.startswith("backup fails for ")

    async def is_well() -> bool:
        _, (check, *_) = await examine(store, clock.now(), measure)
        return check.level is Level.WELL

    with structlog.testing.capture_logs() as logs:
        async with scheduler(JobsConfig(), backups, store, clock) as works:
            for _ in range(2):
                works.modify_job("backup", next_run_time=clock.now())
                await until(is_wrong)
                await asyncio.sleep(0.2)
    assert [each["event"] for each in logs].count("job fails") == 1
    async with scheduler(JobsConfig(), backups, store, clock):
        assert await is_wrong()  # over a start
    folder.unlink()
    async with scheduler(JobsConfig(), backups, store, clock) as works:
        works.modify_job("backup", next_run_time=clock.now())
        await until(is_well)


async def test_a_job_that_is_asked_for_no_more_fails_no_more(store: Store, tmp_path: Path) -> None:
    clock = WallClock()
    async with store.begin() as tx:
        failing = {"backup": {"since": clock.now().isoformat(), "why": "no room", "hint": ""}}
        await tx.marks.set("process.failing", failing, clock.now())
    assert (await read_vitals(store, clock.now())).failing.keys() == {"backup"}
    async with scheduler(JobsConfig(), Backups(BackupConfig(), tmp_path), store, clock):
        assert (await read_vitals(store, clock.now())).failing == {}


async def test_what_nobody_foresaw_is_a_failing_job_too(store: Store) -> None:
    clock = WallClock()

    async def work() -> None:
        raise ZeroDivisionError("by nothing")

    with structlog.testing.capture_logs():
        await Failures(store, clock).told("odd", work)()
    failing = (await read_vitals(store, clock.now())).failing["odd"]
    assert failing.why == "unforeseen ZeroDivisionError: by nothing"
