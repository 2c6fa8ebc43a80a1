"""How much room all of it takes, and whether that is too much."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.size import write_size
from deadair.health.vitals import Vitals
from deadair.retention.config import RetentionConfig
from domain.check import Check


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """In bytes. None: it cannot be known here, as of a database on another machine."""

    archive: int | None
    files: int
    backups: int
    free: int | None

    @property
    def used(self) -> int:
        return (self.archive or 0) + self.files + self.backups


async def look_at_room(vitals: Vitals, config: RetentionConfig, backups: Path) -> Check:
    """As it is now; `backups` is the folder they are written into."""
    room = Room(
        archive=vitals.size,
        files=vitals.files,
        backups=await asyncio.to_thread(folder_size, backups),
        free=vitals.free,
    )
    return judge_room(room, config)


def folder_size(folder: Path) -> int:
    """What stands directly in a folder; 0 when there is none."""
    try:
        return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    except OSError:
        return 0


def judge_room(room: Room, config: RetentionConfig) -> Check:
    """Pure: told early, while there is still time to do something."""
    said = ", ".join(_parts(room))
    hint = (
        "make room: [retention] posts and files, [backup] keep; "
        "`deadair retention` says what that would remove"
    )
    if room.free is not None and room.free < config.least_free:
        left = f"only {rounded(room.free)} are left on the disk ({said})"
        return (
            Check.wrong("room", left, hint)
            if room.free < config.least_free / 4
            else Check.warning("room", left, hint)
        )
    if config.quota and room.used >= config.warn_at * config.quota:
        part = f"{room.used / config.quota:.0%} of the quota of {write_size(config.quota)}"
        taken = f"{part} are taken ({said})"
        return (
            Check.wrong("room", taken, hint)
            if room.used >= config.quota
            else Check.warning("room", taken, hint)
        )
    return Check.well("room", said)


def _parts(room: Room) -> Iterator[str]:
    if room.archive is not None:
        yield f"archive {rounded(room.archive)}"
    yield f"files {rounded(room.files)}"
    yield f"backups {rounded(room.backups)}"
    if room.free is not None:
        yield f"{rounded(room.free)} free"


def rounded(size: int) -> str:
    """To a person: `1.2 GB`."""
    for unit, name in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1000:.0f} KB"
