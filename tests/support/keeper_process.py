"""A worker in a process of its own, under a lease: `python -m tests.support.keeper_process URL FOLDER LEASE`.

Counts up in the archive as long as it has the lease, and says what it does, a line each: `alone TOKEN`,
`wrote N`, `ended`. What it writes names the one that wrote it. On PostgreSQL it spends its time in the middle
of transactions, on SQLite between them.
"""

import asyncio
import os
import sys
from pathlib import Path

from domain.clock import WallClock
from storage.config import StorageConfig
from storage.errors import Unreachable
from storage.keeper import keeping
from storage.store import Store, open_store
from tests.support.logs import log_plainly

MARK = "work"


async def count(store: Store) -> None:
    """One number after the other, each in a transaction that is under way for a while."""
    assert store._fence is not None
    token = store._fence.lease.token
    print("alone", token, flush=True)
    try:
        while True:
            try:
                async with store.begin() as tx:
                    n = (await tx.marks.get(MARK)).get("n", 0) + 1
                    await tx.marks.set(MARK, {"n": n, "by": os.getpid(), "token": token}, WallClock().now())
                    await tx.marks.set(f"{MARK}.{n}", {"by": os.getpid(), "token": token}, WallClock().now())
                    await asyncio.sleep(0.02 if store.is_postgres else 0)
            except Unreachable:
                print("away", flush=True)
                await asyncio.sleep(0.1)
            else:
                print("wrote", n, flush=True)
                await asyncio.sleep(0 if store.is_postgres else 0.1)
    finally:
        print("ended", flush=True)


async def main(url: str, folder: Path, lease: str) -> None:
    config = StorageConfig.model_validate({"url": url, "lease": lease})
    async with open_store(config, create=False) as store, keeping(store, folder) as keeper:
        print("holder", keeper.name, flush=True)
        await keeper.alone("work", count)


if __name__ == "__main__":
    log_plainly()
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
