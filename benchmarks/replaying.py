"""What a post costs the engine, beside what others charge for hourly counts of the same posts.

    python -m benchmarks.replaying

Three figures: CPU seconds a million posts through the panel with all topics; what one post costs while ten
thousand channels are watched; and how large the state of a channel is.
"""

import argparse
import pickle
import time
from datetime import timedelta

import numpy as np

from alerts.config import AlertsConfig
from alerts.panel import Panel
from benchmarks.detection.adapter import MONDAY, ZONE, at
from benchmarks.detection.generate import EVENT, stream
from benchmarks.detection.peers.bins import BINS
from benchmarks.detection.peers.gaps import GAPS
from benchmarks.detection.peers.packages import installed, missing
from benchmarks.detection.peers.parts import cpu
from benchmarks.detection.stream import END, HISTORY, RATES, Stream
from domain.channel import Channel
from domain.reading import Reading


def readings(streams: list[Stream]) -> list[Reading]:
    """The posts of several channels in order, each about one of four topics."""
    out = [
        Reading(
            channel_id=i + 1,
            post_id=n + 1,
            posted_at=at(hour),
            reader_version=1,
            topics=(f"topic {topic}",),
        )
        for i, one in enumerate(streams)
        for n, (hour, topic) in enumerate(zip(one.t.tolist(), one.topic.tolist(), strict=True))
    ]
    return sorted(out, key=lambda r: (r.posted_at, r.channel_id))


def through(panel: Panel, posts: list[Reading]) -> float:
    """CPU seconds to take them one by one, as they would come."""
    began = time.process_time()
    for post in posts:
        panel.watched(post.channel_id, MONDAY, post.posted_at)
        panel.post(post)
        panel.advance(post.posted_at)
    return time.process_time() - began


def channels(n: int) -> list[Channel]:
    return [Channel(id=i + 1, title=f"channel {i + 1}", zone=ZONE) for i in range(n)]


def cost() -> None:
    """CPU seconds a million posts: ours with all topics and deadlines, peers with one series each."""
    streams = [stream(EVENT, rate, 0) for rate in RATES]
    posts = readings(streams)
    panel = Panel(channels(len(RATES)), AlertsConfig())
    ours = through(panel, posts) / len(posts) * 1e6
    rows = [("**deadair**, channels and topics, post by post", ours)]
    for peer in (*GAPS[:1], *BINS, *installed()):
        began = cpu()
        for one in streams:
            peer.paths(one, HISTORY, END, ("down", "up"))
        rows.append((peer.name, (cpu() - began) / len(posts) * 1e6))
    if away := missing():
        print(f"skipped, not installed: {', '.join(away)}")
    print("\n| | CPU s a million posts | to ours |\n| --- | ---: | ---: |")
    for name, seconds in sorted(rows, key=lambda r: r[1]):
        print(f"| {name} | {seconds:.2f} | {seconds / ours:.2f} |")
    sizes = [
        len(pickle.dumps((t.rhythm, t.pulse, t.cover)))
        for i in range(len(RATES))
        if (t := panel.track(i + 1))
    ]
    topics = [
        len(pickle.dumps(s))
        for i in range(len(RATES))
        if (t := panel.track(i + 1))
        for s in t.shares.values()
    ]
    print(f"\nstate of a channel, pickled: {', '.join(f'{s / 1024:.0f}' for s in sizes)} KB at", end=" ")
    print(f"{', '.join(map(str, RATES))} posts a day; of a topic at most {max(topics) / 1024:.0f} KB")


def many(n: int) -> None:
    """What a post costs while the deadlines of so many channels are kept, and of one hundredth of them.

    The first post of a channel's day fits its rhythm anew; the next ones only move its deadline.
    """
    rows = []
    for size in (n // 100, n):
        rng = np.random.default_rng(20_411)
        panel = Panel(channels(size), AlertsConfig())
        now = MONDAY
        for number in range(6):  # so many posts each, a day apart, to arm every deadline
            for i in rng.permutation(size).tolist():
                now += timedelta(hours=24 / size)
                panel.watched(i + 1, MONDAY, now)
                panel.learn(Reading(channel_id=i + 1, post_id=number + 1, posted_at=now, reader_version=1))
        panel.restore(())
        panel.wake(now)
        for i in range(size):
            panel.watched(i + 1, MONDAY, now + timedelta(hours=6))
        panel.advance(now)
        some = rng.permutation(size)[:1000].tolist()
        for what in ("first of its day", "later"):
            spent = []
            for i in some:
                now += timedelta(seconds=2)
                post = Reading(channel_id=i + 1, post_id=10, posted_at=now, reader_version=1)
                began = time.process_time()
                panel.post(post)
                panel.advance(now)
                panel.next_due()
                spent.append(time.process_time() - began)
            rows.append((size, what, np.median(spent) * 1e3, np.quantile(spent, 0.99) * 1e3))
    print(
        "\n| channels watched | post | median CPU ms | 99 of 100 within, ms |\n| ---: | --- | ---: | ---: |"
    )
    for size, what, median, most in rows:
        print(f"| {size:,} | {what} | {median:.3f} | {most:.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.replaying", description=__doc__)
    parser.add_argument("--channels", type=int, default=10_000)
    args = parser.parse_args()
    cost()
    many(args.channels)


if __name__ == "__main__":
    main()
