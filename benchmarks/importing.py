"""How fast files come into the archive, beside the least one could do: json.loads and one bare table.

    python -m benchmarks.importing [--posts 200000]

Each way runs in a process of its own, on the same invented posts; memory is its peak, and must not grow with
the file. The bar for ours is 5 000 posts a second into SQLite, each of them linked into the chain of its
channel; going through the chain again is measured beside. The peer keeps no chain, no revisions, no watch
spans and no progress, and knows one form of file only: it is the floor, not a rival.
"""

import argparse
import asyncio
import json
import random
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from collector.importers.bring_in import import_files
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.proof import channels_of, prove
from storage.store import open_store
from tests.support.postgres import running_postgres

WORDS = [
    "رصد",
    "تحليق",
    "مسيرات",
    "فوق",
    "القاعدة",
    "المقاومة",
    "تعلن",
    "استهداف",
    "موقع",
    "عملية",
    "بيان",
    "رقم",
]
START = datetime(2024, 1, 1, tzinfo=UTC)


def write(path: Path, posts: int) -> None:
    """Posts of an invented channel, about 300 bytes each: an export if the name ends so, else lines."""
    rng = random.Random(20_411)
    desktop = path.suffix == ".json"
    with path.open("w", encoding="utf-8") as out:
        if desktop:
            out.write('{"name": "Falcon News", "type": "public_channel", "id": 1777, "messages": [')
        for n in range(1, posts + 1):
            at, text = START + timedelta(minutes=2 * n), " ".join(rng.choices(WORDS, k=20))
            record = _exported(n, at, text) if desktop else _flat(n, at, text, rng.randrange(50_000))
            comma = ",\n" if desktop and n > 1 else ""
            out.write(comma + json.dumps(record, ensure_ascii=False) + ("" if desktop else "\n"))
        if desktop:
            out.write("]}")


def _flat(n: int, at: datetime, text: str, views: int) -> dict[str, object]:
    return {
        "channel": "falcon_news",
        "id": n,
        "date": at.isoformat(),
        "text": text,
        "views": views,
        "forwards": None,
        "edited": None,
        "reply_to": n - 1 if n % 17 == 0 else None,
        "fwd_from": None,
        "media_kind": "photo" if n % 3 == 0 else None,
        "grouped_id": None,
    }


def _exported(n: int, at: datetime, text: str) -> dict[str, object]:
    photo = (
        {"photo": "(File not included. Change data exporting settings to download.)"} if n % 3 == 0 else {}
    )
    return {"id": n, "type": "message", "date_unixtime": str(int(at.timestamp())), "text": text, **photo}


async def ours(file: Path, url: str) -> int:
    async with open_store(StorageConfig(url=url)) as store:
        (job,) = await import_files([file], store, WallClock())
    if job.error is not None or job.bad:
        raise SystemExit(f"{job.error or job.bad} while importing what was just written")
    return job.added


async def verified(url: str) -> int:
    """Go through the chain of what was imported."""
    async with open_store(StorageConfig(url=url), create=False) as store:
        (channel,) = await channels_of(store)
        proof = await prove(store, channel)
    if proof.broken is not None or proof.unsealed:
        raise SystemExit(f"{proof.broken or proof.unsealed} in an archive that nobody touched")
    return proof.links


def bare_sqlite(file: Path, database: str) -> int:
    with sqlite3.connect(database) as connection, file.open(encoding="utf-8") as lines:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE posts (channel, id, date, text, views, PRIMARY KEY (channel, id))")
        while batch := list(islice(lines, 2000)):
            posts = [json.loads(line) for line in batch]
            rows = [(p["channel"], p["id"], p["date"], p["text"], p["views"]) for p in posts]
            connection.executemany("INSERT OR IGNORE INTO posts VALUES (?, ?, ?, ?, ?)", rows)
            connection.commit()
        return int(connection.execute("SELECT count(*) FROM posts").fetchone()[0])


def work(way: str, file: Path, target: str) -> None:
    """In its own process: do it, and print seconds, posts and peak memory."""
    began = time.perf_counter()
    if way == "bare":
        n = bare_sqlite(file, target)
    else:
        n = asyncio.run(ours(file, target) if way == "ours" else verified(target))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    mib = peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
    print(json.dumps({"seconds": time.perf_counter() - began, "posts": n, "mib": mib}))


def measured(way: str, file: Path, target: str) -> dict[str, float]:
    command = [
        sys.executable,
        "-m",
        "benchmarks.importing",
        "--way",
        way,
        "--file",
        str(file),
        "--target",
        target,
    ]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.importing", description=__doc__)
    parser.add_argument("--posts", type=int, default=100_000)
    parser.add_argument("--way", choices=("ours", "bare", "verify"), help=argparse.SUPPRESS)
    parser.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.way:
        work(args.way, args.file, args.target)
        return
    with tempfile.TemporaryDirectory(prefix="deadair-bench-") as name:
        compare(Path(name), args.posts)


def compare(folder: Path, posts: int) -> None:
    file, few, export = folder / "posts.jsonl", folder / "few.jsonl", folder / "result.json"
    write(file, posts)
    write(few, posts // 10)
    write(export, posts)
    bare = measured("bare", file, str(folder / "bare.db"))
    rows = [("json.loads and one bare SQLite table", bare)]
    archive = f"sqlite:///{folder / 'ours.db'}"
    rows.append(("deadair into SQLite", measured("ours", file, archive)))
    again = measured("ours", file, archive)
    if again["posts"]:
        raise SystemExit(f"a second run has added {again['posts']} posts")
    rows.append(("deadair verify, SQLite", measured("verify", file, archive)))
    small = measured("ours", few, f"sqlite:///{folder / 'few.db'}")
    rows.append(("deadair into SQLite, a tenth of the file", small))
    of_export = measured("ours", export, f"sqlite:///{folder / 'export.db'}")
    rows.append(("deadair into SQLite, a Desktop export", of_export))
    try:
        with running_postgres() as server:
            url = asyncio.run(server.database())
            rows.append(("deadair into PostgreSQL", measured("ours", file, url)))
            rows.append(("deadair verify, PostgreSQL", measured("verify", file, url)))
    except LookupError as reason:
        print(f"PostgreSQL: skipped, {reason}")
    print(f"{posts:,} posts, {file.stat().st_size / 1e6:.0f} MB\n")
    print("| | posts a second | times as long | peak memory, MiB |\n| --- | ---: | ---: | ---: |")
    for what, found in rows:
        rate, floor = found["posts"] / found["seconds"], bare["posts"] / bare["seconds"]
        print(f"| {what} | {rate:,.0f} | {floor / rate:.1f} | {found['mib']:.0f} |")
    print(f"\nthe same file a second time: nothing added, {again['seconds']:.2f} s")


if __name__ == "__main__":
    main()
