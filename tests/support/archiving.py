"""An archive as the collector and the reader make it, and an engine that walks through it."""

from collections.abc import Sequence
from datetime import datetime

from alerts.engine import Engine
from domain.channel import Channel
from domain.clock import SetClock
from domain.post import How, Post
from domain.reading import Reading
from domain.watch import WatchSpan
from storage.store import Store
from tests.support.rhythms import HOUR, MONDAY

VERSION = 1


async def archive(store: Store, readings: Sequence[Reading], *, read: bool = True) -> None:
    """Store posts as the collector would, and read them as the reader would."""
    async with store.begin() as tx:
        await tx.posts.put(
            Post(
                channel_id=r.channel_id,
                id=r.post_id,
                posted_at=r.posted_at,
                seen_at=r.posted_at,
                how=How.LIVE,
                text=f"invented post {r.post_id}",
            )
            for r in readings
        )
        if read:
            await tx.readings.put(readings)
            await tx.marks.set(f"reader.{VERSION}", {"seq": await tx.posts.last_seq()}, MONDAY)
            await tx.readings.go_live(VERSION, MONDAY)


async def watched(
    store: Store, until: datetime, *, since: datetime = MONDAY, numbers: Sequence[int] = (1,)
) -> None:
    async with store.begin() as tx:
        for number in numbers:
            await tx.watch.extend(
                WatchSpan(channel_id=number, account="a", from_at=since, to_at=until, how=How.LIVE)
            )


async def channels(store: Store, *made: Channel) -> None:
    async with store.begin() as tx:
        for each in made:
            await tx.channels.save(each, MONDAY)


async def walk(
    store: Store, engine: Engine, clock: SetClock, until: datetime, **watch: Sequence[int]
) -> None:
    """Let the hours pass, the watch going on; the engine looks every hour."""
    while clock.now() < until:
        clock.advance(min(HOUR, until - clock.now()))
        await watched(store, clock.now(), **watch)  # type: ignore[arg-type]  # only numbers are passed
        await engine.step()
