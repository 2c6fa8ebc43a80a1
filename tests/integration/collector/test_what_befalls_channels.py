"""A channel that is renamed, loses its handle, is shut or comes back: told as that, never as a silence."""

from collections.abc import Sequence
from typing import Any

import pytest
import structlog

from collector.config import ChannelConfig
from domain.channel import ChannelChange, ChannelEvent, ChannelStatus
from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_read
from tests.support.standing import open_gap
from tests.support.telegram import Telegram, until


def event(channel: Channel, change: ChannelChange) -> Any:
    async def true(tx: Any) -> ChannelEvent | None:
        events = [e for _, e in await tx.channels.events_after(0)]
        return next((e for e in events if e.channel_id == channel.id and e.change is change), None)

    return true


def watched(*channels: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return {c.id for c in channels} <= set(await tx.watch.until())

    return true


async def events_of(store: Store, channel: Channel) -> Sequence[tuple[ChannelChange, ChannelStatus]]:
    async with store.read() as tx:
        events = [e for _, e in await tx.channels.events_after(0) if e.channel_id == channel.id]
    return [(e.change, e.status) for e in events]


async def test_a_rename_is_an_event_and_the_channel_goes_on(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.rename(channel, "Falcon Daily")
        found = await eventually(store, event(channel, ChannelChange.RENAMED), task=task)
        assert (found.before, found.after, found.status) == (
            "Falcon News",
            "Falcon Daily",
            ChannelStatus.OPEN,
        )
        telegram.world.post(channel, "under another name")

        async def stored(tx: Any) -> bool:
            return await is_read(tx, channel.id, channel.top_id)

        await eventually(store, stored, task=task)
    async with store.read() as tx:
        assert (await tx.channels.get(channel.id)).title == "Falcon Daily"
        assert await tx.watch.gaps(channel.id) == [await open_gap(tx, channel.id, "main")]


async def test_another_handle_is_followed_by_number(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.set_handle(channel, "falcon_daily")
        found = await eventually(store, event(channel, ChannelChange.HANDLE_CHANGED), task=task)
        assert (found.before, found.after) == ("falcon_news", "falcon_daily")
    async with store.read() as tx:
        assert [h.name for h in await tx.channels.handles(channel.id)] == ["falcon_news", "falcon_daily"]
    async with collecting(telegram, store, [ChannelConfig(handle="falcon_news")]) as task:
        telegram.world.post(channel, "after a restart")

        async def stored(tx: Any) -> bool:
            return await is_read(tx, channel.id, channel.top_id)

        await eventually(store, stored, task=task)
    assert (ChannelChange.HANDLE_TAKEN, ChannelStatus.OPEN) not in await events_of(store, channel)


async def test_a_handle_that_was_taken_over_does_not_take_the_watch_with_it(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        impostor = telegram.world.take_handle(channel, "Falcon News (official)")
        telegram.world.post(impostor, "believe me")
        found = await eventually(store, event(channel, ChannelChange.HANDLE_TAKEN), task=task)
        assert (found.before, found.after) == ("falcon_news", str(impostor.id))
        assert "official" in found.evidence
        telegram.world.post(channel, "still here")

        async def stored(tx: Any) -> bool:
            return await is_read(tx, channel.id, channel.top_id)

        await eventually(store, stored, task=task)
    async with store.read() as tx:
        assert await tx.posts.count(impostor.id) == 0


async def test_a_ban_ends_the_watch_with_a_gap_and_a_return_resumes_it(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    other = telegram.channel("Heron News", "heron_news", posts=3)
    async with collecting(telegram, store, [channel, other]) as task:
        await eventually(store, watched(channel, other), task=task)
        telegram.world.ban(channel, telegram.account)
        found = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        assert found.status is ChannelStatus.BANNED
        assert "falcon_news" in found.evidence
        async with store.read() as tx:
            gap = await open_gap(tx, channel.id, "main")
            assert (gap.cause, gap.detail) == (GapCause.UNKNOWN, "the channel is banned")
            assert (await tx.channels.get(channel.id)).status is ChannelStatus.BANNED
        telegram.world.post(channel, "unseen")
        telegram.world.post(other, "seen")

        async def stored(tx: Any) -> bool:
            return await tx.posts.get(other.id, 4) is not None

        await eventually(store, stored, task=task)
        telegram.world.unban(channel, telegram.account)
        await eventually(store, event(channel, ChannelChange.BACK), task=task)

        async def closed(tx: Any) -> bool:
            return await open_gap(tx, channel.id, "main") is None

        await eventually(store, closed, task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        assert (await tx.watch.gaps(channel.id))[0].missing is Missing.EDITS
    changes = [change for change, _ in await events_of(store, channel)]
    assert changes == [ChannelChange.FOUND, ChannelChange.GONE, ChannelChange.BACK]


async def test_a_channel_turned_private_is_not_called_banned(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.make_private(channel, evict=True)
        found = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        assert found.status is ChannelStatus.PRIVATE


async def test_a_history_that_shows_nothing_because_it_is_restricted_is_not_called_hidden(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    often = {"refresh_every": "0.2s", "reconcile_every": "1h", "confirm_every": "1h", "recheck_every": "1h"}
    async with collecting(telegram, store, [channel], **often) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.delay("messages.getHistory", 0.5, times=None)
        asked = len(telegram.log.of("messages.getHistory"))
        await until(lambda: len(telegram.log.of("messages.getHistory")) > asked)
        telegram.world.restrict(channel, "not available in your country")
        found = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        assert found.status is ChannelStatus.RESTRICTED


async def test_a_channel_that_telegram_hides_is_restricted(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.restrict(channel, "not available in your country")
        found = await eventually(store, event(channel, ChannelChange.GONE), task=task)
        assert found.status is ChannelStatus.RESTRICTED
        assert "not available in your country" in found.evidence
        telegram.world.restrict(channel, None)
        await eventually(store, event(channel, ChannelChange.BACK), task=task)


async def test_a_channel_gone_while_we_were_away_is_known_on_return(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
    telegram.world.delete_channel(channel)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, event(channel, ChannelChange.GONE), task=task)
        await eventually(store, lambda tx: _state(tx, "watching"), task=task)


async def _state(tx: Any, state: str) -> bool:
    return (await tx.marks.get("collector.account.main")).get("state") == state


async def test_an_unknown_handle_is_told_and_the_others_go_on(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    configs = [ChannelConfig(handle="no_such_channel"), ChannelConfig(handle="falcon_news")]
    async with collecting(telegram, store, configs, return_every="0.5s") as task:
        await eventually(store, watched(channel), task=task)
        async with store.read() as tx:
            mark = await tx.marks.get("collector.unresolved.no_such_channel")
        assert mark["name"] == "@no_such_channel"
        assert "USERNAME_NOT_OCCUPIED" in mark["why"]
        late = telegram.channel("Late", "no_such_channel", posts=1)
        await eventually(store, watched(late), task=task)
    async with store.read() as tx:
        assert await tx.marks.get("collector.unresolved.no_such_channel") == {}


async def test_a_channel_that_could_not_be_looked_up_at_first_is_not_told_to_be_gone(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=2, joined=False)
    telegram.faults.error("contacts.resolveUsername", 500, "RPC_CALL_FAIL")
    config = ChannelConfig(handle="falcon_news", id=channel.id)
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [config]) as task:
            await eventually(store, watched(channel), task=task)
    async with store.read() as tx:
        assert [e.change for _, e in await tx.channels.events_after(0)] == [ChannelChange.FOUND]
    assert [e["hint"] for e in logs if "spelling" in e.get("hint", "")] == []


async def test_a_channel_without_a_handle_is_found_by_its_number_among_our_own(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Closed circle", None, posts=3, private=True)
    configs = [ChannelConfig(id=channel.id), ChannelConfig(id=999_999)]
    async with collecting(telegram, store, configs) as task:
        await eventually(store, watched(channel), task=task)
    async with store.read() as tx:
        assert (await tx.channels.get(999_999)).status is ChannelStatus.UNRESOLVED


async def test_channels_are_joined_when_asked_so_that_they_are_pushed(
    telegram: Telegram, store: Store
) -> None:
    first = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    second = telegram.channel("Heron News", "heron_news", posts=3, joined=False)
    configs = [ChannelConfig(handle="falcon_news", join=True), ChannelConfig(handle="heron_news")]
    async with collecting(telegram, store, configs) as task:

        async def live(tx: Any) -> bool:
            return any(s.how.value == "live" for s in await tx.watch.spans(first.id))

        await eventually(store, live, task=task)
    assert telegram.account.id in first.members
    assert telegram.account.id not in second.members
    [joined] = telegram.log.of("channels.joinChannel")
    async with store.read() as tx:
        edits = (await tx.watch.edits_seen_of([first.id]))[first.id]
    assert edits.stretches[0][0] >= joined.at, "what was edited before was not pushed"


@pytest.mark.parametrize("trouble", ["error", "swallow"])
async def test_a_join_that_telegram_stumbles_over_is_tried_again(
    telegram: Telegram, store: Store, trouble: str
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    heron = telegram.channel("Heron News", "heron_news", posts=3, joined=False)
    join = "channels.joinChannel"
    if trouble == "error":
        telegram.faults.error(join, 500, "RPC_CALL_FAIL", channel=falcon.id)
    else:
        telegram.faults.swallow(join, channel=falcon.id)
    telegram.faults.error(join, 400, "CHANNELS_TOO_MUCH", channel=heron.id, times=None)
    configs = [ChannelConfig(handle=c.handle, join=True) for c in (falcon, heron)]
    async with collecting(telegram, store, configs, answer_within=0.5) as task:

        async def live(tx: Any) -> bool:
            return any(s.how.value == "live" for s in await tx.watch.spans(falcon.id))

        await eventually(store, live, task=task)
    asked = [e.request.channel.channel_id for e in telegram.log.of(join)]
    assert asked.count(heron.id) == 1, "what Telegram refuses is not asked for again"


async def test_a_channel_left_out_of_the_config_is_retired_and_can_come_back(
    telegram: Telegram, store: Store
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    heron = telegram.channel("Heron News", "heron_news", posts=3)
    async with collecting(telegram, store, [falcon, heron]) as task:
        await eventually(store, watched(falcon, heron), task=task)
    async with collecting(telegram, store, [falcon]) as task:
        await eventually(store, event(heron, ChannelChange.RETIRED), task=task)
    async with store.read() as tx:
        assert (await tx.channels.get(heron.id)).status is ChannelStatus.RETIRED
        assert (await tx.channels.get(falcon.id)).status is ChannelStatus.OPEN
    async with collecting(telegram, store, [falcon, heron]) as task:
        await eventually(store, event(heron, ChannelChange.BACK), task=task)


async def test_group_and_zone_of_the_config_are_kept_with_the_channel(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1, audience=4321)
    config = ChannelConfig(handle="@falcon_news", group="falcons", zone="Asia/Baghdad")
    async with collecting(telegram, store, [config]) as task:

        async def known(tx: Any) -> Any:
            found = await tx.channels.get(channel.id)
            return found if found and found.audience else None

        found = await eventually(store, known, task=task)
    assert (found.group, found.zone, found.audience) == ("falcons", "Asia/Baghdad", 4321)
    moved = config.model_copy(update={"group": "eagles"})
    async with collecting(telegram, store, [moved]) as task:

        async def regrouped(tx: Any) -> bool:
            return (await tx.channels.get(channel.id)).group == "eagles"

        await eventually(store, regrouped, task=task)
