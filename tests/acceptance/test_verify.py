"""`deadair verify` and `deadair raw`, as a researcher runs them."""

import contextlib
import json
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from telethon.tl import types as T  # noqa: N812 - as everywhere in Telethon's world

from collector.disk import Disk
from collector.translate import post_of
from domain.channel import Channel
from domain.file import FileState, PostFile
from domain.post import How, RawCopy
from storage.config import StorageConfig
from storage.store import open_store
from tests.support.warm import deadair

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
async def archive(tmp_path: Path) -> Path:
    """A folder with a config and an archive of two channels."""
    (tmp_path / "config.toml").write_text('[storage]\nurl = "sqlite:///deadair.db"\n')
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as store:
        async with store.begin() as tx:
            for channel_id, handle in ((7, "falcon_news"), (8, "hawk_news")):
                await tx.channels.save(Channel(id=channel_id, title=handle, handle=handle), NOON)
                messages = [
                    T.Message(id=n, peer_id=T.PeerChannel(channel_id), date=NOON, message=f"عملية {n}")
                    for n in range(1, 4)
                ]
                posts = [post_of(m, seen_at=NOON, how=How.LIVE) for m in messages]
                await tx.posts.put(post for post in posts if post is not None)
            layer = RawCopy(9999, b"\x01\x02\x03\x04 of a layer to come")
            later = post_of(
                T.Message(id=9, peer_id=T.PeerChannel(7), date=NOON, message="x"), seen_at=NOON, how=How.LIVE
            )
            assert later is not None
            object.__setattr__(later, "copy", layer)
            await tx.posts.put([later])
        await store.checkpoint()
    return tmp_path


def test_a_touched_post_is_found_with_its_channel_and_number(archive: Path) -> None:
    whole = deadair("verify", cwd=archive)
    assert whole.returncode == 0, whole.stderr
    said = dict(line.split(": ", 1) for line in whole.stdout.splitlines())
    assert said["@falcon_news"].startswith("4 links, 4 posts; ")
    digest = said["@hawk_news"].split("; ")[1]

    going_on = deadair("verify", "@hawk_news", "--contains", digest, cwd=archive)
    assert (going_on.returncode, "goes on from the hash given, its link 3" in going_on.stdout) == (0, True)
    strange = deadair("verify", "hawk_news", "--contains", "ab" * 32, cwd=archive)
    assert (strange.returncode, "no chain here has ever had the hash" in strange.stdout) == (1, True)
    nonsense = deadair("verify", "--contains", "abc", cwd=archive)
    assert (nonsense.returncode, "64 hexadecimal digits" in nonsense.stderr) == (1, True)

    with contextlib.closing(sqlite3.connect(archive / "deadair.db")) as database, database:
        database.execute("UPDATE posts SET text = 'something else' WHERE channel_id = 7 AND id = 2")
    touched = deadair("verify", cwd=archive)
    assert touched.returncode == 1
    assert "@falcon_news: BROKEN: post 2 is not what was stored (link 2)" in touched.stdout
    assert "@hawk_news: 3 links" in touched.stdout
    document = json.loads(deadair("verify", "--json", cwd=archive).stdout)
    assert [each["broken"] and each["broken"]["post"] for each in document] == [2, None]
    assert document[1]["hash"] == digest


async def test_a_kept_file_that_is_damaged_is_found(archive: Path) -> None:
    disk = Disk(archive / "files")
    disk.begun("one")
    disk.add("one", 0, b"a picture")
    digest, size = disk.finish("one")
    disk.drop("one")
    async with open_store(StorageConfig(url=f"sqlite:///{archive / 'deadair.db'}")) as store:
        async with store.begin() as tx:
            kept = PostFile(
                channel_id=7,
                post_id=2,
                version=0,
                file_id="5",
                kind="photo",
                size=size,
                state=FileState.WAITING,
                at=NOON,
                again_at=NOON,
            )
            await tx.files.add([kept])
            await tx.files.settle(replace(kept, state=FileState.KEPT, sha256=digest))
        await store.checkpoint()
    whole = deadair("verify", "--files", cwd=archive)
    assert (whole.returncode, "1 files read" in whole.stdout) == (0, True)
    disk.path(digest).write_bytes(b"another")
    damaged = deadair("verify", "--files", cwd=archive)
    assert damaged.returncode == 1
    assert f"@falcon_news: BROKEN: the file {digest} of post 2 is gone or damaged" in damaged.stdout


def test_a_post_is_shown_as_telegram_said_it(archive: Path) -> None:
    found = deadair("raw", "@falcon_news/2", cwd=archive)
    assert found.returncode == 0, found.stderr
    (version,) = json.loads(found.stdout)
    assert (version["version"], version["message"]["message"]) == (0, "عملية 2")
    unreadable = deadair("raw", "https://t.me/falcon_news/9", cwd=archive)
    assert unreadable.returncode == 1
    (version,) = json.loads(unreadable.stdout)
    assert version["message"] is None
    assert "written in layer 9999" in version["trouble"]
    assert version["bytes"]

    with contextlib.closing(sqlite3.connect(archive / "deadair.db")) as database, database:
        database.execute("UPDATE raws SET packing = 1, body = x'5a5a5a' WHERE channel_id = 7 AND post_id = 1")
    for wrong, said in (
        ("falcon_news", "names no post"),
        ("falcon_news/1", "the raw copy of post 1 of @falcon_news is damaged"),
        ("falcon_news/44", "the archive has no post 44 of @falcon_news"),
    ):
        refused = deadair("raw", wrong, cwd=archive)
        assert (refused.returncode, said in refused.stderr) == (1, True)
        assert "Traceback" not in refused.stderr
