"""Is there an archive that can be read and written, and room for it?"""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from domain.check import Check
from storage.config import StorageConfig
from storage.engines import parse_url, shown
from storage.errors import SchemaMismatch, StoreError
from storage.patience import BRIEF
from storage.room import Room, free
from storage.schema import head
from storage.store import open_store

_MB, _GB = 10**6, 10**9
#: With less than this nothing can be written soon,
FULL = 50 * _MB
#: and with less than this a person should know.
NEARLY_FULL = _GB


async def examine_archive(config: StorageConfig, now: datetime, room: Room = free) -> Sequence[Check]:
    """The archive that the config names. It is not made here, and what is written is taken back at once."""
    try:
        url = parse_url(config.url)
    except StoreError as error:
        return [Check.failed("archive", error)]
    if not url.drivername.startswith("sqlite"):
        return [await _opened(config, shown(url), now)]
    path = Path(str(url.database))
    folder = path.parent
    if not folder.is_dir():
        return [
            Check.wrong(
                "archive", f"the folder of {shown(url)} does not exist", f"make it: mkdir -p {folder}"
            )
        ]
    checks = [examine_room(folder, room)]
    if not os.access(folder, os.W_OK | os.X_OK):
        what = f"the folder {folder} cannot be written, and SQLite writes beside the archive"
        return [*checks, Check.wrong("archive", what, f"give it to this user: chown {_me()} {folder}")]
    if not path.exists():  # noqa: ASYNC240 - as above
        return [*checks, Check.well("archive", f"none yet; `deadair run` makes {shown(url)}")]
    if not os.access(path, os.R_OK | os.W_OK):
        what = f"the archive {path} cannot be written by this user"
        return [*checks, Check.wrong("archive", what, f"give it to this user: chown {_me()} {path}")]
    return [*checks, await _opened(config, shown(url), now)]


def examine_room(folder: Path, room: Room = free, of: str = "disk") -> Check:
    """How much can still be written there?"""
    left = room(folder)
    size = f"{left / _MB:,.0f} MB" if left < 10 * _GB else f"{left / _GB:,.0f} GB"
    said = f"{size} free at {folder.absolute()}"
    if left < FULL:
        return Check.wrong(of, f"the disk is full: {said}", "free some space there, or move the archive")
    if left < NEARLY_FULL:
        return Check.note(
            of,
            f"the disk is nearly full: {said}",
            "free some space; a year of 300 busy channels takes some 20 GB",
        )
    return Check.well(of, said)


def room_above(folder: Path) -> Path:
    """The folder, or, as long as it is not there, the one in which it would be made."""
    return next(each for each in (folder.absolute(), *folder.absolute().parents) if each.is_dir())


def examine_folder(of: str, folder: Path, key: str) -> Check | None:
    """Can files be written into it? One that is not there yet is made when it is needed, where that can be
    done. None: nothing is wrong. `key`: the config's key that names it.
    """
    if folder.is_dir():
        if os.access(folder, os.W_OK | os.X_OK):
            return None
        what = f"the folder {folder} cannot be written by this user"
        return Check.wrong(of, what, f"give it to this user: chown {_me()} {folder}; or another one in {key}")
    above = next(each for each in folder.absolute().parents if each.exists())
    if folder.exists() or not above.is_dir():
        at = folder if folder.exists() else above
        return Check.wrong(of, f"{at} is no folder, so {folder} cannot be one", f"name another one in {key}")
    if not os.access(above, os.W_OK | os.X_OK):
        what = f"the folder {folder} is not there, and this user cannot make it in {above}"
        return Check.wrong(of, what, f"mkdir -p {folder} && chown {_me()} {folder}")
    return None


async def _opened(config: StorageConfig, name: str, now: datetime) -> Check:
    try:
        async with open_store(config, create=False, longest=BRIEF) as store, store.begin() as tx:
            await tx.marks.set("doctor", {}, now)
            await tx.marks.remove("doctor")
            channels, posts = len(await tx.channels.all()), await tx.posts.count()
    except SchemaMismatch as error:
        if "holds no archive yet" in error.what:
            return Check.well("archive", f"none yet in {name}; `deadair run` makes it")
        return Check.failed("archive", error)
    except StoreError as error:
        return Check.failed("archive", error)
    return Check.well("archive", f"{name}, schema {head()}: {posts:,} posts of {channels} channels")


def _me() -> str:
    return f"{os.geteuid()}:{os.getegid()}"
