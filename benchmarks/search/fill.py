"""An archive filled with the invented posts, past our own intake: what is measured is search."""

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.search.generate import CHANNELS, Writer
from domain.channel import Channel
from domain.post import content_hash
from storage.config import StorageConfig
from storage.store import open_store

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
COLUMNS = ["channel_id", "id", "posted_at", "seen_at", "last_seen_at", "how", "kind", "text", "hash"]
COLUMNS += ["current", "current_hash", "views"]


def rows(posts: int, *, micros: bool) -> Iterator[tuple[Any, ...]]:
    """One in twenty posts is stored later than its time: history that was read afterwards."""
    late: list[tuple[Any, ...]] = []
    numbers = [0] * CHANNELS
    for n, (channel, at, text) in enumerate(Writer(posts)):
        numbers[channel] += 1
        digest = content_hash(text, None)
        when: Any = (at - EPOCH) // timedelta(microseconds=1) if micros else at
        row = (
            1000 + channel,
            numbers[channel],
            when,
            when,
            when,
            "live",
            "post",
            text,
            digest,
            0,
            digest,
            n % 5000,
        )
        if n % 20 == 0:
            late.append(row)
        else:
            yield row
        if len(late) >= 5000:
            yield from late
            late.clear()
    yield from late


async def _set_up(url: str) -> None:
    async with open_store(StorageConfig(url=url)) as store, store.begin() as tx:
        for n in range(CHANNELS):
            await tx.channels.save(Channel(id=1000 + n, title=f"Channel {n}", handle=f"channel_{n}"), EPOCH)


def fill_sqlite(file: Path, posts: int) -> str:
    url = f"sqlite:///{file}"
    asyncio.run(_set_up(url))
    marks = ", ".join("?" * len(COLUMNS))
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        given = rows(posts, micros=True)
        while batch := list(islice(given, 10_000)):
            connection.executemany(f"INSERT INTO posts ({', '.join(COLUMNS)}) VALUES ({marks})", batch)
            connection.commit()
    return url


async def fill_postgres(url: str, posts: int) -> str:
    import asyncpg

    await _set_up(url)
    connection = await asyncpg.connect(url)
    try:
        given = rows(posts, micros=False)
        while batch := list(islice(given, 20_000)):
            await connection.copy_records_to_table("posts", records=batch, columns=COLUMNS)
        await connection.execute("VACUUM ANALYZE posts")
    finally:
        await connection.close()
    return url
