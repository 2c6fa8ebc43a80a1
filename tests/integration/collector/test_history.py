"""What a channel has published before comes into the archive, as far back as is asked."""

from datetime import timedelta
from typing import Any

from domain.post import Entity, Forward, How, Media, PostKind
from domain.watch import Missing
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually
from tests.support.standing import holds, now, read_to_the_end
from tests.support.telegram import Telegram, until


async def test_five_thousand_posts_of_history_come_in_whole(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=5000)
    oldest = channel.posts[1].posted_at.replace(microsecond=0)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), within=20, task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
        assert seen.stretches[0][0] == oldest
        assert len(seen.stretches) == 1
    assert "contacts.resolveUsername" not in telegram.log.counts  # the account is in it


async def test_history_is_read_no_further_back_than_asked(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=600, every=timedelta(hours=1))
    async with collecting(telegram, store, [channel], since="10d") as task:
        await eventually(store, read_to_the_end(channel), task=task)
    async with store.read() as tx:
        assert 240 <= await tx.posts.count(channel.id) <= 340
        start = (await tx.watch.seen(channel.id)).stretches[0][0]
    assert abs(now() - timedelta(days=10) - start) < timedelta(minutes=1)


async def test_history_goes_on_where_it_was_broken_off(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=1500)
    async with collecting(telegram, store, [channel], history_pause="0.02s") as task:
        await eventually(store, holds(channel, 500), task=task)
    asked = len(telegram.log.of("messages.getHistory"))
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    assert await differences(telegram, store, channel) == []
    assert len(telegram.log.of("messages.getHistory")) - asked < 13


async def test_a_page_of_deleted_posts_does_not_end_the_history(telegram: Telegram, store: Store) -> None:
    channel = telegram.channel("Falcon News", "falcon_news", posts=500)
    telegram.world.delete(channel, *range(150, 380))
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    async with store.read() as tx:
        assert await tx.posts.count(channel.id) == 270


async def test_what_was_deleted_before_it_was_read_leaves_no_silence(
    telegram: Telegram, store: Store
) -> None:
    """A week of posts, and here and there one."""
    channel = telegram.channel("Falcon News", "falcon_news", posts=600, every=timedelta(hours=1))
    posted = {number: channel.posts[number].posted_at.replace(microsecond=0) for number in (150, 318)}
    telegram.world.delete(channel, 40, 90, *range(151, 318), 400, 401)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
    async with collecting(telegram, store, [channel]) as task:  # it is read but once

        async def watched(tx: Any) -> bool:
            return len([s for s in await tx.watch.spans(channel.id) if s.how is How.LIVE]) > 0

        await eventually(store, watched, task=task)
    async with store.read() as tx:
        seen = await tx.watch.seen(channel.id)
        gaps = [gap for gap in await tx.watch.gaps(channel.id) if gap.from_at < posted[318]]
    assert [(gap.from_at, gap.to_at, gap.missing) for gap in gaps] == [
        (posted[150], posted[318], Missing.POSTS)
    ]
    assert gaps[0].detail == "posts 151 to 317 were deleted before they could be read"
    assert seen.holes(seen.stretches[0][0], posted[318] + timedelta(days=5)) == [(posted[150], posted[318])]


async def test_every_kind_of_post_is_kept_as_it_was(telegram: Telegram, store: Store) -> None:
    world = telegram.world
    channel = telegram.channel("Falcon News", "falcon_news", signs=True)

    def publish() -> None:
        world.post(channel, "bold words", entities=[Entity(kind="bold", offset=0, length=4)])
        link = Entity(kind="text_url", offset=0, length=4, url="https://example.org/")
        world.post(channel, "link \U0001f680 صواريخ", entities=[link], author="Editor")
        world.post(channel, "", media=Media(kind="photo", file_id="77", width=640, height=480, size=999))
        world.post(channel, "clip", media=Media(kind="video", file_id="78", name="a.mp4", duration=12.0))
        world.post(channel, "", media=Media(kind="voice", file_id="79", duration=3.0))
        world.post(channel, "", media=Media(kind="document", file_id="80", name="b.pdf", size=5))
        poll = {"question": "Who?", "answers": ["a", "b"], "counts": [1, 2]}
        world.post(channel, "", media=Media(kind="poll", file_id="81", detail=poll))
        world.post(channel, "see", media=Media(kind="webpage", detail={"url": "https://example.org/"}))
        world.post(channel, "", media=Media(kind="geo", detail={"lat": 1.0, "long": 2.0}))
        world.post(channel, "again", forward=Forward(channel_id=9, post_id=4, posted_at=now()))
        world.post(channel, "answer", reply_to=1)
        world.post_album(
            channel, [Media(kind="photo", file_id="90"), Media(kind="photo", file_id="91")], "both"
        )
        world.pin(channel, 1)

    publish()
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, read_to_the_end(channel), task=task)
        await until(lambda: telegram.server.sessions)
        publish()
        await eventually(store, holds(channel, 28), task=task)
    assert await differences(telegram, store, channel) == []
    async with store.read() as tx:
        for first in (1, 15):
            poll = await tx.posts.get(channel.id, first + 6)
            assert poll.media.detail["answers"] == ["a", "b"]
            assert poll.media.detail["counts"] == [1, 2]
            assert (await tx.posts.get(channel.id, first + 9)).forward.channel_id == 9
            service = await tx.posts.get(channel.id, first + 13)
            assert (service.kind, service.raw) == (PostKind.SERVICE, {"action": "pin_message"})
        assert (await tx.posts.get(channel.id, 1)).how is How.BACKFILLED
        assert (await tx.posts.get(channel.id, 15)).how is How.LIVE
