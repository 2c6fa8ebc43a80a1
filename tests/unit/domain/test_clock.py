"""A fast clock keeps its own time, whoever changes its pace."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from domain.clock import FastClock, SetClock

START = datetime(2031, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_a_sleeper_wakes_when_the_clock_s_own_time_has_come_although_its_speed_changed() -> None:
    clock = FastClock(START, 1)
    sleeper = asyncio.create_task(clock.sleep(HOUR))
    await asyncio.sleep(0.02)
    assert not sleeper.done()
    clock.run_at(360_000)
    async with asyncio.timeout(2):
        await sleeper
    assert clock.now() >= START + HOUR


async def test_a_clock_stands_still_at_its_limit_and_goes_on_from_there() -> None:
    clock = FastClock(START, 360_000)
    clock.run_until(START + HOUR)
    sleeper = asyncio.create_task(clock.sleep(2 * HOUR))
    await asyncio.sleep(0.1)
    assert clock.now() == START + HOUR
    assert not sleeper.done()
    clock.run_until(None)
    assert clock.now() < START + 2 * HOUR
    async with asyncio.timeout(2):
        await sleeper


async def test_a_limit_in_the_past_stops_a_clock_and_does_not_turn_it_back() -> None:
    clock = FastClock(START, 360_000)
    await asyncio.sleep(0.02)
    before = clock.now()
    clock.run_until(START)
    assert before <= clock.now()
    stopped = clock.now()
    await asyncio.sleep(0.02)
    assert clock.now() == stopped


def test_a_clock_refuses_a_naive_start_and_a_speed_of_zero() -> None:
    with pytest.raises(ValueError, match="time zone"):
        FastClock(datetime(2031, 3, 1), 1)  # noqa: DTZ001 - that it is refused is the point
    with pytest.raises(ValueError, match="greater than zero"):
        FastClock(START, 0)


async def test_sleeping_moves_a_set_clock() -> None:
    clock = SetClock(START)
    await clock.sleep(HOUR)
    assert clock.now() == START + HOUR
