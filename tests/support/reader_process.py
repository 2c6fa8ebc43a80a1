"""A reader in a process of its own, to be killed: `python -m tests.support.reader_process URL BATCH`.

Prints a line for each batch that it has stored.
"""

import asyncio
import sys

from storage.config import StorageConfig
from storage.store import open_store
from tests.support.logs import log_plainly
from tests.support.reading import a_reader


async def main(url: str, batch: int) -> None:
    async with open_store(StorageConfig(url=url), create=False) as store:
        reader = a_reader(store, batch=batch)
        while await reader.read_batch():
            print("stored", flush=True)


if __name__ == "__main__":
    log_plainly()
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
