"""All that Telegram says of a post is kept: in our terms, and in its own."""

from typing import Any

from collector.rawcopy import reread
from domain.links import links_of
from domain.post import Details, Entity, Forward, Media, Post, Reply
from sandbox.channel import Channel
from storage.proof import prove
from storage.store import Store
from tests.support.collecting import collecting, differences, eventually
from tests.support.telegram import Telegram, until

WORDS = "see \U0001f680 @falcon_two, example.org or me@example.org"
ENTITIES = (
    Entity(kind="mention", offset=7, length=11),
    Entity(kind="url", offset=20, length=11),
    Entity(kind="email", offset=35, length=14),
    Entity(kind="pre", offset=0, length=3, detail="python"),
    Entity(kind="custom_emoji", offset=4, length=2, detail="5368324170671202286"),
    Entity(kind="mention_name", offset=0, length=3, url="tg://user?id=8"),
)
DETAILS = (
    Details(via_bot=4711, is_silent=True, was_scheduled=True, effect=12, is_protected=True),
    Details(reply=Reply(channel_id=9, post_id=4, name="Somebody", quote="their words", quote_offset=3)),
    Details(reply=Reply(channel_id=9, story_id=5)),
    Details(discussion_id=77, replies=12),
    Details(topic_id=2, sender_id=15),
    Details(ttl=86_400, paid=3, hidden_in=("ios: porn", "all: terms")),
    Details(buttons=(("Read on", "https://example.org/more"), ("vote", None)), fact_check="not so"),
)
CLIP = Media(
    kind="video",
    file_id="78",
    name="a.mp4",
    duration=12.5,
    width=640,
    height=480,
    size=999,
    mime="video/quicktime",
    detail={"preview": "an attack"},
)


def publish(telegram: Telegram, channel: Channel) -> None:
    world = telegram.world
    world.post(channel, WORDS, entities=ENTITIES)
    world.post(channel, "a clip", media=CLIP)
    world.post(channel, "the same picture again", media=Media(kind="photo", detail={"preview": "an attack"}))
    for n, details in enumerate(DETAILS):
        world.post(channel, f"with details {n}", details=details, author="Editor" if n else None)
    hidden = Forward(name="Hidden", posted_at=world.clock.now())
    world.post(channel, "of somebody hidden", forward=hidden)
    world.post(channel, "of a person", forward=Forward(user_id=99, posted_at=world.clock.now()))
    world.react(channel, channel.top_id, {"👍": 3, "custom:5": 2, "paid": 1})


async def kept(store: Store, channel: Channel) -> list[Post]:
    async with store.read() as tx:
        return [post async for post in tx.posts.of(channel.id)]


def holds(channel: Channel, n: int) -> Any:
    async def true(tx: Any) -> bool:
        return bool(await tx.posts.count(channel.id) == n)

    return true


def check(posts: list[Post]) -> None:
    """One round of `publish`, as it was kept."""
    assert posts[0].entities == ENTITIES
    assert links_of(posts[0]) == [
        "tg://user?id=8",
        "https://t.me/falcon_two",
        "https://example.org",
        "mailto:me@example.org",
    ]
    clip, picture = posts[1].media, posts[2].media
    assert clip is not None
    assert picture is not None
    names = ("kind", "name", "duration", "width", "height", "size", "mime")
    assert [getattr(clip, n) for n in names] == [getattr(CLIP, n) for n in names]
    assert clip.thumbs == picture.thumbs != ()
    assert [post.details for post in posts[3:10]] == list(DETAILS)
    assert [post.author for post in posts[3:10]] == [None] + ["Editor"] * 6
    assert [(p.forward.name, p.forward.user_id) for p in posts[10:12] if p.forward] == [
        ("Hidden", None),
        (None, 99),
    ]


async def test_what_is_said_of_a_post_is_kept_from_history_and_from_pushes(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news")
    publish(telegram, channel)
    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, holds(channel, 12), task=task)
        await until(lambda: telegram.server.sessions)
        publish(telegram, channel)
        await eventually(store, holds(channel, 24), task=task)
    posts = await kept(store, channel)
    check(posts[:12])
    check(posts[12:])
    # Reactions that were there at first sight are told of; those that came later make no version.
    assert posts[11].details.reactions == (("👍", 3), ("custom:5", 2), ("paid", 1))
    assert await differences(telegram, store, channel) == []


async def test_every_version_has_a_raw_copy_that_says_all_and_is_proven(
    telegram: Telegram, store: Store
) -> None:
    channel = telegram.channel("Falcon News", "falcon_news")
    publish(telegram, channel)
    telegram.world.pin(channel, 1)

    async def revised(tx: Any) -> bool:
        return len(await tx.posts.revisions(channel.id, 1)) == 1

    async with collecting(telegram, store, [channel]) as task:
        await eventually(store, holds(channel, 13), task=task)
        await until(lambda: telegram.server.sessions)
        telegram.world.react(channel, 1, {"👍": 1})
        telegram.world.edit(channel, 1, "other words")
        await eventually(store, revised, task=task)
    async with store.read() as tx:
        copies = {number: await tx.raws.of(channel.id, number) for number in range(1, 14)}
    assert [len(copies[number]) for number in range(1, 14)] == [2] + [1] * 12
    first, second = (reread(each.copy).message or {} for each in copies[1])
    assert (first["message"], second["message"]) == (WORDS, "other words")
    assert first["entities"][0] == {"_": "MessageEntityMention", "offset": 7, "length": 11}
    assert second["reactions"]["results"][0]["count"] == 1
    service = reread(copies[13][0].copy).message or {}
    assert service["action"] == {"_": "MessageActionPinMessage"}
    found = await prove(store, channel.id)
    assert (found.broken, found.kinds) == (None, {"post": 13, "revision": 1})
