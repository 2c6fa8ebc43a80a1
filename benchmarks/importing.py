"""How fast do posts go from a file into the archive, and does memory stay flat?

Invented posts, 20 000 and then 200 000, as JSON lines and as a Telegram Desktop export. The bar: 5 000 posts
a second into SQLite. Give a PostgreSQL url to measure that instead: `python benchmarks/importing.py URL`.
"""

import asyncio
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from collector.importers.bring_in import import_files
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.store import open_store

START = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = [
    "القوات",
    "أعلنت",
    "اليوم",
    "استهداف",
    "قاعدة",
    "شمال",
    "البلاد",
    "بطائرة",
    "مسيرة",
    "صباحا",
    "و",
    "صواريخ",
    "بيان",
    "عاجل",
]


def posts(n: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(1)
    for k in range(1, n + 1):
        yield {
            "id": k,
            "type": "message",
            "date_unixtime": str(int((START + timedelta(minutes=7 * k)).timestamp())),
            "text": " ".join(chance.choices(WORDS, k=chance.randint(5, 60))),
            "photo": "(File not included. Change data exporting settings to download.)",
        }


def write(path: Path, n: int, channel: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        if path.suffix == ".jsonl":
            for post in posts(n):
                common = {"id": post["id"], "date": post["date_unixtime"], "text": post["text"]}
                file.write(json.dumps({"channel_id": channel, **common}, ensure_ascii=False) + "\n")
            return
        head = {"name": "Falcon", "type": "public_channel", "id": channel}
        file.write(json.dumps(head)[:-1] + ', "messages": [\n')
        for post in posts(n):
            file.write(("," if post["id"] > 1 else "") + json.dumps(post, ensure_ascii=False) + "\n")
        file.write("]}")


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def main(url: str | None) -> None:
    with tempfile.TemporaryDirectory() as folder:
        config = StorageConfig(url=url or f"sqlite:///{folder}/deadair.db")
        async with open_store(config) as store:
            for channel, (n, suffix) in enumerate(
                ((20_000, ".jsonl"), (20_000, ".json"), (200_000, ".jsonl"), (200_000, ".json")), start=1
            ):
                path = Path(folder) / f"{n}{suffix}"
                await asyncio.to_thread(write, path, n, channel)
                for again in ("first run", "second run"):
                    began = time.perf_counter()
                    (job,) = await import_files([path], store, WallClock())
                    took = time.perf_counter() - began
                    print(
                        f"{path.name:14} {again:11} {job.added:7,} added in {took:6.2f} s "
                        f"= {job.records / took:12,.0f} posts/s; peak memory {peak():.0f} MB"
                    )


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else None))
