"""Who writes in a process of its own: `python -m tests.support.writer_process URL CHANNEL N`.

Stores N posts of a channel, and as many of channel 1, and counts in a mark how often.
"""

import asyncio
import sys
from datetime import UTC, datetime

from domain.post import How, Post
from storage.config import StorageConfig
from storage.store import open_store

_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def main(url: str, channel: int, n: int) -> None:
    async with open_store(StorageConfig(url=url)) as store:
        for k in range(1, n + 1):
            async with store.begin() as tx:
                for c in (1, channel):
                    await tx.posts.put([Post(channel_id=c, id=k, posted_at=_AT, seen_at=_AT, how=How.LIVE)])
                count = (await tx.marks.get("count")).get("n", 0)
                await tx.marks.set("count", {"n": count + 1}, _AT)
                tx.notify("posts")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
