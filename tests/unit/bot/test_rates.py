"""The pace of the bot against the sandbox's measure of it."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rates import Rates
from domain.clock import SetClock
from sandbox.botapi.chats import Chat, ChatKind
from sandbox.botapi.limits import Limits
from tests.support.alerting import NOON


def rates(pace: SetClock) -> Rates:
    return Rates(pace, per_second=25, chat_per_second=1, group_per_minute=18)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([-3, -2, 1, 2, 3, 4, 5]), st.integers(0, 900)), max_size=120))
async def test_telegram_never_has_to_slow_us_down(said: list[tuple[int, int]]) -> None:
    """Messages into groups and private chats, in any order, at any distance."""
    pace = SetClock(NOON)
    ours, theirs = rates(pace), Limits(pace=pace)
    chats = {n: Chat(id=n, kind=ChatKind.GROUP if n < 0 else ChatKind.PRIVATE) for n in range(-3, 6)}
    for chat_id, later in said:
        pace.advance(timedelta(milliseconds=later))
        await ours.take(chat_id)
        assert theirs.take(chats[chat_id]) == 0


async def test_thirty_chats_at_once_are_told_within_two_seconds() -> None:
    pace = SetClock(NOON)
    ours = rates(pace)
    for chat_id in range(1, 31):
        await ours.take(chat_id)
    assert pace.now() - NOON <= timedelta(seconds=2)


def test_a_pause_ordered_for_two_chats_holds_for_all() -> None:
    pace = SetClock(NOON)
    ours = rates(pace)
    ours.hold(1, timedelta(seconds=40))
    assert (ours.wait(1), ours.wait(2)) == (timedelta(seconds=40), timedelta())
    ours.hold(2, timedelta(seconds=30))
    assert ours.wait(3) == timedelta(seconds=30)
    pace.advance(timedelta(seconds=31))
    assert ours.wait(3) == timedelta()
