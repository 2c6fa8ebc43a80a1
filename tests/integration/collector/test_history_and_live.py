"""Everything a channel publishes comes into the archive, whatever happens to the line meanwhile."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collector.entries import KNOWN
from collector.recheck import RECHECKED
from domain.post import Entity, Forward, How, Media, PostKind
from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import LinkState, Upset
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_read
from tests.support.standing import open_gap
from tests.support.telegram import Telegram, until


def holds(channel: Channel, n: int):  # type: ignore[no-untyped-def]
    async def true(tx):  # type: ignore[no-untyped-def]
        return await tx.posts.count(channel.id) >= n

    return true


def read_to_the_end(channel: Channel):  # type: ignore[no-untyped-def]
    async def true(tx):  # type: ignore[no-untyped-def]
        cursor = await tx.posts.cursor(channel.id)
        return cursor is not None and cursor.complete

    return true


def read_up_to(channel: Channel):  # type: ignore[no-untyped-def]
    async def true(tx):  # type: ignore[no-untyped-def]
        return await is_read(tx, channel.id, channel.top_id)

    return true


def watched_since(channel: Channel, at: datetime):  # type: ignore[no-untyped-def]
    """A proof that was asked for after `at` is in the archive."""

    async def true(tx):  # type: ignore[no-untyped-def]
        until_ = (await tx.watch.until()).get(channel.id)
        return until_ is not None and until_ > at

    return true


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - these tests run on the wall clock, as the sandbox does


async def test_a_channel_that_the_engine_awaits_word_of_is_asked_at_that_instant(
    telegram: Telegram, store: Store
) -> None:
    awaited, other = (telegram.channel(f"Channel {n}", f"channel_{n}", posts=3) for n in (1, 2))
    async with collecting(telegram, store, [awaited, other], reconcile_every="1h", probe_every="1h") as task:
        await eventually(store, read_to_the_end(awaited), task=task)
        await eventually(store, watched_since(other, other.created_at), task=task)
        until_ = now() + timedelta(seconds=0.3)
        async with store.begin() as tx:
            await tx.awaited.put({awaited.id: until_, 4711: until_}, now())
            tx.notify("awaited")
        await eventually(store, watched_since(awaited, until_ - timedelta(microseconds=1)), task=task)
    async with store.read() as tx:
        found = await tx.watch.until()
    assert until_ <= found[awaited.id] < until_ + timedelta(seconds=5)
    assert found[other.id] < until_


HISTORY, DIALOGS = "messages.getHistory", "messages.getPeerDialogs"


async def test_a_post_told_by_the_way_is_kept_before_the_history_is_read_and_was_missed_by_push(
    telegram: Telegram, store: Store
) -> None:
    """Whoever asks how far channels are is told their newest post with it."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        telegram.faults.error(HISTORY, 400, "MSG_WAIT_FAILED", times=None)
        telegram.world.post(channel, "not pushed", push=False)
        await eventually(store, holds(channel, 4), task=task)
        telegram.faults.clear()

        async def missed(tx):  # type: ignore[no-untyped-def]
            mark = await tx.marks.get("collector.account.main")
            return mark.get("missed_by_push") == 1

        await eventually(store, missed, task=task)
    assert await differences(telegram, store, channel) == []


async def test_the_newest_post_is_kept_though_it_is_gone_before_a_restart_reads_on(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    telegram.world.post(channel, "while nobody looked")
    telegram.world.post(channel, "and soon gone")
    for method in (HISTORY, DIALOGS):
        telegram.faults.error(method, 400, "MSG_WAIT_FAILED", times=None)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, holds(channel, 4), task=task)
        telegram.world.delete(channel, 5)
        telegram.faults.clear()
        await eventually(store, holds(channel, 5), task=task)

        async def gone(tx):  # type: ignore[no-untyped-def]
            return await tx.posts.deletions(channel.id)

        await eventually(store, gone, task=task)
    assert await differences(telegram, store, channel) == []


async def in_order_of_arrival(store: Store) -> list[int]:
    async with store.read() as tx:
        return [post.id for _, post in await tx.posts.after(0, 1000)]


@pytest.mark.parametrize("joined", [True, False])
async def test_after_an_absence_posts_come_in_the_order_in_which_they_were_posted(
    telegram: Telegram, store: Store, joined: bool
) -> None:
    """Whoever follows the archive learns a channel anew when its posts come out of order."""
    telegram.server.too_long_after = 20
    channel = telegram.channel("Falcon News", "falcon_news", posts=3, joined=joined)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    known = len(await in_order_of_arrival(store))
    for n in range(250):
        telegram.world.post(channel, f"while nobody looked: {n}")
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_up_to(channel), task=task)
    assert (await in_order_of_arrival(store))[known:] == list(range(4, 254))
    assert await differences(telegram, store, channel) == []


async def test_what_telegram_makes_us_wait_for_comes_in_order_when_it_may_be_read(
    telegram: Telegram, store: Store
) -> None:
    telegram.server.too_long_after = 5
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    for n in range(20):
        telegram.world.post(channel, f"while nobody looked: {n}")
    telegram.faults.flood(HISTORY, 1, times=1)
    async with collecting(telegram, store, [channel], reconcile_every="5s") as task:
        await eventually(store, read_up_to(channel), task=task)
    assert any(e.outcome.startswith("FLOOD_WAIT") for e in telegram.log.of(HISTORY))
    assert (await in_order_of_arrival(store))[3:] == list(range(4, 24))


@pytest.mark.parametrize("ending", ["stopped", "cut off"])
async def test_the_newest_post_is_kept_when_the_history_before_it_is_not_read_to_its_end(
    telegram: Telegram, store: Store, ending: str
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        unanswered = telegram.faults.swallow(HISTORY, times=None, when=lambda asked: asked.add_offset < 0)
        telegram.world.post(channel, "not pushed", push=False)
        await until(lambda: unanswered.done)
        if ending == "cut off":
            telegram.link.set(LinkState.REFUSED)
            await eventually(store, holds(channel, 4), task=task)
    async with store.read() as tx:
        assert await tx.posts.count(channel.id) == 4


async def test_the_newest_post_that_is_deleted_while_the_history_before_it_is_read_is_kept(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], probe_every="1h") as task:
        await eventually(store, watched_since(channel, channel.created_at), task=task)
        telegram.faults.delay(HISTORY, 0.3, times=1)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.post(channel, "not pushed, and soon gone", push=False)
        await until(lambda: telegram.log.of(DIALOGS)[-1].at > channel.posts[5].posted_at)
        telegram.world.delete(channel, 5, push=False)

        async def gone(tx):  # type: ignore[no-untyped-def]
            return await tx.posts.deletions(channel.id)

        await eventually(store, gone, task=task)

        async def missed(tx):  # type: ignore[no-untyped-def]
            mark = await tx.marks.get("collector.account.main")
            return mark.get("missed_by_push") == 2

        await eventually(store, missed, task=task)
    assert (await in_order_of_arrival(store))[3:] == [4, 5]
    assert await differences(telegram, store, channel) == []


async def test_five_thousand_posts_of_history_come_in_whole(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5000)
    oldest = channel.posts[1].posted_at.replace(microsecond=0)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), within=20, task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
        assert seen.stretches[0][0] == oldest
        assert len(seen.stretches) == 1
    assert "contacts.resolveUsername" not in telegram.log.counts  # the account is in it


async def test_history_is_read_no_further_back_than_asked(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=600, every=timedelta(hours=1))
    async with collecting(telegram, store, [channel], since="10d") as task:
        await eventually(store, read_to_the_end(channel), task=task)
    async with store.read() as tx:
        assert 240 <= await tx.posts.count(channel.id) <= 340
        start = (await tx.watch.seen(channel.id)).stretches[0][0]
    assert abs(now() - timedelta(days=10) - start) < timedelta(minutes=1)


async def test_history_goes_on_where_it_was_broken_off(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1500)
    async with collecting(telegram, store, [channel], history_pause="0.02s") as task:
        await eventually(store, holds(channel, 500), task=task)
    asked = len(telegram.log.of("messages.getHistory"))
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    assert await differences(telegram, store, channel) == []
    assert len(telegram.log.of("messages.getHistory")) - asked < 13


async def test_a_page_of_deleted_posts_does_not_end_the_history(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=500)
    telegram.world.delete(channel, *range(150, 380))
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    async with store.read() as tx:
        assert await tx.posts.count(channel.id) == 270


async def test_every_kind_of_post_is_kept_as_it_was(telegram: Telegram, store: Store) -> None:
    world = telegram.world
    channel = telegram.channel("Falcon News", "falcon_news", signs=True)

    def publish() -> None:
        world.post(channel, "bold words", entities=[Entity(kind="bold", offset=0, length=4)])
        link = Entity(kind="text_url", offset=0, length=4, url="https://example.org/")
        world.post(channel, "link \U0001f680 صواريخ", entities=[link], author="Editor")
        world.post(channel, "", media=Media(kind="photo", file_id="77", width=640, height=480, size=999))
        world.post(channel, "clip", media=Media(kind="video", file_id="78", name="a.mp4", duration=12.0))
        world.post(channel, "", media=Media(kind="voice", file_id="79", duration=3.0))
        world.post(channel, "", media=Media(kind="document", file_id="80", name="b.pdf", size=5))
        poll = {"question": "Who?", "answers": ["a", "b"], "counts": [1, 2]}
        world.post(channel, "", media=Media(kind="poll", file_id="81", detail=poll))
        world.post(channel, "see", media=Media(kind="webpage", detail={"url": "https://example.org/"}))
        world.post(channel, "", media=Media(kind="geo", detail={"lat": 1.0, "long": 2.0}))
        world.post(channel, "again", forward=Forward(channel_id=9, post_id=4, posted_at=now()))
        world.post(channel, "answer", reply_to=1)
        world.post_album(
            channel, [Media(kind="photo", file_id="90"), Media(kind="photo", file_id="91")], "both"
        )
        world.pin(channel, 1)

    publish()
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        await until(lambda: telegram.server.sessions)
        publish()
        await eventually(store, holds(channel, 28), task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        for first in (1, 15):
            poll = await tx.posts.get(channel.id, first + 6)
            assert poll.media.detail["answers"] == ["a", "b"]
            assert poll.media.detail["counts"] == [1, 2]
            assert (await tx.posts.get(channel.id, first + 9)).forward.channel_id == 9
            service = await tx.posts.get(channel.id, first + 13)
            assert (service.kind, service.raw) == (PostKind.SERVICE, {"action": "pin_message"})
        assert (await tx.posts.get(channel.id, 1)).how is How.BACKFILLED
        assert (await tx.posts.get(channel.id, 15)).how is How.LIVE


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
            s.how is How.BACKFILLED and s.from_at <= closed.from_at and s.to_at == closed.to_at for s in spans
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
