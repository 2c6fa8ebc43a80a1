"""How long pauses are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pauses import KEPT, Pauses
from alerts.tail import Tail, chance_of_all


def exponential(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).exponential(1.0, n)


@given(st.floats(1e-9, 0.14))
def test_the_pause_of_a_probability_has_that_survival(p: float) -> None:
    tail = Tail.fit(exponential(500))
    assert tail.survival(tail.at(p)) == pytest.approx(p, rel=1e-6)


@given(st.floats(0, 60), st.floats(0, 60))
def test_a_longer_pause_is_never_more_probable(a: float, b: float) -> None:
    tail = Tail.fit(exponential(500))
    short, long = sorted((a, b))
    assert tail.survival(long) <= tail.survival(short)
    assert tail.running(long) <= tail.running(short) + 1e-12


def test_survival_is_that_of_the_pauses_themselves() -> None:
    pauses = exponential(4000)
    tail = Tail.fit(pauses)
    for x in (0.5, 1.0, 2.5, 4.0):
        assert tail.survival(x) == pytest.approx(float((pauses > x).mean()), abs=0.03)


def test_few_pauses_give_only_what_channels_have_in_common() -> None:
    assert Tail.fit(np.array([0.1, 5.0, 90.0])) == Tail()


def test_one_freak_pause_of_a_slow_channel_moves_the_tail_little() -> None:
    pauses = exponential(60)
    with_freak = np.append(pauses, 40.0)
    assert Tail.fit(with_freak).at(0.003) < 2 * Tail.fit(pauses).at(0.003)


def test_a_pause_found_running_is_at_least_as_probable_as_a_pause_beginning() -> None:
    """Long pauses are met more often than they occur."""
    tail = Tail.fit(np.random.default_rng(3).pareto(2.5, 3000))
    assert tail.running(5.0) > tail.survival(5.0)
    assert tail.running(tail.running_at(0.05)) == pytest.approx(0.05, rel=1e-3)


def test_fishers_method_is_calibrated() -> None:
    rng = np.random.default_rng(2)
    together = [chance_of_all(list(rng.random(6))) for _ in range(4000)]
    assert np.mean(np.array(together) < 0.05) == pytest.approx(0.05, abs=0.012)
    assert chance_of_all([0.3]) == pytest.approx(0.3)


def test_what_is_remembered_of_pauses_is_bounded() -> None:
    pauses = Pauses()
    for i in range(3 * KEPT):
        pauses.add(float(i) / 100, 1.0 + i % 7)
    pauses.tail(3 * KEPT / 100)
    assert len(pauses) == KEPT


def test_pauses_of_a_rhythm_not_yet_known_are_forgotten_once_it_is() -> None:
    pauses = Pauses()
    for hour in range(24 * 30):
        pauses.add(float(hour), 50.0 if hour < 24 * 7 else 1.0 + hour % 3)
    assert pauses.tail(24.0 * 20).at(0.01) > 30
    assert pauses.tail(24.0 * 30).at(0.01) < 30
