"""`deadair run`: all parts, or the ones named, until stopped."""

import asyncio
from pathlib import Path

from deadair.config import Setup, load
from deadair.log import set_up
from domain.errors import DeadairError


def run(config: Path | None, only: list[str]) -> None:
    setup = load(config)
    set_up(setup.config.log)
    asyncio.run(_run(setup, only))


async def _run(setup: Setup, only: list[str]) -> None:
    from deadair.supervise import supervise
    from deadair.wiring import PARTS, parts
    from domain.clock import WallClock
    from storage.store import open_store

    if strangers := sorted(set(only) - set(PARTS)):
        raise DeadairError(
            f"there is no part called {', '.join(strangers)}", hint=f"the parts are {', '.join(PARTS)}"
        )
    async with open_store(setup.storage) as store:
        built = parts(setup, store, WallClock(), only=only or PARTS)
        await supervise(built)
