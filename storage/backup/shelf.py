"""The folder of backups: the next one's name, and which of those that are there make room for it."""

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path

from storage.backup.errors import BackupError

_NAME = re.compile(r"deadair-\d{8}T\d{6}Z\.deadair\.gz(\.age)?")
#: Seconds for which nothing has been written to a backup that is not whole: nobody is at it any more.
_GIVEN_UP = 86_400


def named(folder: Path, now: datetime, *, encrypted: bool) -> Path:
    """The file of a backup made now. Raises BackupError when the folder cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(
            f"cannot make the folder {folder}: {error.strerror}", hint="name another one in [backup] folder"
        ) from error
    return folder / f"deadair-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}.deadair.gz{'.age' if encrypted else ''}"


def kept(folder: Path) -> list[Path]:
    """The backups that stand in the folder, the oldest first; none when there is no folder."""
    try:
        found = [path for path in folder.iterdir() if _NAME.fullmatch(path.name)]
    except OSError:
        return []
    return sorted(found, key=lambda path: path.name)


def tidy(folder: Path, keep: int) -> list[Path]:
    """Remove the oldest backups beyond `keep`, and what those left behind that were killed a day before the
    last; whatever has another name than those made by the clock stays.

    Returns what was removed.
    """
    found = kept(folder)
    gone = found[: max(0, len(found) - keep)]
    for path in gone:
        path.unlink(missing_ok=True)
    last = max((path.stat().st_mtime for path in found[len(gone) :]), default=0.0)
    for part in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError):  # one that is whole by now has its own name
            if _NAME.fullmatch(part.stem) and part.stat().st_mtime < last - _GIVEN_UP:
                part.unlink()
    return gone
