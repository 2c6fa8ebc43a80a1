"""So many posts a second for a while: how long until the last of them has gone all the way."""

import asyncio
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.pipeline.stage import is_through, staged, until
from benchmarks.pipeline.texts import texts
from sandbox.channel import Channel
from sandbox.world import World

_TICK = 0.05  #: seconds between two bursts
_CHANNELS = 100
_WITHIN = 600.0


async def sustained(folder: Path, url: str, rate: int, seconds: float) -> Sequence[object]:
    """Cells: posts, seconds until the last was published and until it had gone all the way, posts a second by
    the clock and of our processor time, peak memory in MB.
    """
    async with staged(folder, url) as stage:
        for number in range(_CHANNELS):
            stage.sandbox.world.post(stage.channel(number), "أول الكلام")
        async with stage.running() as (store, process):
            before, began = process.spent(), time.monotonic()
            n = await publish(stage.sandbox.world, stage.channels, rate, seconds)
            published = time.monotonic() - began
            await until(lambda: is_through(store, stage.channels), _WITHIN)
            took, spent = time.monotonic() - began, process.spent() - before
            return (
                f"{n:,}",
                f"{published:.1f}",
                f"{took:.1f}",
                f"{n / took:,.0f}",
                f"{n / spent:,.0f}",
                f"{process.peak():.0f}",
            )


async def publish(
    world: World, channels: Sequence[Channel], rate: float, seconds: float, words: Iterator[str] | None = None
) -> int:
    """In bursts, on any of these channels; gives how many. Without `words` they are posts as they come."""
    dice, words = random.Random(7), words or texts()
    began, n = time.monotonic(), 0
    while (elapsed := time.monotonic() - began) < seconds:
        while n < elapsed * rate:
            world.post(dice.choice(channels), next(words))
            n += 1
        await asyncio.sleep(_TICK)
    return n
