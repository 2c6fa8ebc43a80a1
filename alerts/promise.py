"""Until when a pause is to last that a channel announces, as far as its words say so. Pure."""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from typing import NamedTuple
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from alerts.hours import hours, instant

#: Nobody announces a pause for longer: what lies beyond was meant otherwise.
FARTHEST = timedelta(days=92)
DAY = timedelta(days=1)
#: Years of the Persian calendar, as they are written beside those of others.
_SOLAR_YEARS = range(1380, 1480)
_LETTERS = str.maketrans({"ى": "ي", "ی": "ي", "ک": "ك", "ە": "ه", "ة": "ه", "ـ": None, "\u200c": " "})
_CLOCK = re.compile(r"(?<![\d.:/-])([01]?\d|2[0-3]):([0-5]\d)(?!\d)")
_NUMERIC = re.compile(r"(?<![\d.:/-])(\d{1,4})[./-](\d{1,2})(?:[./-](\d{1,4}))?(?![\d:/-])")


def promised(words: str, at: float, zone: str) -> float | None:
    """The instant by which, as the words of a post of `at` have it, the pause is over: the end of the day or
    the time that they name. Of several the last. None: they do not say.

    Instants are hours since 1970, days those of the channel's zone.
    """
    info = ZoneInfo(zone)
    posted = instant(at).astimezone(info)
    text = _folded(words)
    days = [*_weekdays(text, posted.date()), *_dates(text, posted.date()), *_near(text, posted.date())]
    found = [datetime.combine(day + DAY, time(), info) for day in days]
    found += [_after(posted, length) for length in _lengths(text)]
    if not found:
        found = [_next(posted, time(int(m[1]), int(m[2]))) for m in _CLOCK.finditer(text)]
    ahead = [hours(each) for each in found if posted < each <= posted + FARTHEST]
    return max(ahead, default=None)


def _after(posted: datetime, length: float) -> datetime:
    """So many hours later; of whole days the end of the day."""
    end = posted + timedelta(hours=length)
    return end if length < 24 else datetime.combine(end.date() + DAY, time(), posted.tzinfo)


def _next(posted: datetime, clock: time) -> datetime:
    today = datetime.combine(posted.date(), clock, posted.tzinfo)
    return today if today > posted else datetime.combine(posted.date() + DAY, clock, posted.tzinfo)


def _weekdays(text: str, today: date) -> Iterator[date]:
    """The next such day after today."""
    for m in _words().weekday.finditer(text):
        if not _is_past(text, m):
            ahead = (_words().weekdays[m[1]] - today.isoweekday() - 1) % 7 + 1
            yield today + ahead * DAY


def _near(text: str, today: date) -> Iterator[date]:
    for m in _words().day.finditer(text):
        yield today + _words().days[m[1]] * DAY


def _lengths(text: str) -> Iterator[float]:
    """Hours."""
    known = _words()
    for m in known.length.finditer(text):
        if not _is_past(text, m):
            yield (float(m[1]) if m[1].isdigit() else known.numbers[m[1]]) * known.units[m[2]]
    for m in known.span.finditer(text):
        if not _is_past(text, m):
            yield known.spans[m[1]]


def _dates(text: str, today: date) -> Iterator[date]:
    known = _words()
    for m in _NUMERIC.finditer(text):
        first, second, third = int(m[1]), int(m[2]), int(m[3] or 0)
        if len(m[1]) == 4:
            yield from _valid(first, second, third)
        elif len(m[1]) <= 2 and m[3]:
            year = third + 2000 if third < 100 else third
            yield from _valid(year, second, first) or _valid(year, first, second)
        elif len(m[1]) <= 2:
            yield from _soon(today, second, first) or _soon(today, first, second)
    for m in known.dated.finditer(text):
        month, day = (m[2], m[1]) if m[1] else (m[3], m[4])
        if month in known.months:
            yield from _soon(today, known.months[month], int(day))
        if month in known.solar:
            year = int(JalaliDate(today).year)  # type: ignore[no-untyped-call]  # typed in part
            both = [d for y in (year, year + 1) for d in _valid(y, known.solar[month], int(day))]
            yield from [d for d in both if d >= today][:1]


def _soon(today: date, month: int, day: int) -> list[date]:
    """The next such day from today on."""
    both = [*_valid(today.year, month, day), *_valid(today.year + 1, month, day)]
    return [d for d in both if d >= today][:1]


def _valid(year: int, month: int, day: int) -> list[date]:
    try:
        if year in _SOLAR_YEARS:
            solar = JalaliDate(year, month, day)  # type: ignore[no-untyped-call]  # typed in part
            return [solar.to_gregorian()]
        return [date(year, month, day)]
    except ValueError:
        return []


def _is_past(text: str, found: re.Match[str]) -> bool:
    """Does the word before or after say that this was?"""
    before, after = text[: found.start()].split()[-1:], text[found.end() :].split()[:1]
    return any(word.strip(".,!?؟،") in _words().past for word in (*before, *after))


class _Words(NamedTuple):
    """Of `promises.toml`, folded."""

    weekdays: Mapping[str, int]
    days: Mapping[str, int]
    units: Mapping[str, float]
    spans: Mapping[str, float]
    numbers: Mapping[str, int]
    months: Mapping[str, int]
    solar: Mapping[str, int]
    past: frozenset[str]
    weekday: re.Pattern[str]
    day: re.Pattern[str]
    length: re.Pattern[str]
    span: re.Pattern[str]
    dated: re.Pattern[str]


@cache
def _words() -> _Words:
    tables = tomllib.loads(files("alerts").joinpath("promises.toml").read_text(encoding="utf-8"))
    names = ("weekday", "day", "unit", "span", "number", "month", "solar")
    weekday, day, unit, span, number, month, solar = (
        {_folded(word): int(key) for key, words in tables[name].items() for word in words} for name in names
    )
    months = _any({**month, **solar})
    return _Words(
        weekday, day, unit, span, number, month, solar,
        frozenset(_folded(word) for word in tables["past"]["words"]),
        re.compile(rf"(?<!\w)(?:[وبلف]|[בלה])?({_any(weekday)})(?:\w{{1,4}})?(?!\w)"),
        re.compile(rf"(?<!\w)[ولב]?({_any(day)})(?!\w)"),
        re.compile(rf"(?<!\w)[وبل]?(\d{{1,3}}|{_any(number)})[\s-]+({_any(unit)})(?!\w)"),
        re.compile(rf"(?<!\w)[وبل]?({_any(span)})(?!\w)"),
        re.compile(rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?({months})(?!\w)|"
                   rf"(?<!\w)({months})\s+(\d{{1,2}})(?!\d)"),
    )  # fmt: skip


def _any(words: Mapping[str, int]) -> str:
    """The longest first, as one may begin as another."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


def _folded(text: str) -> str:
    """Without what the same word is written with or without: marks, the shapes of letters, other digits."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    plain = plain.translate(_LETTERS)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in plain)
