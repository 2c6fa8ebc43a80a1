"""A silence that comes back at the same hours is told twice, and is the channel's rhythm then."""

from datetime import datetime, timedelta

import pytest

from alerts.nights import LONGEST, Nights
from domain.finding import Kind
from tests.support.rhythms import HOUR, WEEKS, Story, opened, run

DAY = timedelta(days=1)


def told(story: Story) -> list[datetime]:
    return [e.since_at for e in opened(run([story], story.end)) if e.kind is Kind.SILENCE]


def afternoons(*quiet: int, for_: timedelta = 5 * HOUR, from_hour: int = 12) -> Story:
    """Eight weeks as ever, then days of which these have no post for some hours."""
    story = Story().posts(WEEKS, 250)
    for day in range(max(quiet) + 2):
        if day in quiet:
            story = story.posts(from_hour * HOUR, 250).quiet(for_).posts(DAY - from_hour * HOUR - for_, 250)
        else:
            story = story.posts(DAY, 250)
    return story


def test_what_comes_back_at_the_same_hours_is_told_twice() -> None:
    assert len(told(afternoons(0))) == 1
    assert len(told(afternoons(0, 1))) == 2
    assert len(told(afternoons(0, 1, 2, 3, 4))) == 2
    assert len(told(afternoons(0, 3, 5, 6))) == 2


def test_a_longer_one_at_these_hours_is_told_all_the_same() -> None:
    story = afternoons(0, 1, 2).posts(12 * HOUR, 250).quiet(2 * DAY)
    assert len(told(story)) == 3


def test_so_is_one_at_other_hours() -> None:
    night = afternoons(0, 1).posts(18 * HOUR, 250).quiet(9 * HOUR)
    assert len(told(night)) == 3


def test_after_more_than_a_week_it_is_the_first_again() -> None:
    assert len(told(afternoons(0, 8, 16))) == 3


@pytest.mark.parametrize(
    ("first", "second", "is_back"),
    [
        ((0.0, 7.0), (24.0, 31.0), True),
        ((0.0, 7.0), (24.0 * 7, 24.0 * 7 + 7), True),
        ((0.0, 7.0), (27.4, 34.4), True),
        ((0.0, 7.0), (27.6, 34.6), False),  # less than half of the hours are the same
        ((0.0, 7.0), (36.0, 43.0), False),
        ((0.0, 7.0), (24.0 * 8, 24.0 * 8 + 7), False),
        ((0.0, 3.0), (24.0, 31.0), False),  # far longer than the one before
        ((0.0, 7.0), (7.5, 14.0), False),  # the same night
        ((0.0, LONGEST + 1), (24.0, 24.0 + LONGEST + 1), False),
    ],
)
def test_alike_are_silences_of_the_same_hours_within_a_week(
    first: tuple[float, float], second: tuple[float, float], is_back: bool
) -> None:
    nights = Nights()
    assert nights.back(*first) == []
    assert nights.back(*second) == ([first[1]] if is_back else [])


def test_no_more_is_kept_than_a_week() -> None:
    nights = Nights()
    for n in range(1000):
        nights.back(24.0 * n, 24.0 * n + 6)
    assert len(nights) == 8
