"""What a channel publishes comes into the archive, whatever happens to the line meanwhile."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from collector.entries import KNOWN
from collector.recheck import RECHECKED
from domain.clock import WallClock
from domain.post import How
from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState, Upset
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually
from tests.support.standing import holds, now, open_gap, read_to_the_end, watched_since
from tests.support.telegram import Telegram, until


async def test_a_post_is_stored_as_it_is_pushed_without_a_poll(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        before = len(telegram.log.of("messages.getHistory"))
        telegram.world.post(channel, "now")
        await eventually(store, holds(channel, 4), within=1, task=task)
        assert len(telegram.log.of("messages.getHistory")) == before
        async with store.read() as tx:
            assert (await tx.posts.cursor(channel.id)).newest_id == 4


async def test_a_pushed_post_says_that_all_of_the_time_until_it_was_watched(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        async with store.read() as tx:
            looked = (await tx.watch.until())[channel.id]
        # Telegram dates posts by whole seconds: one of the same second as the look says nothing new.
        await asyncio.sleep((looked + timedelta(seconds=1.1) - now()).total_seconds())
        telegram.world.post(channel, "now")
        await eventually(store, holds(channel, 4), within=1, task=task)
        async with store.read() as tx:
            post, seen = await tx.posts.get(channel.id, 4), await tx.watch.seen(channel.id)
            cursor = await tx.posts.cursor(channel.id)
        assert seen.stretches[-1][1] == post.posted_at == cursor.checked_at > looked
        assert len(seen.stretches) == 1


async def test_fifty_posts_while_the_line_was_cut_are_found(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        cut_at = now()
        telegram.link.set(LinkState.REFUSED)
        for n in range(50):
            telegram.world.post(channel, f"unseen {n}")

        async def is_blind(tx):  # type: ignore[no-untyped-def]
            return await open_gap(tx, channel.id, "main")

        gap = await eventually(store, is_blind, task=task)
        assert gap.cause is GapCause.LINK
        assert gap.from_at <= cut_at + timedelta(seconds=0.5)
        telegram.link.set(LinkState.OPEN)
        opened_at = now()
        await eventually(store, watched_since(channel, opened_at), task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        closed = next(g for g in await tx.watch.gaps(channel.id) if g.cause is GapCause.LINK)
        assert closed.missing is Missing.EDITS
        assert closed.to_at is not None
        assert closed.to_at >= opened_at
        spans = await tx.watch.spans(channel.id)
        assert any(
            s.how is How.BACKFILLED and s.from_at <= closed.from_at and opened_at <= s.to_at <= closed.to_at
            for s in spans
        )
        live = [s for s in spans if s.how is How.LIVE]
        assert not any(s.from_at < closed.to_at and s.to_at > closed.from_at for s in live)


async def test_a_difference_too_long_of_150_loses_nothing(telegram: Telegram, store: Store) -> None:
    telegram.server.too_long_after = 100
    channel = telegram.channel("Falcon News", "falcon_news", posts=5)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        telegram.link.set(LinkState.REFUSED)
        await until(lambda: not telegram.server.sessions)
        for n in range(150):
            telegram.world.post(channel, f"unseen {n}")
        telegram.world.edit(channel, 3, "edited unseen")
        telegram.world.delete(channel, 4)
        telegram.link.set(LinkState.OPEN)

        async def all_known(tx):  # type: ignore[no-untyped-def]
            return not await differences(telegram, store, channel)

        await eventually(store, all_known, task=task)


async def test_edits_and_deletions_are_versions_and_intervals(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=20)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        telegram.world.react(channel, 5, {"👍": 9})
        telegram.world.edit(channel, 3, "other words")
        telegram.world.delete(channel, 7, 8)

        async def known(tx):  # type: ignore[no-untyped-def]
            return len(await tx.posts.deletions(channel.id)) == 2 and await tx.posts.revisions(channel.id)

        revisions = await eventually(store, known, task=task)
    assert [(r.post_id, r.text) for r in revisions] == [(3, "other words")]
    assert await differences(telegram, store, channel) == []


async def test_edits_and_deletions_while_away_are_found_on_return(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=300)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    (telegram.folder / "main.session").unlink()  # so that Telethon knows of no state to catch up from
    telegram.world.edit(channel, 290, "other words")
    telegram.world.delete(channel, 295, 299)
    telegram.world.post(channel, "news")
    telegram.world.delete(channel, 300)
    async with collecting(telegram, store, [channel]) as task:

        async def all_known(tx):  # type: ignore[no-untyped-def]
            return not await differences(telegram, store, channel)

        await eventually(store, all_known, task=task)
    async with store.read() as tx:
        gaps = await tx.watch.gaps(channel.id)
        assert (gaps[0].cause, gaps[0].missing) == (GapCause.OUR_STOP, Missing.EDITS)


@pytest.mark.parametrize("first", ["after a first look again", "though nothing was ever looked at again"])
async def test_what_changed_while_we_were_blind_is_looked_for_until_it_has_been(
    telegram: Telegram, store: Store, first: str
) -> None:
    """A start that is broken off at once must not make the next one forget how far back to look."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=30)

    def rechecked(tx):  # type: ignore[no-untyped-def]
        return tx.marks.get(f"{RECHECKED}{channel.id}")

    if not first.startswith("after"):
        telegram.faults.error("channels.getMessages", 500, "RPC_CALL_FAIL", times=None)
    async with collecting(telegram, store, [channel], recheck_posts=20) as task:
        await eventually(store, rechecked if first.startswith("after") else holds(channel, 30), task=task)
    (telegram.folder / "main.session").unlink()  # so that Telethon knows of no state to catch up from
    telegram.world.edit(channel, 25, "other words")
    telegram.world.delete(channel, 26)
    telegram.faults.error("channels.getMessages", 500, "RPC_CALL_FAIL", times=None)
    async with collecting(telegram, store, [channel], recheck_posts=20) as task:
        for n in range(100):
            telegram.world.post(channel, f"more {n}")
        await eventually(store, holds(channel, 130), task=task)
    (telegram.folder / "main.session").unlink()
    telegram.faults.clear()
    async with collecting(telegram, store, [channel], recheck_posts=20) as task:

        async def all_known(tx):  # type: ignore[no-untyped-def]
            return not await differences(telegram, store, channel)

        await eventually(store, all_known, task=task)


async def test_a_deletion_that_is_only_said_is_not_believed(telegram: Telegram, store: Store) -> None:
    """Telethon: "MessageDeleted is not 100% reliable"."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        kept = channel.posts[2]
        telegram.world.delete(channel, 2)
        channel.put(kept)
        await until(
            lambda: any(2 in [i.id for i in e.request.id] for e in telegram.log.of("channels.getMessages"))
        )
        telegram.world.post(channel, "after")
        await eventually(store, holds(channel, 4), task=task)
    async with store.read() as tx:
        assert await tx.posts.deletions(channel.id) == []


@pytest.mark.parametrize("refusal", ["error", "throttle"])
async def test_a_channel_that_does_not_answer_holds_up_no_deletion_of_another(
    telegram: Telegram, store: Store, refusal: str
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    heron = telegram.channel("Heron News", "heron_news", posts=3)

    def without(channel: Channel) -> Any:
        async def true(tx: Any) -> bool:
            return [d.post_id for d in await tx.posts.deletions(channel.id)] == [2]

        return true

    async with collecting(telegram, store, [falcon, heron], recheck_posts=0) as task:
        for channel in (falcon, heron):
            await eventually(store, read_to_the_end(channel), task=task)
        if refusal == "error":
            telegram.faults.error("channels.getMessages", 500, "RPC_CALL_FAIL", channel=falcon.id, times=None)
        else:
            until_then = WallClock().now() + timedelta(hours=1)
            telegram.faults.throttle("channels.getMessages", until_then, channel=falcon.id)
        telegram.world.delete(falcon, 2)
        await until(lambda: len(telegram.log.of("channels.getMessages")) > 0)
        telegram.world.delete(heron, 2)
        await eventually(store, without(heron), task=task)
        if refusal == "error":
            telegram.faults.clear()
            await eventually(store, without(falcon), task=task)


async def test_what_was_pushed_before_a_stop_is_stored_though_its_turn_had_not_come(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        async with store.begin():  # somebody writes for a while
            telegram.world.post(channel, "pushed, and deleted before the next start")
            await asyncio.sleep(0.3)
            task.cancel()
            await asyncio.sleep(0.1)
        await asyncio.wait({task})
    telegram.world.delete(channel, 4)
    async with collecting(telegram, store, [channel]) as task:

        async def is_known_to_be_gone(tx: Any) -> bool:
            return [d.post_id for d in await tx.posts.deletions(channel.id)] == [4]

        await eventually(store, is_known_to_be_gone, task=task)
    assert await differences(telegram, store, channel) == []


async def test_updates_withheld_doubled_or_out_of_order_lose_and_double_nothing(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        for upset in (Upset.WITHHOLD, Upset.DUPLICATE, Upset.REORDER, Upset.GARBLE):
            telegram.faults.upset(upset, times=2)
            for n in range(6):
                telegram.world.post(channel, f"{upset} {n}")
                await asyncio.sleep(0.002)
        telegram.world.post(channel, "only in the history", log=False)
        await eventually(store, holds(channel, 28), task=task)
    assert await differences(telegram, store, channel) == []


async def test_a_channel_that_is_not_joined_is_polled(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    async with collecting(telegram, store, [channel], join=False) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        for n in range(5):
            telegram.world.post(channel, f"more {n}")
        await eventually(store, holds(channel, 8), task=task)
        await eventually(store, watched_since(channel, now()), task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        assert {s.how for s in await tx.watch.spans(channel.id)} == {How.POLLED, How.BACKFILLED}
        assert (await tx.posts.get(channel.id, 8)).how is How.POLLED
    assert "channels.joinChannel" not in telegram.log.counts


async def test_an_empty_channel_is_watched_from_its_first_post_on(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news")
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched_since(channel, now()), task=task)
        telegram.world.post(channel, "first")
        await eventually(store, holds(channel, 1), task=task)
    assert await differences(telegram, store, channel) == []


async def test_what_was_found_once_is_not_looked_up_again(telegram: Telegram, store: Store) -> None:
    """Looking up handles is what Telegram answers with waits of a day."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, joined=False)
    for _ in range(2):
        async with collecting(telegram, store, [channel]) as task:
            await eventually(store, watched_since(channel, now()), task=task)
    assert telegram.log.counts["contacts.resolveUsername"] == 1
    async with store.read() as tx:
        assert (await tx.marks.get(KNOWN + "falcon_news"))["id"] == channel.id


async def test_after_an_absence_longer_than_history_is_read_the_rest_stays_a_gap(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    async with store.begin() as tx:
        await tx.connection.exec_driver_sql("DELETE FROM watch_spans")
        await tx.connection.exec_driver_sql("DELETE FROM gaps")
        cursor = await tx.posts.cursor(channel.id)
        away_since = now() - timedelta(days=90)
        await tx.posts.move_cursor(replace(cursor, checked_at=away_since))
    (telegram.folder / "main.session").unlink()  # so that Telethon knows of no state to catch up from
    for n in range(80):
        telegram.world.post(channel, f"unseen {n}", at=away_since + timedelta(days=n))
    async with collecting(telegram, store, [channel], since="30d") as task:
        await eventually(store, watched_since(channel, now()), task=task)
    async with store.read() as tx:
        first, second, *_ = await tx.watch.gaps(channel.id)
        assert (first.from_at, first.missing) == (away_since, Missing.POSTS)
        assert abs(first.to_at - (now() - timedelta(days=30))) < timedelta(minutes=1)
        assert (second.from_at, second.missing) == (first.to_at, Missing.EDITS)
        assert not (await tx.watch.seen(channel.id)).at(away_since + timedelta(days=10))
        assert (await tx.watch.seen(channel.id)).at(now() - timedelta(days=10))
