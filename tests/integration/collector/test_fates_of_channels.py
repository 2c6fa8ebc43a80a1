"""What becomes of channels besides their posts: each is an event of its own kind, with what shows it."""

import re
from datetime import timedelta
from typing import Any

import pytest

from domain.channel import ChannelChange, ChannelStatus
from domain.claim import ArchivedClaim, Claim, ClaimKind
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import collecting, eventually, is_read
from tests.support.standing import open_gap
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested with the fates that were known first."""
    return "sqlite"


def event(channel: Channel, change: ChannelChange) -> Any:
    async def true(tx: Any) -> Any:
        events = [e for _, e in await tx.channels.events_after(0)]
        return next((e for e in events if e.channel_id == channel.id and e.change is change), None)

    return true


def read(channel: Channel) -> Any:
    async def true(tx: Any) -> bool:
        cursor = await tx.posts.cursor(channel.id)
        return (
            cursor is not None
            and cursor.complete
            and (await tx.channels.get(channel.id)).audience is not None
        )

    return true


async def test_a_handle_that_is_given_up_is_told_and_the_channel_watched_on(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read(channel), task=task)
        telegram.world.set_handle(channel, None)
        found = await eventually(store, event(channel, ChannelChange.HANDLE_DROPPED), task=task)
        assert (found.before, found.after, found.status) == ("falcon_news", None, ChannelStatus.OPEN)
        telegram.world.post(channel, "still here")

        async def stored(tx: Any) -> bool:
            return await is_read(tx, channel.id, channel.top_id)

        await eventually(store, stored, task=task)


async def test_a_taken_handle_is_shown_by_numbers_and_members_that_fall(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=30, audience=40_000)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read(channel), task=task)
        impostor = telegram.world.take_handle(channel, "Falcon News (official)")
        telegram.world.set_audience(impostor, 12)
        telegram.world.post(impostor, "believe me")
        telegram.world.post(channel, "wake up")
        found = await eventually(store, event(channel, ChannelChange.HANDLE_TAKEN), task=task)
    theirs, ours = re.findall(r"number (\d+)", found.evidence)
    assert int(theirs) == 1
    assert int(ours) >= 30
    assert "it has 12 members, the former one had 40,000" in found.evidence


async def test_the_handle_of_a_deleted_channel_that_is_taken_later_is_told(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], refresh_every="0.5s", return_every="0.2s") as task:
        await eventually(store, read(channel), task=task)
        telegram.world.delete_channel(channel)
        await eventually(store, event(channel, ChannelChange.GONE), task=task)
        impostor = telegram.world.add_channel("Falcon News (again)", "falcon_news")
        found = await eventually(store, event(channel, ChannelChange.HANDLE_TAKEN), task=task)
        assert found.after == str(impostor.id)
        assert found.status is not ChannelStatus.OPEN


async def test_what_telegram_says_against_a_channel_is_told_when_it_begins_and_ends(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)

    def marked(after: str | None) -> Any:
        async def true(tx: Any) -> Any:
            events = [e for _, e in await tx.channels.events_after(0) if e.change is ChannelChange.MARKED]
            return next((e for e in events if e.after == after), None)

        return true

    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read(channel), task=task)
        telegram.world.mark(channel, scam=True)
        found = await eventually(store, marked("scam"), task=task)
        assert found.status is ChannelStatus.OPEN
        telegram.world.restrict(channel, "not on this store", on="ios")
        await eventually(store, marked("scam; hidden on ios: not on this store"), task=task)
        telegram.world.mark(channel)
        telegram.world.restrict(channel, None)
        await eventually(store, marked(None), task=task)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read(channel), task=task)
    async with store.read() as tx:
        told = [e.after for _, e in await tx.channels.events_after(0) if e.change is ChannelChange.MARKED]
    assert told.count("scam") == 1


async def test_a_channel_made_into_a_group_is_told_once(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], refresh_every="0.2s") as task:
        await eventually(store, read(channel), task=task)
        telegram.world.make_group(channel)
        found = await eventually(store, event(channel, ChannelChange.MIGRATED), task=task)
        assert (found.before, found.after) == ("a channel", "a group")
        telegram.world.mark(channel, fake=True)
        await eventually(store, event(channel, ChannelChange.MARKED), task=task)
    async with store.read() as tx:
        changes = [e.change for _, e in await tx.channels.events_after(0)]
    assert changes.count(ChannelChange.MIGRATED) == 1


async def test_a_history_that_is_hidden_is_no_silence_and_a_return_is_told(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], refresh_every="0.2s", return_every="0.2s") as task:
        await eventually(store, read(channel), task=task)
        telegram.world.hide_history(channel)
        gone = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        assert gone.status is ChannelStatus.HIDDEN
        assert "we hold 3" in gone.evidence
        async with store.read() as tx:
            assert await tx.posts.deletions(channel.id) == []
            assert await open_gap(tx, channel.id, "main") is not None
        telegram.world.hide_history(channel, hidden=False)
        await eventually(store, event(channel, ChannelChange.BACK), task=task)


async def test_an_audience_that_falls_is_told(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, audience=40_000)

    async with collecting(telegram, store, [channel], refresh_every="0.1s") as task:

        async def counted(tx: Any) -> bool:
            return len(await tx.channels.headcounts(channel.id)) >= 3

        await eventually(store, counted, task=task)
        telegram.world.set_audience(channel, 9_000)
        found = await eventually(store, event(channel, ChannelChange.AUDIENCE_FELL), task=task)
    assert (found.before, found.after) == ("40,000 members", "9,000 members")
    assert found.evidence.startswith("down by 78%")


async def test_posts_deleted_in_bulk_are_told_with_the_claims_that_went_with_them(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=60)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read(channel), task=task)
        async with store.begin() as tx:
            await tx.readings.go_live(1, telegram.world.clock.now())
            await tx.claims.put([claim(channel, n) for n in (20, 21)])
        telegram.world.delete(channel, *range(11, 51))
        found = await eventually(store, event(channel, ChannelChange.PURGED), task=task)
    assert found.after == "40 posts"
    posts, claims = found.evidence.splitlines()
    assert posts.startswith("Numbers 11 to 50, posted from")
    assert claims == "Claims that went with them: 2 (2 by iri), as in post 20, 21."


async def test_old_posts_that_vanish_while_nobody_sees_are_missed_by_their_number(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=300, every=timedelta(minutes=1))
    async with collecting(telegram, store, [channel], recheck_posts=10) as task:
        await eventually(store, read(channel), task=task)

        async def totalled(tx: Any) -> Any:
            return await tx.marks.get(f"total.{channel.id}")

        await eventually(store, totalled, task=task)
    # Neither pushed nor to be caught up with, and far from the newest posts.
    telegram.world.delete(channel, *range(20, 60), push=False, log=False)
    async with collecting(telegram, store, [channel], recheck_posts=10) as task:
        found = await eventually(store, event(channel, ChannelChange.PURGED), task=task)
    assert found.after == "40 posts"


async def test_a_post_taken_back_now_and_then_is_no_purge(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=60)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read(channel), task=task)
        telegram.world.delete(channel, 11, 12, 13)

        async def judged(tx: Any) -> Any:
            return await tx.marks.get(f"purged.{channel.id}")

        await eventually(store, judged, task=task)
    async with store.read() as tx:
        assert await event(channel, ChannelChange.PURGED)(tx) is None


def claim(channel: Channel, number: int) -> ArchivedClaim:
    post = channel.posts[number]
    return ArchivedClaim(
        channel_id=channel.id,
        post_id=number,
        number=1,
        reader_version=1,
        posted_at=post.posted_at,
        from_at=post.posted_at,
        claim=Claim(kind=ClaimKind.RESPONSIBILITY, claimant="iri"),
    )
