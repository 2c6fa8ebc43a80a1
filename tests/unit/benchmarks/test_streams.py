"""Streams and what is done to them."""

import numpy as np
import pytest

from benchmarks.detection.generate import CLEAN, EVENT, stream
from benchmarks.detection.inject import LASTS, inject
from benchmarks.detection.panels import KINDS as PANELS
from benchmarks.detection.panels import scenario
from benchmarks.detection.stream import END, HISTORY, RATES
from benchmarks.detection.stress import KINDS, stressed


def test_a_stream_is_the_same_whenever_it_is_made() -> None:
    first, again = stream(CLEAN, 50, 3), stream(CLEAN, 50, 3)
    assert np.array_equal(first.t, again.t)
    assert np.array_equal(first.topic, again.topic)


def test_no_two_streams_are_alike() -> None:
    made = [stream(purpose, 50, n).t for purpose in (CLEAN, EVENT) for n in range(3)]
    assert len({t.tobytes() for t in made}) == len(made)


@pytest.mark.parametrize("rate", RATES)
def test_streams_are_in_order_and_about_as_busy_as_ordered(rate: int) -> None:
    some = [stream(CLEAN, rate, n) for n in range(12)]
    assert all((np.diff(s.t) >= 0).all() and s.t[0] >= 0 and s.t[-1] < END for s in some)
    per_day = np.array([s.t.size / (END / 24) for s in some])
    assert 0.75 * rate < per_day.mean() < 1.3 * rate


@pytest.mark.parametrize("kind", list(LASTS))
def test_an_event_changes_nothing_outside_of_it(kind: str) -> None:
    base = stream(EVENT, 50, 1)
    changed = inject(base, kind, 2.0 if kind == "spike" else 0.9)
    event = changed.event
    assert event is not None
    assert HISTORY < event.start < event.end <= END
    for one, other in ((base.t, changed.t), (base.topic, changed.topic)):
        before, after = one[base.t < event.start], one[base.t >= event.end]
        assert np.array_equal(before, other[changed.t < event.start])
        assert np.array_equal(after, other[changed.t >= event.end])


def test_events_do_what_they_say() -> None:
    base = stream(EVENT, 200, 2)

    def inside(kind: str, level: float) -> tuple[int, int, int]:
        event = inject(base, kind, level)
        span = event.event
        assert span is not None
        here = (event.t >= span.start) & (event.t < span.end)
        was = (base.t >= span.start) & (base.t < span.end)
        return int(here.sum()), int(was.sum()), int((event.topic[here] == 0).sum())

    assert inside("silence", 1.0)[0] == 0
    posts, were, _ = inside("drop", 0.8)
    assert posts == pytest.approx(0.2 * were, rel=0.35)
    posts, were, _ = inside("spike", 4.0)
    assert posts == pytest.approx(4 * were, rel=0.5)
    posts, were, about = inside("topic", 0.97)
    assert posts == were
    assert about < 0.05 * posts


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_stress_makes_a_stream(kind: str) -> None:
    made = stressed(kind, 50, 0)
    assert (np.diff(made.t) >= 0).all()
    assert made.t.size == made.topic.size
    assert 20 < made.t.size / (END / 24) < 100


def test_nights_and_fridays_off_are_off() -> None:
    night = stressed("nights off", 50, 0).t + 3
    assert (np.floor(night % 24) < 7).mean() < 0.1  # what is left are late members of clusters
    friday = stressed("Fridays off", 50, 0).t + 3
    assert ((friday // 24) % 7 == 4).mean() < 0.05


def test_a_panel_is_cut_where_its_scenario_says() -> None:
    for kind in PANELS[1:]:
        cut = scenario(kind, 0)
        inside = [int(((t >= cut.start) & (t < cut.end)).sum()) for t in cut.posts]
        quiet = sum(inside[i] for i in cut.silent)
        assert quiet <= 0.1 * sum(inside) + 30
        if kind != "collector out, unnoticed":
            assert sum(inside) > quiet
