"""How long an alert's chart takes to draw.

    python -m benchmarks.charts

Milliseconds of this thread's processor time, the best and the median of thirty; the bot has 150 for one. And
by how much the process has grown at its largest, with all of them drawn: it has 60 MB for one.
"""

import resource
import statistics
import time
from zoneinfo import ZoneInfo

from bot import chart
from bot.payload import read_payload
from bot.telling import Reader
from domain.episode import Subject
from tests.support.alerting import HOUR, NOON, a_member, a_payload, an_alert


def _largest() -> float:
    """The most that the process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    before = _largest()
    reader = Reader(zone=ZoneInfo("Asia/Baghdad"))
    members = [a_member(n, f"Channel {n}", NOON - (n + 3) * HOUR) for n in range(8)]
    cases = {
        "one channel, a week": (an_alert(), a_payload(unwatched=[(30, 50)])),
        "a group of eight": (
            an_alert(subject=Subject(group="network"), members=tuple(range(8))),
            a_payload(channel=None, members=members),
        ),
    }
    for name, (alert, document) in cases.items():
        payload = read_payload(document)
        began = time.thread_time()
        size = len(chart.draw(alert, payload, reader))
        first, spent = time.thread_time() - began, []
        for _ in range(30):
            began = time.thread_time()
            chart.draw(alert, payload, reader)
            spent.append(time.thread_time() - began)
        print(
            f"{name:<24}{min(spent) * 1000:>6.0f} ms, median {statistics.median(spent) * 1000:.0f} ms, "
            f"the first {first * 1000:.0f} ms; {size / 1024:.0f} kB, "
            f"grown by {_largest() - before:.0f} MB"
        )


if __name__ == "__main__":
    main()
