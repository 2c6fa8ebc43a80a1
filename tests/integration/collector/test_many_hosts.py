"""Collectors of the same accounts on several hosts: each account is at work in one of them, each channel is
watched by one account, and what one host lets go of another goes on with.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from collector.config import AccountConfig, ChannelConfig
from collector.fleet import LEADS, WATCHES
from collector.run import collect
from domain.clock import WallClock
from domain.wanted import Want, Watching
from sandbox.account import Account
from sandbox.channel import Channel
from storage.config import StorageConfig
from storage.keeper import Keeper, keeping
from storage.store import Store, open_store
from tests.support.collecting import APP, differences, eventually, hurried, is_read
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    """Hosts share a PostgreSQL."""
    return "postgresql"


pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.mending._LOOK_EVERY", 0.05)
    monkeypatch.setattr("collector.fleet._HEAR_EVERY", timedelta(seconds=0.3))


@pytest.fixture
def spare(telegram: Telegram) -> Account:
    return telegram.world.add_account("15550101")


class Hosts:
    """Starts them, each with sessions of its own."""

    def __init__(self, telegram: Telegram, spare: Account, url: str, folder: Path) -> None:
        self._telegram = telegram
        self._who = {"main": telegram.account, "spare": spare}
        self._url = url
        self._folder = folder

    @asynccontextmanager
    async def one(
        self,
        name: str,
        channels: Sequence[Channel | ChannelConfig],
        logged_in: Sequence[str] = ("main", "spare"),
        **more: Any,
    ) -> AsyncIterator[Keeper]:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        accounts = [
            AccountConfig(
                name=each,
                session=str(self._telegram.session_file(f"{name}-{each}", self._who[each]))
                if each in logged_in
                else str(folder / f"{each}.session"),
            )
            for each in self._who
        ]
        wanted = [c if isinstance(c, ChannelConfig) else ChannelConfig(handle=c.handle) for c in channels]
        config = StorageConfig.model_validate({"url": self._url, "lease": "3s"})
        async with open_store(config, create=False) as store, keeping(store, folder) as keeper:
            work = collect(
                hurried(self._telegram, witness=False, **more),
                accounts,
                wanted,
                store,
                WallClock(),
                app=APP,
                folder=folder,
                keeper=keeper,
            )
            task = asyncio.create_task(work)
            task.add_done_callback(_told)
            try:
                yield keeper
                assert not task.done()
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)


def _told(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        traceback.print_exception(error)


@pytest.fixture
def hosts(telegram: Telegram, spare: Account, store: Store, store_url: str, tmp_path: Path) -> Hosts:
    return Hosts(telegram, spare, store_url, tmp_path)


async def held(tx: Any) -> dict[str, str]:
    """Who has which account."""
    now = await tx.leases.now()
    return {
        lease.name.removeprefix(WATCHES): lease.holder
        for lease in await tx.leases.all()
        if lease.is_held(now) and lease.name != LEADS
    }


def all_watched(*channels: Channel) -> Any:
    """Each of these has an account, and no gap of theirs is open."""

    async def true(tx: Any) -> bool:
        assigned = {a.key: a.watcher for a in (await tx.accounts.assignments()).values()}
        until = await tx.watch.until()
        blind = {gap.channel_id for gap in await tx.watch.open_gaps()}
        return all(
            assigned.get(channel.handle or "") is not None and channel.id in until and channel.id not in blind
            for channel in channels
        )

    return true


def has_newest(*channels: Channel) -> Any:
    wanted = [(channel.id, channel.top_id) for channel in channels]

    async def true(tx: Any) -> bool:
        return all([await is_read(tx, *each) for each in wanted])

    return true


async def test_two_hosts_share_the_accounts_and_one_that_stops_is_made_good(
    telegram: Telegram, store: Store, hosts: Hosts
) -> None:
    channels = [telegram.channel(f"C {n}", f"channel_{n}", posts=3, joined=False) for n in range(4)]
    async with AsyncExitStack() as stays:
        async with hosts.one("a", channels) as a:
            await eventually(store, all_watched(*channels), 20)
            b = await stays.enter_async_context(hosts.one("b", channels))

            async def shared(tx: Any) -> bool:
                return sorted((await held(tx)).values()) == sorted([a.name, b.name])

            await eventually(store, shared, 20)
            await eventually(store, all_watched(*channels), 20)
            for channel in channels:
                telegram.world.post(channel, "seen by whoever has it now")
            await eventually(store, has_newest(*channels), 20)

        async def all_b(tx: Any) -> bool:
            return await held(tx) == {"main": b.name, "spare": b.name}

        await eventually(store, all_b, 20)
        await eventually(store, all_watched(*channels), 20)
        for channel in channels:
            telegram.world.post(channel, "seen by the one that stayed")
        await eventually(store, has_newest(*channels), 20)
        async with store.read() as tx:
            leader = await tx.leases.get(LEADS)
        assert leader is not None
        assert leader.holder == b.name
    for channel in channels:
        assert await differences(telegram, store, channel) == []


async def test_an_account_that_is_logged_in_on_one_host_only_works_there(
    telegram: Telegram, store: Store, hosts: Hosts
) -> None:
    """And which host came first, and leads, does not matter to it."""
    channels = [telegram.channel(f"C {n}", f"channel_{n}", posts=2, joined=False) for n in range(4)]
    async with (
        hosts.one("a", channels, ["main"]) as a,
        hosts.one("b", channels, ["spare"]) as b,
    ):

        async def each_its_own(tx: Any) -> bool:
            return await held(tx) == {"main": a.name, "spare": b.name}

        await eventually(store, each_its_own, 20)
        await eventually(store, all_watched(*channels), 30)
        for channel in channels:
            telegram.world.post(channel, "live")
        await eventually(store, has_newest(*channels), 20)
    for channel in channels:
        assert await differences(telegram, store, channel) == []


async def test_channels_of_an_account_that_is_lost_go_to_one_on_another_host_and_come_back(
    telegram: Telegram, store: Store, hosts: Hosts, spare: Account
) -> None:
    """The one on the other host lets go before the first takes them again: no gap stays open."""
    falcon = telegram.channel("Falcon News", "falcon_news", posts=5, joined=False)
    wanted = [ChannelConfig(handle="falcon_news")]
    async with hosts.one("a", wanted, ["main"]), hosts.one("b", wanted, ["spare"]):
        await eventually(store, all_watched(falcon), 30)
        async with store.read() as tx:
            home = (await tx.accounts.assignments())["falcon_news"].home
        other = {"main": "spare", "spare": "main"}[home]
        lost = telegram.account if home == "main" else spare

        def by(name: str) -> Any:
            async def true(tx: Any) -> bool:
                assigned = (await tx.accounts.assignments())["falcon_news"]
                return assigned.watcher == name and await all_watched(falcon)(tx)

            return true

        lost.refused = (401, "AUTH_KEY_UNREGISTERED")
        telegram.server.link.reset_all()
        telegram.world.post(falcon, "while nobody could see")
        await eventually(store, by(other), 30)
        telegram.world.post(falcon, "seen by the other")
        await eventually(store, has_newest(falcon), 20)
        lost.refused = None
        host = "a" if home == "main" else "b"
        telegram.session_file(f"{host}-{home}", lost)  # somebody logs in again
        await eventually(store, by(home), 30)
        telegram.world.post(falcon, "seen by the first again")
        await eventually(store, has_newest(falcon), 20)
        await eventually(store, all_watched(falcon), 20)
    assert await differences(telegram, store, falcon) == []


async def test_what_an_account_cannot_read_is_read_by_one_on_another_host(
    telegram: Telegram, store: Store, hosts: Hosts, spare: Account
) -> None:
    private = telegram.world.add_channel("Private", "private_one", members=[spare])
    telegram.world.post(private, "for members only")
    spelled = [ChannelConfig(id=private.id)]
    async with hosts.one("a", spelled, ["main"]), hosts.one("b", spelled, ["spare"]):

        async def by_spare(tx: Any) -> bool:
            assigned = (await tx.accounts.assignments()).get(f"#{private.id}")
            return assigned is not None and assigned.watcher == "spare" and await has_newest(private)(tx)

        await eventually(store, by_spare, 30)
    assert await differences(telegram, store, private) == []


async def test_a_channel_that_leaves_the_watch_is_let_go_of_on_every_host(
    telegram: Telegram, store: Store, hosts: Hosts
) -> None:
    channels = [telegram.channel(f"C {n}", f"channel_{n}", posts=2, joined=False) for n in range(2)]
    async with hosts.one("a", channels, ["main"]), hosts.one("b", channels, ["spare"]):
        await eventually(store, all_watched(*channels), 30)
        for channel in channels:
            want = Want(
                key=channel.handle or "",
                wanted=Watching.RETIRED,
                handle=channel.handle,
                channel_id=channel.id,
                asked_at=WallClock().now(),
                asked_by="somebody",
            )
            async with store.begin() as tx:
                await tx.changes.put_want(want)
                tx.notify("wants")

        async def retired(tx: Any) -> bool:
            found = [await tx.channels.get(channel.id) for channel in channels]
            return all(each is not None and each.status.is_unwatched for each in found)

        await eventually(store, retired, 20)
        await asyncio.sleep(1)
        for channel in channels:
            telegram.world.post(channel, "that nobody is to see")
        await asyncio.sleep(1)
        async with store.read() as tx:
            assert [await tx.posts.count(channel.id) for channel in channels] == [2, 2]
