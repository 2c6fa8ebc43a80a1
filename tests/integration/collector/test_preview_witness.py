"""The public preview as a witness: does the outside see posts that our account is not given?"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

import collector.preview.witness
from domain import testimony
from domain.post import How, Media
from domain.testimony import Outside
from domain.watch import GapCause, Missing
from sandbox.channel import Channel
from sandbox.web.server import WebFault, WebPreview
from storage.store import Store
from tests.support.collecting import collecting, eventually
from tests.support.telegram import Telegram


@pytest.fixture
def engine_name() -> str:
    """What the databases differ in is tested with the engine."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is on its way gets half a second to arrive."""
    monkeypatch.setattr(collector.preview.witness, "_ON_THEIR_WAY", 0.5)


async def ask(store: Store, channel: Channel, since: Any) -> None:
    """As the engine does when it has found a silence."""
    async with store.begin() as tx:
        await tx.testimonies.ask(channel.id, since, since)
        tx.notify("questions")


def answered(channel: Channel) -> Callable[[Any], Awaitable[testimony.Testimony | None]]:
    async def true(tx: Any) -> testimony.Testimony | None:
        found = await tx.testimonies.of(channel.id)
        return found[-1] if found and found[-1].says is not None else None

    return true


def watched(channel: Channel) -> Any:
    async def true(tx: Any) -> bool:
        return channel.id in await tx.watch.until()

    return true


async def test_where_the_preview_shows_no_more_than_we_have_it_says_so_and_is_asked_once(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel], preview={"base": preview.url}) as task:
        await eventually(store, watched(channel), task=task)
        await ask(store, channel, channel.posts[3].posted_at)
        found = await eventually(store, answered(channel), task=task)
        assert (found.says, found.posts) == (Outside.NO_MORE, ())
        await ask(store, channel, channel.posts[3].posted_at)
    assert preview.counts["/s/falcon_news"] == 1


async def test_posts_that_the_account_is_not_given_are_a_gap_and_are_kept_as_the_preview_shows_them(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    since = channel.posts[3].posted_at
    async with collecting(
        telegram, store, [channel], preview={"base": preview.url}, recheck_every="1h"
    ) as task:
        await eventually(store, watched(channel), task=task)
        for method in ("messages.getHistory", "messages.getPeerDialogs"):
            until = telegram.world.clock.now() + timedelta(hours=1)
            telegram.faults.throttle(method=method, until=until)
        telegram.world.post(channel, "for all but us", media=Media(kind="photo"), push=False, log=False)
        await ask(store, channel, since)
        found = await eventually(store, answered(channel), task=task)
        assert (found.says, found.posts) == (Outside.MORE, (4,))
        async with store.read() as tx:
            post = await tx.posts.get(channel.id, 4)
            gaps = [g for g in await tx.watch.gaps(channel.id) if "public preview" in g.detail]
        assert (post.text, post.how) == ("for all but us", How.POLLED)
        [gap] = gaps
        assert (gap.cause, gap.missing, gap.account) == (GapCause.UNKNOWN, Missing.POSTS, "main")
        assert gap.from_at == since.replace(microsecond=gap.from_at.microsecond)
        telegram.faults.clear()
    # Read by the account later, it is the same post and no edit.
    async with collecting(telegram, store, [channel], preview={"base": preview.url}) as task:

        async def read(tx: Any) -> bool:
            cursor = await tx.posts.cursor(channel.id)
            return cursor.newest_id == 4

        await eventually(store, read, task=task)
    async with store.read() as tx:
        assert await tx.posts.revisions(channel.id) == []


async def test_a_preview_that_cannot_be_read_wholly_does_not_say_that_there_is_no_more(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    preview.undated.update((2, 4))
    async with collecting(
        telegram, store, [channel], preview={"base": preview.url}, recheck_every="1h"
    ) as task:
        await eventually(store, watched(channel), task=task)
        for method in ("messages.getHistory", "messages.getPeerDialogs"):
            telegram.faults.throttle(method=method, until=telegram.world.clock.now() + timedelta(hours=1))
        telegram.world.post(channel, "for all but us", push=False, log=False)
        await ask(store, channel, channel.posts[3].posted_at)
        found = await eventually(store, answered(channel), task=task)
    assert (found.says, found.posts) == (Outside.UNKNOWN, ())
    assert "(2, 4)" in found.detail


async def test_posts_that_are_on_their_way_are_no_blindness(
    telegram: Telegram, preview: WebPreview, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    since = channel.posts[3].posted_at
    async with collecting(
        telegram, store, [channel], preview={"base": preview.url}, reconcile_every="1h"
    ) as task:
        await eventually(store, watched(channel), task=task)
        telegram.world.post(channel, "not pushed", push=False, log=False)
        await ask(store, channel, since)
        found = await eventually(store, answered(channel), task=task)
        assert found.says is Outside.NO_MORE
        async with store.read() as tx:
            assert (await tx.posts.get(channel.id, 4)).text == "not pushed"


async def test_what_cannot_be_asked_says_why(telegram: Telegram, preview: WebPreview, store: Store) -> None:
    shut = telegram.channel("Shut News", "shut_news", posts=2)
    nameless = telegram.channel("Nameless", None, posts=2)
    garbled = telegram.channel("Garbled", "garbled_news", posts=2)
    shut.preview = False
    preview.faults.append(WebFault(status=200, body="<p>All new!</p>", path="/s/garbled", times=None))
    channels = [shut, nameless, garbled]
    async with collecting(telegram, store, channels, preview={"base": preview.url}) as task:
        for each in channels:
            await eventually(store, watched(each), task=task)
            await ask(store, each, each.posts[2].posted_at)
        found = {each.id: await eventually(store, answered(each), task=task) for each in channels}
    assert (found[shut.id].says, found[shut.id].detail) == (Outside.NOT_SHOWN, "it has no preview")
    assert (found[nameless.id].says, found[nameless.id].detail) == (Outside.NOT_SHOWN, "it has no handle")
    assert found[garbled.id].says is Outside.UNKNOWN
    assert "no preview that we can read" in found[garbled.id].detail


async def test_a_sandbox_is_never_looked_for_on_the_real_preview(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=3)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, watched(channel), task=task)
        await ask(store, channel, channel.posts[3].posted_at)
        telegram.world.post(channel, "goes on")

        async def stored(tx: Any) -> Any:
            return await tx.posts.get(channel.id, 4)

        await eventually(store, stored, task=task)
    async with store.read() as tx:
        assert len(await tx.testimonies.waiting()) == 1
