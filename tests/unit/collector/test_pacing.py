"""How often a kind of call may be made, how long Telegram makes us wait with it, and by whose clock."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.budget import Budget
from collector.corrected import CorrectedClock
from collector.errors import Wait
from collector.pacing import Pace
from domain.clock import SetClock
from tests.support.telegram import day

HISTORY = "messages.getHistory"


def seconds(n: float) -> timedelta:
    return timedelta(seconds=n)


def paced(*budgets: str) -> tuple[Pace, SetClock]:
    clock = SetClock(day(1))
    return Pace(CorrectedClock(clock), [Budget.parse(each) for each in budgets]), clock


# -- budgets


def test_a_budget_is_read_as_it_is_written() -> None:
    assert Budget.parse("messages.getHistory 60/1m") == Budget(HISTORY, 60, timedelta(minutes=1))
    assert Budget.parse("* 5/1h30m").span == timedelta(minutes=90)


@pytest.mark.parametrize("wrong", ["", "60/1m", "x 0/1m", "x 5", "x 5/0s", "x five/1m", "x 5/soon"])
def test_what_is_no_budget_is_said_so(wrong: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        Budget.parse(wrong)


async def test_as_many_calls_as_are_allowed_go_at_once_and_the_next_waits_its_turn() -> None:
    pace, clock = paced(f"{HISTORY} 6/1m")
    began = clock.now()
    for _ in range(6):
        await pace.turn(HISTORY)
    assert clock.now() == began
    await pace.turn(HISTORY)
    assert clock.now() - began == seconds(10)


@given(st.lists(st.integers(0, 30), max_size=60))
async def test_no_span_of_time_ever_has_more_calls_than_twice_the_budget(pauses: list[int]) -> None:
    """What was saved up may be spent at once, and what comes in meanwhile with it; never more."""
    pace, clock = paced(f"{HISTORY} 6/1m")
    made = []
    for pause in pauses:
        clock.advance(seconds(pause))
        await pace.turn(HISTORY)
        made.append(clock.now())
    for at in made:
        assert sum(at <= each < at + timedelta(minutes=1) for each in made) <= 12


async def test_what_is_done_in_the_background_leaves_some_of_the_budget() -> None:
    pace, clock = paced(f"{HISTORY} 6/1m")
    began = clock.now()
    for _ in range(4):
        await pace.turn(HISTORY, background=True)
    assert clock.now() == began
    for _ in range(2):
        await pace.turn(HISTORY)
    assert clock.now() == began
    await pace.turn(HISTORY, background=True)
    assert clock.now() - began == seconds(30)


async def test_a_call_whose_turn_is_far_off_is_put_off() -> None:
    pace, _ = paced("contacts.resolveUsername 2/8h", "* 300/1m")
    for _ in range(2):
        await pace.turn("contacts.resolveUsername")
    with pytest.raises(Wait) as caught:
        await pace.turn("contacts.resolveUsername")
    assert caught.value.seconds == 4 * 3600
    await pace.turn(HISTORY)


# -- what Telegram makes us wait with


async def test_a_wait_of_one_channel_is_that_channels_alone_until_a_second_one_is_told() -> None:
    pace, clock = paced()
    pace.told(Wait(60, HISTORY), HISTORY, 1)
    with pytest.raises(Wait) as caught:
        await pace.turn(HISTORY, 1)
    assert caught.value.seconds == 60
    await pace.turn(HISTORY, 2)
    await pace.turn("messages.getPeerDialogs")
    pace.told(Wait(90, HISTORY), HISTORY, 2)
    with pytest.raises(Wait):
        await pace.turn(HISTORY, 3)
    clock.advance(seconds(90))
    for channel in (1, 2, 3):
        await pace.turn(HISTORY, channel)
    assert pace.waiting() == {}
    assert [t.seconds for t in pace.throttles] == [60, 90]


async def test_a_wait_that_was_told_twice_lasts_as_long_as_the_longer() -> None:
    pace, clock = paced()
    pace.told(Wait(600, HISTORY), HISTORY, None)
    clock.advance(seconds(5))
    pace.told(Wait(3, HISTORY), HISTORY, None)
    assert pace.left(HISTORY) == 595
    assert pace.waiting() == {HISTORY: day(1) + seconds(600)}


# -- by whose clock


def test_a_clock_that_is_right_is_left_alone() -> None:
    clock = SetClock(day(1))
    corrected = CorrectedClock(clock)
    sent = corrected.raw()
    clock.advance(seconds(1.4))
    corrected.learn(day(1) + seconds(1), sent)
    assert corrected.offset == timedelta(0)


@pytest.mark.parametrize("off", [40, -40, 86400 * 900, -10])
def test_a_clock_that_is_off_is_put_right_and_back_again(off: float) -> None:
    clock = SetClock(day(1))
    corrected = CorrectedClock(clock)
    sent = corrected.raw()
    clock.advance(seconds(0.2))
    corrected.learn(day(1) - seconds(off), sent)
    assert abs((corrected.now() - (day(1) - seconds(off))).total_seconds()) < 1.5
    assert abs((corrected.at(sent) - (day(1) - seconds(off))).total_seconds()) < 1.5
    sent = corrected.raw()
    corrected.learn(clock.now().replace(microsecond=0), sent)
    assert corrected.offset == timedelta(0)
