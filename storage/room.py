"""Is there room on the disk of the archive for this, beside what matters more? (`domain.use`)"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from domain.use import LEAVES, Use, has_room
from storage.errors import DiskFull

if TYPE_CHECKING:
    from storage.store import Store

#: Free bytes on the disk that holds a folder.
Room = Callable[[Path], int]


def free(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def is_spare(store: "Store", use: Use) -> bool:
    """Is enough free for this? Of a database that is elsewhere that is not known here, and it goes on."""
    return store.folder is None or has_room(use, store.room(store.folder))


def spare(store: "Store", use: Use, folder: Path | None = None) -> None:
    """Raises DiskFull when so little is free that this must stop. `folder`: into which it writes, where that
    is not the archive; on another disk it is in nobody's way.
    """
    archive = store.folder
    if archive is None or (folder is not None and not _is_same_disk(folder, archive)) or is_spare(store, use):
        return
    raise DiskFull(
        f"only {store.room(archive) / 10**6:,.0f} MB are free where the archive is: too little for "
        f"{use.value}, which leave the last {LEAVES[use] / 10**6:,.0f} MB to what matters more",
        hint="free some space there"
        + ("; Deadair goes on by itself" if folder is None else ", or write to another disk"),
    )


def _is_same_disk(folder: Path, archive: Path) -> bool:
    standing = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())
    return standing.stat().st_dev == archive.stat().st_dev
