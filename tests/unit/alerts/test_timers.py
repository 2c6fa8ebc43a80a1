"""Timers that are moved at every post."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.hours import NEVER
from alerts.timers import Key, Timers

moves = st.lists(st.tuples(st.integers(1, 5), st.one_of(st.floats(0, 100), st.just(NEVER))), max_size=60)


@given(moves)
def test_each_key_comes_up_once_at_the_instant_set_last(steps: list[tuple[int, float]]) -> None:
    timers, wanted = Timers(), {}
    for number, at in steps:
        timers.set(Key("pause", number), at)
        wanted[number] = at
    came = []
    while timers.next() < NEVER:
        came.append(timers.pop())
    assert came == sorted((at, Key("pause", n)) for n, at in wanted.items() if at < NEVER)


def test_moving_a_timer_later_ten_thousand_times_leaves_the_heap_small() -> None:
    timers = Timers()
    for i in range(10_000):
        timers.set(Key("pause", 1), 10.0 + i)
    assert len(timers._heap) == 1
    assert timers.next() == 10_009.0


def test_what_is_cancelled_does_not_come_up() -> None:
    timers = Timers()
    timers.set(Key("pause", 1), 5.0)
    timers.set(Key("pause", 2), 6.0)
    timers.cancel(Key("pause", 1))
    assert timers.pop() == (6.0, Key("pause", 2)) if timers.next() == 6.0 else False
    assert timers.next() == NEVER
