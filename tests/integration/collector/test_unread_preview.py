"""Messages of the public preview that cannot be read: their time is not known to have been quiet."""

from typing import Any

import pytest

from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from sandbox.web.server import WebPreview
from storage.store import Store
from tests.support.collecting import eventually
from tests.support.telegram import Telegram
from tests.support.web import watching_the_web


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested with the account's way."""
    return "sqlite"


def holds(channel: Channel, number: int) -> Any:
    async def true(tx: Any) -> Any:
        return await tx.posts.get(channel.id, number)

    return true


def overlooked(channel: Channel, number: int) -> Any:
    """The gap that is on record for a message that could not be read."""

    async def true(tx: Any) -> Any:
        gaps = await tx.watch.gaps(channel.id)
        return next((g for g in gaps if g.to_at is not None and f"({number})" in g.detail), None)

    return true


async def test_a_message_that_cannot_be_read_is_a_gap_and_the_watch_goes_on(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with watching_the_web(preview, store, ["falcon_news"]) as task:
        await eventually(store, holds(channel, 3), task=task)
        preview.undated.add(4)
        unread = telegram.world.post(channel, "laid out as never before")
        gap = await eventually(store, overlooked(channel, 4), task=task)
        assert (gap.cause, gap.missing, gap.account) == (GapCause.UNKNOWN, Missing.POSTS, "web")
        telegram.world.post(channel, "as ever")
        after = await eventually(store, holds(channel, 5), task=task)

        async def watched(tx: Any) -> Any:
            seen = await tx.watch.seen(channel.id)
            return seen if seen.stretches[-1][1] > after.seen_at else None

        seen = await eventually(store, watched, task=task)
        async with store.read() as tx:
            gaps = await tx.watch.gaps(channel.id)
    assert not seen.at(unread.posted_at)
    assert gap.from_at <= unread.posted_at <= gap.to_at
    assert seen.at(after.seen_at)
    assert len([g for g in gaps if g.missing is Missing.POSTS and g.to_at is not None]) == 1


async def test_a_message_of_the_past_that_cannot_be_read_is_a_hole_in_what_was_read_back(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=30, joined=False)
    preview.undated.update((4, 11, 27, 30))
    async with watching_the_web(preview, store, ["falcon_news"], history_pause="0s", since="999d") as task:

        async def read(tx: Any) -> bool:
            cursor = await tx.posts.cursor(channel.id)
            return cursor is not None and cursor.complete

        await eventually(store, read, task=task)
        for number in preview.undated:
            assert await eventually(store, overlooked(channel, number), task=task)
        async with store.read() as tx:
            seen = await tx.watch.seen(channel.id)
            held = set(await tx.posts.ids(channel.id, 1, 30))
    assert held == {*range(1, 31)} - preview.undated
    half = (channel.posts[2].posted_at - channel.posts[1].posted_at) / 2
    for number in range(2, 30):
        is_read = not {number, number + 1} & preview.undated
        assert seen.at(channel.posts[number].posted_at + half) is is_read, number
