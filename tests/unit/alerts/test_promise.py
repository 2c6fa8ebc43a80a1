"""Until when a pause is to last, as the channel's own words have it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.hours import hours, instant
from alerts.promise import FARTHEST, promised

BAGHDAD = "Asia/Baghdad"
#: A Wednesday, 18:00 in Baghdad.
POSTED = datetime(2031, 4, 9, 15, tzinfo=UTC)


def until(words: str, zone: str = BAGHDAD) -> str | None:
    found = promised(words, hours(POSTED), zone)
    return None if found is None else f"{instant(found).astimezone(ZoneInfo(zone)):%d.%m. %H:%M}"


@pytest.mark.parametrize(
    ("words", "end"),
    [
        ("we will return on Saturday", "13.04. 00:00"),
        ("No posts until Wednesday.", "17.04. 00:00"),  # the next one, not today
        ("we will be back tomorrow, God willing", "11.04. 00:00"),
        ("maintenance for a day, we will be back", "11.04. 00:00"),
        ("taking a break for 3 days", "13.04. 00:00"),
        ("we take a break of two weeks", "24.04. 00:00"),
        ("we will be back in 2 hours", "09.04. 20:00"),
        ("we will be right back, in an hour", "09.04. 19:00"),
        ("we will return at 21:30", "09.04. 21:30"),
        ("we will return at 08:00", "10.04. 08:00"),
        ("we will return on 20 April", "21.04. 00:00"),
        ("we will return on May 2nd", "03.05. 00:00"),
        ("no posts until 20.04.2031", "21.04. 00:00"),
        ("no posts until 2031-04-20", "21.04. 00:00"),
        ("coverage is suspended until 20/4", "21.04. 00:00"),
        ("closed on Friday, we will return on Sunday", "14.04. 00:00"),  # of several the last
        ("نعود إليكم بعد يومين", "12.04. 00:00"),
        ("نتوقف عن النشر لمدة أسبوع", "17.04. 00:00"),
        ("سنعود إليكم يوم السبت", "13.04. 00:00"),
        ("نتوقف عن النشر ٣ أيام", "13.04. 00:00"),
        ("سنعود إليكم غداً", "11.04. 00:00"),
        ("باز خواهیم گشت شنبه", "13.04. 00:00"),
        ("فعالیت کانال متوقف تا سه‌شنبه", "16.04. 00:00"),
        ("انتشار متوقف به مدت دو روز", "12.04. 00:00"),
        ("باز خواهیم گشت ۲۵ فروردین", "15.04. 00:00"),
        ("уходим на перерыв до субботы", "13.04. 00:00"),
        ("берем паузу на неделю", "17.04. 00:00"),
        ("мы вернемся через 3 дня", "13.04. 00:00"),
        ("cumartesiye kadar yayına ara", "13.04. 00:00"),
        ("paylaşımlara ara, 2 gün sonra geri döneceğiz", "12.04. 00:00"),
        ("נחזור בקרוב, ביום ראשון", "14.04. 00:00"),
        ("נחזור לעדכן מחר", "11.04. 00:00"),
    ],
)
def test_what_they_say(words: str, end: str) -> None:
    assert until(words) == end


@pytest.mark.parametrize(
    "words",
    [
        "we will be back soon",
        "moving to our new channel",
        "سنعود قريبا",
        "we will be back soon, as we said 3 days ago",
        "we will be back soon; last Saturday was hard",
        "we will return after 200 days",  # nobody pauses for so long
        "we will return on 20.02.2030",
        "we will return on 45/13, or 0 days",
        "",
    ],
)
def test_what_they_do_not_say(words: str) -> None:
    assert until(words) is None


def test_a_day_is_that_of_the_channels_zone() -> None:
    assert until("we will return tomorrow", "UTC") == "11.04. 00:00"
    late = hours(datetime(2031, 4, 9, 22, tzinfo=UTC))  # the tenth in Baghdad already
    found = promised("we will return tomorrow", late, BAGHDAD)
    assert found == hours(datetime(2031, 4, 11, 21, tzinfo=UTC))


@given(st.text(max_size=200), st.floats(400_000, 700_000))
def test_whatever_is_written_it_is_none_or_lies_ahead(words: str, at: float) -> None:
    found = promised(words, at, "Asia/Tehran")
    assert found is None or at < found <= at + FARTHEST.total_seconds() / 3600


PIECES = [
    "until",
    "Saturday",
    "3",
    "a week",
    "٣",
    "أيام",
    "31.2.",
    "99/99",
    "0:61",
    "ago",
    "30",
    "فروردین",
    "دی",
]


@given(st.lists(st.sampled_from(PIECES)))
def test_words_of_times_in_any_order_are_none_or_lie_ahead(words: list[str]) -> None:
    at = hours(POSTED)
    found = promised(" ".join(words), at, BAGHDAD)
    assert found is None or at < found <= at + FARTHEST.total_seconds() / 3600
