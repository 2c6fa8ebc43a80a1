"""What is to be expected, and by when."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.forecast import HOURS, Forecast

START = 24.0 * 22_000
RNG = np.random.default_rng(5)
WEEK = RNG.uniform(0.02, 3.0, 168)
FORECAST = Forecast(START, WEEK[(np.arange(HOURS + 2) - 1) % 168])

instants = st.floats(START, START + 24)
spans = st.floats(0.01, 600)
news = st.floats(-0.8, 4)


@given(instants, spans, spans, news)
def test_what_is_expected_only_grows(since: float, a: float, b: float, factor: float) -> None:
    mark = FORECAST.at(since)

    def expected(at: float) -> float:
        here = FORECAST.at(at)
        scaled = factor * np.exp((since - START) / 16)
        return here.shape - mark.shape + scaled * (here.fading - mark.fading)

    short, long = sorted((a, b))
    assert expected(since + long) >= expected(since + short) - 1e-9


@given(instants, st.floats(0.001, 900), news)
def test_the_instant_of_an_expectation_is_when_it_is_reached(
    since: float, goal: float, factor: float
) -> None:
    mark = FORECAST.at(since)
    scaled = factor * np.exp((since - START) / 16)
    at = FORECAST.when(mark, since, scaled, goal)
    here = FORECAST.at(at)
    assert at >= since
    assert here.shape - mark.shape + scaled * (here.fading - mark.fading) == pytest.approx(
        goal, rel=1e-6, abs=1e-6
    )


@given(st.floats(-2000, 2000), st.integers(-5, 5))
def test_outside_of_the_table_the_week_repeats(offset: float, weeks: int) -> None:
    at = START + offset
    assert FORECAST.reach(at + 168 * weeks) - FORECAST.reach(at) == pytest.approx(
        weeks * FORECAST.week, abs=1e-6
    )


def test_before_anything_is_known_an_hour_is_an_hour() -> None:
    flat = Forecast.flat(START)
    assert flat.when(flat.at(START + 3), START + 3, 0.0, 10.0) == pytest.approx(START + 13)
