"""A channel's rhythm, fitted."""

import numpy as np
import pytest

from alerts.baseline import DAYS, WINDOW, fit
from tests.support.rhythms import DAY

WATCHED = np.ones(WINDOW)
#: Days since the epoch; 22 341 is a Monday.
MONDAY = 22_341


def counts(per_hour: np.ndarray, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.tile(per_hour, WINDOW // len(per_hour))).astype(float)


def test_the_hours_of_day_come_out() -> None:
    rhythm = fit(counts(4 * DAY / DAY.mean()), WATCHED, MONDAY, offset=0.0)
    day = rhythm.hourly[1:25]
    assert np.corrcoef(day, DAY)[0, 1] > 0.97
    assert day.mean() == pytest.approx(1, abs=0.1)
    assert rhythm.rate == pytest.approx(4, rel=0.05)


def test_few_posts_draw_a_smooth_day_and_many_a_sharp_one() -> None:
    """Two busy hours in an otherwise even day: three posts a day cannot show them, fifty can."""
    day = np.full(24, 1.0)
    day[10:12] = 6.0
    sharp = fit(counts(50 / day.sum() * day), WATCHED, MONDAY, offset=0.0).hourly[1:25]
    smooth = fit(counts(3 / day.sum() * day), WATCHED, MONDAY, offset=0.0).hourly[1:25]
    assert sharp[10:12].mean() / sharp[0:6].mean() > 3
    assert smooth[10:12].mean() / smooth[0:6].mean() < 3


def test_a_weekday_off_comes_out_on_the_channels_own_days() -> None:
    """At UTC+3 Friday begins on Thursday evening in UTC."""
    week = np.full(168, 3.0)
    start = 4 * 24 - 3  # Thursday 21:00 UTC
    week[start : start + 24] = 0.2
    rhythm = fit(counts(week), WATCHED, MONDAY, offset=3.0)
    ahead = rhythm.hourly[1:169]
    assert ahead[start + 1 : start + 23].mean() < 0.35
    assert ahead[24:72].mean() > 0.9


def test_unwatched_hours_enter_neither_side() -> None:
    posts, watched = counts(np.full(24, 2.0)), WATCHED.copy()
    hidden = np.random.default_rng(4).random(WINDOW) < 0.4
    posts[hidden], watched[hidden] = 0, 0
    rhythm = fit(posts, watched, MONDAY, offset=0.0)
    assert rhythm.rate == pytest.approx(2, rel=0.05)
    assert rhythm.days == pytest.approx(DAYS * 0.6, rel=0.05)


def test_what_was_posted_while_nobody_watched_does_not_count() -> None:
    posts, watched = counts(np.full(24, 2.0)), WATCHED.copy()
    posts[100:200], watched[100:200] = 50, 0
    assert fit(posts, watched, MONDAY, offset=0.0).rate == pytest.approx(2, rel=0.05)


def test_one_burst_does_not_make_a_rhythm() -> None:
    posts = counts(np.full(24, 1.0))
    calm = fit(posts, WATCHED, MONDAY, offset=0.0)
    posts[WINDOW - 20] = 400
    assert fit(posts, WATCHED, MONDAY, offset=0.0).hourly.max() < 1.3 * calm.hourly.max()


def test_a_channel_that_was_never_seen_has_a_flat_rhythm() -> None:
    rhythm = fit(np.zeros(WINDOW), np.zeros(WINDOW), MONDAY, offset=0.0)
    assert rhythm.rate == 0
    assert rhythm.days == 0
    assert np.allclose(rhythm.hourly, 1.0)
