"""The bot's search is the archive's: pages that go on, deleted posts, words that cannot be read."""

from datetime import timedelta

import pytest

from archive.errors import QueryError
from archive.indexer import Indexer
from deadair.searching import search_for_bot
from domain.channel import Channel
from domain.clock import WallClock
from storage.store import Store
from tests.support.reading import DRONES, NOON, a_post, store_posts


async def test_pages_go_on_until_nothing_is_left(store: Store) -> None:
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=7, title="Seven", handle="seven"), NOON)
    posts = [
        a_post(n, f"{DRONES} رقم{n} حدث{n}" + " كلام" * 80, at=NOON + n * timedelta(hours=30))
        for n in range(1, 8)
    ]
    await store_posts(store, *posts, a_post(9, "something else", at=NOON))
    await Indexer(store, WallClock()).catch_up()
    find = search_for_bot(store)
    seen: list[int] = []
    after, pages = None, 0
    while pages < 10:
        page = await find("الأسد", after, 3)
        seen += [hit.post_id for hit in page.hits]
        pages += 1
        if (after := page.after) is None:
            break
        assert len(after.encode()) <= 64, "inline mode hands it to Telegram"
    assert sorted(seen, reverse=True) == seen
    assert 7 in seen
    assert 9 not in seen
    assert pages > 1
    first = (await find("الأسد", None, 1)).hits[0]
    assert first.channel_id == 7
    assert "الأسد" in first.words
    assert len(first.words) < 400
    assert first.posted_at == posts[-1].posted_at


async def test_words_that_cannot_be_read_say_so(store: Store) -> None:
    with pytest.raises(QueryError) as wrong:
        await search_for_bot(store)('"open', None, 5)
    assert wrong.value.what
