"""How long the bot's charts take to draw.

    python -m benchmarks.charts

Milliseconds of this thread's processor time, the best and the median of thirty; the bot has 150 for one. And
how much the process held at its largest, with all of them drawn so far: it may grow by 60 MB for one.
"""

import resource
import statistics
import time
from collections.abc import Callable
from functools import partial
from zoneinfo import ZoneInfo

from bot import chart
from bot.channel_chart import draw_profile, draw_span
from bot.payload import read_payload
from bot.say import LANGUAGES, say_in
from bot.telling import Reader
from domain.episode import Subject
from tests.support.alerting import HOUR, NOON, a_member, a_payload, an_alert
from tests.support.pictures import points


def _largest() -> float:
    """The most that the process has held so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
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
        measure(name, partial(chart.draw, alert, payload, reader))
    for language in LANGUAGES:
        asks = Reader(zone=ZoneInfo("Asia/Baghdad"), say=say_in(language))
        week = points(NOON - 168 * HOUR, 168, NOON, range(30, 50))
        day = points(NOON - 15 * HOUR, 24, NOON, range(0))
        measure(f"a channel's profile, {language}", partial(draw_profile, "قناة", week, day, NOON, asks))
    months = points(NOON - 90 * 24 * HOUR, 90 * 24, NOON, range(500, 600))
    measure("ninety days", partial(draw_span, "Channel", months, NOON, reader))


def measure(name: str, draw: Callable[[], bytes]) -> None:
    began = time.thread_time()
    size = len(draw())
    first, spent = time.thread_time() - began, []
    for _ in range(30):
        began = time.thread_time()
        draw()
        spent.append(time.thread_time() - began)
    print(
        f"{name:<28}{min(spent) * 1000:>6.0f} ms, median {statistics.median(spent) * 1000:.0f} ms, "
        f"the first {first * 1000:.0f} ms; {size / 1024:.0f} kB, at its largest {_largest():.0f} MB"
    )


if __name__ == "__main__":
    main()
