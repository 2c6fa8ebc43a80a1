"""What can be known of a change by whoever knows the channel, but not the news of the day."""

import math
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.detection.bound import BOUNDS, TYPICAL, Bound
from benchmarks.detection.generate import EVENT, stream
from benchmarks.detection.inject import inject
from benchmarks.detection.score import delay
from benchmarks.detection.stream import END, HISTORY, STEP, Stream, Truth

ASKED = ("down", "up")


def test_no_later_post_changes_an_earlier_score() -> None:
    whole = stream(EVENT, 50, 0)
    middle = (HISTORY + END) / 2
    early = whole.t < middle
    part = replace(whole, t=whole.t[early], topic=whole.topic[early], cluster=whole.cluster[early])
    for bound in BOUNDS:
        for way in ASKED:
            (times, scores), (_, other) = (bound.paths(s, HISTORY, END, ASKED)[way] for s in (whole, part))
            known = times <= middle
            assert np.array_equal(scores[known], other[known])
            assert not np.array_equal(scores, other)


@pytest.mark.parametrize(("kind", "level"), [("silence", 1.0), ("drop", 0.8), ("spike", 4.0)])
def test_a_change_is_found(kind: str, level: float) -> None:
    event = inject(stream(EVENT, 200, 1), kind, level)
    span = event.event
    assert span is not None
    way = "up" if kind == "spike" else "down"
    for bound in BOUNDS:
        path = bound.paths(event, HISTORY, span.end, [way])[way]
        before = path[1][path[0] < span.start]
        assert delay(path, float(before.max()), span.start, span.end) < 24


def test_a_long_silence_of_a_fast_channel_is_still_a_number() -> None:
    event = inject(stream(EVENT, 600, 0), "silence", 1.0)
    assert event.event is not None
    for bound in BOUNDS:
        _, scores = bound.paths(event, event.event.start, event.event.end, ["down"])["down"]
        assert np.isfinite(scores).all()
        assert scores[-1] > 100


def test_where_there_is_no_news_and_nothing_clusters_it_is_the_statistic_by_hand() -> None:
    """With one certain rate Shiryaev and Roberts' statistic is a recursion that can be written down."""
    rate = 2.0
    hours = np.arange(0, END, STEP)
    truth = Truth(
        rate=np.full(hours.size, rate),
        news=np.ones(hours.size),
        news_sd=1e-3,
        news_for=18.0,
        share=np.full(hours.size, 0.5),
        branching=1e-9,
        delay=0.5,
        inherit=0.0,
    )
    t = np.sort(np.random.default_rng(5).uniform(0, END, int(rate * END)))
    none = np.zeros(t.size, np.int8)
    one = Stream(seed=(1,), rate=48.0, t=t, topic=none, cluster=np.arange(t.size), truth=truth)
    until = HISTORY + 48.0
    _, scores = Bound(typical=False).paths(one, HISTORY, until, ["up"])["up"]
    by_size = {2.0: 0.0, 4.0: 0.0, 8.0: 0.0}
    first, last = round((HISTORY - 336) / STEP), round(until / STEP)
    for i in range(first, last):
        posts = int(((t >= i * STEP) & (t < (i + 1) * STEP)).sum())
        for size in by_size:
            likelier = size**posts * math.exp(-(size - 1) * rate * STEP)
            by_size[size] = (by_size[size] + STEP / 3) * likelier
    assert scores[-1] == pytest.approx(math.log10(sum(by_size.values())), abs=0.02)


def test_who_knows_only_the_season_takes_the_rest_for_what_is_usual() -> None:
    some = stream(EVENT, 50, 2)
    assert some.truth is not None
    usual = replace(some, truth=replace(some.truth, **TYPICAL))
    known, season = BOUNDS
    until = HISTORY + 100
    expected = known.paths(usual, HISTORY, until, ["down"])["down"][1]
    assert np.array_equal(season.paths(some, HISTORY, until, ["down"])["down"][1], expected)
    assert not np.array_equal(known.paths(some, HISTORY, until, ["down"])["down"][1], expected)
