"""When an act took place, as its post says; else the day it was posted in its channel's zone.

Explicit numbers come before a month's name, that before a weekday, then "yesterday"; a Hijri date counts
only alone, and never moves the day by two or less, for sightings differ by a day between countries.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from typing import NamedTuple

from claims.lexicon.entries import Calendar
from domain.claim import DateSource, Precision


class Dated(NamedTuple):
    day: date
    source: DateSource
    precision: Precision
    start: int
    end: int


_SEP = r"\s?[-/.–]\s?"
_NUMERIC = re.compile(
    rf"(?<![\d.])(?:(\d{{4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{1,2}})|(\d{{1,2}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}}))(?!\d)"
)
_DAY_WORD = re.compile(r"\b(\d{1,2})(?:\s+(?:من|شهر|من شهر|of|st|nd|rd|th))?\s+(\w+(?: \w+)?)(?:\s+(\d{4}))?")
_WORD_DAY = re.compile(r"\b([a-z]+)\s+(\d{1,2})(?:st|nd|rd|th)?(?:,?\s+(\d{4}))?\b")
#: Parts of a day that say "today" by themselves, and night words that reach back.
_TODAY = re.compile(
    r"(?<!\w)(?:فجرا|فجر اليوم|صباحا|ظهرا|عصرا|مساء اليوم|هذا الصباح|هذا اليوم|قبل قليل|"
    r"منذ الصباح|منذ فجر اليوم|منذ قليل|اليوم|الليله|"
    r"امروز|امشب|بامداد|ساعتي پيش|لحظاتي پيش|ساعاتي پيش|today|tonight|this morning|this evening|"
    r"at dawn|moments ago|overnight|"
    r"сегодня|היום|הבוקר|הלילה|הערב|bugun|bu sabah|bu gece|ئهمرۆ|ئهمشهو)(?!\w)"
)
_HOURS_AGO = re.compile(r"(?<!\w)(?:قبل|منذ) (?:ساع\w+|دقايق)(?!\w)")
_DAYS_AGO = re.compile(
    r"(?<!\w)(?:قبل|منذ) (\w+) (?:ايام|يوما|يوم)(?!\w)|(?<!\w)(\w+) (?:days ago|روز پيش|"
    r"дня назад|дней назад|gun once)(?!\w)"
)
_TWO_DAYS = re.compile(r"(?<!\w)(?:قبل يومين|منذ يومين|לפני יומיים)(?!\w)")


def find_date(
    text: str, start: int, end: int, lang: str, calendar: Calendar, posted: datetime
) -> Dated | None:
    """The date said within folded [start, end); None when none is. `posted` is in the channel's zone."""
    today = posted.date()
    found = list(_numeric(text, start, end, today))
    found = found or list(_months(text, start, end, lang, calendar, today))
    if found:
        return found[0]
    weekday = _weekday(text, start, end, lang, calendar, today)
    relative = _relative(text, start, end, lang, calendar, today)
    if weekday and relative:
        # "yesterday, Tuesday": the weekday decides when the two do not agree
        return weekday if weekday.day != relative.day and _tight(weekday, relative) else relative
    if weekday or relative:
        return weekday or relative
    return _hijri(text, start, end, calendar, today)


#: A year by its number, behind a word that leads to one: عام 1983, August 2006.
_YEAR = re.compile(
    r"(?:(?<!\w)(?:ال)?(?:عام|سنه|سال|في|منذ|يناير|فبراير|مارس|ابريل|مايو|يونيو|يوليو|اغسطس|سبتمبر|اكتوبر|نوفمبر|ديسمبر|شباط|اذار|نيسان"
    r"|ايار|حزيران|تموز|اب|ايلول|الاول|الثاني|in|since|of|year|\w+ber|january|february|march|april|june|july|august"
    r"|в|с|году)|\))(?: من)?(?: عام)? ((?:19[4-9]|20[0-9]|13[3-9]|14[0-4])\d)(?![\d./-])"
)


#: What a year looks like: far quicker to look for than what leads to one.
_FOUR_DIGITS = re.compile(r" (?:19|20|13|14)[0-9]\d")


def long_ago(text: str, start: int, end: int, year: int) -> bool:
    """Does folded [start, end) name a year, and the latest that it names lies two before this or more?"""
    if _FOUR_DIGITS.search(text, start, end) is None:
        return False
    years = [int(m[1]) for m in _YEAR.finditer(text, start, end)]
    return bool(years) and max(y + 621 if y < 1450 else y for y in years) <= year - 2


def posted_date(posted: datetime) -> Dated:
    """The day of the post, for a text that gives no other."""
    return Dated(posted.date(), DateSource.POSTED, Precision.DAY, 0, 0)


def _tight(a: Dated, b: Dated) -> bool:
    return max(a.start, b.start) - min(a.end, b.end) <= 3


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plausible(day: date | None, today: date) -> bool:
    """An act is told after it happened, and seldom more than two months after."""
    return day is not None and timedelta(days=-62) <= day - today <= timedelta(days=1)


def _numeric(text: str, start: int, end: int, today: date) -> Iterator[Dated]:
    for m in _NUMERIC.finditer(text, start, end):
        if m[1]:
            tries = [(int(m[1]), int(m[2]), int(m[3])), (int(m[1]), int(m[3]), int(m[2]))]
        else:
            year = int(m[6]) + (2000 if len(m[6]) == 2 else 0)
            tries = [(year, int(m[5]), int(m[4])), (year, int(m[4]), int(m[5]))]
        for y, mo, d in tries:
            day = _from_solar(y, mo, d) if 1300 <= y < 1420 else _valid(y, mo, d)
            if day is not None and _plausible(day, today):
                yield Dated(day, DateSource.NUMERIC, Precision.DAY, m.start(), m.end())
                break


def _months(text: str, start: int, end: int, lang: str, calendar: Calendar, today: date) -> Iterator[Dated]:
    names = calendar.months.get(lang, {})
    for m in _DAY_WORD.finditer(text, start, end):
        words = m[2].split(" ")
        for word in (m[2], words[0]):
            solar = calendar.solar.get(word) if lang == "fa" else None
            month = names.get(word)
            year = int(m[3]) if m[3] else None
            day: date | None = None
            if solar is not None:
                near = [_from_solar(y, solar, int(m[1])) for y in (today.year - 621, today.year - 622)]
                day = next((d for d in near if _plausible(d, today)), None)
            elif month is not None:
                years = [year] if year else [today.year, today.year - 1]
                tries = [_valid(y, month, int(m[1])) for y in years]
                day = next((d for d in tries if _plausible(d, today)), None)
            if day is not None:
                yield Dated(day, DateSource.MONTH_NAME, Precision.DAY, m.start(), m.end())
                break
    if lang == "en":
        for m in _WORD_DAY.finditer(text, start, end):
            month = names.get(m[1])
            if month:
                for y in [int(m[3])] if m[3] else [today.year, today.year - 1]:
                    day = _valid(y, month, int(m[2]))
                    if day is not None and _plausible(day, today):
                        yield Dated(day, DateSource.MONTH_NAME, Precision.DAY, m.start(), m.end())
                        break


@cache
def _weekdays(names: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:ال|ב)?({'|'.join(map(re.escape, longest_first))})\w{{0,2}}(?!\w)")


def _weekday(text: str, start: int, end: int, lang: str, calendar: Calendar, today: date) -> Dated | None:
    names = calendar.weekdays.get(lang, {})
    for m in _weekdays(tuple(names)).finditer(text, start, end) if names else ():
        number = names[m[1]]
        if not re.search(r"(?:صلاه|خطيب|خطبه|امام|نماز) ?$", text[max(0, m.start() - 8) : m.start()]):
            back = (today.isoweekday() - number) % 7
            day = today - timedelta(days=back)
            night = re.search(r"(?:ليله|شب) ?$", text[max(0, m.start() - 6) : m.start()])
            return Dated(
                day, DateSource.WEEKDAY, Precision.ABOUT_A_DAY if night else Precision.DAY, m.start(), m.end()
            )
    return None


def _relative(text: str, start: int, end: int, lang: str, calendar: Calendar, today: date) -> Dated | None:
    m = _TWO_DAYS.search(text, start, end)
    if m:
        return _ago(today, 2, m)
    m = _DAYS_AGO.search(text, start, end)
    if m:
        word = m[1] or m[2]
        n = int(word) if word.isdecimal() else calendar.numbers.get(lang, {}).get(word)
        if n is not None and 0 < n <= 60:
            return _ago(today, n, m)
    best: tuple[int, str, int] | None = None
    for name, offset in calendar.relative.get(lang, {}).items():
        at = text.find(name, start, end)
        while at >= 0:
            edge = at + len(name)
            whole = (at == 0 or not text[at - 1].isalpha()) and (
                edge >= len(text) or not text[edge].isalpha()
            )
            if whole and offset <= 0 and (best is None or (-len(name), at) < (-len(best[1]), best[0])):
                best = (at, name, offset)
            at = text.find(name, at + 1, end)
    if best is not None:
        return Dated(
            today + timedelta(days=best[2]),
            DateSource.RELATIVE,
            Precision.DAY,
            best[0],
            best[0] + len(best[1]),
        )
    m = _TODAY.search(text, start, end) or _HOURS_AGO.search(text, start, end)
    return _ago(today, 0, m) if m else None


def _ago(today: date, days: int, m: re.Match[str]) -> Dated:
    return Dated(today - timedelta(days=days), DateSource.RELATIVE, Precision.DAY, m.start(), m.end())


def _hijri(text: str, start: int, end: int, calendar: Calendar, today: date) -> Dated | None:
    for m in _DAY_WORD.finditer(text, start, end):
        words = m[2].split(" ")
        month = calendar.hijri.get(m[2]) or calendar.hijri.get(words[0])
        if month is None or not 1 <= int(m[1]) <= 30:
            continue
        day = today
        if m[3] and 1380 <= int(m[3]) <= 1500:
            reckoned = _from_hijri(int(m[3]), month, int(m[1]))
            if abs((reckoned - today).days) > 2 and _plausible(reckoned, today):
                day = reckoned
        return Dated(day, DateSource.HIJRI, Precision.ABOUT_A_DAY, m.start(), m.end())
    return None


def _from_hijri(year: int, month: int, day: int) -> date:
    """The tabular Islamic calendar (civil epoch, 30-year cycle): right to within a day of any sighting."""
    days = day + (59 * (month - 1) + 1) // 2 + (year - 1) * 354 + (3 + 11 * year) // 30
    return date.fromordinal(days + 227014)


def _from_solar(year: int, month: int, day: int) -> date | None:
    """The Persian solar calendar by its 33-year rule, exact from 1244 to 1472 (Birashk 1993)."""
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    leaps = (
        sum(1 for y in range(1244, year) if y % 33 in (1, 5, 9, 13, 17, 22, 26, 30)) if year >= 1244 else 0
    )
    days = (year - 1244) * 365 + leaps + (month - 1) * 31 - max(0, month - 7) + day - 1
    return date(1865, 3, 21) + timedelta(days=days)
