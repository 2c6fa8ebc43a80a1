"""The rhythm: as much as asked for, when asked for, alike for one seed."""

import statistics
from collections import Counter
from datetime import datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from sandbox.rhythm import beats
from tests.support.telegram import day

WEEKS = timedelta(weeks=20)


def _days(found: list[datetime], zone: str) -> list[int]:
    return list(Counter(at.astimezone(ZoneInfo(zone)).date() for at in found).values())


@pytest.mark.parametrize("per_day", [3, 40, 400])
def test_there_are_as_many_posts_a_day_as_asked_for(per_day: float) -> None:
    found = beats(Random(1), per_day=per_day, start=day(1), end=day(1) + WEEKS)
    a_day = len(found) / WEEKS.days
    assert a_day == pytest.approx(per_day, rel=0.1)


def test_posts_come_at_the_hours_and_on_the_weekdays_of_the_channels_own_zone() -> None:
    hours = [0.0] * 24
    hours[21] = 1.0
    found = beats(
        Random(2),
        per_day=24,
        start=day(1),
        end=day(1) + WEEKS,
        zone="Asia/Baghdad",
        hours=hours,
        weekdays=(1, 1, 1, 1, 0, 1, 1),
        clustering=0,
    )
    local = [beat.at.astimezone(ZoneInfo("Asia/Baghdad")) for beat in found]
    assert {at.hour for at in local} == {21}
    assert {at.weekday() for at in local} == {0, 1, 2, 3, 5, 6}


def test_clustering_makes_days_more_uneven_and_keeps_their_mean() -> None:
    def daily(clustering: float) -> list[int]:
        found = beats(Random(3), per_day=60, start=day(1), end=day(1) + WEEKS, clustering=clustering)
        return _days([b.at for b in found], "UTC")

    plain, clustered = daily(0), daily(1)
    assert statistics.mean(clustered) == pytest.approx(statistics.mean(plain), rel=0.08)
    assert statistics.variance(clustered) > 1.4 * statistics.variance(plain)


def test_a_factor_silences_from_the_very_second() -> None:
    silence = day(10, 13, 37)
    found = beats(
        Random(4), per_day=500, start=day(1), end=day(20), factor=lambda at: 0.0 if at >= silence else 1.0
    )
    assert timedelta(0) < silence - max(beat.at for beat in found) < timedelta(hours=1)


def test_a_surge_multiplies() -> None:
    found = beats(Random(5), per_day=50, start=day(1), end=day(1) + WEEKS, factor=lambda _: 4.0)
    assert len(found) / WEEKS.days == pytest.approx(200, rel=0.1)


def test_one_seed_gives_one_rhythm_in_order_and_in_whole_seconds() -> None:
    one, two = (beats(Random(6), per_day=80, start=day(1), end=day(9)) for _ in range(2))
    assert one == two
    assert one == sorted(one)
    assert all(beat.at.microsecond == 0 for beat in one)
    assert one != beats(Random(7), per_day=80, start=day(1), end=day(9))
