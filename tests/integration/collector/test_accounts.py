"""Several accounts: channels spread over them, and moved to others when one is lost; nothing lost, nothing
doubled, the time between on record.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import structlog

import collector.account
from collector.config import AccountConfig, ChannelConfig
from domain.channel import ChannelChange, ChannelStatus
from domain.watch import GapCause, Missing
from sandbox.account import Account
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually, is_free, is_read
from tests.support.standing import now, open_gap, state
from tests.support.telegram import Telegram, until

BIRDS = ("Falcon", "Heron", "Kite")


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive; where it does, a test says so."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.mending._LOOK_EVERY", 0.05)


@pytest.fixture
def spare(telegram: Telegram) -> Account:
    return telegram.world.add_account("15550101")


@pytest.fixture
def both(telegram: Telegram, spare: Account) -> list[AccountConfig]:
    """`main`, which is in every channel of `telegram`, and `spare`."""
    return [
        AccountConfig(name="main", session=str(telegram.session_file("main"))),
        AccountConfig(name="spare", session=str(telegram.session_file("spare", spare))),
    ]


def watched_by(account: str, *channels: Channel) -> Any:
    """Each of these is watched by that account, up to now: no gap of theirs is open."""

    async def true(tx: Any) -> bool:
        assigned = {a.key: a.watcher for a in (await tx.accounts.assignments()).values()}
        for channel in channels:
            if assigned.get(channel.handle or f"#{channel.id}") != account:
                return False
            spans = [s for s in await tx.watch.spans(channel.id) if s.account == account]
            if not spans or any(g.to_at is None for g in await tx.watch.gaps(channel.id)):
                return False
        return True

    return true


def stored(channel: Channel) -> Any:
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        return await is_read(tx, channel.id, wanted)

    return true


async def test_new_channels_are_spread_over_the_accounts(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    channels = [telegram.channel(f"C {n}", f"channel_{n}", posts=2, joined=False) for n in range(4)]
    async with collecting(telegram, store, channels, accounts=both, witness=False) as task:

        async def even(tx: Any) -> bool:
            placed = [a.watcher for a in (await tx.accounts.assignments()).values()]
            watched = await tx.watch.until()
            return sorted(map(str, placed)) == ["main"] * 2 + ["spare"] * 2 and len(watched) == 4

        await eventually(store, even, task=task)
    assert "channels.joinChannel" not in telegram.log.counts


async def test_a_private_channel_goes_to_the_account_that_is_in_it(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account
) -> None:
    private = telegram.world.add_channel("Private", None, members=[spare])
    telegram.world.post(private, "for members only")
    config = ChannelConfig(id=private.id)
    async with collecting(telegram, store, [config], accounts=both) as task:
        await eventually(store, watched_by("spare", private), task=task)
    assert await differences(telegram, store, private) == []


async def test_a_channel_handed_over_while_its_account_looks_at_another_is_not_told_to_be_back(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account
) -> None:
    channels = [telegram.channel(f"C {n}", f"channel_{n}", posts=2) for n in range(3)]
    async with collecting(telegram, store, channels, accounts=both) as task:
        await eventually(store, watched_by("main", *channels), task=task)
        looks = telegram.faults.delay("channels.getFullChannel", 0.8, account=spare.id, times=None)
        telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
        await eventually(store, watched_by("spare", *channels), task=task)
        await until(lambda: looks.done > 0)
        telegram.account.refused = None
        await until(lambda: is_free(telegram.folder / "main.session"))
        telegram.session_file("main")
        await eventually(store, watched_by("main", *channels), task=task)
        assert looks.done == 1, "the spare account looks at the first of them still"
        await asyncio.sleep(2)
    async with store.read() as tx:
        assert {e.change for _, e in await tx.channels.events_after(0)} == {ChannelChange.FOUND}


async def test_channels_of_a_banned_account_move_to_another_with_a_gap_between_and_come_back(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=30)
    heron = telegram.channel("Heron News", "heron_news", posts=5)
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [falcon, heron], accounts=both) as task:
            await eventually(store, watched_by("main", falcon, heron), task=task)
            telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
            telegram.world.post(falcon, "while nobody could see")
            await eventually(store, watched_by("spare", falcon, heron), task=task)
            telegram.world.post(falcon, "seen by the spare account")
            await eventually(store, stored(falcon), task=task)
            async with store.read() as tx:
                gaps = [g for g in await tx.watch.gaps(falcon.id) if g.cause is GapCause.ACCOUNT]
                assert [(g.account, g.missing) for g in gaps] == [("main", Missing.EDITS)]
                assert "shut the account" in gaps[0].detail
                mark = await tx.marks.get("collector.account.main")
                assert mark["state"] == "banned"
                assert "recover@telegram.org" in mark["hint"]

            telegram.account.refused = None
            await until(lambda: is_free(telegram.folder / "main.session"))
            telegram.session_file("main")
            await eventually(store, watched_by("main", falcon, heron), task=task)
            telegram.world.post(falcon, "seen by the first account again")
            telegram.world.post(heron, "and here")
            await eventually(store, stored(falcon), task=task)
            await eventually(store, stored(heron), task=task)
    said = [
        (e.get("was"), e.get("now"), e.get("channels")) for e in logs if "change their account" in e["event"]
    ]
    assert said == [("main", "spare", 2), ("spare", "main", 2)]
    assert await differences(telegram, store, falcon) == []
    assert await differences(telegram, store, heron) == []
    async with store.read() as tx:
        assert [e.change for _, e in await tx.channels.events_after(0)] == [ChannelChange.FOUND] * 2


async def test_what_is_pushed_while_a_channel_changes_its_account_is_kept(
    telegram: Telegram,
    store: Store,
    both: list[AccountConfig],
    spare: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The one has let it go, the other has not taken it yet, and by the time it asks the post is gone."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    channel.members.add(spare.id)
    take = collector.account.Account.take
    came: list[int] = []

    async def slowly(self: collector.account.Account, *more: Any) -> None:
        if self.name == "spare" and not came:
            telegram.world.post(channel, "in between")
            came.append(channel.top_id)
            await asyncio.sleep(0.3)
            telegram.world.delete(channel, channel.top_id)
        await take(self, *more)

    async with collecting(telegram, store, [channel], accounts=both, witness=False) as task:
        await eventually(store, watched_by("main", channel), task=task)
        await until(lambda: {s.account_id for s in telegram.server.sessions if s.wants_updates} >= {spare.id})
        monkeypatch.setattr(collector.account.Account, "take", slowly)
        telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
        await eventually(store, watched_by("spare", channel), task=task)
        kept = await eventually(store, lambda tx: tx.posts.get(channel.id, came[0]), task=task)
    assert kept.text == "in between"


async def test_an_account_without_a_line_is_stood_in_for_after_a_while(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [falcon], accounts=both, stand_in_after="0.3s") as task:
        await eventually(store, watched_by("main", falcon), task=task)
        fault = telegram.faults.error("*", 500, "NO_WORKERS_RUNNING", account=telegram.account.id, times=None)
        telegram.link.reset_all()
        await eventually(store, watched_by("spare", falcon), task=task)
        telegram.world.post(falcon, "while the first has no line")
        await eventually(store, stored(falcon), task=task)
        telegram.faults.calls.remove(fault)
        await eventually(store, watched_by("main", falcon), task=task)
    assert await differences(telegram, store, falcon) == []


async def test_a_line_that_comes_and_goes_counts_as_none(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [falcon], accounts=both, stand_in_after="1.5s") as task:
        await eventually(store, watched_by("main", falcon), task=task)
        # Every connection is answered once, and then no more.
        telegram.faults.drop("channels.*", account=telegram.account.id, times=None)
        telegram.faults.drop("messages.*", account=telegram.account.id, times=None)
        telegram.link.reset_all()
        await eventually(store, watched_by("spare", falcon), task=task)
        telegram.world.post(falcon, "while the line of the first comes and goes")
        await eventually(store, stored(falcon), task=task)
    assert await differences(telegram, store, falcon) == []


async def test_a_channel_that_shuts_one_account_out_is_read_by_another(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [falcon], accounts=both) as task:
        await eventually(store, watched_by("main", falcon), task=task)
        telegram.world.ban(falcon, telegram.account)
        await eventually(store, watched_by("spare", falcon), task=task)
        telegram.world.post(falcon, "seen by the other")
        await eventually(store, stored(falcon), task=task)
    async with store.read() as tx:
        assert (await tx.channels.get(falcon.id)).status is ChannelStatus.OPEN
        assert [e.change for _, e in await tx.channels.events_after(0)] == [ChannelChange.FOUND]


async def test_a_channel_that_no_account_can_read_is_gone_once_all_have_tried(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [falcon], accounts=both) as task:
        await eventually(store, watched_by("main", falcon), task=task)
        telegram.world.ban(falcon, telegram.account)
        telegram.world.ban(falcon, spare)

        async def gone(tx: Any) -> bool:
            return [e.change for _, e in await tx.channels.events_after(0)] == [
                ChannelChange.FOUND,
                ChannelChange.GONE,
            ]

        await eventually(store, gone, task=task)
    async with store.read() as tx:
        assert (await tx.channels.get(falcon.id)).status is ChannelStatus.BANNED


async def test_who_could_not_read_a_channel_for_a_while_stands_in_for_it_later(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)

    def told(change: ChannelChange) -> Any:
        async def true(tx: Any) -> bool:
            return [e.change for _, e in await tx.channels.events_after(0)][-1] is change

        return true

    often = {"refresh_every": "1s", "stand_in_after": "0.4s", "witness": False}
    async with collecting(telegram, store, [falcon], accounts=both, **often) as task:
        await eventually(store, watched_by("main", falcon), task=task)
        for each in (telegram.account, spare):
            telegram.world.ban(falcon, each)
        await eventually(store, told(ChannelChange.GONE), task=task)
        for each in (telegram.account, spare):
            telegram.world.unban(falcon, each)
        await eventually(store, told(ChannelChange.BACK), task=task)
        await asyncio.sleep(2)
        telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
        await eventually(store, watched_by("spare", falcon), task=task)


async def test_what_no_other_account_can_read_stays_a_gap_until_its_own_is_back(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    private = telegram.channel("Private", None, posts=2)
    config = ChannelConfig(id=private.id)
    async with collecting(telegram, store, [config], accounts=both) as task:
        await eventually(store, watched_by("main", private), task=task)
        telegram.server.log_out(telegram.account)

        async def lost(tx: Any) -> bool:
            gap = await open_gap(tx, private.id, "main")
            return gap is not None and gap.cause is GapCause.ACCOUNT

        await eventually(store, lost, task=task)
        telegram.world.post(private, "unseen")
        await until(lambda: is_free(telegram.folder / "main.session"))
        telegram.session_file("main")
        await eventually(store, stored(private), task=task)
        await eventually(store, watched_by("main", private), task=task)
    assert await differences(telegram, store, private) == []
    async with store.read() as tx:
        assert not await tx.marks.get(f"collector.unresolved.#{private.id}")


async def test_after_a_restart_channels_are_where_they_were(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    channels = [telegram.channel(f"C {n}", f"channel_{n}", posts=2, joined=False) for n in range(4)]

    async def placed(tx: Any) -> dict[str, Any]:
        found = await tx.accounts.assignments()
        return {k: (a.home, a.at) for k, a in found.items()} if len(found) == 4 else {}

    async with collecting(telegram, store, channels, accounts=both) as task:
        before = await eventually(store, placed, task=task)
    turned = [both[1], both[0]]
    async with collecting(telegram, store, channels, accounts=turned) as task:
        home = [c for c in channels if before[str(c.handle)][0] == "spare"]
        await eventually(store, watched_by("spare", *home), task=task)
        assert await eventually(store, placed, task=task) == before


async def test_the_session_of_one_account_may_be_in_use_while_others_watch(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    from collector.lock import only_user_of

    falcon = telegram.channel("Falcon News", "falcon_news", posts=3)
    with only_user_of(Path(both[0].session)):
        async with collecting(telegram, store, [falcon], accounts=both) as task:
            await eventually(store, watched_by("spare", falcon), task=task)
    assert telegram.account.id not in {e.account for e in telegram.log.entries}


async def test_what_befell_a_channel_meanwhile_is_told_once_by_the_account_that_takes_it_over(
    telegram: Telegram, store: Store, both: list[AccountConfig], spare: Account
) -> None:
    falcon, heron, kite = (telegram.channel(f"{n} News", f"{n.lower()}_news", posts=2) for n in BIRDS)
    telegram.world.mark(falcon, scam=True)

    def told(*changes: ChannelChange) -> Any:
        async def true(tx: Any) -> bool:
            events = [event.change for _, event in await tx.channels.events_after(0)]
            return sorted(events) == sorted([ChannelChange.FOUND] * 3 + [ChannelChange.MARKED, *changes])

        return true

    entries = [ChannelConfig(handle=c.handle) for c in (falcon, heron, kite)]
    async with collecting(telegram, store, entries, accounts=both[:1]) as task:
        await eventually(store, watched_by("main", falcon, heron, kite), task=task)
        await eventually(store, told(), task=task)
    telegram.world.rename(falcon, "Falcon Abroad")
    telegram.world.join(heron, spare)
    telegram.world.set_handle(heron, None)
    telegram.world.restrict(kite, "terms")
    async with collecting(telegram, store, entries, accounts=both[1:]) as task:
        befell = (ChannelChange.RENAMED, ChannelChange.HANDLE_DROPPED, ChannelChange.GONE)
        await eventually(store, told(*befell), task=task)
        await eventually(store, stored(heron), task=task)
    async with store.read() as tx:
        found = await tx.channels.all()
    assert [(c.title, c.handle, c.status.value, c.flags) for c in found] == [
        ("Falcon Abroad", "falcon_news", "open", ("scam",)),
        ("Heron News", None, "open", ()),
        ("Kite News", "kite_news", "restricted", ()),
    ]


async def test_an_account_that_the_config_names_no_more_ails_no_more(
    telegram: Telegram, store: Store, both: list[AccountConfig]
) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=2)

    async def states(tx: Any) -> dict[str, str]:
        return {name: value["state"] for name, value, _ in await tx.marks.all("collector.account.")}

    async with store.begin() as tx:
        await tx.marks.set("collector.account.web", {"state": "stopped"}, now())
        await tx.marks.set("collector.throttled.main", {"waits": []}, now())
    async with collecting(telegram, store, [falcon], accounts=both) as task:
        await eventually(store, watched_by("main", falcon), task=task)
        telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
        await eventually(store, state("banned"), task=task)
        await eventually(store, watched_by("spare", falcon), task=task)
    async with collecting(telegram, store, [falcon], accounts=both[1:]) as task:
        await eventually(store, state("watching", "spare"), task=task)
        async with store.read() as tx:
            assert await states(tx) == {"collector.account.spare": "watching"}
            assert await tx.marks.get("collector.throttled.main") == {}
