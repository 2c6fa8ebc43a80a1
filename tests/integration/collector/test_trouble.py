"""Lines that break in every way, accounts that are lost, an archive that is away: said once, survived, and on
record.
"""

import asyncio
import sqlite3
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from collector.config import AccountConfig
from collector.errors import Duplicated, LoggedOut, NotLoggedIn
from collector.lock import Held, only_user_of
from domain.channel import ChannelChange, ChannelStatus
from domain.errors import DeadairError
from domain.watch import GapCause
from sandbox.channel import Channel
from sandbox.faults import LinkState
from storage.config import StorageConfig
from storage.store import Store, open_store
from tests.support.collecting import account, collecting, differences, eventually, is_free
from tests.support.telegram import Telegram, until


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive; where it does, a test says so."""
    return "sqlite"


@pytest.fixture
def channel(telegram: Telegram) -> Channel:
    return telegram.channel("Falcon News", "falcon_news", posts=5)


def watched(*channels: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return {c.id for c in channels} <= set(await tx.watch.until())

    return true


def stored(channel: Channel) -> Any:
    """The newest post of the channel is in the archive."""
    wanted = channel.top_id

    async def true(tx: Any) -> bool:
        return await tx.posts.get(channel.id, wanted) is not None

    return true


def state(wanted: str, name: str = "main") -> Any:
    async def true(tx: Any) -> Any:
        mark = await tx.marks.get(f"collector.account.{name}")
        return mark if mark.get("state") == wanted else None

    return true


def gap(channel: Channel, cause: GapCause) -> Any:
    async def true(tx: Any) -> Any:
        found = await tx.watch.gap_open(channel.id, "main")
        return found if found and found.cause is cause else None

    return true


# -- the line


async def test_it_starts_before_telegram_can_be_reached(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    telegram.link.set(LinkState.REFUSED)
    with structlog.testing.capture_logs() as logs:
        async with collecting(telegram, store, [channel]) as task:
            await eventually(store, state("unreachable"), task=task)
            await asyncio.sleep(0.5)
            telegram.link.set(LinkState.OPEN)
            await eventually(store, watched(channel), task=task)
            await eventually(store, state("watching"), task=task)
    assert [e["event"] for e in logs].count("no line to Telegram") == 1


@pytest.mark.parametrize("link", [LinkState.RESET, LinkState.CUT])
async def test_connections_that_are_taken_and_reset_make_no_hot_loop(
    telegram: Telegram, store: Store, channel: Channel, link: LinkState
) -> None:
    """Telethon by itself: 1 600 reconnects in five seconds."""
    async with collecting(telegram, store, [channel], retry_min=0.1, retry_max=0.4) as task:
        await eventually(store, watched(channel), task=task)
        seen = telegram.log.counts["help.getConfig"]
        telegram.link.set(link)
        await eventually(store, gap(channel, GapCause.LINK), task=task)
        taken = telegram.link.taken
        await asyncio.sleep(1.5)
        assert telegram.link.taken - taken <= 10
        telegram.link.set(LinkState.OPEN)
        telegram.world.post(channel, "after")
        await eventually(store, stored(channel), task=task)
        assert telegram.log.counts["help.getConfig"] - seen <= 3


async def test_a_line_that_swallows_everything_is_noticed_and_replaced(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], answer_within=0.4) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.set(LinkState.BLACK_HOLE)
        telegram.world.post(channel, "unheard")
        await eventually(store, gap(channel, GapCause.LINK), task=task)
        telegram.link.set(LinkState.OPEN)
        await eventually(store, stored(channel), task=task)


async def test_a_half_open_line_is_noticed_by_the_probe(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """Telethon by itself takes two minutes."""
    async with collecting(telegram, store, [channel], answer_within=0.4, reconcile_every="1h") as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.half_open()
        telegram.world.post(channel, "unheard")
        await eventually(store, stored(channel), within=5, task=task)


async def test_one_call_that_is_never_answered_does_not_stop_the_other_channels(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    other = telegram.channel("Heron News", "heron_news", posts=3, joined=False)
    async with collecting(telegram, store, [channel, other], join=False, answer_within=0.4) as task:
        await eventually(store, watched(channel, other), task=task)
        connections = telegram.log.counts["help.getConfig"]
        telegram.faults.swallow("messages.getHistory", channel=other.id, times=3)
        telegram.world.post(other, "late")
        telegram.world.post(channel, "at once")
        await eventually(store, stored(channel), within=1, task=task)
        await eventually(store, stored(other), task=task)
        assert telegram.log.counts["help.getConfig"] == connections


async def test_pushes_that_have_died_are_brought_back_by_a_new_connection(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    """A difference that is never answered makes Telethon deaf for the whole account, while every call
    works.
    """
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.swallow("updates.getChannelDifference", times=1)
        telegram.world.post(channel, "lost on the way", push=False)
        connections = telegram.log.counts["help.getConfig"]
        for n in range(200):
            telegram.world.post(channel, f"unheard {n}")
            await asyncio.sleep(0.03)
            if telegram.log.counts["help.getConfig"] > connections:
                break
        assert telegram.log.counts["help.getConfig"] > connections
        await eventually(store, stored(channel), task=task)
    assert await differences(telegram, store, channel) == []


async def test_errors_of_telegrams_own_are_waited_out(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        telegram.faults.error("messages.getPeerDialogs", 500, "RPC_CALL_FAIL", times=2)
        telegram.faults.flood("messages.getHistory", 1, times=1)
        telegram.world.post(channel, "only in the history", log=False)
        await eventually(store, stored(channel), task=task, within=12)


async def test_a_long_flood_wait_is_a_gap_of_that_cause(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        until_ = telegram.world.clock.now() + timedelta(seconds=2)
        telegram.faults.throttle("messages.getPeerDialogs", until_)
        telegram.faults.throttle("messages.getHistory", until_)
        found = await eventually(store, gap(channel, GapCause.FLOOD), task=task)
        assert found.detail in ("1 s", "2 s")
        assert await eventually(store, state("throttled"), task=task)
        telegram.world.post(channel, "pushed all the same")
        await eventually(store, stored(channel), within=1, task=task)

        async def over(tx: Any) -> bool:
            return await tx.watch.gap_open(channel.id, "main") is None

        await eventually(store, over, task=task)
        await eventually(store, state("watching"), task=task)
    async with store.read() as tx:
        waits = (await tx.marks.get("collector.throttled.main"))["waits"]
    assert {w["call"] for w in waits} == {"messages.getPeerDialogs", "messages.getHistory"}
    refused = [e for e in telegram.log.entries if e.outcome.startswith("FLOOD_WAIT")]
    assert len(refused) <= 4


# -- the account


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
        assert await tx.watch.gap_open(channel.id, "main") is not None
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
    monkeypatch.setattr("collector.fleet._LOOK_EVERY", 0.1)
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


# -- the archive


@pytest.mark.postgres
async def test_posts_wait_while_the_database_is_away(
    telegram: Telegram, channel: Channel, tmp_path: Path
) -> None:
    from tests.support.postgres import running_postgres

    with running_postgres() as server:
        async with open_store(StorageConfig(url=await server.database())) as store:
            with structlog.testing.capture_logs() as logs:
                async with collecting(telegram, store, [channel]) as task:
                    await eventually(store, watched(channel), task=task)
                    await asyncio.to_thread(server.stop)
                    for n in range(300):
                        telegram.world.post(channel, f"while it is away {n}")
                    telegram.world.delete(channel, 2)
                    await until(lambda: any("takes nothing" in e["event"] for e in logs))
                    await asyncio.sleep(0.3)
                    assert not task.done()
                    await asyncio.to_thread(server.start)
                    await eventually(store, stored(channel), within=15, task=task)

                    async def whole(tx: Any) -> bool:
                        return not await differences(telegram, store, channel)

                    await eventually(store, whole, task=task)
            said = [e["event"] for e in logs]
            assert said.count("the archive takes nothing; keeping posts until it does") == 1
            async with store.read() as tx:
                assert len((await tx.watch.seen(channel.id)).stretches) == 1


async def test_posts_wait_while_another_program_locks_the_file(
    telegram: Telegram, channel: Channel, tmp_path: Path
) -> None:
    path = tmp_path / "locked.db"
    async with open_store(StorageConfig(url=f"sqlite:///{path}", busy_timeout=0.2)) as store:
        async with collecting(telegram, store, [channel]) as task:
            await eventually(store, watched(channel), task=task)
            other = await asyncio.to_thread(_lock, path)
            for n in range(30):
                telegram.world.post(channel, f"while it is locked {n}")
            await asyncio.sleep(0.8)
            assert not task.done()
            other.execute("ROLLBACK")
            other.close()
            await eventually(store, stored(channel), task=task)
        assert await differences(telegram, store, channel) == []


async def test_more_posts_than_can_be_kept_come_from_history_afterwards(
    telegram: Telegram, channel: Channel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("collector.ingest.KEPT", 50)
    path = tmp_path / "locked.db"
    config = StorageConfig(url=f"sqlite:///{path}", busy_timeout=0.2)
    async with open_store(config) as store:  # noqa: SIM117 - it takes what was opened first
        async with collecting(telegram, store, [channel], reconcile_every="1h") as task:
            await eventually(store, watched(channel), task=task)
            other = await asyncio.to_thread(_lock, path)
            for n in range(400):
                telegram.world.post(channel, f"while it is locked {n}")
                if n % 20 == 0:
                    await asyncio.sleep(0.005)
            await asyncio.sleep(0.4)
            other.execute("ROLLBACK")
            other.close()
            await eventually(store, stored(channel), task=task)

            async def whole(tx: Any) -> bool:
                return not await differences(telegram, store, channel)

            await eventually(store, whole, task=task)


def _lock(path: Path) -> sqlite3.Connection:
    """Hold the file as another program does that is writing."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    return other


async def test_stopping_takes_no_time_even_with_a_dead_line(
    telegram: Telegram, store: Store, channel: Channel
) -> None:
    async with collecting(telegram, store, [channel], answer_within=30) as task:
        await eventually(store, watched(channel), task=task)
        telegram.link.set(LinkState.BLACK_HOLE)
        await asyncio.sleep(0.3)
        began = time.monotonic()
        task.cancel()
        await asyncio.wait({task})
        assert time.monotonic() - began < 1.5
