"""Peers that look at how long the last post is ago."""

import numpy as np

from benchmarks.detection.peers.parts import Array, Peer, counts, ticks, weekly_profile
from benchmarks.detection.score import Path
from benchmarks.detection.stream import END, HISTORY, LOCAL


def fixed_grace(t: Array, a: float, b: float) -> dict[str, Path]:
    """Hours since the last post, as healthchecks has it: a period and a grace, set by hand."""
    clock, last = ticks(t, a, b)
    return {"down": (clock, clock - last)}


def grace_by(statistic: str) -> Peer:
    """The gap in units of the channel's own mean or longest gap of the last eight weeks."""

    def rule(t: Array, a: float, b: float) -> dict[str, Path]:
        clock, last = ticks(t, a, b)
        day = (clock // 24).astype(int)
        unit = np.ones(clock.size)
        for d in np.unique(day):
            since = max(0.0, d * 24 - HISTORY)
            gaps = np.diff(np.r_[since, t[np.searchsorted(t, since) : np.searchsorted(t, d * 24)]])
            unit[day == d] = getattr(np, statistic)(gaps) if gaps.size else HISTORY
        return {"down": (clock, (clock - last) / unit)}

    names = {"mean": "mean gap x k", "max": "longest gap x k"}
    return Peer(names[statistic], rule)


def poisson_gap(t: Array, a: float, b: float) -> dict[str, Path]:
    """Posts expected since the last one, by hour of day and weekday: minus the log of a Poisson survival."""
    y = counts(t, 1.0)
    hours = np.arange(int(END))
    rate = np.zeros(int(END))
    _, last = ticks(t, a, b)
    first = int(min(last.min(initial=a), a) // 24)
    for d in range(max(first, 7), int(np.ceil(b / 24))):
        now = hours[d * 24 : d * 24 + 24]
        since = max(0, d * 24 - int(HISTORY))
        rate[now] = y[since : d * 24].mean() * weekly_profile(y, d * 24)[(now + LOCAL) % 168]
    total = np.r_[0, np.cumsum(rate)]
    clock, last = ticks(t, a, b)
    edges = np.arange(int(END) + 1)
    return {"down": (clock, np.interp(clock, edges, total) - np.interp(last, edges, total))}


GAPS = (
    Peer("Poisson gap, operational time", poisson_gap),
    Peer("fixed grace (healthchecks)", fixed_grace),
    grace_by("max"),
    grace_by("mean"),
)
