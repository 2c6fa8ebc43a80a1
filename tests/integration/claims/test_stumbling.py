"""A text that the reader stumbles over keeps no other from being read, and passes for nothing."""

from dataclasses import replace
from typing import Any

import pytest

from claims import interpreter
from claims.stumbles import IN_A_ROW, CannotRead
from storage.store import Store
from tests.support.reading import DRONES, HARIR, MINUTE, a_post, a_reader, claims_of, readings_of, store_posts

POISON = "قصف poison"


@pytest.fixture(autouse=True)
def stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    """As over a text that nobody has thought of."""
    read_post = interpreter.read_post

    def stumbling(lexicon: Any, folded: Any, **how: Any) -> Any:
        if "poison" in folded.raw:
            raise IndexError("string index out of range")
        return read_post(lexicon, folded, **how)

    monkeypatch.setattr(interpreter, "read_post", stumbling)


async def test_one_post_that_cannot_be_read_keeps_no_other_from_being_read(store: Store) -> None:
    await store_posts(store, a_post(1, DRONES), a_post(2, POISON), a_post(3, HARIR))
    assert await a_reader(store).catch_up() == 3
    first, second, third = await readings_of(store)
    assert first.topics
    assert third.topics
    assert (first.read_by, third.read_by) == (None, None)
    assert (second.topics, second.claimants, second.counts) == ((), (), True)
    assert second.read_by == 0, "nobody knows what it is about"
    assert {c.post_id for c in await claims_of(store)} == {1, 3}


async def test_a_channel_that_posts_it_again_and_again_does_not_stop_the_reader(store: Store) -> None:
    posts = [a_post(n, POISON) for n in range(2, 2 + 2 * IN_A_ROW)]
    await store_posts(store, a_post(1, DRONES), *posts, a_post(20, HARIR, channel=8))
    assert await a_reader(store).catch_up() == 2 + 2 * IN_A_ROW
    assert {(c.channel_id, c.post_id) for c in await claims_of(store)} == {(7, 1), (8, 20)}


@pytest.mark.parametrize("batch", [1, 50])
async def test_many_in_a_row_are_a_fault_of_the_reader_and_pass_for_no_silence(
    store: Store, batch: int
) -> None:
    posts = [a_post(n, POISON, channel=7 + n % 2) for n in range(2, 2 + IN_A_ROW)]
    await store_posts(store, a_post(1, DRONES), *posts, a_post(20, HARIR))
    with pytest.raises(CannotRead, match="5 posts in a row could not be read: IndexError"):
        await a_reader(store, batch=batch).catch_up()
    assert len(await readings_of(store)) == (IN_A_ROW if batch == 1 else 0)
    assert await a_reader(store).unread() >= 2


async def test_what_a_post_said_stands_where_its_edit_cannot_be_read(store: Store) -> None:
    post = a_post(1, DRONES)
    await store_posts(store, post)
    await a_reader(store).catch_up()
    known = await claims_of(store)
    assert known
    later = post.posted_at + 5 * MINUTE
    await store_posts(store, replace(post, text=POISON, edited_at=later, seen_at=later))
    assert await a_reader(store).catch_up() == 1
    assert await claims_of(store) == known
    assert await a_reader(store).catch_up() == 0
