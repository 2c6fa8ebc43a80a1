"""A hot standby: does the archive read there, how late, and does it refuse to be written?"""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import numpy as np

from domain.channel import Channel
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.postgres import Postgres, binaries, name_of

_NUMBER = 1
_AT = datetime(2026, 3, 1, tzinfo=UTC)


async def standby(server: Postgres, times: int) -> None:
    """Print how late a write can be read there, and what comes of writing there."""
    url = await server.database()
    await _durable(url)
    async with open_store(StorageConfig(url=url)) as first:
        await _rename(first, "before")
        with _copied(server) as second:
            there = StorageConfig(url=second.url(name_of(url)))
            async with open_store(there, create=False) as other:
                late = [await _lateness(first, other, f"title {n}") for n in range(times)]
                try:
                    await _rename(other, "written there")
                    refused = "taken"
                except Exception as error:  # which it is, is what is asked
                    refused = str(error).splitlines()[0]
    print(f"\n### a hot standby\n\n{times} writes, each read there after", end=" ")
    print(f"{np.median(late) * 1e3:.1f} ms at the median, {max(late) * 1e3:.1f} ms at most;", end=" ")
    print(f"a write there: {refused}")


async def _durable(url: str) -> None:
    """The tests' server puts writing its log off, by which a standby would hear of everything late."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(f'ALTER DATABASE "{name_of(url)}" SET synchronous_commit = on')
    finally:
        await connection.close()


async def _rename(store: Store, title: str) -> None:
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=_NUMBER, title=title, handle="falcon_news"), _AT)


async def _lateness(first: Store, other: Store, title: str) -> float:
    await _rename(first, title)
    began = time.perf_counter()
    while True:
        async with other.read() as tx:
            found = await tx.channels.get(_NUMBER)
        if found is not None and found.title == title:
            return time.perf_counter() - began


@contextmanager
def _copied(server: Postgres) -> Iterator[Postgres]:
    """Another server on this machine that follows the first one."""
    programs = binaries()
    assert programs is not None
    owner = (server.folder / "data").owner()
    folder = Path(tempfile.mkdtemp(prefix="dapg", dir="/tmp"))
    folder.chmod(0o755)
    shutil.chown(folder, owner)
    user = None if owner == Path.home().owner() else owner
    second = Postgres(programs, folder, user)
    try:
        subprocess.run(
            [
                *(str(programs / "pg_basebackup"), "-h", str(server.folder), "-U", "deadair"),
                *("-D", str(folder / "data"), "-R", "-X", "stream", "-c", "fast", "--no-sync"),
            ],
            check=True,
            user=user,
            cwd=folder,
        )
        second.start()
        yield second
    finally:
        second.stop()
        shutil.rmtree(folder, ignore_errors=True)
