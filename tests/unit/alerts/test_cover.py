"""What could be seen, grown in place."""

from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from alerts.cover import Cover
from alerts.hours import EPOCH, hours, instant
from domain.watch import Seen

stretches = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(lambda p: (p[0], p[0] + p[1])), max_size=12
)


def both(pairs: list[tuple[int, int]]) -> tuple[Cover, Seen]:
    cover = Cover()
    for a, b in pairs:
        cover.add(float(a), float(b))
    return cover, Seen.merged((EPOCH + timedelta(hours=a), EPOCH + timedelta(hours=b)) for a, b in pairs)


@given(stretches)
def test_it_agrees_with_the_record_in_whatever_order_it_grew(pairs: list[tuple[int, int]]) -> None:
    cover, seen = both(pairs)
    kept = [(instant(a), instant(b)) for a, b in zip(cover.starts, cover.ends, strict=True)]
    assert kept == list(seen.stretches)


@given(stretches, st.integers(0, 90), st.integers(0, 90))
def test_it_answers_as_the_record_does(pairs: list[tuple[int, int]], a: int, b: int) -> None:
    cover, seen = both(pairs)
    start, end = sorted((a, b))
    at = EPOCH + timedelta(hours=start), EPOCH + timedelta(hours=end)
    assert cover.whole(start, end) == seen.all_of(*at)
    watched = sum(y - x for x, y in cover.within(start, end))
    unwatched = sum(((y - x) / timedelta(hours=1) for x, y in seen.holes(*at)), 0.0)
    assert watched + unwatched == end - start


def test_the_share_of_each_hour() -> None:
    cover = Cover()
    cover.add(10.25, 12.5)
    cover.add(12.75, 13.0)
    assert np.allclose(cover.share_by_hour(9, 5), [0, 0.75, 1, 0.75, 0])


def test_since_when_we_watch_and_when_we_began_again() -> None:
    cover = Cover()
    cover.add(1, 3)
    cover.add(5, 9)
    assert cover.stretch_from(2) == 1
    assert cover.stretch_from(4) == 5
    assert cover.stretch_from(6) == 5
    assert cover.stretch_from(10) is None


def test_an_instant_survives_the_way_there_and_back_and_never_comes_early() -> None:
    for hour in (500_000.123456789, 531_234.0, 531_234.9999999):
        assert 0 <= hours(instant(hour)) - hour < 1e-6


def test_what_nobody_could_hear_is_not_watched_but_is_on_record() -> None:
    cover = Cover()
    cover.add(0, 100)
    cover.hide(10, 20)
    cover.hide(10, 20)
    assert cover.whole(0, 10)
    assert cover.whole(20, 100)
    assert not cover.whole(5, 15)
    assert not cover.whole(19, 21)
    assert cover.recorded(0, 100)
    assert cover.within(5, 25) == [(5, 10), (20, 25)]
    assert (cover.stretch_from(50), cover.stretch_from(15), cover.stretch_from(5)) == (20, 20, 0)
    assert cover.since == 20
    assert cover.share_by_hour(9, 3).tolist() == [1, 0, 0]
    assert cover.share_by_hour(9, 3, hidden=True).tolist() == [1, 1, 1]
    cover.add(0, 120)
    assert not cover.whole(0, 120)
    cover.forget(50)
    assert cover.hidden == []


def test_it_says_how_much_of_a_stretch_is_not_on_record() -> None:
    cover = Cover()
    assert cover.unrecorded(0, 10) == 10
    cover.add(0, 100)
    cover.add(120, 130)
    cover.hide(10, 20)
    assert cover.unrecorded(5, 95) == 0
    assert cover.unrecorded(90, 125) == 20
    assert cover.unrecorded(130, 131) == 1
