"""`deadair health`: is the work being done, by whichever processes do it?"""

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from deadair.check_list import show_check, sum_up
from deadair.config import Setup, load
from deadair.wiring import WORKING
from domain.check import Check
from domain.clock import WallClock


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
    from deadair.health.examine import examine, measure_of
    from storage.patience import BRIEF
    from storage.store import open_store

    async with open_store(setup.storage, create=False, longest=BRIEF) as store:
        _, checks = await examine(store, WallClock().now(), measure_of(setup, WORKING))
    return checks
