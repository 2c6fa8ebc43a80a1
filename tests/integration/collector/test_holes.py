"""Numbers under which nothing is held: looked into by night, and each is said to be of a kind."""

from datetime import timedelta
from typing import Any

import pytest

from collector.holes import HOLES
from domain.post import Media
from domain.watch import Gap, GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState, Upset
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_read
from tests.support.telegram import Telegram, until


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=20)


def looked_into(channel: Channel) -> Any:
    """All its numbers up to the newest, as of now."""
    newest = channel.top_id

    async def true(tx: Any) -> Any:
        mark = await tx.marks.get(f"{HOLES}{channel.id}")
        return mark if mark and mark["through"] >= newest else None

    return true


def stored(channel: Channel, number: int) -> Any:
    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, number)

    return true


async def test_each_number_is_of_one_kind(telegram: Telegram, store: Store, channel: Channel) -> None:
    telegram.world.delete(channel, 5, 6)
    telegram.world.post_album(channel, [Media(kind="photo", file_id=str(n)) for n in range(4)])
    telegram.world.pin(channel, 3)
    async with collecting(telegram, store, [channel], recheck_every="0.2s") as task:
        await eventually(store, looked_into(channel), task=task)
        telegram.world.delete(channel, 10)

        async def all_counted(tx: Any) -> Any:
            mark = await tx.marks.get(f"{HOLES}{channel.id}")
            return mark if mark["deleted"] == 1 else None

        telegram.world.post(channel, "for another look")
        mark = await eventually(store, all_counted, task=task)
    kinds = {name: mark[name] for name in ("posts", "album_parts", "service", "deleted", "never_seen")}
    assert kinds == {"posts": 19, "album_parts": 3, "service": 1, "deleted": 1, "never_seen": 2}
    assert (mark["from"], mark["through"], mark["never_seen_numbers"]) == (1, 26, [[5, 6]])
    async with store.read() as tx:
        gaps = await tx.watch.gaps(channel.id)
    assert [g.cause for g in gaps] == [GapCause.OUR_STOP]  # they were gone before we looked first


async def test_a_post_that_slipped_through_is_fetched(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, looked_into(channel), task=task)
    telegram.world.post(channel, "slips through", log=False)
    telegram.world.post(channel, "does not")
    async with store.begin() as tx:
        cursor = await tx.posts.cursor(channel.id)
        moved = {"newest": 21, "channel": channel.id}
        assert cursor.newest_id == 20
        await tx.connection.exec_driver_sql(
            f"UPDATE cursors SET newest_id = {moved['newest']} WHERE channel_id = {moved['channel']}"  # noqa: S608 - numbers
        )
    async with collecting(telegram, store, [channel]) as task:
        mark = await eventually(store, looked_into(channel), task=task)
    assert (mark["found"], mark["never_seen"]) == (1, 0)
    assert await differences(telegram, store, channel) == []


@pytest.mark.parametrize("edits_unseen", [False, True])
async def test_a_post_that_came_and_went_while_we_claim_to_have_watched_is_confessed(
    telegram: Telegram, store: Store, channel: Channel, edits_unseen: bool
) -> None:
    """That edits may have been missed, by another account say, explains no post."""
    async with collecting(telegram, store, [channel], recheck_every="0.2s") as task:
        await eventually(store, looked_into(channel), task=task)
        # Posts are dated in whole seconds, and the watch began within one.
        began = telegram.world.clock.now()
        await until(lambda: telegram.world.clock.now() > began + timedelta(seconds=1))
        telegram.world.post(channel, "before")
        await eventually(store, stored(channel, 21), task=task)
        if edits_unseen:
            hour = timedelta(hours=1)
            only_edits = Gap(
                channel_id=channel.id, account="another", from_at=began - hour, to_at=began + hour,
                cause=GapCause.LINK, missing=Missing.EDITS,
            )  # fmt: skip
            async with store.begin() as tx:
                await tx.watch.add_gap(only_edits)
        telegram.faults.upset(Upset.WITHHOLD, channel=channel.id, times=2)
        telegram.world.post(channel, "comes")
        telegram.world.delete(channel, 22)
        telegram.world.post(channel, "after")
        mark = await eventually(store, looked_into(channel), task=task)

        async def confessed(tx: Any) -> Any:
            return next(
                (g for g in await tx.watch.gaps(channel.id) if g.missing is Missing.POSTS and g.to_at), None
            )

        gap = await eventually(store, confessed, task=task)
    assert mark["never_seen_numbers"] == [[22, 22]]
    assert (gap.cause, gap.detail) == (GapCause.UNKNOWN, "post 22 came and went unseen")
    async with store.read() as tx:
        after = await tx.posts.get(channel.id, 23)
    assert gap.from_at <= gap.to_at
    assert gap.to_at >= after.seen_at, "until then nobody knew of it"


async def test_a_post_that_came_and_went_within_a_gap_needs_no_other(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], recheck_every="0.2s") as task:
        await eventually(store, looked_into(channel), task=task)
        telegram.link.set(LinkState.REFUSED)
        await until(lambda: not telegram.server.sessions)
        telegram.world.post(channel, "comes")
        telegram.world.delete(channel, 21)
        telegram.world.post(channel, "after")
        telegram.link.set(LinkState.OPEN)
        mark = await eventually(store, looked_into(channel), task=task)
    assert mark["never_seen_numbers"] == [[21, 21]]
    async with store.read() as tx:
        gaps = await tx.watch.gaps(channel.id)
    assert {g.cause for g in gaps} == {GapCause.LINK, GapCause.OUR_STOP}
