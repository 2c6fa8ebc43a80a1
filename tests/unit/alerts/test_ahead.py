"""Many channels are learned with tables of all: that teaches what asking each of them would have taught."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from alerts import crowd
from alerts.config import AlertsConfig
from alerts.panel import Panel
from domain.channel import Channel
from domain.reading import Reading
from tests.support.rhythms import HOUR, MONDAY, Story, channel

SPAN = timedelta(days=30)
RATES = (0.4, 2, 6, 30, 90, 12, 1, 20)
#: Hours that nobody watched, by channel: long ago, lately, often.
HOLES = {2: ((200, 260),), 4: ((600, 601), (700, 719)), 7: ((350, 420), (421, 422), (690, 720))}


def them() -> list[Channel]:
    groups, countries = (None, "g", "g", "g", None, "h"), ("IQ", None, "IR", "IR", "IR", "IQ", "IQ")
    return [
        replace(channel(n, groups[n % 6], ("UTC", "Asia/Tehran")[n % 2]), country=countries[n % 7])
        for n in range(1, len(RATES) + 1)
    ]


def history(seed: int) -> list[Reading]:
    """A night in which nobody posts is part of it, and a channel that is silent for days."""
    told = [
        reading
        for n, rate in enumerate(RATES, 1)
        for reading in Story(n, seed).posts(SPAN, rate, topics={"attacks": 0.3}).readings
    ]
    quiet = (MONDAY + timedelta(days=21), MONDAY + timedelta(days=21, hours=14))
    away = (MONDAY + timedelta(days=10), MONDAY + timedelta(days=24))
    told = [r for r in told if not quiet[0] < r.posted_at < quiet[1]]
    told = [r for r in told if r.channel_id != 4 or not away[0] < r.posted_at < away[1]]
    return sorted(told, key=lambda r: (r.posted_at, r.channel_id, r.post_id))


def learned(readings: list[Reading], many: int, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, ...]:
    monkeypatch.setattr(crowd, "MANY", many)
    panel = Panel(them(), AlertsConfig())
    for n in range(1, len(RATES) + 1):
        start = MONDAY
        for a, b in HOLES.get(n, ()):
            panel.watched(n, start, MONDAY + a * HOUR)
            start = MONDAY + b * HOUR
        panel.watched(n, start, max(start, MONDAY + SPAN))
    for reading in readings:
        panel.learn(reading)
    panel.restore([])
    return panel.put_away()


@pytest.mark.parametrize("seed", [1, 2])
def test_tables_of_all_channels_teach_what_asking_each_of_them_does(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings = history(seed)
    assert len({r.channel_id for r in readings}) == len(RATES)
    assert learned(readings, 1, monkeypatch) == learned(readings, 10**9, monkeypatch)


def test_a_start_from_within_an_hour_goes_on_with_what_that_hour_began_with(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Told of the watch anew half way, the tables are made again: nothing is learned otherwise by that."""
    readings, rng = history(3), np.random.default_rng(3)
    again = set(rng.integers(0, len(readings), 12).tolist())

    def interrupted(many: int) -> tuple[bytes, ...]:
        monkeypatch.setattr(crowd, "MANY", many)
        panel = Panel(them(), AlertsConfig())
        for n in range(1, len(RATES) + 1):
            panel.watched(n, MONDAY, MONDAY + SPAN)
        for place, reading in enumerate(readings):
            if place in again:
                panel.watched(1, MONDAY, MONDAY + SPAN)
            panel.learn(reading)
        panel.restore([])
        return panel.put_away()

    assert interrupted(1) == interrupted(10**9)
