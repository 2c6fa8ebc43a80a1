"""Proof of death: a file that the kernel lets go of when the process that holds it dies.

So a lease whose holder was killed on this host need not run out first. What cannot be proved, of another host
or another folder, is not believed: there the lease runs out.
"""

import contextlib
import fcntl
import os
import platform
import secrets
from collections.abc import Iterator
from pathlib import Path

import structlog

from domain.clock import WallClock

log = structlog.get_logger(__name__)

#: The folder of these files, beside the archive or the config.
FOLDER = ".running"
_BOOT = Path("/proc/sys/kernel/random/boot_id")
#: Seconds after which the file of a dead process is of no use to anybody: its leases have long run out.
_STALE = 3600


class Alive:
    """This process, by a name that no other has or had, and what it can say of others."""

    def __init__(self, folder: Path, name: str) -> None:
        self.name = name
        self._folder = folder

    def is_dead(self, holder: str) -> bool:
        """Has the process of this name died, for certain?"""
        if holder == self.name:
            return False
        with contextlib.suppress(OSError), (self._folder / _file_of(holder)).open("rb") as file:
            # A lock that another host holds may not show here, whatever the file system says.
            return file.read() == _kernel() and _is_free(file.fileno())
        return False


@contextlib.contextmanager
def alive(folder: Path) -> Iterator[Alive]:
    """Be provably alive for as long as the block lasts, and provably dead after it, however it ends."""
    name = f"{platform.node() or 'host'}/{os.getpid()}/{secrets.token_hex(4)}"
    place = folder / FOLDER
    handle = None
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        _tidy(place)
        handle = os.open(place / _file_of(name), os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(handle, _kernel())
    except OSError as error:
        log.info("after a crash the leases must run out here", folder=str(place), why=error.strerror)
    try:
        yield Alive(place, name)
    finally:
        if handle is not None:
            with contextlib.suppress(OSError):
                (place / _file_of(name)).unlink()
            os.close(handle)


def _file_of(holder: str) -> str:
    return holder.replace("/", "_").replace("\0", "_")


def _kernel() -> bytes:
    """Which kernel's word counts; it is the same in all containers of a host."""
    try:
        return _BOOT.read_bytes().strip()
    except OSError:
        return platform.node().encode()


def _is_free(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _tidy(place: Path) -> None:
    old = WallClock().now().timestamp() - _STALE
    for path in place.iterdir():
        with contextlib.suppress(OSError), path.open("rb") as file:
            if os.fstat(file.fileno()).st_mtime < old and _is_free(file.fileno()):
                path.unlink()
