"""An archive whose posts were read and indexed, to have what they say removed from it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from archive.indexer import Indexer
from claims.reader import Reader
from collector.disk import Disk
from deadair.config import Config, parse
from deadair.retention.work import POSTS, Outcome, Share, retain
from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import Episode, State, Subject
from domain.finding import Kind, Verdict
from domain.post import Details, Entity, Forward, How, Media, Post, PostKey, PostKind, RawCopy
from domain.watch import WatchSpan
from storage.store import Store
from tests.support.reading import FOOTBALL, a_reader
from tests.support.searching import CHANNELS, DAY, FALCON, HERON, HOUR, KITE, NOON

NOW = NOON + 133 * DAY
KEPT = parse("[retention]\nposts = '63d'\n")


def said(n: int, text: str = FOOTBALL, channel: int = FALCON, *, at: datetime | None = None) -> Post:
    """Post `n`, n days after noon, with something in every field that a removal must empty."""
    at = NOON + n * DAY if at is None else at
    return Post(
        channel_id=channel,
        id=n,
        posted_at=at,
        seen_at=at + timedelta(seconds=1),
        how=How.LIVE,
        text=text,
        entities=(Entity(kind="bold", offset=0, length=2),),
        media=Media(kind="document", file_id=f"{channel}-{n}", name=f"secret{n}.pdf"),
        forward=Forward(channel_id=99, post_id=5, name="Abu Ali"),
        author="Abu Ali",
        views=100 + n,
        forwards=n,
        reply_to=n - 1 or None,
        details=Details(replies=3, reactions=(("👍", 7),), via_bot=12),
        copy=RawCopy(7, f"raw {channel} {n} {text}".encode()),
    )


def edited(post: Post, text: str, *, after: timedelta = HOUR) -> Post:
    at = post.posted_at + after
    return replace(post, text=text, edited_at=at, seen_at=at, copy=RawCopy(7, f"raw {text}".encode()))


def pinned(n: int, channel: int = FALCON) -> Post:
    at = NOON + n * DAY
    return Post(
        channel_id=channel, id=n, posted_at=at, seen_at=at, how=How.LIVE, kind=PostKind.SERVICE,
        raw={"_": "MessageActionChatEditTitle", "title": "secret title"},
    )  # fmt: skip


async def stored(store: Store, *posts: Post, channels: Iterable[Channel] = CHANNELS) -> None:
    """Posts of watched channels, that nobody has read or indexed yet."""
    async with store.begin() as tx:
        for channel in channels:
            await tx.channels.save(channel, NOON - DAY)
            await tx.watch.extend(
                WatchSpan(channel_id=channel.id, account="main", from_at=NOON - DAY, to_at=NOW, how=How.LIVE)
            )
        await tx.posts.put(posts)


async def understood(store: Store, *, version: int = 1, reader: Reader | None = None) -> None:
    """Read and indexed, all of it."""
    reader = reader or a_reader(store, version=version)
    await reader.take_over()
    await reader.catch_up()
    await Indexer(store, WallClock()).catch_up()


async def kept(store: Store, *posts: Post) -> None:
    await stored(store, *posts)
    await understood(store)


async def removed(
    store: Store, config: Config = KEPT, *, at: datetime = NOW, dry: bool = False, folder: Path = Path("none")
) -> dict[str, Share]:
    """What became of posts, by the channel's name."""
    outcome: Outcome = await retain(store, config, Disk(folder), at, dry_run=dry)
    return {share.channel.name: share for share in outcome.shares if share.kind == POSTS}


async def gone(store: Store, *channels: int) -> set[PostKey]:
    """The posts that say nothing any more."""
    async with store.read() as tx:
        return {
            post.key
            for channel in channels or (FALCON, HERON, KITE)
            async for post in tx.posts.of(channel)
            if post.removed_at is not None
        }


def an_episode(
    channel: int | None,
    *,
    since: datetime,
    closed: datetime | None,
    told: bool = True,
    members: tuple[int, ...] = (),
) -> Episode:
    return Episode(
        id=0,
        kind=Kind.SILENCE,
        subject=Subject(channel_id=channel, group=None if channel else "birds"),
        state=State.CLOSED if closed else State.OPEN,
        since_at=since,
        found_at=since + HOUR,
        opened_at=since + HOUR if told else None,
        closed_at=closed,
        verdict=Verdict.confirmed(),
        members=members,
    )
