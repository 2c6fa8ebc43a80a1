"""A history is read on while what was read of it is stored, and never far."""

import asyncio
from datetime import UTC, datetime

import pytest

from collector.ahead import Ahead, Read
from collector.errors import Wait
from collector.history import Page
from domain.post import How, Post

AT = datetime(2026, 3, 2, tzinfo=UTC)
EMPTY = Page(messages=(), chats=(), ids=())


def given(number: int) -> Post:
    return Post(channel_id=1, id=number, posted_at=AT, seen_at=AT, how=How.BACKFILLED)


class Pages:
    """Ten numbers of a history at a time, down to 0."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.trouble: Exception | None = None

    async def read(self, below: int, left: int | None) -> Read:
        self.asked.append(below)
        await asyncio.sleep(0)
        if self.trouble is not None:
            raise self.trouble
        return Read(posts=[], last=EMPTY, lowest=below - 10, is_end=below <= 10)


async def settled() -> None:
    """All have done what they can without one another."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_while_nobody_takes_it_no_more_than_two_are_read() -> None:
    pages = Pages()
    ahead = Ahead(pages.read, 100)
    await settled()
    assert pages.asked == [100, 90]
    assert (await ahead.next()).lowest == 90
    assert ahead.below == 90
    await settled()
    assert pages.asked == [100, 90, 80]
    await ahead.stop()
    await ahead.stop()


async def test_it_is_over_with_the_end_of_the_history() -> None:
    pages = Pages()
    ahead = Ahead(pages.read, 30)
    lowest = []
    while not ahead.is_over:
        lowest.append((await ahead.next()).lowest)
    assert lowest == [20, 10, 0]
    assert pages.asked == [30, 20, 10]


async def test_trouble_is_told_in_its_turn_and_ends_it() -> None:
    pages = Pages()
    ahead = Ahead(pages.read, 100)
    await settled()
    pages.trouble = Wait(30, "messages.getHistory")
    assert [(await ahead.next()).lowest for _ in range(2)] == [90, 80]
    before = ahead.is_over
    with pytest.raises(Wait):
        await ahead.next()
    assert (before, ahead.is_over) == (False, True)
    await settled()
    assert pages.asked == [100, 90, 80]


async def test_no_more_is_read_than_is_wanted() -> None:
    lefts: list[int | None] = []

    async def read(below: int, left: int | None) -> Read:
        lefts.append(left)
        return Read(
            posts=[given(n) for n in range(below - 10, below)], last=EMPTY, lowest=below - 10, is_end=False
        )

    ahead = Ahead(read, 100, 25)
    while not ahead.is_over:
        await ahead.next()
    assert lefts == [25, 15, 5]
    assert ahead.below == 70
