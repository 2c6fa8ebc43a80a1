"""Accounts that are lost: what a person must do is said once, and the rest goes on."""

import asyncio
from pathlib import Path

import pytest
import structlog

from collector.config import AccountConfig
from collector.errors import Duplicated, LoggedOut, NotLoggedIn
from collector.lock import Held, only_user_of
from domain.channel import ChannelChange, ChannelStatus
from domain.errors import DeadairError
from domain.watch import GapCause
from sandbox.channel import Channel
from storage.store import Store
from tests.support.collecting import account, collecting, eventually, is_free
from tests.support.standing import gap, open_gap, state, stored, watched
from tests.support.telegram import Telegram, until


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive; where it does, a test says so."""
    return "sqlite"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


async def test_a_session_that_does_not_exist_says_how_to_make_one(
    telegram: Telegram, store: Store, channel: Channel, tmp_path: Path
) -> None:
    nobody = AccountConfig(name="main", session=str(tmp_path / "nobody.session"))
    with pytest.raises(NotLoggedIn) as caught:
        async with collecting(telegram, store, [channel], accounts=[nobody]) as task:
            await asyncio.wait_for(task, 5)
    assert caught.value.hint == "do it once: deadair login main"
    assert telegram.log.counts == {}


async def test_a_session_that_has_expired_is_said_so_at_the_start(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
    mine = AccountConfig(name="main", session=str(telegram.folder / "main.session"))
    telegram.server.log_out(telegram.account)
    with pytest.raises(LoggedOut) as caught:
        async with collecting(telegram, store, [channel], accounts=[mine]) as task:
            await asyncio.wait_for(task, 5)
    assert "AUTH_KEY_UNREGISTERED" in caught.value.what
    assert caught.value.hint == "log in anew: deadair login main"
    async with store.read() as tx:
        assert await open_gap(tx, channel.id, "main") is not None
        assert await state("logged_out")(tx)


async def test_a_key_that_telegram_has_forgotten_is_said_so(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    mine = account(telegram)
    telegram.server.forget_keys(telegram.account)
    with pytest.raises(LoggedOut, match="not logged in any more"):
        async with collecting(telegram, store, [channel], accounts=[mine]) as task:
            await asyncio.wait_for(task, 5)


async def test_a_session_used_twice_is_said_so(telegram: Telegram, store: Store, channel: Channel) -> None:
    telegram.account.refused = (406, "AUTH_KEY_DUPLICATED")
    with pytest.raises(Duplicated):
        async with collecting(telegram, store, [channel]) as task:
            await asyncio.wait_for(task, 5)


async def test_a_damaged_session_file_is_said_so(
    telegram: Telegram, store: Store, channel: Channel, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.session"
    broken.write_bytes(b"this is no session" * 100)
    mine = AccountConfig(name="main", session=str(broken))
    with pytest.raises(DeadairError, match="cannot be used") as caught:
        async with collecting(telegram, store, [channel], accounts=[mine]) as task:
            await asyncio.wait_for(task, 5)
    assert "deadair login main" in caught.value.hint


async def test_an_account_banned_while_watching_is_told_once_and_not_tried_again(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [channel]) as task:
            await eventually(store, watched(channel), task=task)
            telegram.account.refused = (401, "USER_DEACTIVATED_BAN")
            await eventually(store, state("banned"), task=task)
            found = await eventually(store, gap(channel, GapCause.ACCOUNT), task=task)
            assert "shut the account" in found.detail
            calls = sum(telegram.log.counts.values())
            await asyncio.sleep(0.6)
            assert sum(telegram.log.counts.values()) == calls
            assert not task.done()
    assert [e["event"] for e in logs].count("account cannot watch") == 1


async def test_an_account_that_was_logged_out_goes_on_once_somebody_has_logged_in(
    telegram: Telegram, store: Store, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.mending._LOOK_EVERY", 0.1)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.server.log_out(telegram.account)
        await eventually(store, state("logged_out"), task=task)
        telegram.world.post(channel, "unseen")
        await until(lambda: is_free(telegram.folder / "main.session"))
        telegram.session_file("main")
        await eventually(store, stored(channel), task=task)
        await eventually(store, state("watching"), task=task)


async def test_another_account_under_the_same_name_finds_the_channels_anew(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Access hashes are each account's own: the stored ones say CHANNEL_INVALID to another."""
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
    (telegram.folder / "main.session").unlink()
    other = telegram.world.add_account("15550101")
    session = telegram.session_file("main", other)
    telegram.world.post(channel, "after the exchange")
    mine = AccountConfig(name="main", session=str(session))
    async with collecting(telegram, store, [channel], accounts=[mine]) as task:
        await eventually(store, stored(channel), task=task)
    async with store.read() as tx:
        assert (await tx.channels.get(channel.id)).status is ChannelStatus.OPEN
        assert [e.change for _, e in await tx.channels.events_after(0)] == [ChannelChange.FOUND]


async def test_one_lost_account_does_not_stop_the_other(
    telegram: Telegram, store: Store, channel: Channel, tmp_path: Path
) -> None:
    from collector.config import ChannelConfig

    nobody = AccountConfig(name="nobody", session=str(tmp_path / "nobody.session"))
    configs = [
        ChannelConfig(handle="heron_news", account="nobody"),
        ChannelConfig(handle="falcon_news", account="main"),
    ]
    async with collecting(telegram, store, configs, accounts=[nobody, account(telegram)]) as task:
        await eventually(store, watched(channel), task=task)
        await eventually(store, state("not_logged_in", "nobody"), task=task)


@pytest.mark.parametrize("harm", ["damaged", "not ours"])
async def test_a_session_that_cannot_be_read_stops_no_other_account(
    telegram: Telegram,
    store: Store,
    channel: Channel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    harm: str,
) -> None:
    """As of somebody who logged in as another user of the machine."""
    monkeypatch.setattr("collector.mending._LOOK_EVERY", 0.1)
    broken = tmp_path / "spare.session"
    lock = broken.with_name("spare.session.lock")
    if harm == "damaged":
        broken.write_bytes(b"this is no session" * 100)
    else:
        lock.mkdir()  # what may not be opened for writing, also not by root
    accounts = [account(telegram), AccountConfig(name="spare", session=str(broken))]
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [channel], accounts=accounts) as task:
            await eventually(store, watched(channel), task=task)
            await until(lambda: any(e["event"] == "account cannot watch" for e in logs))
            telegram.world.post(channel, "the other goes on")
            await eventually(store, stored(channel), task=task)
            if harm != "damaged":
                lock.rmdir()
            other = telegram.world.add_account("15550101")
            broken.unlink(missing_ok=True)
            telegram.session_file("spare", other).rename(broken)
            await eventually(store, state("watching", "spare"), task=task)
    assert [e["account"] for e in logs if e["event"] == "account cannot watch"] == ["spare"]


async def test_a_session_in_use_is_refused_before_anything_is_sent(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    mine = account(telegram)
    with only_user_of(Path(mine.session)), pytest.raises(Held) as caught:
        async with collecting(telegram, store, [channel], accounts=[mine]) as task:
            await asyncio.wait_for(task, 5)
    assert "in use by another Deadair" in caught.value.what
    assert telegram.log.counts == {}


async def test_the_session_file_is_readable_for_its_owner_only(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    mine = account(telegram)
    session = Path(mine.session)
    session.chmod(0o644)  # noqa: ASYNC240 - a test may wait for its disk
    async with collecting(telegram, store, [channel], accounts=[mine]) as task:
        await eventually(store, watched(channel), task=task)
        assert session.stat().st_mode & 0o777 == 0o600  # noqa: ASYNC240 - the same
