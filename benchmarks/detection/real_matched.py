"""Real posts, all beside all: thresholds matched on the untouched channels, then events put in.

Silences and drops take posts away; a surge repeats those of the same hours in the weeks before.
"""

import random
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing import Pool

import numpy as np

from benchmarks.detection.adapter import detectors
from benchmarks.detection.inject import FOUND_IN, LASTS, inject
from benchmarks.detection.peers.bins import BINS
from benchmarks.detection.peers.gaps import GAPS
from benchmarks.detection.posts import CHANNELS, Real, load
from benchmarks.detection.score import Detector, delay, ladder, match
from benchmarks.detection.stream import END, HISTORY, MONTH, WEEK, Event, Stream

PLAYERS: list[Detector] = [*detectors(), *GAPS, *BINS]
EVENTS = (("silence", 1.0), ("drop", 0.8), ("drop", 0.6), ("spike", 4.0), ("spike", 2.0))
Which = tuple[str, str | None, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """One detector on one cut."""

    detector: str
    kind: str
    level: float
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


def put_in(stream: Stream, kind: str, level: float, start: float) -> Stream:
    """The stream with one event that begins at `start`."""
    if kind != "spike":
        return inject(stream, kind, level, start=start)
    event = Event(kind=kind, level=level, start=start, end=start + LASTS[kind])
    more = [stream.t]
    for week in range(1, round(level)):
        before = (stream.t >= event.start - week * WEEK) & (stream.t < event.end - week * WEEK)
        more.append(stream.t[before] + week * WEEK)
    t = np.sort(np.concatenate(more))
    return replace(stream, t=t, topic=np.ones(t.size, np.int8), cluster=np.arange(t.size), event=event)


def _clean(which: Which) -> tuple[float, dict[tuple[str, str], list[float]]]:
    stream = as_stream(load(*which))
    end = float(stream.t[-1])
    rungs = {}
    for d in PLAYERS:
        for way, path in d.paths(stream, HISTORY, end, ("down", "up")).items():
            rungs[d.name, way] = ladder(path)
    return (end - HISTORY) / MONTH, rungs


def _cut(job: tuple[Which, int, dict[tuple[str, str], float]]) -> list[Delayed]:
    which, places, thresholds = job
    real = load(*which)
    stream, out = as_stream(real), []
    rng = random.Random(f"{real.name}:20412")
    for _ in range(places):
        at = rng.random()
        for kind, level in EVENTS:
            lasts, way = LASTS[kind], FOUND_IN[kind]
            start = HISTORY + 3 + at * (float(stream.t[-1]) - HISTORY - lasts - 6)
            changed = put_in(stream, kind, level, start)
            for d in PLAYERS:
                if (d.name, way) not in thresholds:
                    continue
                path = d.paths(changed, start, start + lasts, (way,))[way]
                found = delay(path, thresholds[d.name, way], start, start + lasts)
                out.append(
                    Delayed(
                        detector=d.name,
                        kind=kind,
                        level=level,
                        channel=real.name,
                        per_day=real.per_day,
                        delay=min(found, lasts),
                    )
                )
    return out


def run(places: int, processes: int) -> list[Delayed]:
    """At one alarm a channel-month, over all channels with one threshold each."""
    with Pool(processes) as pool:
        clean = pool.map(_clean, CHANNELS, chunksize=1)
        months = sum(m for m, _ in clean)
        offered = {key for _, rungs in clean for key in rungs}
        thresholds = {key: match([rungs.get(key, []) for _, rungs in clean], 1.0, months) for key in offered}
        jobs = [(which, places, thresholds) for which in CHANNELS]
        return [one for some in pool.map(_cut, jobs, chunksize=1) for one in some]
