"""Now and then, for each by itself, and without remembering everybody."""

from datetime import timedelta

from bot.seldom import Seldom
from domain.clock import SetClock
from tests.support.alerting import NOON

HOUR = timedelta(hours=1)


def test_each_passes_once_in_a_while_and_nobody_for_another() -> None:
    clock = SetClock(NOON)
    seldom = Seldom(clock, HOUR)
    assert [seldom.passes(1), seldom.passes(1), seldom.passes(2)] == [True, False, True]
    clock.advance(HOUR - timedelta(seconds=1))
    assert not seldom.passes(1)
    clock.advance(timedelta(seconds=1))
    assert seldom.passes(1)
    assert not seldom.passes(1)


def test_a_flood_of_strangers_fills_no_memory() -> None:
    seldom = Seldom(SetClock(NOON), HOUR)
    for n in range(10_050):
        assert seldom.passes(n)
    assert len(seldom._passed) == 10_000
    assert not seldom.passes(10_049)
