"""How fast an archive moves out of SQLite into PostgreSQL, stage by stage, and what its end takes.

    python -m benchmarks.moving [--posts 200000]

The archive is of invented posts, each with its link of the chain, as an import makes it. Between the copy and
the end further posts come in. The end is what Deadair must be stopped for: the last comparison, and the new
archive read back whole. The move runs in a process of its own; memory is its peak.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.importing import write
from collector.importers.bring_in import import_files
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.moving.move import move
from storage.store import open_store
from tests.support.postgres import running_postgres


async def fill(file: Path, url: str) -> None:
    async with open_store(StorageConfig(url=url)) as store:
        (job,) = await import_files([file], store, WallClock())
        await store.checkpoint()
    if job.error is not None or job.bad:
        raise SystemExit(f"{job.error or job.bad} while importing what was just written")


async def moved(old: str, new: str, *, finish: bool) -> dict[str, object]:
    """Move, and say what each stage took."""
    took: dict[str, float] = {}
    last = time.perf_counter()

    def heard(what: str, _n: int, _of: int) -> None:
        nonlocal last
        now = time.perf_counter()
        took[what] = took.get(what, 0.0) + now - last
        last = now

    config = StorageConfig(url=old)
    if finish:
        done = await move(config, new, finish=True, heard=heard)
    else:
        async with open_store(config, create=False) as store, store.read():  # somebody has it open
            done = await move(config, new, finish=False, heard=heard)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": done.rows, "whole": done.is_whole, "took": took, "peak": peak}


def run(old: str, new: str, *, finish: bool) -> dict[str, object]:
    command = [sys.executable, "-m", "benchmarks.moving", "--old", old, "--new", new]
    found = subprocess.run(
        [*command, *(["--finish"] if finish else [])], check=True, stdout=subprocess.PIPE, text=True
    )
    return dict(json.loads(found.stdout))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=200_000)
    parser.add_argument("--old", help=argparse.SUPPRESS)
    parser.add_argument("--new", help=argparse.SUPPRESS)
    parser.add_argument("--finish", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.old:
        print(json.dumps(asyncio.run(moved(arguments.old, arguments.new, finish=arguments.finish))))
        return
    with tempfile.TemporaryDirectory() as folder, running_postgres() as server:
        old, new = f"sqlite:///{folder}/old.db", asyncio.run(server.database())
        for name, posts in (("many.jsonl", arguments.posts), ("more.jsonl", arguments.posts + 500)):
            write(Path(folder) / name, posts)
        asyncio.run(fill(Path(folder) / "many.jsonl", old))
        first = run(old, new, finish=False)
        asyncio.run(fill(Path(folder) / "more.jsonl", old))
        last = run(old, new, finish=True)
    for name, found in (("while the old one is in use", first), ("the end", last)):
        print(f"{name}: {found['rows']:,} rows, peak {found['peak']:.0f} MB")
        for what, seconds in found["took"].items():  # type: ignore[attr-defined]
            rate = "" if what == "building indexes" else f", {found['rows'] / seconds:,.0f} rows/s"  # type: ignore[operator]
            print(f"  {what:26} {seconds:7.1f} s{rate}")
    if not last["whole"]:
        raise SystemExit("it is not whole")


if __name__ == "__main__":
    main()
