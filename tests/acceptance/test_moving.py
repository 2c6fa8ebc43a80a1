"""`deadair migrate --to URL`, as someone does whose archive has outgrown its file."""

import asyncio
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from domain.channel import Channel
from domain.post import How, Post
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.listening import free_port
from tests.support.postgres import Postgres
from tests.support.running import SECRETS, config, is_well, status, wait_for, watched_until
from tests.support.warm import deadair, started

pytestmark = pytest.mark.postgres
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def new(postgres: Postgres) -> str:
    return await postgres.database()


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """A folder with a config and an archive of a channel with 30,000 posts."""
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///deadair.db"\n')
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
        async with store.begin() as tx:
            await tx.channels.save(Channel(id=7, title="Falcon", handle="falcon_news"), NOON)
        for start in range(1, 30_000, 5_000):
            await put(store, start, 5_000)
    return tmp_path


async def put(store: Store, start: int, n: int) -> None:
    async with store.begin() as tx:
        await tx.posts.put(
            Post(
                channel_id=7,
                id=number,
                text=f"عملية رقم {number}",
                posted_at=NOON + timedelta(minutes=number),
                seen_at=NOON + timedelta(minutes=number),
                how=How.LIVE,
            )
            for number in range(start, start + n)
        )


async def blocks(url: str) -> int:
    """How many blocks of rows have come over; 0 before it has begun."""
    connection = await asyncpg.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('moving_blocks')") is None:
            return 0
        return int(await connection.fetchval("SELECT count(*) FROM moving_blocks"))
    finally:
        await connection.close()


async def test_killed_half_way_while_posts_arrive_it_goes_on_and_ends_proven(archive: Path, new: str) -> None:
    """SIGKILL while it copies, twice; posts arrive all the while; then Deadair is stopped."""
    async with open_store(StorageConfig(url=f"sqlite:///{archive / 'deadair.db'}")) as store:
        seen = 0
        for n in range(2):
            run = started("migrate", "--to", new, cwd=archive)
            deadline = time.monotonic() + 60
            while (now := await blocks(new)) <= seen + 3 and time.monotonic() < deadline:
                assert run.poll() is None, run.communicate()
                await asyncio.sleep(0.02)
            await put(store, 40_000 + n, 1)
            os.kill(run.pid, signal.SIGKILL)
            run.communicate()
            assert now > seen + 3
            seen = await blocks(new)
        half = await asyncio.to_thread(deadair, "status", cwd=archive, DEADAIR_STORAGE_URL=new)
        assert (half.returncode, "is not at its end" in half.stderr) == (1, True)

        on = await asyncio.to_thread(deadair, "migrate", "--to", new, cwd=archive)
        assert (on.returncode, on.stderr) == (0, "")
        assert "The old archive is in use" in on.stdout
        early = await asyncio.to_thread(deadair, "migrate", "--to", new, "--finish", cwd=archive)
        assert (early.returncode, "stop every Deadair" in early.stderr) == (1, True)
        await put(store, 50_000, 3)

    done = await asyncio.to_thread(deadair, "migrate", "--to", new, "--finish", cwd=archive)
    assert (done.returncode, done.stderr) == (0, "")
    assert "proven: in each table as many rows" in done.stdout
    assert f'in config.toml, section [storage], set: url = "{new.split("?")[0]}' in done.stdout
    old = await asyncio.to_thread(deadair, "verify", cwd=archive)
    (archive / "config.toml").write_text(f'[storage]\nurl = "{new}"\n')
    moved = await asyncio.to_thread(deadair, "verify", cwd=archive)
    assert (moved.returncode, moved.stdout) == (0, old.stdout)
    assert "30,005 posts" in moved.stdout
    again = await asyncio.to_thread(deadair, "migrate", "--to", new, cwd=archive)
    assert (again.returncode, "is in PostgreSQL already" in again.stderr) == (1, True)


def test_it_says_where_the_url_is_to_be_changed_and_takes_one_with_a_password_from_a_file(
    tmp_path: Path, new: str
) -> None:
    (tmp_path / "config.toml").write_text('[storage]\nurl_file = "where"\n')
    (tmp_path / "where").write_text("sqlite:///old.db\n")
    made = deadair("migrate", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    (tmp_path / "new-url").write_text(new + "\n")
    both = deadair("migrate", "--to", new, "--to-file", "new-url", cwd=tmp_path)
    assert (both.returncode, "give one of them" in both.stderr) == (1, True)
    none = deadair("migrate", "--finish", cwd=tmp_path)
    assert (none.returncode, "--finish ends a move" in none.stderr) == (1, True)
    lost = deadair("migrate", "--to-file", "no-url", cwd=tmp_path)
    assert lost.returncode == 1
    assert "cannot read the secret that --to-file names: no-url" in lost.stderr
    assert "set PGPASSWORD in the environment" in lost.stderr

    done = deadair("migrate", "--to-file", "new-url", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "write the new url into where, the file that [storage] url_file names" in done.stdout


@pytest.mark.timeout(300)
def test_a_deadair_at_work_moves_and_goes_on_in_the_new_archive(
    tmp_path: Path, new: str, telegram: str
) -> None:
    """It watches while its archive is copied, is stopped for the end, and started with the new one."""
    health_at = f"127.0.0.1:{free_port()}"
    (tmp_path / "config.toml").write_text(f'{config(telegram)}[health]\nlisten = "{health_at}"\n')
    login = deadair("login", "main", cwd=tmp_path, said="15550100\n12345\n", **SECRETS)
    assert login.returncode == 0, login.stderr
    running = started("run", cwd=tmp_path, **SECRETS)
    try:
        wait_for(lambda: watched_until(f"sqlite:///{tmp_path / 'deadair.db'}"), bool)
        on = deadair("migrate", "--to", new, cwd=tmp_path)
        assert (on.returncode, on.stderr) == (0, "")
        assert "The old archive is in use" in on.stdout
        early = deadair("migrate", "--to", new, "--finish", cwd=tmp_path)
        assert (early.returncode, "is open in another process" in early.stderr) == (1, True)
        assert running.poll() is None
    finally:
        running.send_signal(signal.SIGINT)
        _, log = running.communicate(timeout=20)
    assert (running.returncode, "Traceback" in log) == (0, False), log
    old = status(tmp_path)[0]

    done = deadair("migrate", "--to", new, "--finish", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    moved = status(tmp_path, DEADAIR_STORAGE_URL=new)[0]
    assert (moved["posts"], moved["watched_until"]) == (old["posts"], old["watched_until"])
    assert moved["blind"] == old["blind"]
    assert moved["blind"]["cause"] == "our_stop"

    again = started("run", cwd=tmp_path, **SECRETS, DEADAIR_STORAGE_URL=new)
    try:
        until = datetime.fromisoformat(old["watched_until"])
        wait_for(lambda: watched_until(new), lambda now: now is not None and now > until)
        back = status(tmp_path, DEADAIR_STORAGE_URL=new)
        assert back[0]["watched_until"] > old["watched_until"]
        assert back[0]["posts"] >= old["posts"]
        wait_for(lambda: is_well(health_at), bool)
        well = deadair("health", cwd=tmp_path, DEADAIR_STORAGE_URL=new)
        assert well.returncode == 0, well.stdout
        assert "Nothing is wrong" in well.stdout
    finally:
        again.send_signal(signal.SIGINT)
        _, log = again.communicate(timeout=20)
    assert (again.returncode, "Traceback" in log) == (0, False), log
    proven = deadair("verify", cwd=tmp_path, DEADAIR_STORAGE_URL=new)
    assert (proven.returncode, proven.stderr) == (0, "")
