"""What can go wrong with the store, by what the caller can do about it."""

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.errors import DeadairError

#: What to do about a damaged archive.
RESTORE: Final = (
    "stop Deadair, keep the file, look at the disk, and `deadair restore` the newest backup into another; "
    "`deadair run` fetches what was posted since"
)


class StoreError(DeadairError):
    """The store could not do what it was asked."""


class Unreachable(StoreError):
    """The database does not answer. Try again later; nothing was written."""


class Busy(StoreError):
    """Another process holds the write lock for longer than the busy timeout. Nothing was written."""


class DiskFull(StoreError):
    """There is no room to write. Nothing of this transaction was kept."""


class TooHeavy(StoreError):
    """It takes longer to read than whoever asks may have it take, and was broken off."""


class LeaseLost(StoreError):
    """Another process does this work now, or may do it at any moment. Nothing was written."""


class Damaged(StoreError):
    """The file is no database, or not what was written into it."""


class SchemaMismatch(StoreError):
    """The database was written by another version of Deadair."""


_UNREACHABLE = (
    "connection refused",
    "could not connect",
    "connection was closed",
    "connection is closed",
    "terminating connection",
    "the database system is",
    "cannot connect now",
    "connect call failed",
    "connection_lost",
    "closed in the middle of operation",
    "does not exist",
    "password authentication failed",
    "name or service not known",
)


def is_broken_off(error: BaseException) -> bool:
    """Did the database end a statement because its time was over?"""
    low = str(error).lower()
    if not isinstance(error, DBAPIError | sqlite3.Error):
        return False
    return "due to statement timeout" in low or low.splitlines()[0].endswith("interrupted")


def translated(error: BaseException, url: str) -> StoreError | None:
    """The database's own error in our terms; None: it is a fault of ours, or none of the database's."""
    if not _is_the_databases(error):
        return None
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    low = str(error).lower()
    if isinstance(error, PoolTimeout):
        return Busy(f"every connection to {url} is in use", hint="raise pool_size in [storage]")
    if "disk is full" in low or "no space left" in low or "disk full" in low or "disk i/o error" in low:
        return DiskFull(
            f"no room left to write to {url}: {text}",
            hint="free some space there; Deadair goes on by itself and fetches again what was not written",
        )
    if is_broken_off(error) and "statement timeout" in low:
        return Busy(
            f"{url} did not do in time what it was asked: {text.rpartition(': ')[2]}",
            hint="does somebody hold a lock there, or is there too much at once? Deadair tries again by "
            "itself ([storage] answer_within)",
        )
    if isinstance(error, TimeoutError):
        return Unreachable(
            f"cannot reach {url}: no answer in time",
            hint="does the database hang, or the network between? Deadair tries again by itself",
        )
    if "database is locked" in low or "database table is locked" in low:
        return Busy(
            f"{url} is locked by another process",
            hint="another Deadair, or a tool that has the file open for writing, must let go of it",
        )
    if "in a read-only transaction" in low:
        return Unreachable(
            f"{url} takes no writes just now: {text.rpartition(': ')[2]}",
            hint="is it a standby? Name the one that leads in [storage] url; Deadair tries again by itself",
        )
    if "readonly database" in low or "permission denied" in low:
        return StoreError(
            f"{url} cannot be written: {text}",
            hint="check who owns the file and its folder, for even to look at it is to write beside it; or "
            "look at a copy that is yours",
        )
    if "file is not a database" in low or "malformed" in low:
        return Damaged(
            f"{url} is damaged or is no database: {text}",
            hint="restore it from a backup, or name another file",
        )
    if "too many clients" in low or "remaining connection slots" in low or "too many connections" in low:
        return Unreachable(
            f"{url} takes no more connections: {text}",
            hint="raise its max_connections, or lower pool_size in [storage]; Deadair tries again by itself",
        )
    if isinstance(error, OSError):
        return Unreachable(
            f"cannot reach {url}: {text}", hint="is the database running, and is the address right?"
        )
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Unreachable(f"lost {url}: {text}", hint="Deadair tries again by itself")
    if "unable to open database file" in low:
        return Unreachable(
            f"cannot open {url}: {text}", hint="is it a file, and may this user write to it and its folder?"
        )
    if isinstance(error, OperationalError | DBAPIError) and any(part in low for part in _UNREACHABLE):
        return Unreachable(
            f"cannot reach {url}: {text}", hint="is the database running, and is the address right?"
        )
    return None


_LIBRARIES = ("asyncpg", "aiosqlite", "sqlalchemy")


def _is_the_databases(error: BaseException) -> bool:
    """Did the database or the way to it fail? A block may also fail over a file or a socket of its own."""
    if isinstance(error, DBAPIError | PoolTimeout | sqlite3.Error):
        return True
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__", "").split(".")[0] in (
            "asyncpg",
            "aiosqlite",
            "sqlalchemy",
        ):
            return True
        trace = trace.tb_next
    return False
