"""Streams of posts: clusters in time (Hawkes 1971) whose topics hang together. Each has its own seed."""

import numpy as np
from numpy.typing import NDArray

from benchmarks.detection.habits import Curve, Habits, Rng, draw, true_rate, true_share
from benchmarks.detection.stream import END, GRID, STEP, TOPICS, Stream, Truth

#: What streams are for: thresholds are matched on other streams than delays are measured on.
CLEAN, EVENT, STRESS, PANEL = 1, 2, 3, 4
_OURS = 20_411


def clusters(
    rng: Rng, rate: Curve, branching: float, delay: float, start: float = 0.0, end: float = END
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Times of posts on [start, end) of mean rate about `rate`, and each one's cluster.

    Generation by generation: every post brings about a Poisson number of others.
    """
    first, last = round(start / STEP), round(end / STEP)
    heads = rng.poisson(rate[first:last] * (1 - branching) * STEP)
    parents = np.sort(np.repeat(GRID[first:last], heads) + rng.random(int(heads.sum())) * STEP)
    number = np.arange(parents.size)
    times, numbers = [parents], [number]
    while parents.size:
        children = rng.poisson(branching, parents.size)
        parents = np.repeat(parents, children) + rng.exponential(delay, int(children.sum()))
        number = np.repeat(number, children)
        parents, number = parents[parents < end], number[parents < end]
        times.append(parents)
        numbers.append(number)
    t, cluster = np.concatenate(times), np.concatenate(numbers)
    order = np.argsort(t, kind="stable")
    return t[order], cluster[order]


def labels(
    rng: Rng, t: NDArray[np.float64], cluster: NDArray[np.int64], share: Curve, inherit: float
) -> NDArray[np.int8]:
    """Topics: a cluster has that of its first post, and its posts mostly keep to it."""
    if t.size == 0:
        return np.zeros(0, np.int8)

    def any_topic(at: NDArray[np.float64]) -> NDArray[np.int8]:
        here = share[np.minimum((at / STEP).astype(int), GRID.size - 1)]
        return np.where(rng.random(at.size) < here, 0, rng.integers(1, TOPICS, at.size)).astype(np.int8)

    _, first, member = np.unique(cluster, return_index=True, return_inverse=True)
    of_cluster = any_topic(t[first])[member]
    return np.where(rng.random(t.size) < inherit, of_cluster, any_topic(t)).astype(np.int8)


def stream(purpose: int, rate: float, number: int, shared: Curve | None = None, panel: int = 0) -> Stream:
    """The stream number `number` of those made for `purpose` at `rate` posts a day."""
    seed = (_OURS, purpose, round(rate * 100), number, panel)
    rng = np.random.default_rng(seed)
    habits = draw(rng, rate)
    true, news = true_rate(rng, habits, shared)
    return grow(rng, seed, habits, true, news, true_share(rng, habits))


def grow(rng: Rng, seed: tuple[int, ...], habits: Habits, rate: Curve, news: Curve, share: Curve) -> Stream:
    """Let a channel of these habits post at this rate, of which `news` is a factor."""
    t, cluster = clusters(rng, rate, habits.branching, habits.delay)
    truth = truth_of(habits, rate, news, share)
    topic = labels(rng, t, cluster, share, habits.inherit)
    return Stream(seed=seed, rate=habits.rate, t=t, topic=topic, cluster=cluster, truth=truth)


def truth_of(habits: Habits, rate: Curve, news: Curve, share: Curve) -> Truth:
    """What is behind the posts of a channel of these habits."""
    return Truth(
        rate=rate,
        news=news,
        news_sd=habits.news_sd,
        news_for=habits.news_for,
        share=share,
        branching=habits.branching,
        delay=habits.delay,
        inherit=habits.inherit,
    )
