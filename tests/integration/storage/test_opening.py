"""An archive that cannot be opened says what is wrong and what to do."""

import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from storage.backup.restore import restore
from storage.backup.write import write_backup
from storage.config import StorageConfig
from storage.errors import Busy, DiskFull, StoreError, Unreachable
from storage.migrate import migrate
from storage.store import Store, open_store
from tests.support.postgres import Postgres, name_of

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def refused(url: str, busy_timeout: float = 30) -> StoreError:
    with pytest.raises(StoreError) as error:
        async with open_store(StorageConfig(url=url, busy_timeout=busy_timeout)):
            pass
    assert error.value.hint
    return error.value


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "url is no database url"),
        ("", "url is no database url"),
        ("mysql://host/name", "no such kind of database: 'mysql'"),
        ("sqlite://", "cannot be kept in memory only"),
        ("sqlite:///:memory:", "cannot be kept in memory only"),
    ],
)
async def test_a_wrong_url_is_named_with_what_is_allowed(url: str, says: str) -> None:
    error = await refused(url)
    assert says in error.what
    assert "sqlite:///path/to/file.db or postgresql://" in error.hint


async def test_a_file_that_cannot_be_opened_is_no_database_that_does_not_run(tmp_path: Path) -> None:
    error = await refused(f"sqlite:///{tmp_path}")
    assert isinstance(error, Unreachable)
    assert f"cannot open sqlite:///{tmp_path}" in error.what
    assert "may this user write" in error.hint


async def test_a_password_is_never_shown() -> None:
    error = await refused("postgresql://deadair:hunter2@127.0.0.1:1/deadair")
    assert isinstance(error, Unreachable)
    assert "deadair:***@127.0.0.1" in error.what
    assert "hunter2" not in error.what + error.hint


async def test_a_url_that_cannot_be_read_is_not_repeated_for_it_may_hold_a_password() -> None:
    error = await refused("postgresql//deadair:hunter2@127.0.0.1:1/deadair")
    assert "hunter2" not in error.what + error.hint
    error = await refused("postgresql://deadair@127.0.0.1:1/deadair?password=hunter2")
    assert "127.0.0.1" in error.what
    assert "hunter2" not in error.what + error.hint


async def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    error = await refused(f"sqlite:///{tmp_path / 'none' / 'a.db'}")
    assert "the folder of" in error.what
    assert error.hint == f"make it: mkdir -p {tmp_path / 'none'}"


async def test_a_missing_folder_is_named_by_whoever_fills_an_archive(store: Store, tmp_path: Path) -> None:
    await write_backup(store, tmp_path / "b.gz", NOON)
    config = StorageConfig(url=f"sqlite:///{tmp_path / 'none' / 'a.db'}")
    for fills in (migrate(config), restore(config, tmp_path / "b.gz")):
        with pytest.raises(StoreError, match="the folder of") as error:
            await fills
        assert error.value.hint == f"make it: mkdir -p {tmp_path / 'none'}"


async def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_text("Dear diary, " * 500)
    error = await refused(f"sqlite:///{path}")
    assert "is damaged or is no database" in error.what
    assert path.read_text() == "Dear diary, " * 500


async def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_store(StorageConfig(url=f"sqlite:///{path}")):
        pass
    data = bytearray(path.read_bytes())
    data[100:4000] = b"\xff" * 3900
    path.write_bytes(data)
    assert "is damaged" in (await refused(f"sqlite:///{path}")).what


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that others than its owner can get to; pytest's own they cannot."""
    folder = Path(tempfile.mkdtemp(prefix="deadair-"))
    yield folder
    folder.chmod(stat.S_IRWXU)
    shutil.rmtree(folder)


@contextmanager
def without_leave_to_write(folder: Path) -> Iterator[None]:
    """Root may write whatever the mode says: so for a while we are nobody."""
    folder.chmod(0o555)
    for path in folder.iterdir():
        path.chmod(0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


async def test_a_new_archive_is_for_its_user_alone_and_one_that_is_there_keeps_its_rights(
    tmp_path: Path,
) -> None:
    def rights() -> dict[str, int]:
        return {each.name: stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}

    config = StorageConfig(url=f"sqlite:///{tmp_path}/a.db")
    before = os.umask(0o022)
    try:
        async with open_store(config) as store, store.begin() as tx:
            await tx.marks.set("a", {}, NOON)
            assert rights() == {"a.db": 0o600, "a.db-wal": 0o600, "a.db-shm": 0o600}
        (tmp_path / "a.db").chmod(0o640)
        async with open_store(config) as store, store.begin() as tx:
            await tx.marks.set("a", {}, NOON)
            assert rights() == {"a.db": 0o640, "a.db-wal": 0o640, "a.db-shm": 0o640}
    finally:
        os.umask(before)


async def test_an_archive_that_may_not_be_written_says_so(open_folder: Path) -> None:
    path = open_folder / "a.db"
    async with open_store(StorageConfig(url=f"sqlite:///{path}")):
        pass
    with without_leave_to_write(open_folder):
        error = await refused(f"sqlite:///{path}")
    assert "cannot be written" in error.what
    assert "check who owns the file" in error.hint
    assert "a copy that is yours" in error.hint


async def test_an_archive_that_another_process_holds_says_so(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    async with open_store(StorageConfig(url=f"sqlite:///{path}")):
        pass
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        error = await refused(f"sqlite:///{path}", busy_timeout=0.2)
    finally:
        other.close()
    assert isinstance(error, Busy)
    assert "is locked by another process" in error.what


async def test_a_full_disk_at_the_start_leaves_nothing_half_made(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    small = f"sqlite:///{path}"
    # The limit is kept in no file: so it is set on every connection that this test's store makes.

    def limit(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA max_page_count = 20")
        cursor.close()

    event.listen(Pool, "connect", limit)
    try:
        error = await refused(small)
    finally:
        event.remove(Pool, "connect", limit)
    assert isinstance(error, DiskFull)
    async with open_store(StorageConfig(url=small)) as store, store.begin() as tx:
        await tx.marks.set("a", {}, NOON)


@pytest.mark.postgres
async def test_a_standby_that_takes_no_writes_is_named(postgres: Postgres) -> None:
    url = await postgres.database()
    async with open_store(StorageConfig(url=url)) as store, store.begin() as tx:
        await tx.marks.set("a", {}, NOON)
    await postgres._execute(f'ALTER DATABASE "{name_of(url)}" SET default_transaction_read_only = on')
    async with open_store(StorageConfig(url=url), create=False) as store:
        async with store.read() as tx:
            assert len(list(await tx.marks.all())) == 1
        with pytest.raises(Unreachable, match="takes no writes just now") as error:
            async with store.begin() as tx:
                await tx.marks.set("b", {}, NOON)
    assert "standby" in error.value.hint


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://deadair@/none?host={folder}", 'database "none" does not exist'),
        ("postgresql://nobody_known@/postgres?host={folder}", 'role "nobody_known" does not exist'),
        ("postgresql://deadair@/postgres?host={folder}/none", "cannot reach"),
        ("postgresql://deadair@127.0.0.1:1/postgres", "cannot reach"),
    ],
)
async def test_a_postgresql_that_is_not_there_says_so(postgres: Postgres, url: str, says: str) -> None:
    error = await refused(url.format(folder=postgres.folder))
    assert isinstance(error, Unreachable)
    assert says in error.what
