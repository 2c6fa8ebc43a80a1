"""`deadair health`: is the work being done, by whichever processes do it?"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

from deadair.check_list import show_check, sum_up
from deadair.config import Setup, load
from deadair.wiring import WORKING
from domain.check import Check
from domain.clock import WallClock
from domain.place import place


def health(config: Path | None, *, as_json: bool) -> None:
    """Exit status 1 when something stands still."""
    from deadair.health.judge import is_well

    checks = asyncio.run(_examine(load(config)))
    if as_json:
        document = {"well": is_well(checks), "checks": [asdict(check) for check in checks]}
        print(json.dumps(document, ensure_ascii=False, indent=1))
    else:
        for check in checks:
            show_check(check)
        sum_up(checks)
    if not is_well(checks):
        sys.exit(1)


async def _examine(setup: Setup) -> Sequence[Check]:
    from deadair.health.judge import judge
    from deadair.health.vitals import read_vitals
    from deadair.retention.room import look_at_room
    from storage.store import open_store

    hours = setup.config.backup.every_hours
    async with open_store(setup.storage, create=False) as store:
        vitals = await read_vitals(store, WallClock().now())
    every = timedelta(hours=hours) if hours else None
    checks = judge(vitals, setup.config.health, WORKING, backup_every=every)
    backups = place(setup.folder, setup.config.backup.folder)
    return [*checks, await look_at_room(vitals, setup.config.retention, backups)]
