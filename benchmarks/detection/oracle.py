"""The oracle: knows the true rate with its news days, the bursts, and kind and size of the change; not when.

It bounds what any detector can do at the same rate of false alarms. Silence, drop and spike: Page's (1954)
CUSUM of the exact likelihood ratio of the cluster process (optimal: Lorden 1971); of total silence its limit,
the compensator of the running gap. Topic: the CUSUM of the labels' likelihood given every post.
"""

import math
from collections.abc import Sequence

import numpy as np

from benchmarks.detection.inject import EVENTS, FOUND_IN
from benchmarks.detection.score import Path
from benchmarks.detection.stream import STEP, Stream, Truth

WARM = 336.0  #: hours before the first score: a CUSUM forgets whatever was before its last zero


class Oracle:
    """One for each kind and size of event, as it knows them."""

    def __init__(self, kind: str, level: float) -> None:
        self.kind, self.level = kind, level
        self.name = f"oracle {kind} {level:g}"

    def paths(self, stream: Stream, a: float, b: float, want: Sequence[str]) -> dict[str, Path]:
        direction = FOUND_IN[self.kind]
        if direction not in want or stream.truth is None:
            return {}
        first, last = math.floor(a / STEP + 1e-9), math.floor(b / STEP + 1e-9)
        start = max(0, round((a - WARM) / STEP))
        if self.kind == "topic":
            values = _topic(stream, stream.truth, 1 - self.level, start, last)
        else:
            factor = {"silence": 0.0, "drop": 1 - self.level, "spike": self.level}[self.kind]
            values = _rate(stream, stream.truth, factor, start, last)
        clock = (np.arange(first, last) + 1) * STEP
        return {direction: (clock, np.array(values[first - start :]))}


def _rate(stream: Stream, truth: Truth, factor: float, start: int, last: int) -> list[float]:
    """CUSUM of `immigrants come factor times as often`; for 0 the compensator of the running gap."""
    t = stream.t[np.searchsorted(stream.t, start * STEP) :].tolist()
    heads = ((1 - truth.branching) * truth.rate).tolist()
    jump, delay = truth.branching / truth.delay, truth.delay
    out: list[float] = []
    score = excited = 0.0
    now, k = start * STEP, 0
    for i in range(start, last):
        head, end = heads[i], (i + 1) * STEP
        while k < len(t) and t[k] < end:
            passed = t[k] - now
            left = excited * math.exp(-passed / delay)
            if factor > 0:
                score = max(0.0, score + (1 - factor) * head * passed)
                score = max(0.0, score + math.log((factor * head + left) / (head + left)))
            else:
                score = 0.0
            excited, now = left + jump, t[k]
            k += 1
        passed = end - now
        left = excited * math.exp(-passed / delay)
        if factor > 0:
            score = max(0.0, score + (1 - factor) * head * passed)
        else:
            score += head * passed + (excited - left) * delay
        excited, now = left, end
        out.append(score)
    return out


def _topic(stream: Stream, truth: Truth, kept: float, start: int, last: int) -> list[float]:
    """CUSUM of `of the topic's posts only this part keeps its label`."""
    first = int(np.searchsorted(stream.t, start * STEP))
    t, topic = stream.t[first:].tolist(), stream.topic[first:].tolist()
    heads, shares = ((1 - truth.branching) * truth.rate).tolist(), truth.share.tolist()
    jump, delay, inherit = truth.branching / truth.delay, truth.delay, truth.inherit
    out: list[float] = []
    score = about = other = 0.0
    now, k = start * STEP, 0
    for i in range(start, last):
        head, share, end = heads[i], shares[i], (i + 1) * STEP
        while k < len(t) and t[k] < end:
            fade = math.exp(-(t[k] - now) / delay)
            about, other, now = about * fade, other * fade, t[k]
            excited = about + other
            handed_on = about / excited if excited > 0 else 0.0
            p = head * share + excited * (inherit * handed_on + (1 - inherit) * share)
            p = min(max(p / (head + excited), 1e-6), 0.999)
            # After the change the parents' labels say nothing: the share itself stands for hidden posts.
            ratio = math.log(kept) if topic[k] == 0 else math.log((1 - kept * share) / (1 - p))
            score = max(0.0, score + ratio)
            if topic[k] == 0:
                about += jump
            else:
                other += jump
            k += 1
        out.append(score)
    return out


ORACLES = tuple(Oracle(kind, level) for kind, level in EVENTS)
