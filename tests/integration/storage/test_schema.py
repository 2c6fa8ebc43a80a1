"""The schema goes up from empty and down again, and is what the tables say."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.post import How, Post
from storage.config import StorageConfig
from storage.engines import parse_url, postgres_engine, sqlite_engine
from storage.errors import SchemaMismatch
from storage.migrate import migrate
from storage.schema import downgrade, head, upgrade, version
from storage.store import open_store
from storage.tables import Table
from storage.words import SHADOWS

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
POST = Post(channel_id=7, id=1, posted_at=NOON, seen_at=NOON, how=How.LIVE, text="word")


@pytest.fixture
async def engine(store_url: str) -> AsyncIterator[AsyncEngine]:
    config, url = StorageConfig(url=store_url), parse_url(store_url)
    lite = url.drivername.startswith("sqlite")
    made = sqlite_engine(url, config, writes=True) if lite else postgres_engine(url, config)
    yield made
    await made.dispose()


async def tables(engine: AsyncEngine) -> set[str]:
    async with engine.connect() as connection:
        names = await connection.run_sync(lambda c: inspect(c).get_table_names())
    return set(names) - {"alembic_version"}


def expected(engine: AsyncEngine) -> set[str]:
    """The tables both engines share, and the index of words in the form that each has."""
    return {*Table.metadata.tables, "words", *(SHADOWS if engine.dialect.name == "sqlite" else ())}


async def test_up_from_empty_and_down_again_and_up(engine: AsyncEngine) -> None:
    assert await version(engine) is None
    await upgrade(engine)
    assert await version(engine) == head()
    assert await tables(engine) == expected(engine)
    await downgrade(engine, "base")
    assert await version(engine) is None
    assert await tables(engine) == set()
    await upgrade(engine)
    assert await tables(engine) == expected(engine)


async def test_the_migrations_make_what_the_tables_say(engine: AsyncEngine) -> None:
    await upgrade(engine)

    def differences(connection: Connection) -> list[object]:
        def ours(_object: object, name: str | None, *_: object) -> bool:
            of_one = {
                "ix_readings_topics",
                "ix_readings_language",
                "ix_posts_views",
                "ix_counters_views",
                "ix_words_body",
                "ix_documents_band_a",
                "ix_documents_band_b",
            }
            return name not in {"words", *of_one, *SHADOWS}

        opts = {"compare_type": True, "include_object": ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, Table.metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []


async def test_an_archive_of_another_version_is_refused_with_the_command_that_helps(
    store_url: str, engine: AsyncEngine
) -> None:
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(SchemaMismatch, match="has schema 0001, this Deadair works with") as refused:
        async with open_store(StorageConfig(url=store_url)):
            pass
    assert "deadair migrate" in refused.value.hint


async def test_a_database_of_somebody_else_is_left_alone(store_url: str, engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(SchemaMismatch, match=r"holds other tables than Deadair's \(invoices"):
        async with open_store(StorageConfig(url=store_url)):
            pass
    assert await tables(engine) == {"invoices"}


async def test_an_archive_is_made_only_by_those_who_may_make_one(store_url: str) -> None:
    with pytest.raises(SchemaMismatch, match="holds no archive yet") as refused:
        async with open_store(StorageConfig(url=store_url), create=False):
            pass
    assert "deadair run" in refused.value.hint


async def test_to_look_for_an_archive_leaves_no_file_behind(tmp_path: Path) -> None:
    with pytest.raises(SchemaMismatch, match="holds no archive yet") as refused:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path}/mistyped.db"), create=False):
            pass
    assert "--config" in refused.value.hint
    assert await asyncio.to_thread(lambda: list(tmp_path.iterdir())) == []


async def test_two_new_archives_are_made_at_once(tmp_path: Path) -> None:
    async def make(n: int) -> int:
        async with open_store(StorageConfig(url=f"sqlite:///{tmp_path}/{n}.db")) as store, store.read() as tx:
            return await tx.posts.count()

    assert await asyncio.gather(*map(make, range(3))) == [0, 0, 0]


async def test_what_is_in_the_archive_is_there_when_it_is_opened_again(store_url: str) -> None:
    async with open_store(StorageConfig(url=store_url)) as store, store.begin() as tx:
        await tx.posts.put([POST])
    async with open_store(StorageConfig(url=store_url), create=False) as store, store.read() as tx:
        assert await tx.posts.get(7, 1) == POST


async def test_migrate_goes_both_ways_and_says_from_where_to_where(store_url: str) -> None:
    config = StorageConfig(url=store_url)
    assert await migrate(config) == (None, head())
    assert await migrate(config) == (head(), head())
    assert await migrate(config, "base") == (head(), None)
    assert await migrate(config, head()) == (None, head())
    with pytest.raises(SchemaMismatch, match="no schema version 'later'") as refused:
        await migrate(config, "later")
    assert refused.value.hint == f"known are {', '.join(f'{n:04}' for n in range(1, int(head()) + 1))}, head"


@pytest.mark.parametrize("to", ["base", "0009"])
async def test_an_archive_that_holds_posts_is_not_taken_back(store_url: str, to: str) -> None:
    config = StorageConfig(url=store_url)
    async with open_store(config) as store, store.begin() as tx:
        await tx.posts.put([POST])
    with pytest.raises(SchemaMismatch, match=f"holds 1 posts in schema {head()}: going back") as refused:
        await migrate(config, to, keep=True)
    assert "deadair restore FILE" in refused.value.hint
    assert await migrate(config, keep=True) == (head(), head())
    async with open_store(config, create=False) as store, store.read() as tx:
        assert await tx.posts.get(7, 1) == POST


async def test_an_archive_without_posts_goes_back(store_url: str) -> None:
    config = StorageConfig(url=store_url)
    await migrate(config)
    assert await migrate(config, "0009", keep=True) == (head(), "0009")
    assert await migrate(config, "base", keep=True) == ("0009", None)
    assert await migrate(config, "base", keep=True) == (None, None)


async def test_migrate_leaves_the_archive_of_a_newer_program_alone(
    store_url: str, engine: AsyncEngine
) -> None:
    await upgrade(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatch, match="which this Deadair does not know") as refused:
        await migrate(StorageConfig(url=store_url))
    assert "install that one" in refused.value.hint
    assert await tables(engine) == expected(engine)


async def test_posts_are_read_by_index_however_many_there_are(store_url: str, engine: AsyncEngine) -> None:
    """What the reader, the charts and the courier ask again and again must not scan a table."""
    async with open_store(StorageConfig(url=store_url)) as store, store.begin() as tx:
        await tx.posts.put([replace(POST, id=n) for n in range(1, 2001)])
    lite = engine.dialect.name == "sqlite"
    asked = (
        "SELECT * FROM posts WHERE seq > 1990 ORDER BY seq LIMIT 5",
        "SELECT * FROM posts WHERE channel_id = 7 AND id = 5",
        "SELECT * FROM posts WHERE channel_id = 8 AND posted_at > {} ORDER BY posted_at, id LIMIT 5",
        "SELECT * FROM revisions WHERE seq > 1990 ORDER BY seq LIMIT 5",
        "SELECT id FROM claims WHERE reader_version = 1 AND posted_at >= {} AND posted_at <= {}",
        "SELECT id FROM claims WHERE incident_id IN (4, 5) ORDER BY id",
        "SELECT id FROM claims WHERE channel_id = 7 AND post_id IN (5, 6) AND reader_version = 1",
        "SELECT id FROM deliveries WHERE state = 'waiting' AND not_before < {} ORDER BY not_before LIMIT 1",
        "SELECT id FROM deliveries WHERE chat_id = 4 AND id < 9 AND state IN ('waiting', 'leased')",
    )
    async with engine.begin() as connection:
        if not lite:
            await connection.execute(text("SET LOCAL enable_seqscan = off"))
        for query in asked:
            now = "1" if lite else "now()"
            plan = await connection.execute(
                text(f"EXPLAIN {'QUERY PLAN ' if lite else ''}{query.format(now, now)}")
            )
            steps = " / ".join(str(tuple(row)) for row in plan)
            assert "SCAN posts" not in steps
            assert "Seq Scan" not in steps, steps
            assert "USING" in steps or "Index" in steps, steps
