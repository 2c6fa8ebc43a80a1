"""The rates, without a network."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.clock import SetClock
from sandbox.botapi.chats import Chat, ChatKind
from sandbox.botapi.limits import Limits
from tests.support.botapi import NOON

STEPS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90)), max_size=120)


@given(STEPS)
def test_no_window_ever_holds_more_than_its_rate(steps: list[tuple[int, int]]) -> None:
    clock = SetClock(NOON)
    limits = Limits(pace=clock)
    chats = [Chat(id=-n, kind=ChatKind.GROUP if n < 2 else ChatKind.PRIVATE) for n in range(4)]
    through: list[tuple[float, int]] = []
    for which, pause in steps:
        clock.advance(timedelta(seconds=pause / 10))
        if limits.take(chats[which]) == 0:
            through.append(((clock.now() - NOON).total_seconds(), which))
    for at, chat in through:
        second = [t for t, _ in through if at <= t < at + 0.999]
        assert len(second) <= 30
        minute = [t for t, c in through if c == chat and at <= t < at + 59.999]
        assert len(minute) <= (20 if chat < 2 else 65)
        burst = [t for t, c in through if c == chat and at <= t < at + 0.999]
        assert len(burst) <= 5 + 1


@given(STEPS)
def test_who_waits_as_long_as_told_gets_through(steps: list[tuple[int, int]]) -> None:
    clock = SetClock(NOON)
    limits = Limits(pace=clock)
    group = Chat(id=-1, kind=ChatKind.GROUP)
    for n, _ in steps:
        wait = limits.take(group, max(1, n))
        if wait:
            clock.advance(timedelta(seconds=wait))
            assert limits.take(group, max(1, n)) == 0


def test_an_album_larger_than_the_burst_goes_through_once_the_chat_has_rested() -> None:
    clock = SetClock(NOON)
    limits = Limits(pace=clock)
    chat = Chat(id=1, kind=ChatKind.PRIVATE)
    assert limits.take(chat, 10) == 0
    assert limits.take(chat, 1) == 6
    clock.advance(timedelta(seconds=6))
    assert limits.take(chat, 1) == 0


def test_what_is_remembered_of_chats_is_bounded() -> None:
    limits = Limits(pace=SetClock(NOON), per_second=10**9)
    for number in range(12_000):
        limits.take(Chat(id=number, kind=ChatKind.SUPERGROUP))
    assert len(limits._chats) == len(limits._groups) == 10_000
