"""An archive with all sorts in it, indexed, for tests of search and export."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from archive.indexer import Indexer
from archive.query import Order, Paging, Query
from archive.search import Page, search
from domain.channel import Channel
from domain.claim import ArchivedClaim, Claim, ClaimKind, Span
from domain.clock import WallClock
from domain.post import Entity, Forward, How, Media, Post
from domain.reading import Reading
from domain.watch import Gap, GapCause, WatchSpan
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
FALCON, HERON, KITE = 7, 8, 9
CHANNELS = (
    Channel(id=FALCON, title="Falcon News", handle="falcon_news", group="birds", zone="Asia/Baghdad"),
    Channel(id=HERON, title="Heron", handle="heron", group="birds"),
    Channel(id=KITE, title="بلا اسم", handle=None, zone="Asia/Tehran"),
)


def post(n: int, text: str, channel: int = FALCON, **more: Any) -> Post:
    """Post `n` of a channel, n minutes after noon."""
    at = more.pop("at", NOON + n * MINUTE)
    return Post(channel_id=channel, id=n, posted_at=at, seen_at=at, how=How.LIVE, text=text, **more)


async def put(store: Store, *posts: Post, index: bool = True) -> None:
    async with store.begin() as tx:
        for channel in CHANNELS:
            await tx.channels.save(channel, NOON - DAY)
        await tx.posts.put(posts)
    if index:
        await Indexer(store, WallClock()).catch_up()


async def found(store: Store, text: str = "", paging: Paging | None = None, **filters: Any) -> Page:
    async with store.read() as tx:
        return await search(tx, Query(text=text, **filters), paging or Paging())


async def numbers(store: Store, text: str = "", order: Order = Order.NEWEST, **filters: Any) -> list[int]:
    """The numbers of the posts that are found, as they come; copies stand for themselves."""
    page = await found(store, text, Paging(order=order, fold_copies=False), **filters)
    return [hit.post.id for hit in page.hits]


def claim(n: int, claimant: str, place: str, weapon: str, channel: int = FALCON) -> ArchivedClaim:
    return ArchivedClaim(
        channel_id=channel,
        post_id=n,
        number=1,
        reader_version=1,
        posted_at=NOON + n * MINUTE,
        from_at=NOON + n * MINUTE,
        claim=Claim(
            kind=ClaimKind.RESPONSIBILITY,
            claimant=claimant,
            location=place,
            weapons=(weapon,),
            evidence=(Span(field="claimant", start=0, end=4, rule="test"),),
        ),
    )


async def fill(store: Store) -> None:
    """Two watched days: posts, an edit, a deletion, claims, a forward, a gap."""
    posts = [
        post(1, "تعلن المقاومة استهداف قاعدة حرير بطائرة مسيرة", views=100),
        post(2, "خبر عاجل: حركة طيران", media=Media(kind="photo", file_id="1"), views=5000),
        post(3, "a drone attack https://t.me/heron/5", entities=(Entity(kind="url", offset=15, length=20),)),
        post(4, "پهپاد در آسمان حیفا", channel=HERON, forward=Forward(channel_id=FALCON, post_id=1)),
        post(5, "=SUM(A1:A9) is no formula", channel=HERON, forward=Forward(name="Abu Ali")),
        post(6, "first wording of it", channel=KITE),
    ]
    async with store.begin() as tx:
        for channel in CHANNELS:
            await tx.channels.save(channel, NOON - DAY)
        await tx.posts.put(posts)
        await tx.posts.put(
            [replace(posts[5], text="second wording of it", edited_at=NOON + HOUR, seen_at=NOON + HOUR)]
        )
        await tx.posts.missed(HERON, [5], NOON + 2 * HOUR)
        await tx.readings.go_live(1, NOON)
        await tx.readings.put(
            [
                Reading(
                    channel_id=p.channel_id,
                    post_id=p.id,
                    posted_at=p.posted_at,
                    reader_version=1,
                    topics=topics,
                    claimants=claimants,
                    language=language,
                )
                for p, topics, claimants, language in (
                    (posts[0], ("attacks", "drones"), ("kh",), "ar"),
                    (posts[1], (), (), "ar"),
                    (posts[2], ("drones",), (), "en"),
                    (posts[3], ("drones",), (), "fa"),
                )
            ]
        )
        await tx.claims.put([claim(1, "kh", "harir", "drone")])
        for channel in (FALCON, HERON):
            await tx.watch.extend(
                WatchSpan(
                    channel_id=channel, account="main", from_at=NOON - HOUR, to_at=NOON + DAY, how=How.LIVE
                )
            )
        await tx.watch.extend(
            WatchSpan(channel_id=KITE, account="main", from_at=NOON - HOUR, to_at=NOON + HOUR, how=How.LIVE)
        )
        await tx.watch.add_gap(
            Gap(
                channel_id=KITE,
                account="main",
                from_at=NOON + HOUR,
                to_at=NOON + DAY,
                cause=GapCause.LINK,
            )
        )
    await Indexer(store, WallClock()).catch_up()
