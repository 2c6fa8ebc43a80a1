"""Events put into a stream. Outside of the event the stream stays as it was, post for post."""

from dataclasses import replace

import numpy as np

from benchmarks.detection.generate import clusters, labels
from benchmarks.detection.stream import END, HISTORY, TOPICS, Event, Stream

#: Hours that an event lasts: what a miss is charged.
LASTS = {"silence": 120.0, "drop": 168.0, "spike": 48.0, "topic": 336.0}
#: In which of a detector's paths it is to be found.
FOUND_IN = {"silence": "down", "drop": "down", "spike": "up", "topic": "topic"}
EVENTS = (
    ("silence", 1.0), ("drop", 0.9), ("drop", 0.8), ("drop", 0.6), ("spike", 8.0), ("spike", 4.0),
    ("spike", 2.0), ("topic", 0.97),
)  # fmt: skip


def title(kind: str, level: float) -> str:
    """The event as the tables call it."""
    if kind == "drop":
        return f"drop to {100 * (1 - level):.0f} %"
    return {"silence": "silence", "topic": "topic stops, channel goes on"}.get(kind, f"surge x{level:g}")


def onset(stream: Stream, kind: str) -> float:
    """When it begins: anywhere in the test weeks, at night as well as by day."""
    rng = np.random.default_rng((*stream.seed, 77))
    return float(HISTORY + 24 + rng.random() * (END - HISTORY - 48 - LASTS[kind]))


def inject(stream: Stream, kind: str, level: float, start: float | None = None) -> Stream:
    """The stream with one event."""
    start = onset(stream, kind) if start is None else start
    event = Event(kind=kind, level=level, start=start, end=start + LASTS[kind])
    rng = np.random.default_rng((*stream.seed, 99, round(level * 100)))
    inside = (stream.t >= event.start) & (stream.t < event.end)
    if kind == "spike":
        return _with_more(stream, event, rng)
    if kind == "topic":
        topic = stream.topic.copy()
        hit = inside & (topic == 0) & (rng.random(topic.size) < level)
        topic[hit] = rng.integers(1, TOPICS, int(hit.sum()))
        return replace(stream, topic=topic, event=event)
    # A drop takes whole clusters, so that what is left is as bursty as before.
    n_clusters = int(stream.cluster.max(initial=-1)) + 1
    keep = ~(inside & (rng.random(n_clusters) < level)[stream.cluster])
    return replace(
        stream, t=stream.t[keep], topic=stream.topic[keep], cluster=stream.cluster[keep], event=event
    )


def _with_more(stream: Stream, event: Event, rng: np.random.Generator) -> Stream:
    truth = stream.truth
    if truth is None:
        raise ValueError("a spike is drawn from the true rate, and this stream has none")
    more = truth.rate * (event.level - 1)
    t, cluster = clusters(rng, more, truth.branching, truth.delay, event.start, event.end)
    topic = labels(rng, t, cluster, truth.share, truth.inherit)
    order = np.argsort(np.concatenate((stream.t, t)), kind="stable")
    return replace(
        stream,
        t=np.concatenate((stream.t, t))[order],
        topic=np.concatenate((stream.topic, topic))[order],
        cluster=np.concatenate((stream.cluster, cluster + stream.cluster.max(initial=-1) + 1))[order],
        event=event,
    )
