"""A second account looks at what the first one watches: what only one of them saw is kept and counted."""

from datetime import timedelta
from typing import Any

import pytest

from collector.config import AccountConfig
from domain.post import How
from sandbox.account import Account
from sandbox.channel import Channel
from storage.accounts import Witnessed
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_read
from tests.support.telegram import Telegram, until


@pytest.fixture
def spare(telegram: Telegram) -> Account:
    return telegram.world.add_account("15550101")


@pytest.fixture
def both(telegram: Telegram, spare: Account) -> list[AccountConfig]:
    return [
        AccountConfig(name="main", session=str(telegram.session_file("main"))),
        AccountConfig(name="spare", session=str(telegram.session_file("spare", spare))),
    ]


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=20)


def witnessed(channel: Channel, wanted: Any) -> Any:
    """What the witness has on record, once it is as wanted."""

    async def true(tx: Any) -> Witnessed | None:
        found = await tx.accounts.witnessed(channel.id)
        return found[0] if found and wanted(found[0]) else None

    return true


async def test_both_see_the_same_and_that_is_on_record(
    telegram: Telegram, store: Store, both: list[AccountConfig], channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], accounts=both, witness_every="0.1s") as task:
        first = await eventually(store, witnessed(channel, lambda w: w.newest_id == 20), task=task)
        assert first.account == "spare"
        for n in range(7):
            telegram.world.post(channel, f"live {n}")
        telegram.world.delete(channel, channel.top_id - 1)
        top = channel.top_id
        found = await eventually(
            store, witnessed(channel, lambda w: w.newest_id == top and not w.waiting), task=task
        )
    assert 6 <= found.seen <= 7
    assert (found.only_witness, found.only_watcher) == (0, 0)
    async with store.read() as tx:
        spans = [s for s in await tx.watch.spans(channel.id) if s.account == "spare"]
    assert spans[0].how is How.POLLED
    assert spans[0].to_at > spans[0].from_at
    assert "channels.joinChannel" not in telegram.log.counts


async def test_what_a_witness_reads_after_a_stop_was_not_watched_meanwhile(
    telegram: Telegram, store: Store, both: list[AccountConfig], channel: Channel
) -> None:
    stops = []
    for text in ("one", "two"):
        telegram.world.post(channel, text)
        top = channel.top_id
        async with collecting(telegram, store, [channel], accounts=both, witness_every="0.1s") as task:
            first = await eventually(store, witnessed(channel, lambda w, n=top: w.newest_id == n), task=task)
            await eventually(
                store, witnessed(channel, lambda w, at=first.checked_at: w.checked_at > at), task=task
            )
        stops.append(telegram.world.clock.now())
    async with store.read() as tx:
        spans = [s for s in await tx.watch.spans(channel.id) if s.account == "spare"]
    over = {s.how for s in spans if s.from_at < stops[0] < s.to_at}
    assert over == {How.BACKFILLED}
    assert {s.how for s in spans if s.from_at > stops[0]} == {How.POLLED}


async def test_what_only_the_witness_sees_is_kept_and_counted(
    telegram: Telegram, store: Store, both: list[AccountConfig], channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], accounts=both, witness_every="0.1s") as task:
        await eventually(store, witnessed(channel, lambda w: w.newest_id == 20), task=task)
        telegram.world.hide_from(channel, telegram.account)
        telegram.world.post(channel, "not for everybody")
        number = channel.top_id
        found = await eventually(store, witnessed(channel, lambda w: w.only_witness == 1), task=task)
        assert [(d.post_id, d.by_witness) for d in found.differed] == [(number, True)]
        assert found.only_watcher == 0
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        assert (await tx.posts.get(channel.id, number)).how is How.POLLED


async def test_what_the_witness_never_sees_is_counted_and_what_was_deleted_is_not(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], accounts=both, witness_every="0.4s") as task:
        await eventually(store, witnessed(channel, lambda w: w.newest_id == 20), task=task)
        telegram.world.hide_from(channel, spare)
        old = telegram.world.clock.now() - timedelta(seconds=5)
        telegram.world.post(channel, "not for everybody", at=old)
        number = channel.top_id
        telegram.world.post(channel, "soon deleted", at=old)

        async def both_stored(tx: Any) -> bool:
            return await is_read(tx, channel.id, number + 1)

        await eventually(store, both_stored, task=task)
        telegram.world.delete(channel, number + 1)
        found = await eventually(store, witnessed(channel, lambda w: w.only_watcher), task=task, within=15)
        assert [(d.post_id, d.by_witness) for d in found.differed] == [(number, False)]
    assert found.only_witness == 0


async def test_a_witness_that_is_shut_out_is_none_any_more(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], accounts=both, witness_every="0.1s") as task:
        await eventually(store, witnessed(channel, lambda w: w.newest_id == 20), task=task)
        telegram.world.ban(channel, spare)

        async def without(tx: Any) -> bool:
            assigned = (await tx.accounts.assignments())["falcon_news"]
            return (assigned.watcher, assigned.witness) == ("main", None)

        await eventually(store, without, task=task)
        telegram.world.post(channel, "still watched")

        async def stored(tx: Any) -> bool:
            return await is_read(tx, channel.id, channel.top_id)

        await eventually(store, stored, task=task)


async def test_without_a_wish_for_witnesses_there_is_none(
    telegram: Telegram, store: Store, both: list[AccountConfig], channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], accounts=both, witness=False) as task:

        async def assigned(tx: Any) -> Any:
            return (await tx.accounts.assignments()).get("falcon_news")

        assert (await eventually(store, assigned, task=task)).witness is None


async def test_what_only_the_witness_sees_at_its_first_look_is_kept(
    telegram: Telegram, store: Store, both: list[AccountConfig], channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, lambda tx: is_read(tx, channel.id, 20), task=task)
    telegram.world.hide_from(channel, telegram.account)
    telegram.world.post(channel, "not for everybody")
    number = channel.top_id
    async with collecting(telegram, store, [channel], accounts=both, witness_every="0.1s") as task:
        await eventually(store, witnessed(channel, lambda w: w.newest_id == number), task=task)
    async with store.read() as tx:
        assert (await tx.posts.get(channel.id, number)).text == "not for everybody"


async def test_what_has_come_to_the_witness_is_kept_though_the_next_page_does_not(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account, channel: Channel
) -> None:
    """By its next look they may be deleted."""
    async with collecting(telegram, store, [channel], accounts=both, witness_every="0.1s") as task:
        await eventually(store, witnessed(channel, lambda w: w.newest_id == 20), task=task)
        telegram.faults.error(
            "messages.getHistory", 400, "MSG_ID_INVALID", account=spare.id, times=None,
            when=lambda request: request.offset_id == 121,
        )  # fmt: skip
        telegram.world.hide_from(channel, telegram.account)
        for n in range(150):
            telegram.world.post(channel, f"not for everybody {n}")
        await eventually(store, lambda tx: tx.posts.get(channel.id, 120), task=task)
    async with store.read() as tx:
        [record] = await tx.accounts.witnessed(channel.id)
    assert record.newest_id == 20  # it has not caught up


async def test_the_watcher_looks_for_what_came_to_the_witness_though_the_next_page_did_not(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account, channel: Channel
) -> None:
    async with collecting(
        telegram, store, [channel], accounts=both, witness_every="0.1s", reconcile_every="1h"
    ) as task:
        await eventually(store, witnessed(channel, lambda w: w.newest_id == 20), task=task)
        telegram.faults.error(
            "messages.getHistory", 400, "MSG_ID_INVALID", account=spare.id, times=None,
            when=lambda request: request.offset_id == 121,
        )  # fmt: skip
        for n in range(150):
            telegram.world.post(channel, f"not pushed {n}", push=False)
        await eventually(store, lambda tx: is_read(tx, channel.id, 170), task=task)


async def test_what_is_pushed_to_another_account_that_is_in_the_channel_is_kept(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account, channel: Channel
) -> None:
    """By the time the one that watches asks, it may be gone."""
    channel.members.add(spare.id)
    pinned = {"accounts": both, "witness": False, "reconcile_every": "1h", "recheck_posts": 0}
    async with collecting(telegram, store, [channel], **pinned) as task:
        await eventually(store, lambda tx: is_read(tx, channel.id, 20), task=task)
        await until(lambda: {s.account_id for s in telegram.server.sessions if s.wants_updates} >= {spare.id})
        telegram.world.hide_from(channel, telegram.account)
        telegram.world.post(channel, "came and went")
        number = channel.top_id
        kept = await eventually(store, lambda tx: tx.posts.get(channel.id, number), task=task)
        assert (kept.text, kept.how) == ("came and went", How.LIVE)
        telegram.world.edit(channel, number, "its last words")

        async def revised(tx: Any) -> list[str]:
            return [each.text for each in await tx.posts.revisions(channel.id, number)]

        assert await eventually(store, revised, task=task) == ["its last words"]
        telegram.world.delete(channel, number)

        async def gone(tx: Any) -> list[int]:
            return [each.post_id for each in await tx.posts.deletions(channel.id)]

        assert await eventually(store, gone, task=task) == [number]
        async with store.read() as tx:
            assert {span.account for span in await tx.watch.spans(channel.id)} == {"main"}


async def test_what_is_pushed_of_a_channel_that_nobody_watches_is_not_kept(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=1)
    other.members.add(spare.id)
    async with collecting(telegram, store, [channel], accounts=both, witness=False) as task:
        await eventually(store, lambda tx: is_read(tx, channel.id, 20), task=task)
        telegram.world.post(other, "nobody asked for it")
        telegram.world.post(channel, "asked for")
        await eventually(store, lambda tx: is_read(tx, channel.id, channel.top_id), task=task)
        async with store.read() as tx:
            assert await tx.posts.count(other.id) == 0
