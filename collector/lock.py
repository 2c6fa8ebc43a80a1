"""One process for one session: two would burn the key, and Telegram would end the login."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from collector.errors import Unusable
from domain.errors import DeadairError


class Held(DeadairError):
    """Another process uses this session."""


def lock_path(session: Path) -> Path:
    """The file that is locked by whoever uses the session."""
    return session.with_name(session.name + ".lock")


@contextlib.contextmanager
def only_user_of(session: Path) -> Iterator[None]:
    """Hold the session for as long as the block lasts. Raises Held, with who holds it, before anything is
    sent; Unusable when there can be no lock.

    The lock is a file beside the session, not the session itself: closing any handle of a file drops the
    locks that SQLite, in the same process, holds on it. The kernel lets go of it when we die.
    """
    path = lock_path(session)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unusable(
            f"cannot write {path}, beside the session: {error.strerror}",
            hint="check who owns it and its folder: it must be the user who runs Deadair",
        ) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "unknown"
            raise Held(
                f"the session {session} is in use by another Deadair (process {holder})",
                hint=f"stop that one first (kill {holder}), or give each its own account",
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
    finally:
        os.close(handle)
