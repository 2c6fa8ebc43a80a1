"""Can the next backup be written, and was the last one?"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from domain.check import Check
from domain.instant import say_span
from storage.backup.config import BackupConfig
from storage.backup.missed import is_missed
from storage.backup.shelf import kept
from storage.examine import examine_folder, room_above
from storage.room import Room, free

_OF = "backup"
#: The next one may be so much larger than the last.
_GROWTH = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """What the archive says of backups. None: nothing, or it cannot be asked."""

    made_at: datetime | None = None
    file: str = ""  #: the name of the last one
    asked_at: datetime | None = None  #: since when they are asked for


def examine_backups(
    config: BackupConfig, folder: Path, record: OnRecord, now: datetime, archive: int, room: Room = free
) -> Iterator[Check]:
    """Of those that are made by the clock; nothing where none are. `archive`: its size in bytes, where that
    is known; a backup is smaller.
    """
    if not config.every_hours:
        return
    wrong = examine_folder(_OF, folder, "[backup] folder")
    if wrong is not None:
        yield wrong
    there = kept(folder)
    newest = there[-1] if there else None
    needs = round(newest.stat().st_size * _GROWTH) if newest else archive
    standing = room_above(folder)
    left = room(standing)
    if left < needs:
        yield Check.wrong(
            _OF,
            f"there is no room for one more: {left / 10**6:,.0f} MB are free at {standing}, "
            f"and it may need {needs / 10**6:,.0f} MB",
            "free some space there, lower [backup] keep, or name another folder",
        )
    yield _last(timedelta(hours=config.every_hours), record, folder, now, {path.name for path in there})


def _last(every: timedelta, record: OnRecord, folder: Path, now: datetime, there: set[str]) -> Check:
    made, asked = record.made_at, record.asked_at
    if made is None and asked is None:
        return Check.well(_OF, "none yet; `deadair run` makes the first within minutes")
    if is_missed(every, now, made=made, asked=asked):
        said = "none was made yet" if made is None else f"the last was made {say_span(now - made)} ago"
        return Check.wrong(_OF, said, "is the part `jobs` running? The log says why; is there room?")
    if made is None:
        return Check.well(_OF, "none was made yet; the first is begun within minutes of the start")
    if record.file not in there:
        return Check.note(
            _OF,
            f"the last, {record.file}, is not in {folder.absolute()}",
            "was it taken away, or made on another host? A backup that nobody can find is none",
        )
    return Check.well(_OF, f"{record.file}, made {say_span(now - made)} ago; {len(there)} are kept")


def size_of(path: Path | None) -> int:
    """Bytes; 0 where nothing is."""
    try:
        return path.stat().st_size if path is not None else 0
    except OSError:
        return 0
