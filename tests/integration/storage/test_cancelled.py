"""A task that is cancelled while it writes must not keep the archive locked for the others."""

import asyncio
import random
import time
from datetime import UTC, datetime

from domain.post import How, Post
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def write(store: Store, n: int) -> None:
    posts = [
        Post(channel_id=7, id=n * 50 + i, posted_at=NOON, seen_at=NOON, how=How.LIVE, text="word")
        for i in range(30)
    ]
    async with store.begin() as tx:
        await tx.posts.put(posts)
        await tx.marks.set("mark", {"n": n}, NOON)


async def read(store: Store) -> None:
    async with store.read() as tx:
        await tx.posts.count(7)


async def test_writes_go_on_at_once_after_others_were_cancelled_in_the_middle(store: Store) -> None:
    chance = random.Random(7)
    slowest = 0.0
    for n in range(80):
        tasks = [asyncio.create_task(write(store, n * 10 + k)) for k in range(3)]
        tasks += [asyncio.create_task(read(store)) for _ in range(2)]
        await asyncio.sleep(chance.random() * 0.02)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        began = time.monotonic()
        await write(store, n * 10 + 5)
        slowest = max(slowest, time.monotonic() - began)
    assert slowest < 5
