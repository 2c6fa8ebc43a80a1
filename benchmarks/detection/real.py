"""Real posts: alarms on them as they are, and what is found of stretches that were cut out.

python -m benchmarks.detection.real
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import Pool
from zoneinfo import ZoneInfo

from alerts.config import AlertsConfig
from alerts.replay import replay, whole
from benchmarks.detection.posts import CHANNELS, FOLDER, Real, available, load
from domain.channel import Channel
from domain.episode import Episode, Move
from domain.finding import Kind
from domain.reading import Reading

WEEKS = timedelta(weeks=6)  #: the last ones, in which is cut
H6, H24, TOPIC = "silence of 6 h", "silence of 24 h", "topic stops for 14 d"
LASTS = {H6: timedelta(hours=6), H24: timedelta(hours=24), TOPIC: timedelta(days=14)}
#: The channels of which fixed stretches of 24 h are cut out: two from waking hours on, two from nights.
FIXED = ("farsna", "alonews", "withyashar", "akhbarefori")
FIXED_AT = ((6, 9), (17, 16), (25, 23), (33, 2))  #: days before the end, local hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One stretch that was taken out, and how soon that was told."""

    channel: str
    what: str
    start: datetime
    lost: int  #: posts taken out
    after: timedelta | None  #: None: not within the stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """All about one channel."""

    name: str
    per_day: float
    months: float
    alarms: dict[str, list[Episode]]  #: by kind: silence, topic
    cuts: list[Cut]


def measure(job: tuple[tuple[str, str | None, str], int]) -> Measured:
    """A channel as it is, and with `places` cuts of each kind."""
    which, places = job
    real = load(*which)
    rng = random.Random(f"{real.name}:20411")
    alarms = _opened(real, real.readings)
    cuts = []
    for what, lasts in LASTS.items():
        for i in range(places):
            room = (real.end - lasts) - max(real.end - WEEKS, real.start)
            start = real.end - lasts - room * rng.random()
            cuts.append(_cut(real, what, start, real.topics[i % len(real.topics)] if what == TOPIC else None))
    if real.name in FIXED:
        cuts.extend(
            _cut(real, f"fixed: {hour:02} h local", _fixed(real, days, hour)) for days, hour in FIXED_AT
        )
    return Measured(
        name=real.name,
        per_day=real.per_day,
        months=real.months,
        alarms={
            "silence": [e for e in alarms if e.subject.topic is None],
            "topic": [e for e in alarms if e.subject.topic],
        },
        cuts=cuts,
    )


def _fixed(real: Real, days: int, hour: int) -> datetime:
    day = (real.end - timedelta(days=days)).astimezone(ZoneInfo(real.zone))
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


def _cut(real: Real, what: str, start: datetime, topic: str | None = None) -> Cut:
    """Take out all posts of the stretch, or those about one topic."""
    end = start + LASTS.get(what, timedelta(hours=24))
    left = [
        r for r in real.readings if not (start <= r.posted_at < end and (topic is None or topic in r.topics))
    ]
    found = [
        e
        for e in _opened(real, left, until=end)
        if e.subject.topic == topic and e.opened_at is not None and start <= e.opened_at <= end
    ]
    opened = found[0].opened_at if found else None
    return Cut(
        channel=real.name,
        what=what,
        start=start,
        lost=len(real.readings) - len(left),
        after=opened - start if opened else None,
    )


def _opened(real: Real, readings: Sequence[Reading], until: datetime | None = None) -> list[Episode]:
    """The silences that are told, with the rules as they come."""
    channel = Channel(id=1, title=real.name, zone=real.zone)
    if until is not None:
        readings = [r for r in readings if r.posted_at < until]
    spans = [replace(s, to_at=until or s.to_at) for s in whole(real.readings)]
    return [
        t.episode
        for t in replay([channel], readings, AlertsConfig(), spans=spans)
        if t.move in (Move.OPENED, Move.REOPENED) and t.episode.kind is Kind.SILENCE
    ]


def run(places: int, processes: int) -> list[Measured]:
    """All channels; nothing when the posts are not here."""
    if not available():
        print(f"real posts: skipped, there is no {FOLDER}")
        return []
    with Pool(processes) as pool:
        return pool.map(measure, [(which, places) for which in CHANNELS], chunksize=1)
