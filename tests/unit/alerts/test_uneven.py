"""Times of the day, and sides of the forecast, at which posts scatter otherwise than a window's law says."""

import random
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from alerts.detect.counts import log_at_most
from alerts.uneven import LEAST, PLACES, Uneven, share_below
from domain.episode import Episode
from domain.finding import Kind
from tests.support.rhythms import HOUR, MONDAY, WEEKS, Story, opened, run

DAY = timedelta(days=1)
LAW = 2.0, 0.05  #: phi and v


def variance(expected: float) -> float:
    phi, v = LAW
    return (phi + v * expected) * expected


def lived(
    side: Uneven,
    *,
    days: int = 60,
    seed: int = 1,
    scatter: dict[int, float] | None = None,
    expected: float = 30.0,
) -> Uneven:
    """A window of four hours each hour, whose variance is `scatter` times the law's from that hour on."""
    rng = np.random.default_rng(seed)
    factor = 1.0
    for hour in range(24 * days):
        factor = (scatter or {}).get(hour % 24, factor)
        var = variance(expected) * factor
        size = expected * expected / (var - expected)
        observed = float(rng.negative_binomial(size, size / (size + expected)))
        side.learn(float(hour), observed, expected, variance(expected), 0.25)
    side.fit()
    return side


@pytest.mark.parametrize("is_below", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_where_the_law_holds_all_day_long_it_is_left_as_it_is(seed: int, is_below: bool) -> None:
    side = lived(Uneven(4.0, is_below=is_below), seed=seed)
    assert side.factors == pytest.approx([1.0] * PLACES, abs=0.25)


@pytest.mark.parametrize("is_below", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_times_of_the_day_are_told_apart(seed: int, is_below: bool) -> None:
    side = lived(Uneven(4.0, is_below=is_below), seed=seed, scatter={0: 3.0, 9: 0.6})
    by_night, by_day = side.factors[:3], side.factors[3:]
    assert min(by_night) > 1.4 * max(by_day)
    side.turn(26.5)  # half past two in the morning
    assert side.factor == side.factors[0]
    side.turn(23.99)
    assert side.factor == side.factors[-1]


@pytest.mark.parametrize("seed", range(5))
def test_news_above_the_forecast_does_not_make_the_side_below_wide(seed: int) -> None:
    rng = random.Random(seed)
    below, above = Uneven(24.0, is_below=True), Uneven(24.0, is_below=False)
    for day in range(60):
        observed = 300.0 if day % 6 == 0 else 95 + 10 * rng.random()
        for side in (below, above):
            side.learn(0.0, observed, 100.0, variance(100.0), 1.0)
            side.fit()
    assert below.factors[0] < 0.4
    assert above.factors == [1.0]


def test_few_days_say_little() -> None:
    side = Uneven(24.0, is_below=True)
    for day in range(3):
        side.learn(24.0 * day, 99.0, 100.0, variance(100.0), 1.0)
    side.fit()
    assert side.factors == [1.0]


def test_however_calm_it_was_a_part_of_the_law_is_left() -> None:
    side = Uneven(4.0, is_below=True)
    for hour in range(24 * 200):
        side.learn(float(hour), 30.0 + (hour % 24 < 3), 30.0, variance(30.0), 0.25)
    side.fit()
    assert min(side.factors) >= LEAST


@pytest.mark.parametrize("mean", [1.5, 5.0, 40.0, 300.0])
@pytest.mark.parametrize("law", [(1.1, 0.0), (2.5, 0.12), (1.5, 0.4)])
def test_the_share_of_the_variance_below_is_that_of_the_negative_binomial(
    mean: float, law: tuple[float, float]
) -> None:
    var = (law[0] + law[1] * mean) * mean
    size = mean * mean / (var - mean)
    n = np.arange(int(mean) + 1)
    below = float((stats.nbinom.pmf(n, size, size / (size + mean)) * (n - mean) ** 2).sum() / var)
    assert share_below(mean, var) == pytest.approx(below, abs=0.04)


@pytest.mark.parametrize("n", [0, 3, 9, 19, 20, 25])
def test_less_scatter_than_poisson_is_binomial(n: int) -> None:
    """Of twenty posts by the clock, half of which come."""
    assert log_at_most(n, 10.0, 0.5, 0.0) == pytest.approx(
        stats.binom.logcdf(n, 20, 0.5) / np.log(10), abs=1e-6
    )


@pytest.mark.parametrize("n", [0, 5, 11, 30])
def test_from_binomial_over_poisson_to_negative_binomial_nothing_leaps(n: int) -> None:
    laws = [0.99 + 0.0005 * k for k in range(41)]
    chances = [log_at_most(n, 12.0, phi, 0.0) for phi in laws]
    assert chances[20] == pytest.approx(stats.poisson.logcdf(n, 12) / np.log(10), abs=0.02)
    assert max(abs(b - a) for a, b in pairwise(chances)) < 0.02


def up_late(days: int, seed: int) -> Story:
    """A channel that begins its day anywhere between three and twelve, and then posts evenly."""
    rng = random.Random(seed)
    story = Story(seed=seed)
    for day in range(days):
        begins = MONDAY + day * DAY + rng.uniform(3, 12) * HOUR
        while begins < MONDAY + (day + 1) * DAY:
            story.at(begins)
            begins += HOUR * rng.uniform(0.05, 0.09)
    story.length = days * DAY
    return story


def drop_at(hour: int, seed: int) -> Episode | None:
    """The first drop told of a channel that posts a third of what it did from that hour of a day on."""
    story = up_late(WEEKS // DAY + 3, seed)
    start = MONDAY + WEEKS + hour * HOUR
    rng = random.Random(seed)
    story.readings = [r for r in story.readings if r.posted_at < start or rng.random() < 1 / 3]
    found = opened(run([story], start + 12 * HOUR, decide_from=MONDAY + WEEKS))
    return next((e for e in found if e.kind is Kind.DROP), None)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_afternoon_as_even_as_every_other_tells_of_a_drop_though_mornings_are_not(seed: int) -> None:
    drop = drop_at(14, seed)
    assert drop is not None
    assert drop.opened_at is not None
    assert drop.opened_at < MONDAY + WEEKS + 22 * HOUR
