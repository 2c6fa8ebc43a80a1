"""Instants and chances in words."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.say import ENGLISH
from bot.saying import say_at, say_at_briefly, say_chance, say_expected

AT = datetime(2031, 3, 14, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "said"),
    [
        ("UTC", "Fri 14 Mar 23:30 UTC"),
        ("Asia/Baghdad", "Sat 15 Mar 02:30 UTC+3"),
        ("Asia/Kathmandu", "Sat 15 Mar 05:15 UTC+5:45"),
        ("America/St_Johns", "Fri 14 Mar 21:00 NDT"),
    ],
)
def test_an_instant_is_said_in_the_readers_zone(zone: str, said: str) -> None:
    assert say_at(AT, ZoneInfo(zone), ENGLISH) == said


def test_today_is_the_readers_today() -> None:
    now = datetime(2031, 3, 15, 1, 0, tzinfo=UTC)
    assert say_at_briefly(AT, ZoneInfo("UTC"), now, ENGLISH) == "Fri 14 Mar 23:30"
    assert say_at_briefly(AT, ZoneInfo("Asia/Baghdad"), now, ENGLISH) == "02:30"


@pytest.mark.parametrize(
    ("probability", "words", "number", "beyond"),
    [
        (1.0, "not unusual", "1", False),
        (0.05, "unusual", "20", False),
        (0.0099, "rare", "100", False),
        (0.00021, "very rare", "4\u202f800", False),
        (1e-5, "next to impossible", "100\u202f000", False),
        (0.0, "next to impossible", "1\u202f000\u202f000", True),
        (7.0, "not unusual", "1", False),
    ],
)
def test_a_chance_is_said_in_words_and_as_a_number(
    probability: float, words: str, number: str, beyond: bool
) -> None:
    assert say_chance(probability, ENGLISH) == (words, number, beyond)


def test_what_was_expected_is_not_said_more_exactly_than_it_is_known() -> None:
    assert [say_expected(n, ENGLISH) for n in (0.44, 3.0, 9.34, 28.4)] == ["0.4", "3", "9.3", "28"]
