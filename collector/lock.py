"""One process for one session: two would burn the key, and Telegram would end the login."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from domain.errors import DeadairError


class Held(DeadairError):
    """Another process uses this session."""


@contextlib.contextmanager
def only_user_of(session: Path) -> Iterator[None]:
    """Hold the session for as long as the block lasts. Raises Held, with who holds it, before anything is
    sent.

    The lock is a file beside the session, not the session itself: closing any handle of a file drops the
    locks that SQLite, in the same process, holds on it. The kernel lets go of it when we die.
    """
    path = session.with_name(session.name + ".lock")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DeadairError(
            f"cannot write beside the session {session}: {error.strerror}", hint="check who owns its folder"
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
