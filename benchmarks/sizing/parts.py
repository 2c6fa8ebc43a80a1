"""The product's own parts, each driven by itself, so that it can be told what each costs."""

import asyncio
import gc
import pickle
import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from alerts.engine import Engine
from archive.indexer import Indexer
from benchmarks.sizing.meter import Meter
from benchmarks.sizing.world import BEGAN, Channels
from claims.lexicon.load import load
from claims.reader import Reader
from claims.version import Reads, settle_version
from collector.archive import Archive
from collector.config import ChannelConfig, CollectorConfig
from collector.ingest import Ingest
from collector.watch import Proof, proved
from collector.watched import Roster, Watched
from domain.channel import Channel
from domain.counters import Sample
from domain.post import Post
from storage.cursors import Cursor
from storage.store import Store, Transaction

ACCOUNT = "main"
PAGE = 100  #: channels asked for in one call, posts looked at in one
ROUND = CollectorConfig().reconcile_every
LOOKS = CollectorConfig().counters_at


class Parts:
    """All of them at work on one archive, in one process."""

    def __init__(self, store: Store, channels: Channels, meter: Meter, reader: Reader) -> None:
        self.store, self.channels, self.meter, self.reader = store, channels, meter, reader
        self.indexer = Indexer(store, channels.clock)
        self.engine = Engine(store, channels.clock)
        self.roster = Roster()
        self.ingest = Ingest(Archive(store), ACCOUNT, self.roster)

    @classmethod
    async def begin(cls, store: Store, channels: Channels, meter: Meter) -> "Parts":
        """Every channel is known, joined, read to its newest post, and watched from here on."""
        reads = Reads(lexicon=load())
        version = await settle_version(store, reads, channels.clock.now())
        parts = cls(store, channels, meter, Reader(store, reads, version=version, clock=channels.clock))
        await parts.reader.begin()
        async with store.begin() as tx:
            for made in channels.made:
                channel = Channel(id=made.id, title=made.title, handle=made.handle)
                await tx.channels.save(channel, BEGAN)
                parts.roster.by_id[made.id] = Watched(
                    config=ChannelConfig(handle=made.handle),
                    channel=channel,
                    access_hash=1,
                    joined=True,
                    proof=BEGAN,
                )
            await tx.posts.move_cursor(
                *(
                    Cursor(channel_id=c.id, newest_id=0, oldest_id=1, complete=True, checked_at=BEGAN)
                    for c in channels.made
                )
            )
        return parts

    async def posts(self, n: int, *, kind: str) -> Sequence[Post]:
        """So many come together, and go all the way. `kind` is put before the names of the parts."""
        posts = list(self.channels.posts(n))
        async with self.meter.of(f"{kind}: collect", n):
            await self._stored(posts)
        async with self.meter.of(f"{kind}: read", n):
            await self.reader.catch_up()
        async with self.meter.of(f"{kind}: index", n):
            await self.indexer.catch_up()
        async with self.meter.of(f"{kind}: judge", n):
            await self.engine.step()
        return posts

    async def _stored(self, posts: Sequence[Post]) -> None:
        running = asyncio.create_task(self.ingest.run())
        try:
            for post in posts:
                self.ingest.take(post)
            await self.ingest.caught_up()
        finally:
            running.cancel()

    async def looks(self, posts: Sequence[Post]) -> None:
        """The counters of these posts are looked at as often as the config comes, a page of a channel at a
        time: what `collector/counting.py` does with what Telegram answers.
        """
        firsts = {post.key: post for post in posts}
        by_channel: dict[int, list[Post]] = {}
        for post in firsts.values():
            by_channel.setdefault(post.channel_id, []).append(post)
        async with self.meter.of("counters: follow", len(firsts)), self.store.begin() as tx:
            await tx.counters.follow((p.key, p.posted_at, p.posted_at + LOOKS[0]) for p in firsts.values())
        for number, after in enumerate(LOOKS):
            for channel_id, its in by_channel.items():
                for start in range(0, len(its), PAGE):
                    page = its[start : start + PAGE]
                    async with self.meter.of("counters: look", len(page)), self.store.begin() as tx:
                        await self._look(tx, channel_id, page, number, after)

    async def _look(
        self, tx: Transaction, channel_id: int, page: Sequence[Post], number: int, after: timedelta
    ) -> None:
        at = max(post.posted_at for post in page) + after
        await tx.posts.put([replace(post, seen_at=at) for post in page])
        samples = [
            Sample(
                channel_id=channel_id,
                post_id=p.id,
                at=at,
                due=after,
                views=1000 * (number + 1) + p.id % 997,
                forwards=p.id % 50,
                reactions=(("👍", p.id % 90), ("🔥", p.id % 40)),
            )
            for p in page
        ]
        await tx.counters.add(samples)
        later = LOOKS[number + 1] if number + 1 < len(LOOKS) else None
        await tx.counters.put_off(
            channel_id, {p.id: None if later is None else p.posted_at + later for p in page}
        )

    async def rounds(self, n: int) -> None:
        """Nothing is posted: every channel is asked for its newest number, so many times, and judged."""
        roster = list(self.roster)
        for _ in range(n):
            at = self.channels.clock.advance(ROUND)
            for start in range(0, len(roster), PAGE):
                page = roster[start : start + PAGE]
                async with self.meter.of("quiet: ask", len(page)), self.store.begin() as tx:
                    cursors = await tx.posts.cursors(w.id for w in page)
                    proofs = [Proof(watched=w, cursor=cursors[w.id], at=at, answered_at=at) for w in page]
                    await proved(tx, ACCOUNT, *proofs)
                for watched in page:
                    watched.proof = at
            async with self.meter.of("quiet: judge", len(roster)):
                await self.engine.step()

    async def rounds_apart(self, n: int) -> None:
        """The same of channels that the account has not joined: each is asked by itself, as
        `collector/catchup.py` does it, and an empty page proves that there is nothing new.
        """
        for _ in range(n):
            at = self.channels.clock.advance(ROUND)
            for watched in self.roster:
                async with self.meter.of("quiet: ask each by itself", 1):
                    async with self.store.read() as tx:
                        await tx.posts.cursor(watched.id)
                    async with self.store.begin() as tx:
                        cursor = await tx.posts.cursor(watched.id)
                        assert cursor is not None
                        await proved(
                            tx, ACCOUNT, Proof(watched=watched, cursor=cursor, at=at, answered_at=at)
                        )
                watched.proof = at

    async def state(self) -> dict[str, float]:
        """What an engine that begins now keeps in memory of a channel, in bytes: all of it; of that, pickled,
        the channel's own and each strand's; and how many strands a channel has.
        """
        tracemalloc.start()
        try:
            engine = Engine(self.store, self.channels.clock)
            await engine.step()
            gc.collect()
            held = tracemalloc.get_traced_memory()[0]
        finally:
            tracemalloc.stop()
        panel = engine.panel
        assert panel is not None
        tracks = [t for w in self.roster if (t := panel.track(w.id))]
        shares = [len(pickle.dumps(share)) for t in tracks for share in t.shares.values()]
        own = [len(pickle.dumps((t.rhythm, t.pulse, t.cover))) for t in tracks]
        return {
            "all": held / len(tracks),
            "channel": sum(own) / len(own),
            "strands of a channel": len(shares) / len(tracks),
            "strand": sum(shares) / len(shares) if shares else 0.0,
        }
