"""When a channel posts: a clustered Poisson process whose rate follows the hour and the weekday. Pure.

Neyman and Scott's process: parents come at a rate that varies with the time of day; each draws a few
followers within minutes. J. Neyman, E. L. Scott, "Statistical approach to problems of cosmology", JRSS B 20
(1958).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)
FOLLOWS_AFTER = 240.0  #: seconds, on average, between a post and one that follows on it

#: A public's day: little in the small hours, a rise over the morning, most in the evening.
WAKING: tuple[float, ...] = (
    0.5, 0.3, 0.2, 0.15, 0.15, 0.25, 0.5, 0.8, 1.0, 1.2, 1.3, 1.3,
    1.3, 1.2, 1.1, 1.1, 1.2, 1.4, 1.6, 1.7, 1.7, 1.5, 1.2, 0.8,
)  # fmt: skip


class Beat(NamedTuple):
    """One post to come. Followers share the `cluster` of their parent, and so its subject."""

    at: datetime
    cluster: int


def beats(
    random: Random,
    *,
    per_day: float,
    start: datetime,
    end: datetime,
    zone: str = "UTC",
    hours: Sequence[float] = WAKING,
    weekdays: Sequence[float] = (),
    clustering: float = 0.25,
    factor: Callable[[datetime], float] = lambda _: 1.0,
) -> list[Beat]:
    """All posts of [start, end), in order. `factor` bends the rate at an instant: 0 is silence."""
    place = ZoneInfo(zone)
    by_hour = [h * 24 / sum(hours) for h in hours]
    by_day = [d * 7 / sum(weekdays) for d in weekdays] if weekdays else [1.0] * 7
    found: list[Beat] = []
    cluster = 0
    for hour in _hours(start, end):
        local = hour.astimezone(place)
        rate = per_day / 24 * by_hour[local.hour] * by_day[local.weekday()] / (1 + clustering)
        # The rate may be bent within the hour: draw for the greater and thin out.
        most = max(factor(hour), factor(hour + HOUR - timedelta(microseconds=1)), 1.0)
        for _ in range(_poisson(random, rate * most)):
            at = hour + HOUR * random.random()
            keep, followers = random.random() * most, _poisson(random, clustering)
            cluster += 1
            family = [at]
            for _ in range(followers):
                family.append(family[-1] + timedelta(seconds=random.expovariate(1 / FOLLOWS_AFTER)))
            found.extend(
                Beat(each, cluster) for each in family if start <= each < end and keep < factor(each)
            )
    found.sort()
    return [_whole_second(beat) for beat in found]


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    hour = start.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    while hour < end:
        yield hour
        hour += HOUR


def _whole_second(beat: Beat) -> Beat:
    """Telegram's dates have no fractions."""
    return Beat(beat.at.replace(microsecond=0), beat.cluster)


def _poisson(random: Random, mean: float) -> int:
    """Knuth's method; halves a great mean, for which it would be slow and inexact."""
    if mean > 30:
        return _poisson(random, mean / 2) + _poisson(random, mean / 2)
    limit, n, product = math.exp(-mean), 0, random.random()
    while product > limit:
        n += 1
        product *= random.random()
    return n
