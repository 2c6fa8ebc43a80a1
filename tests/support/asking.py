"""Somebody who asks the bot, and what there is to be asked for."""

from datetime import timedelta

from bot.naming import Names
from domain.channel import Channel
from domain.claim import ArchivedClaim, Claim, ClaimKind, Span
from domain.clock import WallClock
from domain.post import How, Post
from domain.reading import Reading
from domain.subscription import Subscriber
from domain.watch import WatchSpan
from sandbox.botapi.messages import Message
from sandbox.botapi.people import Person
from sandbox.botapi.server import BotApiServer
from storage.store import Store
from tests.support.alerting import let_in

HOUR = timedelta(hours=1)
VERSION = 1
NAMES = Names(
    known={
        "en": {
            "actor": {"kh": "Kataib Hezbollah", "houthis": "Houthis"},
            "place": {"harir": "Harir", "red_sea": "Red Sea"},
            "weapon": {"drone": "drone"},
        },
        "ar": {
            "actor": {"kh": "كتائب حزب الله"},
            "place": {"harir": "حرير"},
            "weapon": {"drone": "طائرة مسيرة"},
        },
    }
)


def plain(message: Message) -> str:
    words = message.text
    return words.translate(dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200f")))


async def analyst(server: BotApiServer, store: Store, language: str = "en") -> Person:
    person = server.person("Bela", started=True)
    await let_in(store, person.id)
    if language != "en":
        async with store.begin() as tx:
            await tx.subscriptions.let_in(
                Subscriber(
                    chat_id=person.id, name="Bela", role=(await tx.subscriptions.subscriber(person.id)).role,  # type: ignore[union-attr]
                    language=language, zone="Asia/Baghdad", let_in_at=WallClock().now(), let_in_by="a test",
                )
            )  # fmt: skip
    return person


async def channel_with_a_past(
    store: Store,
    number: int = 1001,
    *,
    days: int = 40,
    every: timedelta = HOUR,
    handle: str | None = "chan_1",
) -> Channel:
    """A post an hour for weeks, watched but for six hours three days ago."""
    now = WallClock().now()
    channel = Channel(id=number, title=f"Channel {number}", handle=handle, group="network", country="IQ")
    hole = now - timedelta(days=3)
    start = now - timedelta(days=days)
    n = int(timedelta(days=days) / every)
    posts = [
        Post(
            channel_id=number, id=i + 1, posted_at=start + i * every, seen_at=start + i * every, how=How.LIVE,
            text=f"Statement {i + 1}",
        )
        for i in range(n)
        if not hole <= start + i * every < hole + 6 * HOUR
    ]  # fmt: skip
    async with store.begin() as tx:
        await tx.channels.save(channel, now)
        await tx.posts.put(posts)
        for a, b in ((start, hole), (hole + 6 * HOUR, now)):
            await tx.watch.extend(WatchSpan(channel_id=number, account="a", from_at=a, to_at=b, how=How.LIVE))
        readings = [
            Reading(
                channel_id=number, post_id=p.id, posted_at=p.posted_at, reader_version=VERSION, language="en",
            )
            for p in posts
        ]  # fmt: skip
        await tx.readings.put(readings)
        await tx.tallies.add(readings)
        await tx.readings.go_live(VERSION, now)
    return channel


async def claimed(store: Store, n: int = 12) -> None:
    now = WallClock().now()
    words = "Kataib Hezbollah struck Harir with drones"
    async with store.begin() as tx:
        await tx.channels.save(Channel(id=7, title="Claims <i>", handle="claims"), now)
        posts = [
            Post(
                channel_id=7, id=i + 1, posted_at=now - timedelta(hours=i + 1), seen_at=now, how=How.LIVE,
                text=f"#{i + 1} {words}",
            )
            for i in range(n)
        ]  # fmt: skip
        await tx.posts.put(posts)
        await tx.claims.put(
            ArchivedClaim(
                channel_id=7, post_id=p.id, number=1, reader_version=VERSION,
                posted_at=p.posted_at, from_at=now,
                claim=Claim(
                    kind=ClaimKind.RESPONSIBILITY, claimant="kh" if p.id % 2 else "houthis",
                    location="harir" if p.id % 3 else "red_sea", weapons=("drone",), country="IQ",
                    evidence=(Span(field="claimant", start=0, end=len(p.text), rule="r"),),
                ),
            )
            for p in posts
        )  # fmt: skip
        await tx.readings.go_live(VERSION, now)
