"""What it costs to watch three hundred channels that post as channels do."""

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from benchmarks.pipeline.stage import staged
from benchmarks.pipeline.sustained import publish
from benchmarks.pipeline.texts import texts
from domain.clock import WallClock

CHANNELS = 300
A_DAY = 40  #: posts of each
_SETTLING = 30.0  #: seconds after the past was read: connections, first looks, the memory given back
_DAYS = 5


async def idle(folder: Path, url: str, seconds: float) -> Sequence[object]:
    """Cells: channels, posts a day of each, share of a core in percent, memory now and at its peak in MB.

    The peak is that of having read the past.
    """
    words = texts()
    now = WallClock().now()
    async with staged(folder, url) as stage:
        for number in range(CHANNELS):
            channel = stage.channel(number)
            for n in range(_DAYS * A_DAY):
                ago = timedelta(days=_DAYS) * (1 - n / (_DAYS * A_DAY))
                stage.sandbox.world.post(channel, next(words), at=now - ago)
        async with stage.running() as (_, process):
            await asyncio.sleep(_SETTLING)
            before, began = process.spent(), time.monotonic()
            await publish(stage.sandbox.world, stage.channels, CHANNELS * A_DAY / 86400, seconds)
            share = (process.spent() - before) / (time.monotonic() - began)
            return CHANNELS, A_DAY, f"{100 * share:.1f}", f"{process.memory():.0f}", f"{process.peak():.0f}"
