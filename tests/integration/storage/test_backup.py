"""A backup holds all of an archive, comes back on either engine, and is believed only when it is whole."""

import asyncio
import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect

from domain.post import How, Post
from domain.subscription import Subscription
from storage.backup.errors import BackupError
from storage.backup.read import check
from storage.backup.restore import restore
from storage.backup.shelf import named, tidy
from storage.backup.write import write_backup
from storage.config import StorageConfig
from storage.engines import parse_url, sqlite_engine
from storage.errors import SchemaMismatch
from storage.keyring import new_key
from storage.migrate import migrate
from storage.proof import prove
from storage.store import Store, open_store
from storage.whole import kept_tables
from tests.support.every_table import fill_every_table
from tests.support.postgres import Postgres

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The url of another empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'elsewhere.db'}"
    server: Postgres = request.getfixturevalue("postgres")
    return await server.database()


def sums(path: Path) -> Iterator[bytes]:
    """All lines but the first, which tells when and on which engine it was made."""
    with gzip.open(path) as file:
        yield from list(file)[1:]


async def test_every_row_of_every_table_comes_back_on_either_engine(
    store: Store, elsewhere: str, tmp_path: Path
) -> None:
    await fill_every_table(store)
    first = await write_backup(store, tmp_path / "first.gz", NOON)
    assert first.rows == 3 * len(kept_tables())
    assert (first.size, first.path.stat().st_mode & 0o777) == (first.path.stat().st_size, 0o600)

    backup = await restore(StorageConfig(url=elsewhere), first.path)

    assert (backup.head.made_at, sum(backup.rows.values())) == (NOON, first.rows)
    async with open_store(StorageConfig(url=elsewhere)) as other:
        second = await write_backup(other, tmp_path / "second.gz", NOON)
    assert list(sums(second.path)) == list(sums(first.path))


async def test_what_came_back_is_proven_and_goes_on(store: Store, elsewhere: str, tmp_path: Path) -> None:
    posts = [
        Post(channel_id=7, id=n, text=f"post {n}", posted_at=NOON, seen_at=NOON, how=How.LIVE)
        for n in range(1, 8)
    ]
    async with store.begin() as tx:
        await tx.posts.put(posts[:5])
        first = await tx.subscriptions.subscribe(Subscription(id=0, chat_id=1, made_at=NOON))
    await write_backup(store, tmp_path / "b.gz", NOON)
    await restore(StorageConfig(url=elsewhere), tmp_path / "b.gz")
    async with open_store(StorageConfig(url=elsewhere)) as other:
        async with other.begin() as tx:
            await tx.posts.put(posts[5:])
            second = await tx.subscriptions.subscribe(Subscription(id=0, chat_id=2, made_at=NOON))
        proof = await prove(other, 7)
    assert (proof.broken, proof.kinds) == (None, {"post": 7})
    assert second.id > first.id  # numbers go on after those that were brought


async def test_a_backup_is_one_picture_while_posts_come_in(store: Store, tmp_path: Path) -> None:
    """Posts that are stored while it is written are in all of its tables or in none."""
    async with store.begin() as tx:
        await tx.marks.set("m", {}, NOON)
    done = asyncio.Event()

    async def pour() -> None:
        for n in range(1, 200):
            async with store.begin() as tx:
                await tx.posts.put(
                    [Post(channel_id=7, id=n, text="t", posted_at=NOON, seen_at=NOON, how=How.LIVE)]
                )
            if done.is_set():
                return

    pouring = asyncio.create_task(pour())
    counts = []
    for n in range(3):
        path = tmp_path / f"{n}.gz"
        await write_backup(store, path, NOON)
        found = check(path).rows
        assert found["posts"] == found["links"]
        counts.append(found["posts"])
    done.set()
    await pouring
    assert counts[-1] > counts[0] or counts[0] == 199  # posts did come in meanwhile


async def test_an_encrypted_backup_opens_with_its_key_alone(store: Store, tmp_path: Path) -> None:
    await fill_every_table(store)
    secret, recipient = new_key()
    path = tmp_path / "b.gz.age"
    done = await write_backup(store, path, NOON, recipient=recipient)
    assert b"channels" not in path.read_bytes()
    assert sum(check(path, secret).rows.values()) == done.rows
    with pytest.raises(BackupError, match="is encrypted"):
        check(path)
    with pytest.raises(BackupError, match="cannot be decrypted: No matching keys"):
        check(path, new_key()[0])
    with pytest.raises(BackupError, match="no secret key"):
        check(path, "AGE-SECRET-KEY-1FOO")
    await restore(StorageConfig(url=f"sqlite:///{tmp_path / 'again.db'}"), path, identity=secret)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_backup_that_is_cut_or_changed_anywhere_restores_nothing(
    store: Store, tmp_path: Path, encrypted: bool
) -> None:
    await fill_every_table(store)
    secret, recipient = new_key() if encrypted else ("", "")
    whole = tmp_path / "whole"
    await write_backup(store, whole, NOON, recipient=recipient)
    raw = whole.read_bytes()
    at = [len(raw) * part // 7 for part in range(1, 7)]
    bad = [raw[:n] for n in (*at, len(raw) - 1)]
    bad += [raw[:n] + bytes([raw[n] ^ 0x20]) + raw[n + 1 :] for n in at]
    bad += [gzip.compress(b"[" * 100_000), gzip.compress(b"1" * 5_000)]  # beyond what can be read
    for n, content in enumerate(bad):
        path = tmp_path / f"bad{n}"
        path.write_bytes(content)
        url = f"sqlite:///{tmp_path / f'{n}.db'}"
        with pytest.raises(BackupError):
            await restore(StorageConfig(url=url), path, identity=secret)
        with pytest.raises(SchemaMismatch, match="holds no archive yet"):
            async with open_store(StorageConfig(url=url), create=False):
                pass


async def test_a_place_where_nothing_can_be_written_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BackupError, match="cannot write"):
        await write_backup(store, tmp_path / "file" / "whole.gz", NOON)


async def test_a_row_taken_out_is_missed(store: Store, tmp_path: Path) -> None:
    await fill_every_table(store)
    await write_backup(store, tmp_path / "whole.gz", NOON)
    with gzip.open(tmp_path / "whole.gz") as file:
        lines = list(file)
    del lines[3]
    with gzip.open(tmp_path / "less.gz", "wb") as file:
        file.writelines(lines)
    with pytest.raises(BackupError, match="damaged in its table"):
        check(tmp_path / "less.gz")


async def test_nothing_is_restored_over_an_archive(store: Store, tmp_path: Path) -> None:
    await write_backup(store, tmp_path / "b.gz", NOON)
    with pytest.raises(BackupError, match="is not empty"):
        await restore(StorageConfig(url=store.url.render_as_string(hide_password=False)), tmp_path / "b.gz")


async def test_no_backup_is_written_over_and_none_is_left_half_written(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "b.gz"
    await write_backup(store, path, NOON)
    before = path.read_bytes()
    with pytest.raises(BackupError, match="is there already"):
        await write_backup(store, path, NOON)
    with pytest.raises(BackupError, match="cannot write"):
        await write_backup(store, tmp_path / "nowhere" / "b.gz", NOON)
    with pytest.raises(BackupError, match="nobody to encrypt for"):
        await write_backup(store, tmp_path / "c.gz", NOON, recipient="age1foo")

    def breaks(_table: str, _n: int) -> None:
        raise RuntimeError("in the middle")

    async with store.begin() as tx:
        await tx.marks.set("m", {}, NOON)
    with pytest.raises(RuntimeError):
        await write_backup(store, tmp_path / "d.gz", NOON, heard=breaks)
    assert [name for name in os.listdir(tmp_path) if ".gz" in name] == ["b.gz"]
    assert path.read_bytes() == before


async def test_a_backup_of_an_earlier_version_is_brought_up(store_url: str, tmp_path: Path) -> None:
    """One whose schema is older than this program's, made by writing its head so."""
    config = StorageConfig(url=f"sqlite:///{tmp_path / 'old.db'}")
    async with open_store(config) as old:
        async with old.begin() as tx:
            await tx.posts.put(
                [Post(channel_id=7, id=1, text="t", posted_at=NOON, seen_at=NOON, how=How.LIVE)]
            )
        await write_backup(old, tmp_path / "new.gz", NOON)
    # Tables and columns that came later are taken out, as an earlier program would not have written them.
    await migrate(config, "0008")
    kept = await _columns(config)
    with gzip.open(tmp_path / "new.gz") as file:
        lines = list(file)
    (tmp_path / "old.gz").write_bytes(gzip.compress(_without(lines, kept, "0008")))

    backup = await restore(StorageConfig(url=store_url), tmp_path / "old.gz")

    assert (backup.head.schema, backup.rows["posts"]) == ("0008", 1)
    async with open_store(StorageConfig(url=store_url)) as store, store.read() as tx:
        assert await tx.posts.count() == 1


async def _columns(config: StorageConfig) -> dict[str, set[str]]:
    engine = sqlite_engine(parse_url(config.url), config, writes=False)
    async with engine.connect() as connection:
        names = await connection.run_sync(
            lambda c: {
                t: {each["name"] for each in inspect(c).get_columns(t)} for t in inspect(c).get_table_names()
            }
        )
    await engine.dispose()
    return names


def _without(lines: list[bytes], kept: dict[str, set[str]], schema: str) -> bytes:
    """The backup as an earlier version would have written it."""
    out = [json.dumps({**json.loads(lines[0]), "schema": schema}).encode() + b"\n"]
    whole, total, rest = hashlib.sha256(), 0, iter(lines[1:])
    for raw in rest:
        head = json.loads(raw)
        if head.get("end"):
            out.append(json.dumps({"end": True, "rows": total, "sha256": whole.hexdigest()}).encode() + b"\n")
            break
        names = list(head["columns"])
        mine = [n for n, name in enumerate(names) if name in kept.get(head["table"], ())]
        block, n = b"", 0
        while isinstance(row := json.loads(next(rest)), list):
            block += json.dumps([row[i] for i in mine], ensure_ascii=False).encode() + b"\n"
            n += 1
        if not mine:
            continue
        columns = {names[i]: head["columns"][names[i]] for i in mine}
        out.append(json.dumps({"table": head["table"], "columns": columns}).encode() + b"\n" + block)
        out.append(json.dumps({"rows": n, "sha256": hashlib.sha256(block).hexdigest()}).encode() + b"\n")
        whole.update(block)
        total += n
    return b"".join(out)


async def test_a_backup_of_a_later_version_is_refused_with_what_to_do(store: Store, tmp_path: Path) -> None:
    await write_backup(store, tmp_path / "b.gz", NOON)
    with gzip.open(tmp_path / "b.gz") as file:
        text_ = file.read().replace(b'"schema":"', b'"schema":"9', 1)
    (tmp_path / "later.gz").write_bytes(gzip.compress(text_))
    with pytest.raises(BackupError, match="by a later version of Deadair"):
        check(tmp_path / "later.gz")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(BackupError, match="is no backup of Deadair"):
        check(tmp_path / "photo.jpg")
    (tmp_path / "other.gz").write_bytes(gzip.compress(b"[1]\n"))
    with pytest.raises(BackupError, match="damaged"):
        check(tmp_path / "other.gz")


def test_the_oldest_make_room_and_strangers_stay(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    made = [named(folder, NOON + timedelta(days=n), encrypted=n % 2 == 1) for n in range(5)]
    mine = folder / "before-the-move.deadair.gz"
    for path in (*made, mine):
        path.write_bytes(b"")
    assert tidy(folder, 3) == made[:2]
    assert sorted(folder.iterdir()) == sorted([*made[2:], mine])
    assert tidy(folder, 3) == []


def test_what_a_backup_that_was_killed_left_behind_goes_a_day_later(tmp_path: Path) -> None:
    made = [named(tmp_path, NOON + timedelta(days=n), encrypted=True) for n in range(3)]
    killed, under_way = (path.with_name(path.name + ".part") for path in made[:2])
    mine = tmp_path / "mine.gz.part"
    day = timedelta(days=1).total_seconds()
    ages = {killed: 2 * day, mine: 2 * day, under_way: 100, made[2]: 0}
    for path, age in ages.items():
        path.write_bytes(b"")
        os.utime(path, (1e9 - age, 1e9 - age))
    assert tidy(tmp_path, 3) == []
    assert sorted(tmp_path.iterdir()) == sorted([mine, under_way, made[2]])


async def test_what_search_makes_of_the_archive_is_left_out_and_made_anew(
    store: Store, elsewhere: str, tmp_path: Path
) -> None:
    async with store.begin() as tx:
        await tx.posts.put(
            [Post(channel_id=7, id=1, text="طائرة", posted_at=NOON, seen_at=NOON, how=How.LIVE)]
        )
        await tx.marks.set("search.place", {"seq": 1}, NOON)
        await tx.marks.set("searching", {"is": "another"}, NOON)
    await write_backup(store, tmp_path / "b.gz", NOON)
    await restore(StorageConfig(url=elsewhere), tmp_path / "b.gz")
    async with open_store(StorageConfig(url=elsewhere)) as other, other.read() as tx:
        assert [name for name, _, _ in await tx.marks.all()] == ["searching"]
