"""A PostgreSQL of the tests' own: found on the machine, started on a socket in a temporary folder."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.clerk import Clerk

#: Where a folder of its own is made; in memory on Linux, and how much must be free there.
_DISK, _MEMORY, _ENOUGH = Path("/tmp"), Path("/dev/shm"), 2 * 2**30  # noqa: S108
_PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")


def binaries() -> Path | None:
    """The folder with `initdb` and `postgres`, newest first; None: not on this machine."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    for place in _PLACES:
        for folder in sorted(glob.glob(place), reverse=True):
            if (Path(folder) / "initdb").exists():
                return Path(folder)
    return None


class Postgres:
    """A running server; `database()` makes an empty one in it."""

    def __init__(
        self, bin_: Path, folder: Path, user: str | None, connections: int = 60, buffers: str = "64MB"
    ) -> None:
        self.folder = folder
        self._bin = bin_
        self._user = user
        self._connections = connections
        self._buffers = buffers
        said = subprocess.run([bin_ / "postgres", "--version"], check=True, capture_output=True, text=True)
        version = int(re.sub(r".*?(\d+).*", r"\1", said.stdout.strip()))
        # A small database is copied as files sooner than page by page through the log.
        self._copying = "STRATEGY file_copy" if version >= 15 else ""
        self._n = 0
        self._clerk: Clerk | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        # Durability is switched off: a test's database need not outlive a power cut.
        options = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={self.folder}"]
        options += ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off"]
        options += ["-c", f"max_connections={self._connections}", "-c", f"shared_buffers={self._buffers}"]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(self.folder / "data"), *options],
                stdout=subprocess.DEVNULL,
                stderr=log,
                user=self._user,
                cwd=self.folder,
            )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            ready = subprocess.run([str(self._bin / "pg_isready"), "-h", str(self.folder), "-q"], check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self._clerk is not None:
            self._clerk.end()
            self._clerk = None
        if self.process is not None:
            self.process.send_signal(2)  # SIGINT: fast shutdown
            self.process.wait(timeout=20)
            self.process = None

    def url(self, database: str = "postgres") -> str:
        return f"postgresql://deadair@/{database}?host={self.folder}"

    async def copy(self, url: str) -> str:
        """The url of a new database that holds what this one does, in which nobody may be meanwhile."""
        return await self.database(f'TEMPLATE "{name_of(url)}" {self._copying}')

    async def database(self, options: str = "") -> str:
        """The url of a new database, empty unless `options` of CREATE DATABASE say otherwise."""
        self._n += 1
        name = f"t{os.getpid()}_{self._n}"
        await self._execute(f'CREATE DATABASE "{name}" {options or self._copying}')
        return self.url(name)

    async def drop(self, url: str) -> None:
        """Throw it away, whoever is still in it."""
        await self._execute(f'DROP DATABASE IF EXISTS "{name_of(url)}" WITH (FORCE)')

    async def _execute(self, statement: str) -> None:
        if self._clerk is None:
            self._clerk = Clerk(user="deadair", database="postgres", host=str(self.folder))
        await self._clerk.execute(statement)


def name_of(url: str) -> str:
    """The database that one of our urls leads to."""
    return url.partition("@/")[2].partition("?")[0]


def _has_room() -> bool:
    return _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ENOUGH


@contextmanager
def running_postgres(
    connections: int = 60, *, in_memory: bool = False, buffers: str = "64MB"
) -> Iterator[Postgres]:
    """A server of so many for as long as the block lasts; `in_memory`: its files too, where there is room for
    that. Raises LookupError where there is none to start.
    """
    bin_ = binaries()
    if bin_ is None:
        raise LookupError(
            "no PostgreSQL on this machine (initdb is neither in PATH nor where Debian puts it)"
        )
    # PostgreSQL refuses to run as root; sockets want a short path.
    user = "nobody" if os.geteuid() == 0 else None
    where = _MEMORY if in_memory and _has_room() else _DISK
    folder = Path(tempfile.mkdtemp(prefix="dapg", dir=where))
    folder.chmod(0o755)
    if user:
        shutil.chown(folder, user)
    server = Postgres(bin_, folder, user, connections, buffers)
    try:
        options = ["-U", "deadair", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        subprocess.run(
            [str(bin_ / "initdb"), "-D", str(folder / "data"), *options],
            check=True,
            stdout=subprocess.DEVNULL,
            user=user,
            cwd=folder,
        )
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
