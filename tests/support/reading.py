"""Posts to be read, readers that read them, and what the archive holds then."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from claims.config import ClaimsConfig
from claims.lexicon.load import load
from claims.reader import Reader
from claims.topics import WordTopics
from claims.version import Reads
from domain.claim import ArchivedClaim, Incident
from domain.clock import SetClock
from domain.post import Forward, How, Post, PostKind
from domain.reading import Reading
from storage.store import Store

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
TOPICS = {"attacks": ["قصف"], "sport": ["مباراة"]}

#: A claim in an Arabic statement, and the same act as an English channel tells it.
DRONES = "كتائب حزب الله تعلن استهداف قاعدة عين الأسد بطائرة مسيرة"
DRONES_EN = "Kataib Hezbollah claims drone attack on Ain al-Asad base"
#: Another place.
HARIR = "كتائب حزب الله تعلن استهداف قاعدة حرير بطائرة مسيرة"
TANKER = "Houthis claim missile attack on a ship in the Red Sea"
DENIAL = "نفت كتائب حزب الله استهداف قاعدة عين الأسد"
FOOTBALL = "فاز القوة الجوية على الزوراء في مباراة اليوم"


def reads(topics: dict[str, list[str]] | None = None, **more: tuple[str | None, ...]) -> Reads:
    """What is read with: the shipped lexicon, these topics, and what channels mean, by handle."""
    return Reads(lexicon=load(), topics=WordTopics(TOPICS if topics is None else topics), channels=more)


def a_post(
    number: int,
    words: str = "",
    *,
    channel: int = 7,
    at: datetime | None = None,
    album: int | None = None,
    kind: PostKind = PostKind.POST,
    edited: datetime | None = None,
    forward: Forward | None = None,
) -> Post:
    """A post a minute after the one before it, unless `at` says otherwise."""
    posted = at or NOON + number * MINUTE
    return Post(
        channel_id=channel,
        id=number,
        posted_at=posted,
        seen_at=max(posted, edited or posted),
        how=How.LIVE,
        text=words,
        album_id=album,
        kind=kind,
        edited_at=edited,
        forward=forward,
    )


def a_reader(
    store: Store, *, version: int = 1, batch: int = 1000, read: Reads | None = None, helpers: int = 0
) -> Reader:
    config = ClaimsConfig(batch=batch, helpers=helpers)
    return Reader(store, read or reads(), version=version, clock=SetClock(NOON), config=config)


async def store_posts(store: Store, *posts: Post) -> None:
    async with store.begin() as tx:
        await tx.posts.put(posts)
        tx.notify("posts")


async def store_a_mixed_archive(store: Store, n: int = 120) -> None:
    """Posts of five channels over four months, in any order, and edits of some."""
    luck = random.Random(n)
    texts = [DRONES, DRONES_EN, HARIR, TANKER, DENIAL, FOOTBALL, f"{HARIR} مجددا", f"{DRONES}\n{TANKER}"]
    times = [NOON + luck.randrange(120 * 24 * 6) * 10 * MINUTE for _ in range(n // 3)]
    posts = [
        a_post(i, luck.choice(texts), channel=luck.randrange(5) + 1, at=luck.choice(times) + i * MINUTE)
        for i in range(1, n + 1)
    ]
    luck.shuffle(posts)
    await store_posts(store, *posts)
    edited = [
        replace(p, text=luck.choice(texts), edited_at=p.posted_at + 60 * MINUTE) for p in posts[: n // 4]
    ]
    await store_posts(store, *edited)


async def readings_of(store: Store, version: int = 1) -> list[Reading]:
    """In the order in which they were stored."""
    async with store.read() as tx:
        return [r for r in await tx.readings.after(0, 10_000) if r.reader_version == version]


async def claims_of(store: Store, version: int = 1) -> list[ArchivedClaim]:
    """By time of posting."""
    async with store.read() as tx:
        return [claim async for claim in tx.claims.each(version)]


async def incidents_of(store: Store, version: int = 1) -> list[Incident]:
    """Each once, as its claims name it."""
    numbers = {c.incident_id for c in await claims_of(store, version) if c.incident_id is not None}
    async with store.read() as tx:
        found = [await tx.claims.incident(number) for number in sorted(numbers)]
    return [incident for incident in found if incident is not None]


async def archive_of(store: Store, version: int = 1) -> object:
    """All that a version has read, but for its number and those that the database gives."""
    found = await claims_of(store, version)
    acts = {c.incident_id: f"{c.channel_id}/{c.post_id}/{c.number}" for c in reversed(found)}
    claims = [(replace(c, id=0, reader_version=0, incident_id=None), acts[c.incident_id]) for c in found]
    read = sorted((replace(r, seq=0, reader_version=0) for r in await readings_of(store, version)), key=_key)
    incidents = [(i.first_at, i.last_at, i.claims) for i in await incidents_of(store, version)]
    async with store.read() as tx:
        asked = "SELECT channel_id, topic, claimant, hour, n FROM tallies WHERE reader_version = :version"
        rows = await tx.connection.execute(text(asked), {"version": version})
        tallies = sorted(tuple(row) for row in rows)
    return claims, read, sorted(incidents, key=str), tallies


async def understood(store: Store) -> tuple[Sequence[Any], ...]:
    """The same but for the instants at which it came to be known."""
    claims, *others = await archive_of(store)  # type: ignore[misc]
    return [(replace(claim, from_at=claim.posted_at), act) for claim, act in claims], *others


def _key(reading: Reading) -> tuple[int, int]:
    return reading.channel_id, reading.post_id
