"""`deadair run`: all parts, or the ones named, until stopped."""

import asyncio
import importlib
from collections.abc import Sequence
from pathlib import Path

from collector.config import ChannelConfig
from deadair.config import Setup, load
from deadair.log import set_up
from domain.clock import Clock, WallClock
from domain.current import Current
from domain.errors import DeadairError


def run(config: Path | None, only: list[str]) -> None:
    from deadair.memory import keep_little
    from deadair.wiring import PARTS, load_code

    keep_little()
    setup = load(config)
    set_up(setup.config.log)
    if strangers := sorted(set(only) - set(PARTS)):
        raise DeadairError(
            f"there is no part called {', '.join(strangers)}", hint=f"the parts are {', '.join(PARTS)}"
        )
    if set(only) == {"web"} and not setup.config.web.listen:
        raise DeadairError(
            "there is nothing to serve at", hint='name a place in the config: [web] listen = "127.0.0.1:8790"'
        )
    load_code(only or PARTS)
    importlib.import_module("deadair.reloading")
    asyncio.run(run_by(WallClock(), config, setup, only or PARTS))


async def run_by(clock: Clock, config: Path | None, setup: Setup, only: Sequence[str]) -> None:
    """The parts named, by this clock, until stopped."""
    from deadair.memory import giving_back
    from deadair.reloading import Reloading
    from deadair.supervise import supervise
    from deadair.wiring import parts
    from storage.keeper import keeping
    from storage.store import open_store

    live = open_store(setup.storage, longest=setup.storage.answer_within)
    async with live as store, keeping(store, setup.folder) as keeper:
        channels: Current[Sequence[ChannelConfig]] = Current(setup.config.channels)
        reloading = Reloading(config, setup, store, clock, keeper, only=only, channels=channels)
        trimming = asyncio.create_task(giving_back(), name="memory")
        try:
            await supervise(parts(setup, store, clock, keeper, only=only, channels=channels), reloading.run)
        finally:
            trimming.cancel()
