"""How long pauses are."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pauses import BINS, EDGES, ENOUGH, Pauses
from alerts.tail import Tail, chance_of_all


def exponential(n: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).exponential(1.0, n)


def fit(pauses: np.ndarray) -> Tail:
    return Tail.fit(EDGES, np.histogram(pauses, EDGES)[0].astype(float))


@given(st.floats(1e-9, 0.14))
def test_the_pause_of_a_probability_has_that_survival(p: float) -> None:
    tail = fit(exponential(500))
    assert tail.survival(tail.at(p)) == pytest.approx(p, rel=1e-6)


@given(st.floats(0, 60), st.floats(0, 60))
def test_a_longer_pause_is_never_more_probable(a: float, b: float) -> None:
    tail = fit(exponential(500))
    short, long = sorted((a, b))
    assert tail.survival(long) <= tail.survival(short)
    assert tail.running(long) <= tail.running(short) + 1e-12


def test_survival_is_that_of_the_pauses_themselves() -> None:
    pauses = exponential(4000)
    tail = fit(pauses)
    for x in (0.5, 1.0, 2.5, 4.0):
        assert tail.survival(x) == pytest.approx(float((pauses > x).mean()), abs=0.03)


def test_few_pauses_give_only_what_channels_have_in_common() -> None:
    assert fit(np.array([0.1, 5.0, 90.0])) == Tail()


def test_one_freak_pause_of_a_slow_channel_moves_the_tail_little() -> None:
    pauses = exponential(60)
    with_freak = np.append(pauses, 40.0)
    assert fit(with_freak).at(0.003) < 2 * fit(pauses).at(0.003)


def test_a_pause_found_running_is_at_least_as_probable_as_a_pause_beginning() -> None:
    """Long pauses are met more often than they occur."""
    tail = fit(np.random.default_rng(3).pareto(2.5, 3000))
    assert tail.running(5.0) > tail.survival(5.0)
    assert tail.running(tail.running_at(0.05)) == pytest.approx(0.05, rel=1e-3)


def test_fishers_method_is_calibrated() -> None:
    rng = np.random.default_rng(2)
    together = [chance_of_all(list(rng.random(6))) for _ in range(4000)]
    assert np.mean(np.array(together) < 0.05) == pytest.approx(0.05, abs=0.012)
    assert chance_of_all([0.3]) == pytest.approx(0.3)


def test_pauses_cut_short_where_they_became_news_do_not_shorten_the_tail() -> None:
    """Of a bursty channel many are: taken for whole, each would make the next alarm likelier."""
    pauses = np.random.default_rng(4).exponential(4.0, 300)
    known, taken_for_whole = Pauses(), Pauses()
    for i, pause in enumerate(pauses.tolist()):
        known.add(8.0 * i, min(pause, 12.0), cut=pause > 12.0)
        taken_for_whole.add(8.0 * i, min(pause, 12.0))
    now = 8.0 * len(pauses)
    true = math.exp(-20.0 / 4.0)
    assert taken_for_whole.tail(now).survival(20.0) < true < known.tail(now).survival(20.0) < 3 * true


def test_what_is_remembered_of_pauses_is_bounded() -> None:
    pauses = Pauses()
    for i in range(3 * ENOUGH):
        pauses.add(i / 20, 1.0 + i % 7)
        if i % 480 == 0:
            pauses.tail(i / 20)
    a_week = 168 * 20
    assert ENOUGH <= len(pauses) <= ENOUGH + a_week
    slow = Pauses()
    for day in range(400):
        slow.add(24.0 * day, 1.0)
        slow.tail(24.0 * day)
    assert 52 <= len(slow) <= 60


@given(st.lists(st.floats(0, 5000), min_size=20, max_size=60))
def test_any_pauses_have_a_tail(lengths: list[float]) -> None:
    pauses = Pauses()
    for i, length in enumerate(lengths):
        pauses.add(float(i), length)
    tail = pauses.tail(float(len(lengths)))
    assert 0 <= tail.threshold <= EDGES[BINS]
    assert 0 < tail.survival(tail.at(0.01)) <= 1


def test_what_lies_between_two_lengths_is_read_off_to_a_few_percent() -> None:
    lengths = exponential(3000, 5)
    exact = float(np.quantile(lengths, 0.85))
    assert fit(lengths).threshold == pytest.approx(exact, rel=0.02)


def test_pauses_of_a_rhythm_not_yet_known_are_forgotten_once_it_is() -> None:
    pauses = Pauses()
    for hour in range(24 * 30):
        pauses.add(float(hour), 50.0 if hour < 24 * 7 else 1.0 + hour % 3)
    assert pauses.tail(24.0 * 20).at(0.01) > 30
    assert pauses.tail(24.0 * 30).at(0.01) < 30
