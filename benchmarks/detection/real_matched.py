"""Real posts, all beside all: thresholds matched on the untouched channels, then silences cut in."""

import random
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import Pool

import numpy as np

from benchmarks.detection.adapter import detectors
from benchmarks.detection.inject import LASTS, inject
from benchmarks.detection.peers.bins import BINS
from benchmarks.detection.peers.gaps import GAPS
from benchmarks.detection.posts import CHANNELS, Real, load
from benchmarks.detection.score import Detector, delay, ladder, match
from benchmarks.detection.stream import END, HISTORY, MONTH, Stream

PLAYERS: list[Detector] = [*detectors(), *GAPS, *BINS]
SILENCE = ("silence", 1.0)
Which = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """One detector on one cut."""

    detector: str
    channel: str
    per_day: float
    delay: float


def as_stream(real: Real) -> Stream:
    """Hours since the Monday before the first post. Seconds are drawn, as real times lack them."""
    first = real.start
    monday = (first - timedelta(days=first.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    t = np.array([(r.posted_at - monday) / timedelta(hours=1) for r in real.readings])
    t = np.sort(t + np.random.default_rng(20_411).random(t.size) / 60)
    t = t[t < END - 1]
    return Stream(
        seed=(20_411,),
        rate=real.per_day,
        t=t,
        topic=np.ones(t.size, np.int8),
        cluster=np.arange(t.size),
    )


def _clean(which: Which) -> tuple[float, dict[str, list[float]]]:
    stream = as_stream(load(*which))
    end = float(stream.t[-1])
    paths = {d.name: d.paths(stream, HISTORY, end, ("down",))["down"] for d in PLAYERS}
    return (end - HISTORY) / MONTH, {name: ladder(path) for name, path in paths.items()}


def _cut(job: tuple[Which, int, dict[str, float]]) -> list[Delayed]:
    which, places, thresholds = job
    real = load(*which)
    stream, out = as_stream(real), []
    rng = random.Random(f"{real.name}:20412")
    for _ in range(places):
        lasts = LASTS["silence"]
        start = HISTORY + 3 + rng.random() * (float(stream.t[-1]) - HISTORY - lasts - 6)
        cut = inject(stream, *SILENCE, start=start)
        for d in PLAYERS:
            path = d.paths(cut, start, start + lasts, ("down",))["down"]
            found = delay(path, thresholds[d.name], start, start + lasts)
            out.append(
                Delayed(detector=d.name, channel=real.name, per_day=real.per_day, delay=min(found, lasts))
            )
    return out


def run(places: int, processes: int) -> list[Delayed]:
    """At one alarm a channel-month, over all channels with one threshold each."""
    with Pool(processes) as pool:
        clean = pool.map(_clean, CHANNELS, chunksize=1)
        months = sum(m for m, _ in clean)
        thresholds = {d.name: match([rungs[d.name] for _, rungs in clean], 1.0, months) for d in PLAYERS}
        jobs = [(which, places, thresholds) for which in CHANNELS]
        return [one for some in pool.map(_cut, jobs, chunksize=1) for one in some]
