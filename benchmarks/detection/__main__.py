"""Measure how soon silences are seen, beside everyone else: `python -m benchmarks.detection`.

Small by default, about two minutes; `--full` takes hours and writes docs/detection.md. A run that was
interrupted goes on where it was: what is measured is kept in CSV files in the folder given by --out.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path as File

from benchmarks.detection import page, real, real_matched, tables, triage
from benchmarks.detection.adapter import detectors
from benchmarks.detection.bound import BOUNDS
from benchmarks.detection.calibration import POISSON, Calibration
from benchmarks.detection.cause import CauseOfSilence
from benchmarks.detection.cold import ColdStart
from benchmarks.detection.delays import COMMON, TARGETS, Delays
from benchmarks.detection.field import field, packages
from benchmarks.detection.oracle import ORACLES
from benchmarks.detection.peers.packages import missing
from benchmarks.detection.posts import available

#: Streams a rate, streams a rate for slow peers, streams a kind and rate, panels with new channels, panels a
#: kind, cuts a kind.
SMALL = {"streams": 5, "slow": 1, "stress": 1, "cold": 2, "panels": 2, "places": 2}
FULL = {"streams": 60, "slow": 6, "stress": 24, "cold": 48, "panels": 20, "places": 16}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detection", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", help="delays, bounds, calibration, cold, cause, real; all when none"
    )
    parser.add_argument("--list", action="store_true", help="of real: only each alarm, and what was found")
    parser.add_argument("--posts", type=int, default=0, metavar="N", help="with --list: N posts of each")
    parser.add_argument("--full", action="store_true", help="the long run")
    parser.add_argument("--docs", action="store_true", help="write the tables into docs/detection.md")
    parser.add_argument("--packages", action="store_true", help="with the slow peers that are installed")
    parser.add_argument(
        "--size",
        action="append",
        default=[],
        metavar="NAME=N",
        help=f"another size than usual, of {', '.join(SMALL)}; may be given several times",
    )
    parser.add_argument("--out", type=File, help="the folder of the CSV files (default: a temporary one)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    args = parser.parse_args()
    size = dict(FULL if args.full else SMALL)
    for given in args.size:
        name, _, n = given.partition("=")
        if name not in size or not n.isdecimal() or not int(n):
            parser.error(f"--size {given!r}: write NAME=N with one of {', '.join(size)}")
        size[name] = int(n)
    folder = args.out or File(tempfile.mkdtemp(prefix="deadair-bench-"))
    made: dict[str, str] = {}
    measured_delays = Delays(folder)
    parts: dict[str, Callable[[], None]] = {
        "delays": lambda: _delays(measured_delays, size, args.jobs, args.packages or args.full, made),
        "bounds": lambda: _bounds(measured_delays, size, args.jobs, made),
        "calibration": lambda: _calibration(measured_delays, folder, size, args.jobs, made),
        "cold": lambda: _cold(folder, size, args.jobs, made),
        "cause": lambda: _cause(folder, size, args.jobs, made),
        "real": lambda: _triage(args.posts, made) if args.list else _real(size, args.jobs, made),
    }
    if unknown := [p for p in args.parts if p not in parts]:
        parser.error(f"there is no part {unknown[0]!r}; there are {', '.join(parts)}")
    for name in args.parts or parts:
        began, known = time.monotonic(), set(made)
        parts[name]()
        for title in [t for t in made if t not in known]:
            print(f"\n### {title}\n\n{made[title]}")
        print(f"\n({name}: {time.monotonic() - began:.0f} s; kept in {folder})", flush=True)
    if args.docs or args.full:
        page.write(made)


def _delays(kept: Delays, size: dict[str, int], jobs: int, slow: bool, made: dict[str, str]) -> None:
    kept.run(field(), size["streams"], jobs)
    if slow:
        if away := missing():
            print(f"skipped, not installed: {', '.join(away)}")
        if there := packages():
            kept.run(there, size["slow"], jobs)
    for target in TARGETS:
        made[f"delays at {target:g} a month"] = tables.delays(kept, target)
    made["common threshold"] = tables.common_threshold(kept, size["streams"])
    made["cost"] = tables.costs(kept)


def _bounds(kept: Delays, size: dict[str, int], jobs: int, made: dict[str, str]) -> None:
    kept.run([*detectors(), *BOUNDS, *ORACLES], size["streams"], jobs)
    for target in TARGETS:
        made[f"bounds at {target:g} a month"] = tables.bounds(kept, target)


def _calibration(kept: Delays, folder: File, size: dict[str, int], jobs: int, made: dict[str, str]) -> None:
    kept.run([POISSON], size["streams"], jobs)
    of_poisson = kept.thresholds(POISSON.name, "down", size["streams"])
    threshold = next(h for _, (how, target, h) in of_poisson if (how, target) == (COMMON, 1.0))
    found = Calibration(folder)
    found.run(size["stress"], jobs, threshold)
    made["calibration"] = tables.calibration(found)


def _cold(folder: File, size: dict[str, int], jobs: int, made: dict[str, str]) -> None:
    found = ColdStart(folder)
    found.run(size["cold"], jobs)
    made["cold start"] = tables.cold(found)


def _cause(folder: File, size: dict[str, int], jobs: int, made: dict[str, str]) -> None:
    found = CauseOfSilence(folder)
    found.run(size["panels"], jobs)
    made["cause"] = tables.cause(found)


def _real(size: dict[str, int], jobs: int, made: dict[str, str]) -> None:
    measured = real.run(size["places"], jobs)
    if not available():
        return
    made["real posts"] = tables.real(measured)
    made["a day taken out"] = tables.fixed(measured)
    made["real posts, matched"] = tables.matched(real_matched.run(size["places"], jobs))


def _triage(n_posts: int, made: dict[str, str]) -> None:
    alarms, months = triage.run()
    if not alarms:
        return
    for alarm, row in zip(alarms, triage.rows(alarms), strict=True):
        if n_posts:
            print("\n" + " | ".join(row))
            for line in triage.show(alarm, n_posts):
                print(line)
    made["real posts, each alarm"] = tables.triage(alarms, months)


if __name__ == "__main__":
    main()
