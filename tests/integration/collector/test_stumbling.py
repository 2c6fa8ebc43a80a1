"""Something goes wrong that nobody has thought of: it costs what it must, and nothing else."""

from datetime import timedelta
from typing import Any

import pytest

from collector.preview.door import Door
from collector.recheck import Recheck
from collector.reconcile import Reconciler
from domain.watch import GapCause
from sandbox.web.server import WebPreview
from storage.marks import ACCOUNT
from storage.store import Store
from tests.support.collecting import account, collecting, differences, eventually, is_read
from tests.support.standing import read_to_the_end
from tests.support.telegram import Telegram
from tests.support.web import watching_the_web


def stumbling(does: Any, times: int) -> Any:
    """As over an answer that nobody has thought of."""
    left = [times]

    async def stumbles(*args: Any, **kwargs: Any) -> Any:
        if left[0]:
            left[0] -= 1
            raise AttributeError("'NoneType' object has no attribute 'id'")
        return await does(*args, **kwargs)

    return stumbles


async def test_a_part_that_fails_begins_anew_and_the_watch_goes_on(
    telegram: Telegram, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Recheck, "run", stumbling(Recheck.run, 2))
    channel = telegram.channel("Falcon News", "falcon_news", posts=50)
    async with collecting(telegram, store, [channel], recheck_every="0.2s", reconcile_every="0.2s") as task:
        await eventually(store, read_to_the_end(channel), task=task)
        telegram.world.edit(channel, 40, "edited while nobody saw", push=False)

        async def edited(tx: Any) -> bool:
            return len(await tx.posts.revisions(channel.id, 40)) == 1

        await eventually(store, edited, task=task)

        async def said(tx: Any) -> Any:
            return (await tx.marks.get(f"{ACCOUNT}main")).get("detail")

        detail = await eventually(store, said, task=task)
    assert detail.startswith("a part beside the watch fails: ")
    assert "AttributeError" in detail
    async with store.read() as tx:
        assert [g.cause for g in await tx.watch.gaps(channel.id)] == [GapCause.OUR_STOP]


async def test_an_account_that_stumbles_connects_anew_its_gap_is_told_and_the_other_goes_on(
    telegram: Telegram, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = [telegram.channel(f"News {n}", f"news_{n}", posts=3) for n in range(2)]
    look = Reconciler._look
    stumbled: list[str] = []

    async def stumbles(self: Any, some: Any) -> None:
        if self.first_round.is_set() and len(stumbled) < 2 and (not stumbled or stumbled[0] == self._account):
            stumbled.append(self._account)
            raise AttributeError("'NoneType' object has no attribute 'id'")
        await look(self, some)

    monkeypatch.setattr(Reconciler, "_look", stumbles)
    accounts = [account(telegram), account(telegram, "second")]
    async with collecting(telegram, store, channels, accounts=accounts, reconcile_every="0.5s") as task:

        async def told(tx: Any) -> bool:
            gaps = [g for c in channels for g in await tx.watch.gaps(c.id) if g.cause is GapCause.UNKNOWN]
            return bool(gaps) and all(g.to_at is not None for g in gaps)

        await eventually(store, told, within=timedelta(seconds=20).total_seconds(), task=task)
        for channel in channels:
            telegram.world.post(channel, "after it")
        for channel in channels:

            async def read(tx: Any, channel: Any = channel) -> bool:
                return await is_read(tx, channel.id, channel.top_id)

            await eventually(store, read, task=task)
    assert len(stumbled) == 2
    async with store.read() as tx:
        gaps = [[g for g in await tx.watch.gaps(c.id) if g.cause is GapCause.UNKNOWN] for c in channels]
    assert sorted(map(bool, gaps)) == [False, True]
    assert all("NoneType" in g.detail for each in gaps for g in each)
    for channel in channels:
        assert await differences(telegram, store, channel) == []


async def test_a_page_of_the_preview_that_is_stumbled_over_is_a_gap_of_its_channel_alone(
    telegram: Telegram, preview: WebPreview, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    channels = [telegram.channel(f"News {n}", f"news_{n}", posts=3, joined=False) for n in range(2)]
    feed, stumbles = Door.feed, [False]

    async def stumbling_feed(self: Any, handle: str, **how: Any) -> Any:
        if stumbles[0] and handle == "news_0":
            raise AttributeError("'NoneType' object has no attribute 'text'")
        return await feed(self, handle, **how)

    monkeypatch.setattr(Door, "feed", stumbling_feed)

    def closed(*, is_open: bool) -> Any:
        async def true(tx: Any) -> Any:
            gaps = [g for g in await tx.watch.gaps(channels[0].id) if g.cause is GapCause.UNKNOWN]
            return gaps and (gaps[-1].to_at is None) is is_open

        return true

    async with watching_the_web(preview, store, ["news_0", "news_1"]) as task:
        for channel in channels:
            await eventually(store, read_to_the_end(channel), task=task)
        stumbles[0] = True
        await eventually(store, closed(is_open=True), task=task)
        for channel in channels:
            telegram.world.post(channel, "meanwhile")

        async def read(tx: Any) -> bool:
            return await is_read(tx, channels[1].id, channels[1].top_id)

        await eventually(store, read, task=task)
        stumbles[0] = False
        await eventually(store, closed(is_open=False), task=task)
    async with store.read() as tx:
        assert [g for g in await tx.watch.gaps(channels[1].id) if g.cause is GapCause.UNKNOWN] == []
        assert (await tx.posts.get(channels[0].id, 4)).text == "meanwhile"
