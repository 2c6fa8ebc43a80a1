"""What can go wrong with the store, by what the caller can do about it."""

import sqlite3

from sqlalchemy.exc import DBAPIError, OperationalError

from domain.errors import DeadairError


class StoreError(DeadairError):
    """The store could not do what it was asked."""


class Unreachable(StoreError):
    """The database does not answer. Try again later; nothing was written."""


class Busy(StoreError):
    """Another process holds the write lock for longer than the busy timeout. Nothing was written."""


class DiskFull(StoreError):
    """There is no room to write. Nothing of this transaction was kept."""


class SchemaMismatch(StoreError):
    """The database was written by another version of Deadair."""


_UNREACHABLE = (
    "unable to open database file",
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


def translated(error: BaseException, url: str) -> StoreError | None:
    """The database's own error in our terms, or None if it is a fault of ours."""
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    low = str(error).lower()
    if "disk is full" in low or "no space left" in low or "disk full" in low or "disk i/o error" in low:
        return DiskFull(
            f"no room left to write to {url}: {text}",
            hint="free some space there; Deadair goes on by itself and fetches again what was not written",
        )
    if "database is locked" in low or "database table is locked" in low:
        return Busy(
            f"{url} is locked by another process",
            hint="another Deadair, or a tool that has the file open for writing, must let go of it",
        )
    if "readonly database" in low or "permission denied" in low:
        return StoreError(f"{url} cannot be written: {text}", hint="check who owns the file and its folder")
    if "file is not a database" in low or "malformed" in low:
        return StoreError(
            f"{url} is damaged or is no database: {text}",
            hint="restore it from a backup, or name another file",
        )
    if isinstance(error, OSError) and not isinstance(error, sqlite3.Error):
        return Unreachable(
            f"cannot reach {url}: {text}", hint="is the database running, and is the address right?"
        )
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return Unreachable(f"lost {url}: {text}", hint="Deadair tries again by itself")
    if isinstance(error, OperationalError | DBAPIError) and any(part in low for part in _UNREACHABLE):
        return Unreachable(
            f"cannot reach {url}: {text}", hint="is the database running, and is the address right?"
        )
    return None
