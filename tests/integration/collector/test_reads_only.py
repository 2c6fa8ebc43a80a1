"""An account that watches only reads: held against the sandbox's log of every method that was called."""

import asyncio
from typing import Any

import pytest
from telethon.tl import functions as F  # noqa: N812 - as everywhere in Telethon's world
from telethon.tl import types as T  # noqa: N812
from telethon.tl.alltlobjects import tlobjects

from collector.allowed import JOINING, LOGGING_IN, READING, WATCHING, Forbidden, name_of, refuse
from collector.client import connected
from collector.config import ChannelConfig
from domain.post import Media
from storage.store import Store
from tests.support.collecting import APP, account, collecting, differences, eventually, hurried
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    """What is tested here does not depend on the kind of archive."""
    return "sqlite"


async def test_nothing_but_reading_is_done_in_a_full_run(telegram: Telegram, store: Store) -> None:
    """History, live posts, edits, deletions, renames, bans, a lost line, two accounts, a restart."""
    falcon = telegram.channel("Falcon News", "falcon_news", posts=230)
    heron = telegram.channel("Heron News", "heron_news", posts=20, joined=False)
    spare = telegram.world.add_account("15550101")
    accounts = [
        account(telegram, "main"),
        account(telegram, "spare", str(telegram.session_file("spare", spare))),
    ]
    often = {"recheck_every": "0.3s", "refresh_every": "0.3s", "witness_every": "0.2s"}
    for round_ in range(2):
        async with collecting(telegram, store, [falcon, heron], accounts=accounts, **often) as task:

            async def whole(_: Any) -> bool:
                return not [d for c in (falcon, heron) for d in await differences(telegram, store, c)]

            await eventually(store, whole, task=task)
            for n in range(5):
                telegram.world.post(falcon, f"live {round_} {n}", media=Media(kind="photo"))
                telegram.world.post(heron, f"asked for {round_} {n}")
            telegram.world.edit(falcon, falcon.top_id - 9, "edited")
            telegram.world.delete(falcon, falcon.top_id - 20)
            telegram.world.rename(falcon, f"Falcon {round_}")
            telegram.link.reset_all()
            await eventually(store, whole, task=task)
            telegram.world.ban(heron, spare)
            looked = telegram.log.counts.get("channels.getFullChannel", 0)
            async with asyncio.timeout(8):
                while telegram.log.counts.get("channels.getFullChannel", 0) < looked + 2:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
            telegram.world.unban(heron, spare)
    called = set(telegram.log.counts)
    assert called <= READING, sorted(called - READING)
    assert {"messages.getHistory", "channels.getMessages", "updates.getState"} <= called
    assert telegram.account.id not in heron.members


async def test_it_joins_only_where_it_is_asked_to(telegram: Telegram, store: Store) -> None:
    falcon = telegram.channel("Falcon News", "falcon_news", posts=3, joined=False)
    heron = telegram.channel("Heron News", "heron_news", posts=3, joined=False)
    configs = [ChannelConfig(handle="falcon_news", join=True), ChannelConfig(handle="heron_news")]
    async with collecting(telegram, store, configs) as task:

        async def live(tx: Any) -> bool:
            return any(s.how.value == "live" for s in await tx.watch.spans(falcon.id))

        await eventually(store, live, task=task)
    assert set(telegram.log.counts) <= READING | JOINING
    assert heron.members == set()


async def test_whatever_would_show_is_refused_before_it_is_sent(telegram: Telegram) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    mine = account(telegram)
    async with connected(mine, hurried(telegram), APP, _path(mine)) as line:
        peer = await line.client.get_input_entity("falcon_news")
        before = dict(telegram.log.counts)
        for deed in (
            lambda: line.client.send_message(peer, "hello"),
            lambda: line.client.send_read_acknowledge(peer),
            lambda: line.client(F.account.UpdateStatusRequest(offline=False)),
            lambda: line.client(F.messages.SetTypingRequest(peer, T.SendMessageTypingAction())),
            lambda: line.client(
                F.messages.SendReactionRequest(peer, 1, reaction=[T.ReactionEmoji(emoticon="x")])
            ),
            lambda: line.client(F.messages.GetMessagesViewsRequest(peer, [1], increment=True)),
            lambda: line.client([F.updates.GetStateRequest(), F.auth.LogOutRequest()]),
            lambda: line.client(F.InvokeWithoutUpdatesRequest(F.channels.LeaveChannelRequest(peer))),
        ):
            with pytest.raises(Forbidden):
                await deed()
        assert telegram.log.counts == before
        await line.ask(F.messages.GetMessagesViewsRequest(peer, [1], increment=False))
    assert channel.posts[1].views == 1


def test_every_method_that_is_allowed_exists_and_none_of_them_writes() -> None:
    known = {name_of(_bare(kind)) for kind in tlobjects.values() if kind.__module__.startswith(_FUNCTIONS)}
    assert known >= WATCHING | LOGGING_IN
    writes = ("send", "set", "read", "edit", "delete", "update", "report", "leave", "forward", "save", "vote")
    assert [n for n in READING if n.partition(".")[2].casefold().startswith(writes)] == []
    refuse(F.updates.GetStateRequest(), READING)


_FUNCTIONS = "telethon.tl.functions"


def _bare(kind: Any) -> Any:
    return object.__new__(kind)


def _path(mine: Any) -> Any:
    from pathlib import Path

    return Path(mine.session)
