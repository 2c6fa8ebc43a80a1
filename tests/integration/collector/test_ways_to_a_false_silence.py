"""Every way in which the stock client loses posts without a word, and the archive that ends complete, or says
what it does not have. `docs/faults.md` has the table.
"""

from datetime import timedelta
from typing import Any

import pytest

from collector.reckoning import PUSH
from domain.channel import ChannelChange, ChannelStatus
from domain.clock import WallClock
from domain.watch import Gap, GapCause, Missing
from sandbox.channel import Channel
from sandbox.faults import Deed, LinkState, Upset
from storage.store import Store
from tests.support.clocks import OffClock
from tests.support.collecting import collecting, differences, eventually, is_read, whole
from tests.support.standing import now, open_gap
from tests.support.telegram import Telegram, until

DIFFERENCE = "updates.getChannelDifference"


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive."""
    return "sqlite"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


def watched(*channels: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return {c.id for c in channels} <= set(await tx.watch.until())

    return true


def stored(channel: Channel) -> Any:
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, wanted)

    return true


def read_to_its_end(channel: Channel) -> Any:
    """Telegram was asked after its newest post, and had no more."""
    posted = channel.posts[channel.top_id].posted_at

    async def true(tx: Any) -> bool:
        return bool((await tx.watch.until())[channel.id] > posted)

    return true


def push_mark(channel: Channel, **wanted: Any) -> Any:
    async def true(tx: Any) -> Any:
        mark = await tx.marks.get(f"{PUSH}{channel.id}")
        return mark if mark and all(mark[key] == value for key, value in wanted.items()) else None

    return true


def gap_of(channel: Channel, cause: GapCause) -> Any:
    async def true(tx: Any) -> Gap | None:
        return next((g for g in await tx.watch.gaps(channel.id) if g.cause is cause and g.to_at), None)

    return true


# -- the stream of updates


async def test_a_hole_of_150_in_a_live_stream_is_read_from_history(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    telegram.server.too_long_after = 100
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        for n in range(150):
            telegram.world.post(channel, f"not pushed {n}", push=False)
        telegram.world.post(channel, "shows the hole")
        await eventually(store, whole(telegram, store, channel), task=task)
        await eventually(store, gap_of(channel, GapCause.UNKNOWN), task=task)


async def test_a_hole_before_the_first_push_of_a_channel_is_seen_by_the_numbers(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    telegram.faults.error("messages.getDialogs", 500, "RPC_CALL_FAIL", times=None)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.post(channel, "the first that is pushed")
        await eventually(store, whole(telegram, store, channel), task=task)


async def test_a_restart_finds_what_came_meanwhile_though_nothing_follows(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
    for n in range(20):
        telegram.world.post(channel, f"unseen {n}")
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, whole(telegram, store, channel), task=task)
        gap = await eventually(store, gap_of(channel, GapCause.OUR_STOP), task=task)
    assert gap.missing is Missing.EDITS


async def test_a_flood_wait_in_one_channels_difference_holds_up_no_other_channel(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=1)
    async with collecting(telegram, store, [channel, other], reconcile_every="1h") as task:
        await eventually(store, watched(channel, other), task=task)
        telegram.faults.flood(DIFFERENCE, 30, channel=channel.id, times=None)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.edit(channel, 3, "shows the hole")
        await until(lambda: telegram.log.of(DIFFERENCE))
        telegram.world.post(other, "at once")
        await eventually(store, stored(other), within=2, task=task)


async def test_a_client_that_hangs_in_a_difference_is_replaced_though_no_post_is_missing(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], answer_within=0.5) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.swallow(DIFFERENCE)
        telegram.world.edit(channel, 3, "not pushed", push=False)
        telegram.world.edit(channel, 4, "shows the hole")
        telegram.world.delete(channel, 5)
        await eventually(store, whole(telegram, store, channel), task=task)
        await eventually(store, gap_of(channel, GapCause.LINK), task=task)


async def test_edits_and_deletions_in_a_difference_are_taken_from_it(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], reconcile_every="1h", recheck_posts=0) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.edit(channel, 3, "edited behind the hole")
        telegram.world.delete(channel, 4)
        await eventually(store, whole(telegram, store, channel), task=task)


async def test_last_words_that_no_difference_tells_of_stand_on_record_as_a_gap_of_edits(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Of a post that is gone a difference says no more than that."""
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        await until(lambda: telegram.log.of("channels.getMessages"))
        telegram.world.edit(channel, 4, "last words", push=False)
        telegram.world.delete(channel, 4)
        gap = await eventually(store, gap_of(channel, GapCause.UNKNOWN), task=task)
    assert (gap.missing, gap.detail) == (
        Missing.EDITS,
        "of posts that are gone nobody told how they read last",
    )
    assert gap.from_at <= channel.record()[4].deleted_at <= gap.to_at


async def test_that_gap_reaches_back_to_where_the_stream_was_last_in_step(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Asking for the newest post proves nothing of edits, however often it is done."""
    async with collecting(telegram, store, [channel], reconcile_every="0.2s", recheck_posts=0) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.edit(channel, 3, "in step")
        await eventually(store, whole(telegram, store, channel), task=task)
        telegram.world.edit(channel, 4, "last words", push=False)
        edited_at = now()

        async def is_long_proved(tx: Any) -> bool:
            return bool((await tx.watch.until())[channel.id] > edited_at + timedelta(seconds=2.5))

        await eventually(store, is_long_proved, task=task)
        telegram.world.delete(channel, 4)
        gap = await eventually(store, gap_of(channel, GapCause.UNKNOWN), task=task)
    assert gap.missing is Missing.EDITS
    assert gap.from_at <= edited_at
    assert gap.from_at >= channel.record()[3].last.edited_at
    async with store.read() as tx:
        assert not (await tx.watch.edits_seen_of([channel.id]))[channel.id].at(edited_at)


async def test_what_telegram_skips_in_a_live_stream_is_looked_for_and_stands_on_record(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    telegram.server.too_long_after = 3
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        await until(lambda: telegram.log.of("channels.getMessages"))
        for n in range(4):
            telegram.world.edit(channel, 3, f"not pushed {n}", push=False)
        telegram.world.edit(channel, 5, "shows the hole")
        await eventually(store, gap_of(channel, GapCause.UNKNOWN), task=task)
        await eventually(store, whole(telegram, store, channel), task=task)


async def test_where_posts_were_not_pushed_edits_and_deletions_are_looked_for(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        await until(lambda: telegram.log.of("channels.getMessages"))
        telegram.world.edit(channel, 3, "not pushed", push=False)
        telegram.world.delete(channel, 4, push=False)
        telegram.world.post(channel, "not pushed either", push=False)
        await eventually(store, whole(telegram, store, channel), task=task)


@pytest.mark.parametrize(
    "error", [(420, "FLOOD_WAIT_300"), (500, "PERSISTENT_TIMESTAMP_OUTDATED"), (500, "RPC_CALL_FAIL")]
)
async def test_a_difference_that_is_refused_again_and_again_costs_no_post(
    telegram: Telegram, store: Store, channel: Channel, error: tuple[int, str]
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.error(DIFFERENCE, *error, times=None)
        telegram.world.post(channel, "not pushed", push=False)
        for n in range(5):
            telegram.world.post(channel, f"shows the hole {n}")
        await eventually(store, whole(telegram, store, channel), task=task)


async def test_an_unknown_constructor_in_a_difference_costs_a_connection_and_no_post(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.garble(DIFFERENCE)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.edit(channel, 3, "shows the hole")
        await eventually(store, gap_of(channel, GapCause.LINK), task=task)
        await eventually(store, whole(telegram, store, channel), task=task)


async def test_differences_that_nobody_can_read_any_more_are_done_without(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Each connection would end by the same one."""
    telegram.faults.garble(DIFFERENCE, times=None)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.post(channel, "not pushed", push=False)
        telegram.world.edit(channel, 3, "shows the hole")

        async def is_mute(tx: Any) -> bool:
            said = (await tx.marks.get("collector.account.main")).get("detail", "")
            return "cannot be understood" in said

        await eventually(store, is_mute, task=task)
        connections = telegram.log.counts["help.getConfig"]
        for n in range(3):
            telegram.world.post(channel, f"never pushed {n}")
            await eventually(store, stored(channel), task=task)
        assert telegram.log.counts["help.getConfig"] == connections
        await eventually(store, whole(telegram, store, channel), task=task)
        mute_at = now()

        async def is_watched_on(tx: Any) -> bool:
            return bool((await tx.watch.until())[channel.id] > mute_at)

        await eventually(store, is_watched_on, task=task)
        async with store.read() as tx:
            edits = (await tx.watch.edits_seen_of([channel.id]))[channel.id]
        assert not edits.at(mute_at), "edits and deletions are not pushed, either"


async def test_being_shut_out_without_a_word_is_found_by_asking(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=1)
    async with collecting(telegram, store, [channel, other]) as task:
        await eventually(store, watched(channel, other), task=task)
        telegram.faults.upset(Upset.WITHHOLD, channel=channel.id, times=None)
        telegram.world.ban(channel, telegram.account)

        async def is_gone(tx: Any) -> Any:
            events = [e for _, e in await tx.channels.events_after(0) if e.channel_id == channel.id]
            return next((e for e in events if e.change is ChannelChange.GONE), None)

        found = await eventually(store, is_gone, task=task)
        assert found.status is ChannelStatus.BANNED
        telegram.world.post(other, "goes on")
        await eventually(store, stored(other), task=task)
        async with store.read() as tx:
            assert await open_gap(tx, channel.id, "main") is not None
            assert await open_gap(tx, other.id, "main") is None


async def test_a_channel_whose_posts_are_not_pushed_is_polled_faster_and_said_so(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=1)
    async with collecting(
        telegram, store, [channel, other], reconcile_every="1s", hurry_every="0.1s", answer_within=0.5
    ) as task:
        await eventually(store, watched(channel, other), task=task)
        for n in range(2):
            telegram.world.post(channel, f"not pushed {n}", push=False)
            telegram.world.post(other, f"pushed {n}")
            # Each is to be found by itself: until all of the channel has been read, a second is one with it.
            await eventually(store, read_to_its_end(channel), task=task)
        mark = await eventually(store, push_mark(channel, polled_every="0s"), task=task)
        assert mark["missed_by_push"] >= 2
        found = await eventually(store, gap_of(channel, GapCause.UNKNOWN), task=task)
        assert (found.missing, found.detail) == (Missing.EDITS, "1 post was not pushed")
        before = len(telegram.log.of("messages.getPeerDialogs"))
        telegram.world.post(channel, "not pushed, found soon", push=False)
        await eventually(store, stored(channel), within=0.9, task=task)
        assert len(telegram.log.of("messages.getPeerDialogs")) > before
        for n in range(3):
            telegram.world.post(channel, f"pushed again {n}")
        await eventually(store, push_mark(channel, polled_every="1s"), task=task)

        async def is_counted(tx: Any) -> bool:
            return (await tx.marks.get("collector.account.main")).get("missed_by_push", 0) >= 2

        await eventually(store, is_counted, task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        assert await tx.marks.get(f"{PUSH}{other.id}") == {}


@pytest.mark.parametrize("deed", [Deed.TWICE, Deed.HOLLOW])
async def test_a_page_that_is_not_as_it_should_be_does_not_end_the_history(
    telegram: Telegram, store: Store, deed: Deed
) -> None:
    long = telegram.channel("Long", "long_history", posts=350)
    telegram.faults.spoil(deed, when=lambda request: request.offset_id == 251)
    async with collecting(telegram, store, [long]) as task:
        await eventually(store, whole(telegram, store, long), task=task)
    assert telegram.faults.calls == []


# -- the line


async def test_it_starts_though_connections_are_swallowed(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    telegram.link.set(LinkState.BLACK_HOLE)
    async with collecting(telegram, store, [channel], answer_within=0.3) as task:

        async def is_said(tx: Any) -> bool:
            return (await tx.marks.get("collector.account.main")).get("state") == "unreachable"

        await eventually(store, is_said, task=task)
        telegram.link.set(LinkState.OPEN)
        await eventually(store, whole(telegram, store, channel), task=task)


# -- the clock


async def test_a_clock_that_falls_behind_while_connected_costs_a_connection_and_no_post(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], answer_within=0.4) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.clock_skew = 40.0
        for n in range(10):
            telegram.world.post(channel, f"from the future {n}")
        await eventually(store, gap_of(channel, GapCause.LINK), task=task)
        await eventually(store, whole(telegram, store, channel), task=task)


@pytest.mark.parametrize("off", [timedelta(seconds=40), timedelta(seconds=-40), timedelta(days=900)])
async def test_with_a_clock_that_is_off_the_watch_is_dated_by_telegrams(
    telegram: Telegram, store: Store, channel: Channel, off: timedelta
) -> None:
    began = telegram.world.clock.now()
    async with collecting(telegram, store, [channel], clock=OffClock(WallClock(), off)) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.set(LinkState.REFUSED)
        await eventually(store, _gap_open(channel), task=task)
        cut = telegram.world.clock.now()
    async with store.read() as tx:
        stretches = (await tx.watch.seen(channel.id, began - timedelta(hours=1))).stretches
        gap = await open_gap(tx, channel.id, "main")
    slack = timedelta(seconds=4)  # Telegram tells its time in whole seconds
    assert began - slack <= stretches[-1][1] <= cut + slack
    assert stretches[-1][1] == gap.from_at
    assert len(stretches) == 1


async def test_after_a_start_with_a_clock_that_is_ahead_channels_are_watched_at_once(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Nothing waits until the time comes that the clock said it was."""
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
    again = telegram.world.clock.now()

    async def is_watched_again(tx: Any) -> bool:
        return (await tx.watch.until())[channel.id] > again

    clock = OffClock(WallClock(), timedelta(hours=1))
    async with collecting(telegram, store, [channel], clock=clock) as task:
        await eventually(store, is_watched_again, task=task)


@pytest.mark.parametrize("jump", [timedelta(hours=1), timedelta(hours=-1)])
async def test_a_clock_that_jumps_leaves_no_hole_and_no_claim_about_the_future(
    telegram: Telegram, store: Store, channel: Channel, jump: timedelta
) -> None:
    clock = OffClock(WallClock(), timedelta(0))
    began = telegram.world.clock.now()
    async with collecting(telegram, store, [channel], clock=clock) as task:
        await eventually(store, watched(channel), task=task)
        clock.by = jump
        asked = len(telegram.log.of("messages.getPeerDialogs"))
        await until(lambda: len(telegram.log.of("messages.getPeerDialogs")) > asked + 2)
        telegram.world.post(channel, "after the jump")
        await eventually(store, stored(channel), task=task)
    ended = telegram.world.clock.now()
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
    assert len(seen.stretches) == 1
    slack = timedelta(seconds=4)
    assert began - slack <= seen.stretches[0][1] <= ended + slack
    assert await differences(telegram, store, channel) == []


def _gap_open(channel: Channel) -> Any:
    async def true(tx: Any) -> Gap | None:
        return await open_gap(tx, channel.id, "main")

    return true
