"""Statements of every size through the cursor that takes one step for each."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage.config import StorageConfig
from storage.one_step import AHEAD, ROWS, connect
from storage.store import Store, open_store

UP_TO_N = text("WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up LIMIT :n) SELECT i FROM up")
SIZES = pytest.mark.parametrize("n", [1, AHEAD - 1, AHEAD, AHEAD + 1, 3 * AHEAD + 7])


@pytest_asyncio.fixture
async def archive(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path / 'deadair.db'}")) as opened:
        yield opened


@SIZES
async def test_all_rows_come_in_their_order(archive: Store, n: int) -> None:
    async with archive.read() as tx:
        found = (await tx.connection.execute(UP_TO_N, {"n": n})).scalars().all()
    assert found == list(range(1, n + 1))


@SIZES
async def test_a_stream_gives_the_same_rows(archive: Store, n: int) -> None:
    async with archive.read() as tx, tx.connection.stream(UP_TO_N, {"n": n}) as rows:
        found = [row.i async for row in rows]
    assert found == list(range(1, n + 1))


async def test_a_stream_that_is_left_does_not_hold_up_the_next_statement(archive: Store) -> None:
    async with archive.read() as tx:
        async with tx.connection.stream(UP_TO_N, {"n": 5 * AHEAD}) as rows:
            first = await rows.fetchmany(3)
        assert [row.i for row in first] == [1, 2, 3]
        assert (await tx.connection.execute(UP_TO_N, {"n": 2})).scalars().all() == [1, 2]


async def test_it_says_how_many_rows_were_changed_and_under_which_number_one_was_put(archive: Store) -> None:
    async with archive.begin() as tx:
        run = tx.connection.exec_driver_sql
        await run("CREATE TABLE birds (n INTEGER PRIMARY KEY, name TEXT UNIQUE)")
        assert (await run("INSERT INTO birds (n, name) VALUES (7, 'kite')")).lastrowid == 7
        many = await run("INSERT INTO birds (name) VALUES (?)", [("owl",), ("crane",), ("stork",)])
        assert many.rowcount == 3
        given = await run("UPDATE birds SET n = n + 100 WHERE n > 7 RETURNING n")
        assert [row.n for row in given] == [108, 109, 110]
        assert (await run("DELETE FROM birds WHERE n > 108")).rowcount == 2


@pytest.mark.parametrize("n", [1, ROWS - 1, ROWS, ROWS + 1, 3 * ROWS + 7])
async def test_rows_of_one_statement_are_put_one_after_the_other(archive: Store, n: int) -> None:
    """As many as there are, in their order; what is there already stays, and the same one twice is one."""
    rows = [(f"bird {i}", i) for i in range(n)]
    async with archive.begin() as tx:
        run = tx.connection.exec_driver_sql
        await run("CREATE TABLE birds (n INTEGER PRIMARY KEY, name TEXT UNIQUE, size INTEGER)")
        await run("INSERT INTO birds (name, size) VALUES (?, ?)", ("bird 0", -1))
        put = "INSERT INTO birds (name, size) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
        await run(put, [*rows, *rows])
        found = list(await run("SELECT name, size FROM birds ORDER BY n"))
    assert found == [("bird 0", -1), *rows[1:]]


async def test_of_many_rows_one_that_may_not_be_is_refused(archive: Store) -> None:
    rows = [(f"bird {i % 250}",) for i in range(3 * ROWS)]
    async with archive.begin() as tx:
        await tx.connection.exec_driver_sql("CREATE TABLE birds (name TEXT UNIQUE)")
        with pytest.raises(IntegrityError, match="UNIQUE"):
            await tx.connection.exec_driver_sql("INSERT INTO birds (name) VALUES (?)", rows)


async def test_a_statement_that_fails_says_why_and_the_connection_goes_on(archive: Store) -> None:
    async with archive.begin() as tx:
        await tx.connection.exec_driver_sql("CREATE TABLE birds (name TEXT UNIQUE)")
        with pytest.raises(IntegrityError, match="UNIQUE"):
            await tx.connection.exec_driver_sql("INSERT INTO birds VALUES ('owl'), ('owl')")
        assert (await tx.connection.execute(UP_TO_N, {"n": 2})).scalars().all() == [1, 2]


async def test_what_was_opened_for_one_who_was_cancelled_meanwhile_is_closed(tmp_path: Path) -> None:
    connection = connect(str(tmp_path / "new.db"), check_same_thread=False)

    async def open_it() -> None:
        await connection

    opening = asyncio.create_task(open_it())
    await asyncio.sleep(0)
    opening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await opening
    await asyncio.to_thread(connection._thread.join, 10)
    assert connection.opened is not None
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.opened.execute("SELECT 1")
