"""That a post is deleted is only said; until Telegram could be asked, nobody forgets it."""

from typing import Any

import pytest

from collector.doubts import said_deleted
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import collecting, eventually
from tests.support.standing import read_to_the_end
from tests.support.telegram import Telegram

BY_NUMBER = "channels.getMessages"


def in_doubt(channel: Channel, *ids: int) -> Any:
    async def true(tx: Any) -> bool:
        return tuple(await said_deleted(tx, channel.id)) == ids

    return true


def gone(channel: Channel, *ids: int) -> Any:
    async def true(tx: Any) -> bool:
        return tuple(d.post_id for d in await tx.posts.deletions(channel.id)) == ids

    return true


@pytest.mark.parametrize("recheck_posts", [0, 3])
async def test_a_deletion_that_could_not_be_asked_about_before_a_stop_is_asked_about_after_it(
    telegram: Telegram, store: Store, recheck_posts: int
) -> None:
    """It is of an old post, which is not among those that are looked at again."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=20)
    async with collecting(telegram, store, [channel], recheck_posts=recheck_posts) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        telegram.faults.error(BY_NUMBER, 500, "RPC_CALL_FAIL", times=None)
        telegram.world.delete(channel, 2, 5)
        await eventually(store, in_doubt(channel, 2, 5), task=task)
    telegram.faults.clear()
    async with collecting(telegram, store, [channel], recheck_posts=recheck_posts) as task:
        await eventually(store, gone(channel, 2, 5), task=task)
        await eventually(store, in_doubt(channel), task=task)


async def test_what_was_asked_about_is_not_in_doubt_any_more_be_it_there_or_not(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h", recheck_posts=0) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        telegram.faults.error(BY_NUMBER, 500, "RPC_CALL_FAIL", times=None)
        kept = channel.posts[2]
        telegram.world.delete(channel, 1, 2)
        channel.put(kept)
        await eventually(store, in_doubt(channel, 1, 2), task=task)
        telegram.faults.clear()
        await eventually(store, gone(channel, 1), task=task)
        await eventually(store, in_doubt(channel), task=task)
