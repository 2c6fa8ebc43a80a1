"""Scoring, on paths made by hand."""

import math

import numpy as np
import pytest

from benchmarks.detection.score import (
    Path,
    alarms,
    delay,
    geometric_mean,
    ladder,
    match,
    restricted_mean,
)


def path(*points: tuple[float, float]) -> Path:
    return np.array([p[0] for p in points]), np.array([p[1] for p in points])


THREE = path((0, 1.0), (10, 3.0), (23, 2.0), (26, 2.0), (60, 1.0), (61, 4.0))


def test_an_alarm_silences_further_ones_for_a_day() -> None:
    assert alarms(THREE, 2.0) == [10, 61]
    assert alarms(THREE, 1.0) == [0, 26, 60]
    assert alarms(THREE, 4.5) == []


def test_a_ladder_has_a_rung_for_each_alarm_a_threshold_raises() -> None:
    rungs = ladder(THREE)
    for threshold in (0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5):
        assert sum(r >= threshold for r in rungs) == len(alarms(THREE, threshold))
    assert ladder(path()) == []


def test_a_ladder_of_a_long_path_tells_every_count() -> None:
    rng = np.random.default_rng(1)
    long = np.arange(0, 1344, 1 / 6), np.round(rng.gamma(2, 1, 8064), 3)
    rungs = ladder(long)
    for threshold in (4.0, 6.0, 8.0, 10.0):
        n = len(alarms(long, threshold))
        assert min(n, 40) == min(sum(r >= threshold for r in rungs), 40)


def test_the_matched_threshold_is_the_smallest_that_keeps_to_the_target() -> None:
    ladders = [[5.0, 3.0], [4.0], [2.0]]
    threshold = match(ladders, target=1.0, months=2.0)
    assert sum(r >= threshold for one in ladders for r in one) == 2
    assert threshold == pytest.approx(3.0)
    assert match(ladders, target=1.0, months=4.0) == -math.inf


def test_a_delay_counts_from_the_onset_and_ends_with_the_event() -> None:
    assert delay(THREE, 2.0, start=5, end=40) == 5
    assert delay(THREE, 2.0, start=24, end=40) == 2
    assert delay(THREE, 4.0, start=5, end=40) == math.inf


def test_a_miss_counts_as_the_whole_event() -> None:
    assert restricted_mean([10.0, math.inf, 200.0], lasts=100.0) == pytest.approx(70.0)
    assert geometric_mean([1.0, 100.0]) == pytest.approx(10.0)
