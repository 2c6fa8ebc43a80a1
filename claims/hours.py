"""The hour of an act, as far as its post says: by the clock, or by the part of the day.

Whoever strikes a place every day says at what hour; that keeps the morning's act from the evening's.
"""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from claims.normalise import fold_text

#: So far the hours of two tellings may lie apart, in minutes: by the clock, and where one is a part of a day.
CLOCKS_AGREE, PARTS_AGREE = 30, 120
#: A post seldom tells of what is more than that ahead of it (the day of the text may be another zone's).
_AHEAD = timedelta(hours=4)


class Hours(NamedTuple):
    """When an act was: minutes since the first day there is."""

    start: int
    end: int
    exact: bool  #: by the clock


_DAY = (
    "اليوم|هذا اليوم|يوم|امس|السبت|الاحد|الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه|امروز|ديروز|"
    "شنبه|يكشنبه|دوشنبه|سهشنبه|چهارشنبه|پنجشنبه|جمعه"
)
_WEEKDAY = "(?:satur|sun|mon|tues|wednes|thurs|fri)day"


def _arabic(part: str) -> str:
    """As in "in the morning of today" and "mornings": alone the words mean other things too."""
    return rf"(?<!منذ )(?<!\w){part}(?:ا|ا?(?:,)? (?:{_DAY}))(?!\w)|(?:هذا|عند) ال{part}(?!\w)"


#: First and last hour of each part of a day, and how it is said.
_PARTS = (
    (2, 7, re.compile(
        rf"{_arabic('فجر')}|(?<!\w)(?:بامداد|سحرگاه)(?!\w)|(?<!since )(?<!\w)(?:at|before) dawn\b|"
        rf"\bearly {_WEEKDAY}|\bпредрассветн\w+|\bна рассвете|\bsafak\w*|עם שחר|לפנות בוקר")),
    (5, 12, re.compile(
        rf"{_arabic('صباح')}|(?<!\w)صبح (?:{_DAY})|(?<!since )\bthis morning|{_WEEKDAY} morning|"
        r"\bутром\b|\bbu sabah|(?<!\w)הבוקר(?!\w)")),
    (11, 15, re.compile(rf"{_arabic('ظهر')}|\bat (?:noon|midday)\b|(?<!\w)בצהריים(?!\w)")),
    (13, 19, re.compile(
        rf"{_arabic('عصر')}|بعد ظهر (?:{_DAY})|بعد از ظهر|\bthis afternoon|{_WEEKDAY} afternoon|"
        r"\bпосле полудня|\bogleden sonra|אחר הצהריים")),
    (16, 24, re.compile(
        rf"{_arabic('مساء')}|مساء (?:{_DAY})|غروب (?:{_DAY})|\bthis evening|{_WEEKDAY} evening|"
        r"\bвечером\b|\bbu aksam|(?<!\w)הערב(?!\w)")),
)  # fmt: skip
_CLOCK = re.compile(
    r"(?:الساعه|ساعت|\bat|\bsaat|בשעה|\bв) (\d{1,2})[:.](\d{2})(?!\d)"
    r"(?: ?(am|pm|a\.m|p\.m|صباحا|فجرا|ظهرا|عصرا|مساء|ليلا))?"
)
_AFTER_NOON = frozenset({"pm", "p.m", "ظهرا", "عصرا", "مساء", "ليلا"})


def hours_of(text: str, day: date, posted_at: datetime) -> Hours | None:
    """The hours that a text names for what was done on that day; None when it names none, or several."""
    said = _said(text)
    if said is None:
        return None
    start, end, exact = said
    midnight = datetime(day.year, day.month, day.day, tzinfo=posted_at.tzinfo)
    if midnight + timedelta(minutes=start) > posted_at + _AHEAD:
        day -= timedelta(days=1)
    base = day.toordinal() * 24 * 60
    return Hours(base + start, base + end, exact)


@lru_cache(16)  # a post may make many claims
def _said(text: str) -> tuple[int, int, bool] | None:
    """From which minute of the day to which, and whether that is by the clock."""
    folded = fold_text(text)
    clock = _by_clock(folded)
    if clock is not None:
        return *clock, True
    parts = [(start, end) for start, end, said in _PARTS if said.search(folded)]
    return (parts[0][0] * 60, parts[0][1] * 60, False) if len(parts) == 1 else None


def hours_part(a: Hours, b: Hours) -> bool:
    """Are they too far apart to be those of one act?"""
    gap = max(a.start, b.start) - min(a.end, b.end)
    return gap > (CLOCKS_AGREE if a.exact and b.exact else PARTS_AGREE)


def _by_clock(folded: str) -> tuple[int, int] | None:
    found = _CLOCK.findall(folded)
    if len(found) != 1:
        return None
    hour, minute, half = int(found[0][0]), int(found[0][1]), found[0][2]
    if hour > 23 or minute > 59:
        return None
    if half in _AFTER_NOON and hour < 12 and not (half == "ليلا" and hour < 6):
        hour += 12
    at = hour * 60 + minute
    return at, at
