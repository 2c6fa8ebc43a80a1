"""Streams unlike those that any rule was made on: for alarms at the nominal setting, nothing matched."""

from dataclasses import replace

import numpy as np

from benchmarks.detection.generate import STRESS, grow, labels, truth_of
from benchmarks.detection.habits import FRIDAY, Curve, Habits, Rng, draw, true_rate, true_share
from benchmarks.detection.stream import END, GRID, HISTORY, LOCAL, STEP, Stream

KINDS = (
    "ordinary",
    "bursty",
    "batches",
    "scheduled",
    "flat",
    "nights off",
    "Fridays off",
    "a week at a third",
)


def stressed(kind: str, rate: float, number: int) -> Stream:
    """A clean stream of this kind."""
    seed = (20_411, STRESS, KINDS.index(kind), round(rate * 100), number)
    rng = np.random.default_rng(seed)
    habits = _habits(kind, rng, draw(rng, rate))
    usual, news = true_rate(rng, habits)
    true = _thinned(kind, rng, usual)
    share = true_share(rng, habits)
    if kind == "scheduled":
        return _at(_scheduled(rng, true), seed, habits, rng, true, news, share)
    if kind == "batches":
        few = grow(rng, seed, replace(habits, branching=0.25), true / 3, news, share)
        together = rng.geometric(1 / 3, few.t.size)
        times = np.repeat(few.t, together) + rng.random(int(together.sum())) * 0.03
        return _at(np.sort(times), seed, habits, rng, true, news, share)
    return grow(rng, seed, habits, true, news, share)


def _habits(kind: str, rng: Rng, habits: Habits) -> Habits:
    if kind == "bursty":
        return replace(habits, branching=rng.uniform(0.65, 0.82), delay=rng.uniform(0.2, 1.2))
    if kind == "flat":
        weekdays = list(habits.weekdays)
        weekdays[FRIDAY] = weekdays[FRIDAY + 1] = 1.0
        return replace(habits, swing=0.0, swing_twice=0.0, weekdays=tuple(weekdays))
    return habits


def _thinned(kind: str, rng: Rng, true: Curve) -> Curve:
    local = GRID + LOCAL
    if kind == "nights off":
        return np.where(local % 24 < 7, 0.0, true)
    if kind == "Fridays off":
        return np.where((local // 24) % 7 == FRIDAY, 0.0, true)
    if kind == "a week at a third":
        start = HISTORY + rng.uniform(0, 1100)
        return np.where((start < GRID) & (start + 168 > GRID), true / 3, true)
    return true


def _scheduled(rng: Rng, true: Curve) -> Curve:
    """Like clockwork in operational time: gamma renewals of shape 4."""
    total = np.r_[0, np.cumsum(true) * STEP]
    passed = np.cumsum(rng.gamma(4, 0.25, int(total[-1] * 1.2) + 50))
    times: Curve = np.interp(passed[passed < total[-1]], total, np.r_[GRID, END])
    return times


def _at(
    t: Curve, seed: tuple[int, ...], habits: Habits, rng: Rng, true: Curve, news: Curve, share: Curve
) -> Stream:
    t = t[t < END]
    alone = np.arange(t.size)
    truth = replace(truth_of(habits, true, news, share), branching=0.0, delay=1.0, inherit=0.0)
    topic = labels(rng, t, alone, share, habits.inherit)
    return Stream(seed=seed, rate=habits.rate, t=t, topic=topic, cluster=alone, truth=truth)
