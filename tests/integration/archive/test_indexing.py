"""The index: filled in the background, gone on with after a stop, said to be incomplete while it is."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

import archive.indexer
from archive.config import ArchiveConfig
from archive.indexer import Indexer, unsearchable
from archive.tokens import Document
from domain.clock import WallClock
from domain.post import Post, PostKind, Revision
from storage.config import StorageConfig
from storage.migrate import migrate
from storage.store import Store, open_store
from tests.support.searching import HOUR, MINUTE, NOON, found, numbers, post, put


async def test_what_is_not_indexed_yet_is_said_with_every_answer(store: Store) -> None:
    await put(store, *(post(n, f"word {n}") for n in range(1, 11)), index=False)
    page = await found(store, "word")
    assert (page.hits, page.unsearchable) == ([], 10)
    indexer = Indexer(store, WallClock(), ArchiveConfig(batch=4))
    assert await indexer.step() == 4
    page = await found(store, "word")
    assert ([hit.post.id for hit in page.hits], page.unsearchable) == ([4, 3, 2, 1], 6)
    heard: list[tuple[int, int]] = []
    assert (
        await Indexer(store, WallClock(), ArchiveConfig(batch=4)).catch_up(
            lambda done, total: heard.append((done, total))
        )
        == 6
    )
    assert heard == [(0, 6), (4, 6), (6, 6)]
    assert (await found(store, "word")).unsearchable == 0


async def test_an_archive_of_before_is_indexed_after_it_was_moved_up(store_url: str) -> None:
    config = StorageConfig(url=store_url)
    async with open_store(config) as store:
        await put(store, post(1, "word"), index=False)
        await put(store, replace(post(1, "another"), edited_at=NOON + HOUR, seen_at=NOON + HOUR), index=False)
    await migrate(config, "0009")
    await migrate(config)
    async with open_store(config, create=False) as store:
        assert (await found(store, "word")).unsearchable == 2
        await Indexer(store, WallClock()).catch_up()
        assert await numbers(store, "word") == [1]
        assert await numbers(store, "another") == [1]


async def test_a_post_that_cannot_be_indexed_keeps_no_other_from_being_found(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stumbling(Document):
        def __init__(self, post: Post, revisions: Sequence[Revision] = (), *, named: int) -> None:
            if any("poison" in each.text for each in (post, *revisions)):
                raise AttributeError("'int' object has no attribute 'get'")
            super().__init__(post, revisions, named=named)

    monkeypatch.setattr(archive.indexer, "Document", Stumbling)
    await put(store, post(1, "word"), post(2, "word poison"), post(3, "word"), index=False)
    assert await Indexer(store, WallClock()).catch_up() == 3
    assert await numbers(store, "word") == [3, 1]
    assert sorted(await numbers(store, "")) == [1, 2, 3]
    edited = replace(post(3, "poison"), edited_at=NOON + HOUR, seen_at=NOON + HOUR)
    await put(store, edited, index=False)
    assert await Indexer(store, WallClock()).catch_up() == 1
    assert sorted(await numbers(store, "")) == [1, 2, 3]
    assert (await found(store, "word")).unsearchable == 0


async def test_two_indexers_at_once_index_everything_once(store: Store) -> None:
    posts = [post(n, f"word {n}") for n in range(1, 101)]
    await put(store, *posts, index=False)
    edits = [
        replace(p, text=f"{p.text} edited", edited_at=NOON + HOUR, seen_at=NOON + HOUR) for p in posts[:40]
    ]
    await put(store, *edits, index=False)
    config = ArchiveConfig(batch=7)
    await asyncio.gather(*(Indexer(store, WallClock(), config).catch_up() for _ in range(3)))
    async with store.read() as tx:
        assert await unsearchable(tx) == 0
    assert len(await numbers(store, "word", since=NOON + 50 * MINUTE)) == 50
    assert len(await numbers(store, "word", until=NOON + 50 * MINUTE)) == 49
    assert len(await numbers(store, "edited")) == 40


async def test_posts_are_found_within_two_seconds_of_their_arrival(store: Store) -> None:
    running = asyncio.create_task(Indexer(store, WallClock()).run())
    try:
        await asyncio.sleep(0.1)
        async with store.begin() as tx:
            await tx.posts.put([post(1, "word")])
            tx.notify("posts")
        async with asyncio.timeout(20):
            while not (await found(store, "word")).hits:  # noqa: ASYNC110 - another part's work is waited for
                await asyncio.sleep(0.02)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_the_index_is_built_anew_when_the_fold_has_changed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(store, post(1, "word"), post(2, "other"))
    await put(store, replace(post(2, "third"), edited_at=NOON + HOUR, seen_at=NOON + HOUR))
    monkeypatch.setattr(archive.indexer, "fingerprint", lambda: "another fold")
    assert (await found(store, "word")).unsearchable == 3
    assert await Indexer(store, WallClock()).catch_up() == 3
    for sought, expected in (("word", [1]), ("other", [2]), ("third", [2])):
        assert await numbers(store, sought) == expected


async def test_service_messages_are_not_searched(store: Store) -> None:
    await put(store, post(1, "word"), post(2, "word", kind=PostKind.SERVICE))
    assert await numbers(store, "word") == [1]
    assert await numbers(store) == [1]


async def test_an_index_brought_together_finds_the_same(store: Store) -> None:
    for start in range(1, 60, 3):
        await put(store, *(post(n, f"word {n % 5}") for n in range(start, start + 3)))
    before = await numbers(store, "word 3")
    await Indexer(store, WallClock()).tidy()
    assert await numbers(store, "word 3") == before
    assert len(before) == 12


async def test_a_stream_without_an_end_does_not_keep_it_from_all_else(store: Store) -> None:
    """It comes back to see whether the archive is away, and to bring together what was indexed in pieces."""
    number = 0

    class Streaming(Indexer):
        async def step(self) -> int:
            nonlocal number
            number += 1
            async with store.begin() as tx:
                await tx.posts.put([post(number, "one more")])
            return await super().step()

    async with asyncio.timeout(60):
        indexed = await Streaming(store, WallClock()).catch_up(gather=0.001)
    assert indexed == number
    async with store.read() as tx:
        assert await unsearchable(tx) == 0
