"""Rows out of the old archive into the new one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Table, delete, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from storage.errors import translated
from storage.moving.compare import PAGE, Compared, Sum, block_of, compare
from storage.moving.errors import MoveError
from storage.moving.ledger import Ledger
from storage.moving.rows import Key, Reader, Rows, Stretch
from storage.upsert import append
from storage.whole import classes, kept_tables

#: Told of how many more rows were brought or looked at.
More = Callable[[int], None]


async def copy(old: AsyncEngine, new: AsyncEngine, more: More) -> None:
    """All rows that there are, from where it was broken off on. What changes behind it is for `bring_up`."""
    for table in kept_tables():
        rows = Rows(table, is_postgres=False)
        reader = Reader(rows)
        async with new.connect() as connection:
            blocks = await Ledger(connection).blocks(table.name)
        more(sum(block.n for block in blocks))
        reading = asyncio.ensure_future(_page(old, rows, blocks[-1].upto if blocks else None))
        try:
            while page := await reading:
                # The next rows are read while these are written.
                reading = asyncio.ensure_future(_page(old, rows, reader.key(page[-1])))
                async with new.begin() as connection:
                    # Should the machine die, the ledger loses what the rows lose.
                    await connection.execute(text("SET LOCAL synchronous_commit = off"))
                    await _put(connection, table, reader, page)
                more(len(page))
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


async def _page(old: AsyncEngine, rows: Rows, after: Key | None) -> Sequence[Any]:
    async with old.connect() as connection:
        found = await connection.execute(rows.select(Stretch(after, None)).limit(PAGE))
        return list(found)


async def bring_up(old: AsyncConnection, new: AsyncEngine, more: More) -> tuple[Mapping[str, Sum], int]:
    """Make the new archive what the old one is in the transaction of this connection, and no other.

    Returns what that is, by table, and how many rows were brought for it.
    """
    compared: dict[str, Compared] = {}
    for table in kept_tables():
        async with new.connect() as connection:
            blocks = await Ledger(connection).blocks(table.name)
        compared[table.name] = await compare(old, Rows(table, is_postgres=False), blocks, more)
    n = 0
    async with new.begin() as connection:
        # All that is no longer so goes first: what comes may be alike to it in what must differ.
        for table in kept_tables():
            for stretch in compared[table.name].changed:
                within = Rows(table, is_postgres=True).within(stretch)
                await connection.execute(delete(table).where(*within))
                if stretch.upto is not None:
                    await Ledger(connection).forget(table.name, stretch.upto)
        for table in kept_tables():
            for stretch in compared[table.name].changed:
                n += await _bring(old, connection, table, stretch)
    return {name: each.sum for name, each in compared.items()}, n


async def _bring(old: AsyncConnection, new: AsyncConnection, table: Table, stretch: Stretch) -> int:
    rows = Rows(table, is_postgres=False)
    reader = Reader(rows)
    n, after = 0, stretch.after
    while page := list(await old.execute(rows.select(Stretch(after, stretch.upto)).limit(PAGE))):
        await _put(new, table, reader, page)
        n, after = n + len(page), reader.key(page[-1])
    return n


async def _put(new: AsyncConnection, table: Table, reader: Reader, page: Sequence[Any]) -> None:
    """Some rows as a block of their own, with its line in the ledger."""
    block = await asyncio.to_thread(block_of, reader, page)
    names = [column.name for column in table.columns]
    try:
        await append(new, classes()[table.name], [dict(zip(names, row, strict=True)) for row in page])
    except DBAPIError as error:
        if translated(error, "") is not None:
            raise
        first, last = reader.key(page[0]), block.upto
        raise MoveError(
            f"PostgreSQL does not take rows of {table.name} between {first} and {last}: "
            f"{str(error.orig).splitlines()[0]}",
            hint="report this: a row that SQLite held should fit. Nothing of the old archive was changed",
        ) from error
    await Ledger(new).put(table.name, block)
