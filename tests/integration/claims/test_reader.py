"""The reader over a real archive."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from claims.config import ClaimsConfig
from claims.lexicon.load import load
from claims.reader import Reader
from claims.topics import WordTopics
from claims.version import Reads, settle_version
from domain.clock import SetClock
from domain.post import How, Post, PostKind
from domain.reading import Reading
from domain.series import SeriesKey
from storage.config import StorageConfig
from storage.store import Store, open_store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOPICS = WordTopics({"attacks": ["قصف"], "sport": ["مباراة"]})


def post(number: int, text: str = "", *, album: int | None = None, kind: PostKind = PostKind.POST) -> Post:
    at = NOON + timedelta(minutes=number)
    return Post(
        channel_id=7, id=number, posted_at=at, seen_at=at, how=How.LIVE, text=text, album_id=album, kind=kind
    )


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(StorageConfig(url=f"sqlite:///{tmp_path}/archive.db")) as store:
        yield store


async def put(store: Store, *posts: Post) -> None:
    async with store.begin() as tx:
        await tx.posts.put(posts)
        tx.notify("posts")


async def readings(store: Store) -> list[Reading]:
    async with store.read() as tx:
        return list(await tx.readings.after(0, 100))


def reader(store: Store, *, version: int = 1, batch: int = 1000, topics: WordTopics = TOPICS) -> Reader:
    return Reader(store, topics, version=version, clock=SetClock(NOON), config=ClaimsConfig(batch=batch))


async def test_every_post_is_read_once_and_tallied_by_channel_and_topic(store: Store):
    await put(store, post(1, "قصف"), post(2, "مباراة"), post(3), post(4, "قصف ومباراة"))
    assert await reader(store, batch=3).catch_up() == 4
    assert await reader(store).catch_up() == 0
    assert [r.topics for r in await readings(store)] == [("attacks",), ("sport",), (), ("attacks", "sport")]
    async with store.read() as tx:
        for topic, n in ((None, 4), ("attacks", 2), ("sport", 2)):
            assert await tx.tallies.hours(SeriesKey(7, topic), 1, NOON, NOON + timedelta(hours=1)) == {
                NOON: n
            }


async def test_an_album_counts_once_and_a_service_post_not_at_all(store: Store):
    await put(store, post(1, album=5), post(2, "قصف", album=5), post(3, kind=PostKind.SERVICE))
    await reader(store).catch_up()
    await put(store, post(4, album=5), post(5, album=6))
    await reader(store).catch_up()
    read = await readings(store)
    assert [r.counts for r in read] == [True, False, False, False, True]
    assert read[0].topics == ("attacks",)


async def test_an_album_is_not_cut_by_the_end_of_a_batch(store: Store):
    await put(store, post(1), post(2, album=5), post(3, "قصف", album=5), post(4))
    await reader(store, batch=2).catch_up()
    assert [(r.post_id, r.topics, r.counts) for r in await readings(store)] == [
        (1, (), True),
        (2, ("attacks",), True),
        (3, ("attacks",), False),
        (4, (), True),
    ]


async def test_two_readers_at_once_count_nothing_twice(store: Store):
    await put(store, *(post(n, "قصف") for n in range(1, 41)))
    await asyncio.gather(reader(store, batch=7).catch_up(), reader(store, batch=5).catch_up())
    async with store.read() as tx:
        assert await tx.tallies.hours(SeriesKey(7), 1, NOON, NOON + timedelta(hours=1)) == {NOON: 40}


async def test_other_word_lists_are_another_version_that_reads_everything_again(store: Store):
    few, more = (
        Reads(lexicon=load(), topics=WordTopics({"attacks": words})) for words in (["قصف"], ["قصف", "غارة"])
    )
    assert [await settle_version(store, reads, NOON) for reads in (few, more, few)] == [1, 2, 1]
    await put(store, post(1, "غارة"))
    await reader(store, version=1, topics=WordTopics({"attacks": ["قصف"]})).catch_up()
    await reader(store, version=2, topics=WordTopics({"attacks": ["قصف", "غارة"]})).catch_up()
    assert [(r.reader_version, r.topics) for r in await readings(store)] == [(1, ()), (2, ("attacks",))]


async def test_a_running_reader_is_woken_by_the_notice_of_a_post(store: Store):
    class Patient(SetClock):
        async def sleep(self, span: timedelta) -> None:
            await asyncio.Event().wait()

    running = Reader(store, TOPICS, version=1, clock=Patient(NOON))
    with store.listen("readings") as heard:
        task = asyncio.create_task(running.run())
        await asyncio.sleep(0)
        await put(store, post(1, "قصف"))
        async with asyncio.timeout(10):
            await heard.woken(Patient(NOON), timedelta(hours=1))
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [r.topics for r in await readings(store)] == [("attacks",)]
