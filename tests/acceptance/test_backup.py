"""`deadair backup` and `deadair restore`, as someone does who loses a disk."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.channel import Channel
from domain.post import How, Post
from storage.config import StorageConfig
from storage.schema import head
from storage.store import open_store
from tests.support.earlier import lay_down
from tests.support.warm import deadair

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """A folder with a config and an archive of one channel."""
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///deadair.db"\n')
    async with (
        open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store,
        store.begin() as tx,
    ):
        await tx.channels.save(Channel(id=7, title="Falcon", handle="falcon_news"), NOON)
        await tx.posts.put(
            Post(channel_id=7, id=n, text=f"عملية {n}", posted_at=NOON, seen_at=NOON, how=How.LIVE)
            for n in range(1, 4)
        )
    return tmp_path


def test_an_archive_whose_disk_was_lost_comes_back_as_it_was(archive: Path) -> None:
    made = deadair("backup", "--new-key", "key.txt", cwd=archive)
    assert made.returncode == 0, made.stderr
    recipient = made.stdout.split('recipient = "')[1].split('"')[0]
    assert f"# public key: {recipient}\n" in (archive / "key.txt").read_text()
    with (archive / "config.toml").open("a") as config:
        config.write(f'[backup]\nrecipient = "{recipient}"\n')
    before = deadair("verify", cwd=archive).stdout

    backup = deadair("backup", cwd=archive)
    assert backup.returncode == 0, backup.stderr
    file = Path(backup.stdout.split(": ")[0])
    assert (archive / file).is_file()
    assert file.suffixes[-2:] == [".gz", ".age"]

    sealed = deadair("restore", file, "--check", cwd=archive)
    assert (sealed.returncode, "--key FILE" in sealed.stderr) == (1, True)
    checked = deadair("restore", file, "--check", "--key", "key.txt", cwd=archive)
    assert (checked.returncode, "among them 3 posts" in checked.stdout) == (0, True)
    over = deadair("restore", file, "--key", "key.txt", cwd=archive)
    assert (over.returncode, "is not empty" in over.stderr) == (1, True)

    for lost in archive.glob("deadair.db*"):
        lost.unlink()
    back = deadair("restore", file, "--key", "key.txt", cwd=archive)
    assert (back.returncode, back.stderr) == (0, "")
    assert "among them 3 posts" in back.stdout
    assert deadair("verify", cwd=archive).stdout == before


def test_the_way_back_to_an_older_schema_destroys_no_archive(archive: Path) -> None:
    before = deadair("verify", cwd=archive).stdout
    for to in ("base", "0009"):
        back = deadair("migrate", "--to", to, cwd=archive)
        assert (back.returncode, "holds 3 posts" in back.stderr) == (1, True)
        assert "nothing was changed" in back.stderr
    assert deadair("verify", cwd=archive).stdout == before


def test_an_archive_that_is_not_migrated_yet_is_backed_up_and_restored(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///deadair.db"\n')
    asyncio.run(lay_down(f"sqlite:///{tmp_path / 'deadair.db'}", "0012"))
    refused = deadair("status", cwd=tmp_path)
    assert (refused.returncode, "run `deadair backup`, then `deadair migrate`" in refused.stderr) == (1, True)

    made = deadair("backup", "old.deadair.gz", cwd=tmp_path)
    assert (made.returncode, made.stderr) == (0, "")
    assert "It is of schema 0012, as the archive" in made.stdout
    assert deadair("migrate", cwd=tmp_path).returncode == 0
    before = deadair("verify", cwd=tmp_path).stdout
    for lost in tmp_path.glob("deadair.db*"):
        lost.unlink()
    back = deadair("restore", "old.deadair.gz", cwd=tmp_path)
    assert (back.returncode, back.stderr) == (0, "")
    assert f"schema 0012, brought up to {head()}" in back.stdout
    assert deadair("verify", cwd=tmp_path).stdout == before


def test_a_mistake_says_what_to_do(archive: Path) -> None:
    deadair("backup", "one.deadair.gz", cwd=archive)
    again = deadair("backup", "one.deadair.gz", cwd=archive)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)
    nobody = deadair("backup", "--recipient", "age1x", cwd=archive)
    assert (nobody.returncode, "deadair backup --new-key FILE" in nobody.stderr) == (1, True)
    for empty in ("", " "):
        plain = deadair("backup", "plain.deadair.gz", "--recipient", empty, cwd=archive)
        assert (plain.returncode, "--recipient is empty" in plain.stderr) == (1, True)
        assert not (archive / "plain.deadair.gz").exists()
    (archive / "key.txt").write_text("AGE-SECRET-KEY-1\n")
    kept = deadair("backup", "--new-key", "key.txt", cwd=archive)
    assert (kept.returncode, "is there already" in kept.stderr) == (1, True)
    nothing = deadair("restore", "two.deadair.gz", "--check", cwd=archive)
    assert (nothing.returncode, "cannot read two.deadair.gz" in nothing.stderr) == (1, True)
    with (archive / "config.toml").open("a") as config:
        config.write('[backup]\nrecipient = "age1nobody"\n')
    wrong = deadair("check-config", cwd=archive)
    assert (wrong.returncode, "backup.recipient" in wrong.stderr) == (1, True)
