"""When a change in members is news: by how the channel's audience usually moves."""

from datetime import timedelta

import pytest

from collector.audience import leap
from domain.channel import Headcount
from tests.support.telegram import day

DAY = timedelta(days=1)


def counts(*members: int, within: int = 0, every: timedelta = DAY) -> list[Headcount]:
    return [
        Headcount(channel_id=1, at=day(1) + n * every, members=m, within=within)
        for n, m in enumerate(members)
    ]


STEADY = (40_000, 40_060, 40_110, 40_190, 40_230, 40_320, 40_350, 40_420, 40_500)
LIVELY = (40_000, 41_900, 41_000, 43_500, 42_800, 45_600, 44_900, 47_700, 47_000)


def test_a_steady_audience_leaps_by_little_a_lively_one_by_much() -> None:
    assert leap(counts(*STEADY, 42_900), apart=DAY) is not None
    assert leap(counts(*LIVELY, 50_000), apart=DAY) is None
    found = leap(counts(*LIVELY, 30_000), apart=DAY)
    assert found is not None
    assert not found.is_up
    assert found.says() == "down by 36% within a day; usually it moves by 3.5% in such a time"


def test_its_usual_way_is_no_leap() -> None:
    assert leap(counts(*STEADY, 40_570), apart=DAY) is None


def test_one_former_leap_does_not_hide_the_next() -> None:
    after = [60_000 + (m - 40_500) for m in (40_560, 40_640, 40_700, 40_790)]
    assert leap(counts(*STEADY, *after, 75_000), apart=DAY) is not None


@pytest.mark.parametrize(("members", "told"), [(47_000, False), (70_000, True), (19_000, True)])
def test_of_a_young_watch_only_a_leap_by_half_counts(members: int, told: bool) -> None:
    assert (leap(counts(40_000, members), apart=DAY) is not None) is told


def test_what_rounding_may_have_made_is_no_leap() -> None:
    exact = (12_100, 12_100, 12_110, 12_110, 12_120, 12_120, 12_130, 12_130, 12_140)
    assert leap(counts(*exact, 12_900), apart=DAY) is not None
    assert leap(counts(*exact, 12_900, within=500), apart=DAY) is None


def test_a_handful_of_members_is_chance() -> None:
    assert leap(counts(10, 10, 10, 10, 10, 10, 10, 10, 10, 17), apart=DAY) is None


def test_counts_that_come_often_are_thinned_out() -> None:
    often = counts(*(40_000 + n for n in range(200)), every=timedelta(hours=1))
    assert leap(often, apart=DAY) is None
    assert leap([*often, Headcount(channel_id=1, at=often[-1].at + DAY / 24, members=20_000)], apart=DAY)


def test_too_little_is_nothing() -> None:
    assert leap([], apart=DAY) is None
    assert leap(counts(5_000), apart=DAY) is None
    assert leap(counts(0, 5_000), apart=DAY) is None
