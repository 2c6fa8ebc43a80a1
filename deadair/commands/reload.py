"""`deadair reload`: the running parts take up the config as it stands, and say what each made of it."""

import asyncio
import json
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from deadair.config import Setup, load
from deadair.health.marks import CONFIG, LATELY, WAITS
from deadair.reloading import ASKED
from deadair.slices import prove
from domain.clock import WallClock

#: How long the parts are given.
_WITHIN = timedelta(seconds=30)
_LOOK_EVERY = 0.3
Marks = Mapping[str, Mapping[str, Any]]


def reload(config: Path | None, *, as_json: bool) -> None:
    """Exit status 1 when a part has refused it or has not answered."""
    setup = load(config)
    prove(setup)
    answered, silent = asyncio.run(_ask(setup))
    if as_json:
        print(json.dumps({"version": setup.version, "parts": dict(answered), "silent": silent}))
    else:
        _tell(setup, answered, silent)
    if silent or any("refused" in each for each in answered.values()):
        sys.exit(1)


def _tell(setup: Setup, answered: Marks, silent: list[str]) -> None:
    if not answered and not silent:
        print(f"the config is right ({setup.version}); nothing runs that could take it up")
        return
    for name, each in answered.items():
        said = f"runs {each['version']}"
        if "refused" in each:
            said += f", has refused it: {each['refused']}"
        if WAITS in each:
            said += f"; from the next start on counts: {each[WAITS]}"
        print(f"{name}: {said}")
    for name in silent:
        print(f"{name}: has not answered within {_WITHIN.seconds} s")


async def _ask(setup: Setup) -> tuple[Marks, list[str]]:
    """What each part that has lately been at work runs now, and which have not answered."""
    from storage.store import open_store

    clock = WallClock()
    async with open_store(setup.storage, create=False) as store:
        asked = clock.now()
        async with store.begin() as tx:
            at_work = {name for name, _, at in await tx.marks.all(CONFIG) if asked - at < LATELY}
            await tx.marks.set(ASKED, {"at": asked.isoformat(), "version": setup.version}, asked)
            tx.notify("config")
        while True:
            async with store.read() as tx:
                marks = [m for m in await tx.marks.all(CONFIG) if m[0] in at_work]
            answered = {
                name.removeprefix(CONFIG): value
                for name, value, _ in marks
                if value.get("asked") == asked.isoformat()
            }
            silent = sorted(name.removeprefix(CONFIG) for name in at_work)
            silent = [name for name in silent if name not in answered]
            if not silent or clock.now() - asked > _WITHIN:
                return answered, silent
            await asyncio.sleep(_LOOK_EVERY)
