"""What many channels cost that hardly post: each waking of the engine, each batch of the reader."""

from dataclasses import replace

from benchmarks.pipeline.stage import table
from benchmarks.sizing.meter import Meter
from benchmarks.sizing.parts import Parts
from benchmarks.sizing.world import Channels
from storage.config import StorageConfig
from storage.store import open_store

CHANNELS = (1_000, 10_000)
_TIMES = 5


async def wide(url: str, server: int | None, n: int) -> None:
    """Print what one post costs each part while so many channels are watched, and what a step does."""
    async with open_store(StorageConfig(url=url)) as store:
        meter = Meter(store, server)
        with meter.listening():
            parts = await Parts.begin(store, Channels(n, 1), meter)
            await parts.rounds(2)
            await parts.posts(1, kind="the first post")
            meter.found.clear()
            meter.times.clear()
            for _ in range(_TIMES):
                await parts.posts(1, kind="a post")
            # A new title, or another number of members: once a day of each channel.
            changed = replace(next(iter(parts.roster)).channel, audience=1)
            for audience in range(_TIMES):
                async with store.begin() as tx:
                    await tx.channels.save(replace(changed, audience=audience), parts.channels.clock.now())
                await parts.posts(1, kind="a post after a change of a channel")
            async with meter.of("an hour's review of the engine", 1):
                parts.engine = type(parts.engine)(store, parts.channels.clock)
                await parts.engine.step()
        rows = {}
        for name, found in meter.found.items():
            each, times = found["n"], meter.times[name]
            cells = [f"{found[what] / each:.1f}" for what in ("reads", "writes")]
            rows[name] = (*cells, *(f"{times[who] / each / 1000:.1f}" for who in ("ours", "theirs")))
        print(f"\n### {n:,} channels\n")
        print(table(rows, ("reads", "writes", "our ms", "PostgreSQL's ms")))
