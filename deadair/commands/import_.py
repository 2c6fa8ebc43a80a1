"""`deadair import`: posts from files into the archive."""

import asyncio
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from deadair.config import Setup, load
from domain.clock import WallClock
from domain.errors import DeadairError

if TYPE_CHECKING:
    from collector.importers.bring_in import FileImport

#: So many bad records of a file are shown one by one; the rest is counted.
SHOWN = 20


def import_(config: Path | None, files: Sequence[Path], channel: str | None, zone: str | None) -> None:
    if not asyncio.run(_import(load(config), files, channel, _zone(zone))):
        sys.exit(1)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError):
        raise DeadairError(
            f"there is no time zone {name!r}", hint="name one like Asia/Baghdad, Europe/Berlin or UTC"
        ) from None


async def _import(setup: Setup, files: Sequence[Path], channel: str | None, zone: ZoneInfo | None) -> bool:
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from collector.importers.bring_in import import_files
    from collector.importers.record import Bad
    from storage.store import open_store

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[posts]:,} posts"),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    shown: dict[Path, int] = {}

    def complain(path: Path, record: Bad) -> None:
        shown[path] = shown.get(path, 0) + 1
        if shown[path] <= SHOWN:
            console.print(f"{escape(str(path))}: {escape(record.place)}: {escape(record.reason)}")
        elif shown[path] == SHOWN + 1:
            console.print(f"{escape(str(path))}: more bad records are counted, not shown")

    if not any(path.exists() and not path.is_dir() for path in files):  # else an archive is made of nothing
        if files[0].is_dir():
            raise DeadairError(
                f"{files[0]} is a folder",
                hint="name the file in it, for a Telegram Desktop export result.json",
            )
        raise DeadairError(f"there is no file {files[0]}", hint="check the path")
    async with open_store(setup.storage) as store:
        with bar:
            tasks = {path: bar.add_task(escape(path.name), total=None, posts=0) for path in files}

            def progress(job: "FileImport") -> None:
                bar.update(tasks[job.path], total=job.size or None, completed=job.read, posts=job.records)

            jobs = await import_files(
                files, store, WallClock(), channel=channel, zone=zone, progress=progress, bad=complain
            )
        if any(job.added or job.revised for job in jobs):
            from deadair.commands.index import index_all

            await index_all(setup, store)
        await store.checkpoint()
    for job in jobs:
        print(_said(job))
    # A file of which nothing could be used is a failure, whatever the reason.
    return all(job.error is None and (job.bad < job.records or not job.records) for job in jobs)


def _said(job: "FileImport") -> str:
    if job.error is not None:
        hint = f" ({job.error.hint})" if job.error.hint else ""
        kept = f"; {job.added:,} posts before that are in" if job.added else ""
        return f"{job.path}: {job.error.what}{hint}{kept}"
    if job.before:
        return f"{job.path}: taken in before, nothing new"
    names = ", ".join(sorted(job.channels.values())) or "no channel"
    parts = [f"{job.added:,} new posts"]
    if job.revised:
        parts.append(f"{job.revised:,} new revisions")
    if job.same:
        parts.append(f"{job.same:,} known already")
    if job.bad:
        parts.append(f"{job.bad:,} bad records left out")
    return f"{job.path}: {', '.join(parts)}; {names}"
