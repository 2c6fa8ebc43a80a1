"""Instants and chances in words."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import bot
from alerts import evidence
from bot.say import ENGLISH, say_in
from bot.saying import (
    say_at,
    say_at_briefly,
    say_chance,
    say_expected,
    say_number,
    say_sentence,
    say_span,
    zone_name,
)
from domain.sentence import Sentence

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
    ("language", "briefly", "whole"),
    [
        ("en", "Fri 14 Mar 2031 23:30", "Fri 14 Mar 2031 23:30 UTC"),
        ("ar", "الجمعة ١٤ مارس ٢٠٣١ ٢٣:٣٠", "الجمعة ١٤ مارس ٢٠٣١ ٢٣:٣٠ \u2066UTC\u2069"),
        ("fa", "جمعه ۱۴ مارس ۲۰۳۱ ۲۳:۳۰", "جمعه ۱۴ مارس ۲۰۳۱ ۲۳:۳۰ \u2066UTC\u2069"),
    ],
)
def test_of_another_year_that_is_said_too(language: str, briefly: str, whole: str) -> None:
    """What is found in an archive of ten years would be taken for this year's."""
    say, zone, later = say_in(language), ZoneInfo("UTC"), AT + timedelta(days=3 * 365)
    assert say_at_briefly(AT, zone, later, say) == briefly
    assert say_at(AT, zone, say, later) == whole
    assert say_at(AT, zone, say, AT + timedelta(days=200)) == say_at(AT, zone, say)


def test_the_year_is_that_of_the_readers_clock() -> None:
    eve, zone = datetime(2031, 12, 31, 22, 0, tzinfo=UTC), ZoneInfo("Asia/Baghdad")
    assert say_at_briefly(eve, zone, eve + timedelta(days=2), ENGLISH) == "Thu 1 Jan 01:00"
    assert say_at_briefly(eve, ZoneInfo("UTC"), eve + timedelta(days=2), ENGLISH) == "Wed 31 Dec 2031 22:00"


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


def test_nothing_of_the_bot_says_spans_in_english_only() -> None:
    """`domain.instant.say_span` is for logs and consoles; errors of the config are read there too."""
    root = Path(bot.__file__).parent
    wrong = [
        path.name
        for path in root.rglob("*.py")
        if path.name != "config.py"
        and re.search(r"from domain.instant import .*say_span", path.read_text("utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("language", "at", "span", "number"),
    [
        ("en", "Fri 14 Mar 23:30 UTC", "2 d 3 h", "12\u202f500"),
        ("ar", "الجمعة ١٤ مارس ٢٣:٣٠ \u2066UTC\u2069", "يومين و٣ ساعات", "١٢٬٥٠٠"),
        ("fa", "جمعه ۱۴ مارس ۲۳:۳۰ \u2066UTC\u2069", "۲ روز و ۳ ساعت", "۱۲٬۵۰۰"),
    ],
)
def test_each_language_has_its_days_digits_and_forms(language: str, at: str, span: str, number: str) -> None:
    say = say_in(language)
    assert say_at(AT, ZoneInfo("UTC"), say) == at
    assert say_span(timedelta(days=2, hours=3), say) == span
    assert say_number(12_500, say) == number


def test_a_zone_is_called_by_its_city_where_letters_would_say_nothing() -> None:
    assert zone_name(AT, ZoneInfo("Asia/Baghdad"), say_in("ar")) == "بتوقيت بغداد"
    assert zone_name(AT, ZoneInfo("Asia/Tehran"), say_in("fa")) == "به وقت تهران"


def test_evidence_is_said_in_the_readers_language_and_zone_and_old_text_as_it_is() -> None:
    said = Sentence(evidence.WATCHED_SINCE, name="@falcon<b>", since=AT)
    assert say_sentence(said, ZoneInfo("Asia/Baghdad"), ENGLISH) == (
        "We watched \u2068@falcon&lt;b&gt;\u2069 without a break since Sat 15 Mar 02:30 UTC+3."
    )
    assert say_sentence(said, ZoneInfo("Asia/Baghdad"), say_in("ar")) == (
        "نراقب \u2068@falcon&lt;b&gt;\u2069 دون انقطاع منذ السبت ١٥ مارس ٠٢:٣٠ بتوقيت بغداد."
    )
    assert say_sentence("We <saw> it.", ZoneInfo("UTC"), say_in("fa")) == "\u2068We &lt;saw&gt; it.\u2069"
