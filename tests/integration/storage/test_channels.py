"""Channels are known by their number; handles come and go, and what befalls a channel is recorded."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.channel import Channel, ChannelChange, ChannelEvent, ChannelStatus, Handle, Headcount
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
FALCON = Channel(id=7, title="Falcon", handle="falcon_news", group="falcons", zone="Asia/Baghdad", audience=9)


async def save(store: Store, channel: Channel, at: datetime = NOON) -> None:
    async with store.begin() as tx:
        await tx.channels.save(channel, at)


async def test_a_channel_comes_back_as_it_was_given_and_keeps_when_it_was_added(store: Store) -> None:
    await save(store, FALCON)
    await save(store, replace(FALCON, title="Falcon News", audience=12), NOON + HOUR)
    async with store.read() as tx:
        assert await tx.channels.all() == [replace(FALCON, title="Falcon News", audience=12, added_at=NOON)]
        assert await tx.channels.get(8) is None


async def test_a_new_handle_closes_the_former_one(store: Store) -> None:
    await save(store, FALCON)
    await save(store, replace(FALCON, handle="falcon2"), NOON + HOUR)
    await save(store, replace(FALCON, handle="falcon2", title="x"), NOON + 2 * HOUR)
    await save(store, replace(FALCON, handle=None), NOON + 3 * HOUR)
    async with store.read() as tx:
        assert await tx.channels.handles(7) == [
            Handle(name="falcon_news", from_at=NOON, to_at=NOON + HOUR),
            Handle(name="falcon2", from_at=NOON + HOUR, to_at=NOON + 3 * HOUR),
        ]
        assert await tx.channels.all_handles() == {7: await tx.channels.handles(7)}


async def test_a_channel_is_found_by_handle_link_number_and_title(store: Store) -> None:
    await save(store, FALCON)
    async with store.read() as tx:
        for name in ("@Falcon_News", "falcon_news", "https://t.me/falcon_news", "7", "FALCON"):
            found = await tx.channels.by_name(name)
            assert found is not None, name
            assert found.id == 7
        assert await tx.channels.by_name("heron") is None
        assert (await tx.channels.by_handle("@FALCON_news")) is not None
        assert await tx.channels.by_handle("Falcon") is None


async def test_one_that_telegram_knows_comes_before_one_from_a_file(store: Store) -> None:
    await save(store, replace(FALCON, id=-5, title="falcon_news"))
    await save(store, FALCON)
    async with store.read() as tx:
        named, handled = await tx.channels.by_name("falcon_news"), await tx.channels.by_handle("falcon_news")
    assert named is not None
    assert handled is not None
    assert (named.id, handled.id) == (7, 7)


async def test_the_status_follows_what_befell_and_events_keep_their_order(store: Store) -> None:
    await save(store, FALCON)
    gone = ChannelEvent(
        channel_id=7,
        at=NOON + HOUR,
        change=ChannelChange.GONE,
        status=ChannelStatus.BANNED,
        evidence="CHANNEL_PRIVATE",
    )
    back = ChannelEvent(
        channel_id=7,
        at=NOON + 2 * HOUR,
        change=ChannelChange.BACK,
        status=ChannelStatus.OPEN,
        before="banned",
        after="open",
    )
    statuses = []
    for event in (gone, back):
        async with store.begin() as tx:
            await tx.channels.befell(event)
            channel = await tx.channels.get(7)
            assert channel is not None
            statuses.append(channel.status)
    assert statuses == [ChannelStatus.BANNED, ChannelStatus.OPEN]
    async with store.read() as tx:
        events = await tx.channels.events_after(0)
        assert [event for _, event in events] == [gone, back]
        assert [event for _, event in await tx.channels.events_after(events[0][0])] == [back]


async def test_an_access_hash_belongs_to_an_account(store: Store) -> None:
    async with store.begin() as tx:
        await tx.channels.save_access(7, "main", -(2**63))
        await tx.channels.save_access(7, "spare", 5)
        await tx.channels.save_access(7, "spare", 2**63 - 1)
    async with store.read() as tx:
        assert await tx.channels.access_hash(7, "main") == -(2**63)
        assert await tx.channels.access_hash(7, "spare") == 2**63 - 1
        assert await tx.channels.access_hash(7, "other") is None


async def test_headcounts_come_back_in_order_and_flags_stay_with_the_channel(store: Store) -> None:
    async with store.begin() as tx:
        await tx.channels.save(replace(FALCON, flags=("scam", "hidden on ios: terms")), NOON)
        for n, members in ((2, 900), (0, 1000), (1, 1010)):
            at = NOON + timedelta(days=n)
            await tx.channels.counted(Headcount(channel_id=FALCON.id, at=at, members=members, within=n))
    async with store.read() as tx:
        found = await tx.channels.get(FALCON.id)
        counts = await tx.channels.headcounts(FALCON.id)
        later = await tx.channels.headcounts(FALCON.id, NOON + timedelta(days=1))
    assert found is not None
    assert found.flags == ("scam", "hidden on ios: terms")
    assert [(c.members, c.within) for c in counts] == [(1000, 0), (1010, 1), (900, 2)]
    assert [c.members for c in later] == [1010, 900]


async def test_channels_as_they_stand_differ_exactly_where_something_was_written(store: Store) -> None:
    await save(store, FALCON)
    await save(store, replace(FALCON, id=8, handle="other", flags=("scam",)))
    async with store.read() as tx:
        before = await tx.channels.rows()
        assert await tx.channels.rows() == before
        assert set(before) == {7, 8}
    for changed in (
        replace(FALCON, title="x"),
        replace(FALCON, flags=("fake",)),
        replace(FALCON, audience=10),
        replace(FALCON, status=ChannelStatus.PRIVATE),
        replace(FALCON, country="IQ"),
    ):
        await save(store, changed)
        async with store.read() as tx:
            after = await tx.channels.rows()
            assert [number for number in after if after[number] != before[number]] == [7]
            assert await tx.channels.some([7]) == [replace(changed, added_at=NOON)]
        before = after
    async with store.read() as tx:
        assert await tx.channels.some([9, 8, 7]) == await tx.channels.all()
