"""From the sandbox's send to the archive to the alert at the Bot API, in one process of ours.

    python -m benchmarks.pipeline [sustained] [lateness] [idle] [--engine sqlite] [--engine postgresql]

`deadair run` with all its parts and its defaults, but for what spares Telegram on the first day. The sandbox
serves from this process, on the same machine: what is published faster than it can push is the sandbox's own
slowness, so posts a second of our processor time stand beside those by the clock.
"""

import argparse
import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

from benchmarks.pipeline.idle import idle
from benchmarks.pipeline.lateness import lateness
from benchmarks.pipeline.stage import table
from benchmarks.pipeline.sustained import sustained
from tests.support.postgres import running_postgres

PARTS = ("sustained", "lateness", "idle")
ENGINES = ("sqlite", "postgresql")


async def measured(
    part: str, folder: Path, url: str, args: argparse.Namespace
) -> Mapping[str, Sequence[object]]:
    match part:
        case "sustained":
            return {"": await sustained(folder, url, args.rate, args.seconds)}
        case "lateness":
            return await lateness(folder, url, args.silent, args.claims, args.reading)
        case _:
            return {"": await idle(folder, url, args.idle)}


HEADINGS = {
    "sustained": ("posts", "published in s", "through in s", "a second", "a second of ours", "peak MB"),
    "lateness": ("happened", "told", "median s", "p95 s", "most s"),
    "idle": ("channels", "posts a day of each", "% of a core", "MB", "peak MB"),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pipeline", description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"{', '.join(PARTS)}; all when none")
    parser.add_argument("--engine", action="append", choices=ENGINES, help="both when none")
    parser.add_argument("--rate", type=int, default=2000, help="posts a second that are published")
    parser.add_argument("--seconds", type=float, default=15, help="for so long")
    parser.add_argument("--silent", type=int, default=20, help="channels that fall silent")
    parser.add_argument(
        "--reading", type=float, default=180, help="seconds until the first of them is news: the past is read"
    )
    parser.add_argument("--claims", type=int, default=40)
    parser.add_argument("--idle", type=float, default=120, help="seconds of watching")
    args = parser.parse_args()
    if unknown := [p for p in args.parts if p not in PARTS]:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(PARTS)}")
    print(f"machine: {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    engines = args.engine or ENGINES
    with (
        tempfile.TemporaryDirectory(prefix="deadair-bench-") as name,
        running_postgres() if "postgresql" in engines else nullcontext() as server,
    ):
        for part in args.parts or PARTS:
            rows: dict[str, Sequence[object]] = {}
            for engine in engines:
                folder = Path(name) / f"{part}-{engine}"
                url = (
                    asyncio.run(server.database())
                    if engine == "postgresql" and server
                    else f"sqlite:///{folder}/deadair.db"
                )
                folder.mkdir()
                found = asyncio.run(measured(part, folder, url, args))
                rows |= {f"{engine} {what}".strip(): cells for what, cells in found.items()}
            print(f"\n## {part}\n\n{table(rows, HEADINGS[part])}", flush=True)


if __name__ == "__main__":
    main()
