"""An archive moves out of SQLite into PostgreSQL while it is written to, whole, or says what is missing."""

import asyncio
import gzip
import json
import os
from collections import defaultdict
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from archive.coverage import coverage
from archive.indexer import Indexer
from domain.channel import Headcount
from domain.clock import WallClock
from domain.episode import State
from domain.series import SeriesKey
from domain.subscription import Subscription
from storage.backup.write import write_backup
from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine
from storage.errors import SchemaMismatch, StoreError, Unreachable
from storage.migrate import migrate
from storage.moving import bring, compare
from storage.moving.errors import MoveError
from storage.moving.move import Moved, move
from storage.proof import channels_of, prove
from storage.store import Store, open_store
from storage.whole import kept_tables
from tests.support.archived import fill_all
from tests.support.every_table import fill_every_table
from tests.support.postgres import Postgres
from tests.support.searching import FALCON, HERON, HOUR, NOON, found, numbers, post

pytestmark = pytest.mark.postgres


@pytest.fixture
def old(tmp_path: Path) -> StorageConfig:
    return StorageConfig(url=f"sqlite:///{tmp_path / 'old.db'}")


@pytest.fixture
async def new(postgres: Postgres) -> str:
    return await postgres.database()


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two rows, so that a small archive has many."""
    monkeypatch.setattr(bring, "PAGE", 2)
    monkeypatch.setattr(compare, "PAGE", 2)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    engine = postgres_engine(parse_url(url), StorageConfig(url=url))
    async with engine.begin() as connection:
        yield connection
    await engine.dispose()


async def lines(url: str, path: Path) -> list[Any]:
    """All that an archive holds, as its backup has it, without the line that tells when and where."""
    async with open_store(StorageConfig(url=url), create=False) as store:
        await write_backup(store, path, NOON)
    with gzip.open(path) as file:
        found = [json.loads(line) for line in file][1:]
    os.unlink(path)
    # PostgreSQL gives the names in a document in another order, and so the sums of lines differ.
    return [line if isinstance(line, list) else {**line, "sha256": None} for line in found]


async def held_to(url: str) -> set[tuple[str, ...]]:
    """Every index and constraint of a database, and where its sequences stand is not among it."""
    async with connected(url) as connection:
        constraints = await connection.execute(
            text(
                "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE connamespace = current_schema()::regnamespace"
            )
        )
        indexes = await connection.execute(
            text("SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()")
        )
        tables = await connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        )
        return {tuple(row) for rows in (constraints, indexes, tables) for row in rows}


async def test_every_row_of_every_table_comes_over_and_the_new_one_is_held_to_all_that_it_should_be(
    old: StorageConfig, new: str, postgres: Postgres, tmp_path: Path
) -> None:
    async with open_store(old) as store:
        await fill_every_table(store)
    before = await lines(old.url, tmp_path / "b.gz")

    done = await move(old, new, finish=False)

    assert (done.is_whole, done.rows) == (True, 3 * len(kept_tables()))
    assert await lines(new, tmp_path / "b.gz") == before
    assert await lines(old.url, tmp_path / "b.gz") == before  # and the old one is as it was
    fresh = await postgres.database()
    await migrate(StorageConfig(url=fresh))
    assert await held_to(new) == await held_to(fresh)


async def test_what_was_moved_is_found_counted_and_proven_as_before_and_goes_on(
    old: StorageConfig, new: str
) -> None:
    async with open_store(old) as store:
        await fill_all(store)
        async with store.begin() as tx:
            first = await tx.subscriptions.subscribe(Subscription(id=0, chat_id=1, made_at=NOON))
        before = await told_by(store)

    done = await move(old, new, finish=True)
    assert (done.is_whole, done.chains) == (True, 3)

    async with open_store(StorageConfig(url=new), create=False) as store:
        await Indexer(store, WallClock()).catch_up()
        assert await told_by(store) == before
        async with store.begin() as tx:
            second = await tx.subscriptions.subscribe(Subscription(id=0, chat_id=2, made_at=NOON))
            await tx.posts.put([post(70, "one more")])
        assert second.id > first.id
        proof = await prove(store, FALCON)
        assert (proof.broken, proof.kinds["post"]) == (None, 4)


@pytest.mark.usefixtures("small_blocks")
async def test_a_database_that_sorts_as_people_do_is_filled_in_the_order_of_bytes(
    old: StorageConfig, postgres: Postgres, tmp_path: Path
) -> None:
    """There "a" stands before "B" and "_" does not count; in SQLite they stand by their bytes."""
    new = await postgres.database("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en'")
    async with connected(new) as connection:
        unlike = await connection.execute(text("SELECT 'a' < 'B' AND '_z' < 'a' AND 'ق' > 'Z'"))
        assert unlike.scalar_one()
    names = ["B", "a", "_z", "A", "b", "ق", "Z", "é", "z", "_a", "\U0001f680", "0"]
    async with open_store(old) as store:
        await fill_all(store)
        async with store.begin() as tx:
            for name in names:
                await tx.marks.set(name, {"name": name}, NOON)
        await move(old, new, finish=False)
        async with store.begin() as tx:
            for name in names[::3]:
                await tx.marks.set(name, {"name": name, "again": True}, NOON)
                await tx.marks.set(f"{name} new", {}, NOON)
    assert (await move(old, new, finish=True)).is_whole
    moved = await lines(new, tmp_path / "b.gz")
    assert sorted(moved, key=str) == sorted(await lines(old.url, tmp_path / "b.gz"), key=str)


async def told_by(store: Store) -> list[Any]:
    """What people see of an archive."""
    out: list[Any] = []
    for words in ("مسيرة", "پهپاد", "drone", "wording", "first", "المقاومة OR wording"):
        page = await found(store, words)
        out += [[(hit.post.channel_id, hit.post.id, hit.post.text) for hit in page.hits]]
    out.append(await numbers(store, "", topics=("drones",)))
    async with store.read() as tx:
        for series in (SeriesKey(FALCON), SeriesKey(FALCON, "drones"), SeriesKey(HERON)):
            out.append(await tx.tallies.hours(series, 1, NOON - HOUR, NOON + 9 * HOUR))
        out.append(await tx.episodes.newest())
        out += [await coverage(tx, each, NOON - HOUR, NOON + 9 * HOUR) for each in await tx.channels.all()]
    out += [await prove(store, channel_id) for channel_id in await channels_of(store)]
    assert all(out[:8])  # each of it is something
    return out


@pytest.mark.usefixtures("small_blocks")
async def test_broken_off_at_any_moment_it_goes_on_and_brings_nothing_twice(
    old: StorageConfig, new: str, tmp_path: Path
) -> None:
    async with open_store(old) as store:
        await fill_all(store)
    before = await lines(old.url, tmp_path / "b.gz")
    stops, copied = _Stops(), 0
    done: Moved | None = None
    while done is None:
        try:
            done = await move(old, new, finish=True, heard=stops)
        except _Enough:
            with pytest.raises(SchemaMismatch, match="is not at its end"):
                await opened_once(new)
    assert done.is_whole
    assert {what: len(at) for what, at in stops.at.items()} == stops.often
    steps = [b - a for a, b in pairwise([copied, *stops.at["copying"]])]
    assert all(0 < step <= 2 for step in steps), steps  # each run went on where the one before it was
    assert await lines(new, tmp_path / "b.gz") == before


class _Enough(Exception):
    pass


class _Stops:
    """Ends a run as soon as it has done something that none before it had, so often in each stage."""

    def __init__(self) -> None:
        self.at: dict[str, list[int]] = defaultdict(list)
        self.often = {
            "copying": 12,
            "comparing": 2,
            "building indexes": 2,
            "bringing the last changes": 2,
            "proving": 2,
        }

    def __call__(self, what: str, n: int, _of: int) -> None:
        stopped = self.at[what]
        if len(stopped) < self.often[what] and (what != "copying" or n > max(stopped, default=0)):
            stopped.append(n)
            raise _Enough


async def opened_once(url: str) -> None:
    async with open_store(StorageConfig(url=url)):
        pass


@pytest.mark.usefixtures("small_blocks")
async def test_whatever_changes_meanwhile_is_brought_too(
    old: StorageConfig, new: str, tmp_path: Path
) -> None:
    """Posts pour in while it copies; between two runs everything changes that ever does."""
    async with open_store(old) as store:
        await fill_all(store)
        pouring = asyncio.create_task(pour(store))
        first = await move(old, new, finish=False)
        pouring.cancel()
        assert not first.is_whole
        with pytest.raises(MoveError, match="is open in another process") as refused:
            await move(old, new, finish=True)
        assert "stop every Deadair" in refused.value.hint
        await change(store)
        second = await move(old, new, finish=False)
        assert (second.is_whole, second.rows > first.rows) == (False, True)
        async with store.begin() as tx:
            await tx.posts.put([post(901, "the very last")])
    done = await move(old, new, finish=False)  # nobody has it open any more
    assert done.is_whole
    assert done.brought_last > 0
    assert await lines(new, tmp_path / "b.gz") == await lines(old.url, tmp_path / "b.gz")
    async with open_store(StorageConfig(url=new)) as store, store.read() as tx:
        assert await tx.posts.get(FALCON, 901) is not None


async def pour(store: Store) -> None:
    for n in range(100, 800):
        async with store.begin() as tx:
            await tx.posts.put([post(n, f"poured {n}")])
        await asyncio.sleep(0.01)


async def change(store: Store) -> None:
    async with store.begin() as tx:
        one = await tx.posts.get(FALCON, 1)
        assert one is not None
        await tx.posts.put([replace(one, text="another wording", edited_at=NOON + HOUR)])
        await tx.posts.put([post(900, "new", channel=HERON)])
        await tx.posts.missed(FALCON, [3], NOON + 3 * HOUR)
        readings = [replace(reading, seq=0) for reading in await tx.readings.after(0, 100)]
        # The same posts read once more under the same version: other rows, alike in what must differ.
        await tx.connection.execute(text("DELETE FROM readings"))
        await tx.connection.execute(
            text(
                "INSERT INTO readings (seq, channel_id, post_id, posted_at, reader_version, topics, counts, "
                "claimants, pause) VALUES (5000, 1, 1, 0, 1, '[]', 1, '[]', '')"
            )
        )
        await tx.readings.put(readings)
        for episode in await tx.episodes.newest():
            await tx.episodes.save(replace(episode, state=State.CLOSED, closed_at=NOON + 5 * HOUR))
        await tx.marks.set("a part", {"n": 1.0, "ق": [1e22]}, NOON)
        await tx.connection.execute(text("UPDATE channels SET title = title || ' renamed'"))
        await tx.connection.execute(text("DELETE FROM opinions"))


async def test_only_an_empty_database_is_filled(
    old: StorageConfig, new: str, postgres: Postgres, tmp_path: Path
) -> None:
    async with open_store(old) as store:
        await fill_all(store)
    async with connected(new) as connection:
        await connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(MoveError, match=r"is not empty \(invoices\)"):
        await move(old, new, finish=True)
    assert {row[0] for row in await held_to(new)} == {"invoices"}

    other = await postgres.database()
    await migrate(StorageConfig(url=other))
    with pytest.raises(MoveError, match="holds an archive already") as refused:
        await move(old, other, finish=True)
    assert "never written over" in refused.value.hint

    half = await postgres.database()
    with pytest.raises(_Enough):
        await move(old, half, finish=True, heard=_Stops())
    another = StorageConfig(url=f"sqlite:///{tmp_path / 'another.db'}")
    async with open_store(another) as store, store.begin() as tx:
        await tx.posts.put([post(1, "another archive")])
    with pytest.raises(MoveError, match="holds the half of another archive"):
        await move(another, half, finish=True)
    with pytest.raises(SchemaMismatch, match="is not at its end") as mine:
        await migrate(StorageConfig(url=half))
    assert "deadair migrate --to URL --finish" in mine.value.hint
    async with connected(half) as connection:
        await connection.execute(text("UPDATE moving SET value = '\"0001\"' WHERE name = 'schema'"))
    with pytest.raises(MoveError, match="was begun with schema 0001"):
        await move(old, half, finish=True)


async def test_what_cannot_be_moved_says_why(old: StorageConfig, new: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="holds no archive"):
        await move(old, new, finish=True)
    assert os.listdir(tmp_path) == []  # no file was made for asking
    async with open_store(old):
        pass
    for url, why in (
        ("postgres//x:hunter2@y", "what is given as the one to move to is no database url"),
        (f"sqlite:///{tmp_path / 'x.db'}", "only moves into PostgreSQL"),
        ("mysql://a@b/c", "no such kind of database"),
    ):
        with pytest.raises((MoveError, StoreError), match=why):
            await move(old, url, finish=True)
    with pytest.raises(MoveError, match="is in PostgreSQL already") as refused:
        await move(StorageConfig(url=new), new, finish=True)
    assert "deadair backup" in refused.value.hint
    for url in ("postgresql://x@127.0.0.1:1/none", new.replace("/t", "/not_there_t")):
        with pytest.raises(Unreachable, match="cannot reach") as away:
            await move(old, url, finish=True)
        assert "goes on where it was" in away.value.hint
    await migrate(old, "0012")
    with pytest.raises(SchemaMismatch, match="has schema 0012") as outdated:
        await move(old, new, finish=True)
    assert "deadair migrate" in outdated.value.hint


async def test_two_at_once_do_not_move_into_one_database(old: StorageConfig, new: str) -> None:
    async with open_store(old) as store:
        await fill_all(store)
    refused: list[asyncio.Task[Moved]] = []

    def again(_what: str, _n: int, _of: int) -> None:
        if not refused:
            refused.append(asyncio.create_task(move(old, new, finish=True)))

    first = await move(old, new, finish=True, heard=again)
    assert first.is_whole
    with pytest.raises(MoveError, match="another process is moving"):
        await refused[0]


@pytest.mark.usefixtures("small_blocks")
async def test_what_is_not_as_in_the_old_archive_is_found_named_and_brought_again(
    old: StorageConfig, new: str, tmp_path: Path
) -> None:
    async with open_store(old) as store:
        await fill_all(store)
        await move(old, new, finish=False)
    async with connected(new) as connection:
        await connection.execute(text("UPDATE posts SET text = 'forged' WHERE id = 2"))
        await connection.execute(text("DELETE FROM watch_spans WHERE seq = 1"))
        await connection.execute(text("INSERT INTO handles VALUES (99, 7, 'put_in', now(), NULL)"))
        await connection.execute(text("UPDATE chains SET number = 99 WHERE channel_id = 9"))
    with pytest.raises(MoveError, match="does not hold what the old archive holds") as refused:
        await move(old, new, finish=True)
    said = refused.value.what
    for why in (
        "posts: 6 rows, of 6; it differs up to 2",
        "watch_spans: 2 rows, of 3; it differs up to 2",
        "handles: 3 rows, of 2; it differs after 2 up to the end",
        "the chain of channel 9 ends elsewhere",
    ):
        assert why in said
    assert "tallies" not in said
    with pytest.raises(SchemaMismatch, match="is not at its end"):
        await opened_once(new)
    assert (await move(old, new, finish=True)).is_whole
    assert await lines(new, tmp_path / "b.gz") == await lines(old.url, tmp_path / "b.gz")


async def test_while_it_is_ended_nobody_else_opens_the_old_archive(old: StorageConfig, new: str) -> None:
    async with open_store(old) as store:
        await fill_all(store)
    refused: list[BaseException | None] = []
    hasty = old.model_copy(update={"busy_timeout": 0.1})

    async def writes() -> None:
        async with open_store(hasty) as other, other.begin() as tx:
            await tx.posts.put([post(77, "too late")])

    def heard(what: str, _n: int, _of: int) -> None:
        if what == "proving" and not refused:
            with ThreadPoolExecutor() as elsewhere:  # the move waits for it here
                refused.append(elsewhere.submit(asyncio.run, writes()).exception())

    assert (await move(old, new, finish=True, heard=heard)).is_whole
    assert isinstance(refused[0], StoreError)
    assert "is locked by another process" in refused[0].what
    async with open_store(old) as store, store.read() as tx:  # afterwards it can be opened as ever
        assert await tx.posts.get(FALCON, 77) is None


async def test_a_row_that_postgresql_does_not_take_is_named(old: StorageConfig, new: str) -> None:
    async with open_store(old) as store, store.begin() as tx:
        await tx.channels.counted(Headcount(channel_id=FALCON, at=NOON, members=4, within=0))
        await tx.connection.execute(text("UPDATE headcounts SET members = 9223372036854775807"))
        await tx.marks.set("m", {}, NOON)
        await tx.connection.execute(text("UPDATE marks SET value = '{\"n\": NaN}'"))
    with pytest.raises(MoveError, match="does not take rows of marks between") as refused:
        await move(old, new, finish=True)
    assert "'m'" in refused.value.what
