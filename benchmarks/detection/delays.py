"""Delay at a matched rate of false alarms: thresholds from clean streams, delays from other ones."""

from collections.abc import Iterable, Iterator, Sequence
from multiprocessing import Pool
from pathlib import Path as File

import numpy as np

from benchmarks.detection.bound import BOUNDS
from benchmarks.detection.field import field, knows, packages
from benchmarks.detection.generate import CLEAN, EVENT, stream
from benchmarks.detection.inject import EVENTS, FOUND_IN, inject
from benchmarks.detection.peers.parts import cpu
from benchmarks.detection.score import Detector, delay, ladder, match
from benchmarks.detection.stream import END, HISTORY, MONTH, RATES
from benchmarks.detection.table import Results

TARGETS = (1.0, 0.25)  #: false alarms a channel-month
COMMON, CLASS = "common", "class"  #: one threshold for all channels, or one for each rate
TEST_MONTHS = (END - HISTORY) / MONTH

_CLEAN = ("detector", "direction", "rate", "number", "rungs", "cpu", "posts")
_DELAYS = ("detector", "kind", "level", "rate", "number", "match", "target", "threshold", "delay")
Job = tuple[int, int, tuple[str, ...]]
Threshold = tuple[str, float, float]  #: match, target, threshold
Asked = dict[tuple[str, str, float], list[Threshold]]  #: by detector, kind, level


def everyone() -> dict[str, Detector]:
    return {d.name: d for d in (*field(), *BOUNDS, *packages())}


class Delays:
    """The measurement, kept in two files in a folder."""

    def __init__(self, folder: File) -> None:
        self.clean = Results(folder / "clean.csv", _CLEAN)
        self.delays = Results(folder / "delays.csv", _DELAYS)

    def run(self, detectors: Sequence[Detector], streams: int, processes: int) -> None:
        """Fill in what is missing for these detectors on so many streams a rate."""
        names = [d.name for d in detectors]
        done = {(r["detector"], r["rate"], r["number"]) for r in self.clean.rows}
        # Heaviest first, so that no process is left with them at the end.
        places = [(rate, i) for rate in reversed(RATES) for i in range(streams)]
        jobs = [
            (rate, i, todo)
            for rate, i in places
            if (todo := tuple(n for n in names if (n, str(rate), str(i)) not in done))
        ]
        with Pool(processes) as pool:
            for rows in pool.imap_unordered(_clean, jobs):
                self.clean.add(rows)
            asked = self._asked(detectors, streams)
            known = {tuple(r[k] for k in _DELAYS[:-1]) for r in self.delays.rows}
            left = [(rate, i, _open(asked[rate], known, rate, i)) for rate, i in places]
            for rows in pool.imap_unordered(_events, [job for job in left if job[2]]):
                self.delays.add(rows)

    def thresholds(self, name: str, direction: str, streams: int) -> Iterator[tuple[int, Threshold]]:
        """The matched thresholds of a detector, by rate."""
        rungs = {
            rate: [
                [float(x) for x in r["rungs"].split()]
                for r in self.clean.having(detector=name, direction=direction, rate=rate)
                if int(r["number"]) < streams
            ]
            for rate in RATES
        }
        for target in TARGETS:
            every = [one for of_rate in rungs.values() for one in of_rate]
            common = match(every, target, TEST_MONTHS * len(every))
            for rate, of_rate in rungs.items():
                yield rate, (COMMON, target, common)
                yield rate, (CLASS, target, match(of_rate, target, TEST_MONTHS * len(of_rate)))

    def _asked(self, detectors: Sequence[Detector], streams: int) -> dict[int, Asked]:
        out: dict[int, Asked] = {rate: {} for rate in RATES}
        for d in detectors:
            offered = {r["direction"] for r in self.clean.having(detector=d.name)}
            matched = {way: list(self.thresholds(d.name, way, streams)) for way in offered}
            for kind, level in EVENTS:
                if knows(d, kind, level):
                    for rate, threshold in matched.get(FOUND_IN[kind], ()):
                        out[rate].setdefault((d.name, kind, level), []).append(threshold)
        return out


def _open(asked: Asked, known: set[tuple[str, ...]], rate: int, number: int) -> Asked:
    """What of this has not been measured yet."""
    out: Asked = {}
    for (name, kind, level), thresholds in asked.items():
        left = [
            t
            for t in thresholds
            if (name, kind, str(level), str(rate), str(number), *map(str, t)) not in known
        ]
        if left:
            out[name, kind, level] = left
    return out


def _clean(job: Job) -> list[dict[str, object]]:
    rate, number, names = job
    who, clean = everyone(), stream(CLEAN, rate, number)
    rows: list[dict[str, object]] = []
    for name in names:
        began = cpu()
        paths = who[name].paths(clean, HISTORY, END, ("down", "up", "topic"))
        spent = cpu() - began
        rows.extend(
            {
                "detector": name,
                "direction": direction,
                "rate": rate,
                "number": number,
                "rungs": " ".join(map(repr, ladder(path))),
                "cpu": f"{spent:.4f}",
                "posts": clean.t.size,
            }
            for direction, path in paths.items()
        )
    return rows


def _events(job: tuple[int, int, Asked]) -> list[dict[str, object]]:
    rate, number, asked = job
    who, base = everyone(), stream(EVENT, rate, number)
    rows: list[dict[str, object]] = []
    for kind, level in EVENTS:
        mine = {name: t for (name, k, x), t in asked.items() if (k, x) == (kind, level)}
        if not mine:
            continue
        changed = inject(base, kind, level)
        event = changed.event
        assert event is not None
        for name, thresholds in mine.items():
            paths = who[name].paths(changed, event.start, event.end, (FOUND_IN[kind],))
            for how, target, threshold in thresholds:
                found = delay(paths[FOUND_IN[kind]], threshold, event.start, event.end)
                row = (name, kind, level, rate, number, how, target, threshold, found)
                rows.append(dict(zip(_DELAYS, row, strict=True)))
    return rows


def by_rate(
    results: Delays, kind: str, level: float, how: str, target: float
) -> dict[str, dict[int, list[float]]]:
    """All delays of an event, by detector and rate; those at superseded thresholds are left out."""
    newest: dict[tuple[str, str, str], dict[str, str]] = {}
    for r in results.delays.having(kind=kind, level=level, match=how, target=target):
        newest[r["detector"], r["rate"], r["number"]] = r
    out: dict[str, dict[int, list[float]]] = {}
    for (name, rate, _), r in newest.items():
        out.setdefault(name, {}).setdefault(int(rate), []).append(float(r["delay"]))
    return out


def alarms_by_rate(results: Delays, name: str, direction: str, threshold: float) -> dict[int, float]:
    """Alarms a channel-month that a threshold raises on the clean streams."""
    out = {}
    for rate in RATES:
        rows = list(results.clean.having(detector=name, direction=direction, rate=rate))
        n = sum(sum(float(x) >= threshold for x in r["rungs"].split()) for r in rows)
        out[rate] = n / max(len(rows) * TEST_MONTHS, 1e-9)
    return out


def cost(results: Delays, names: Iterable[str]) -> dict[str, float]:
    """CPU seconds a million posts on the clean streams, all directions offered."""
    out = {}
    for name in names:
        rows = {(r["rate"], r["number"]): r for r in results.clean.having(detector=name)}.values()
        posts = sum(int(r["posts"]) for r in rows)
        out[name] = float(np.sum([float(r["cpu"]) for r in rows])) / max(posts, 1) * 1e6
    return out
