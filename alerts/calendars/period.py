"""A period of the year, as a calendar file writes it: when it comes, where, and what is ordinary in it."""

from datetime import date, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Self

from hijridate import Gregorian, Hijri
from persiantools.jdatetime import JalaliDate
from pydantic import BaseModel, Field, field_validator, model_validator

from domain.country import COUNTRIES
from storage.span import Span

DAY = timedelta(days=1)
#: What the Umm al-Qura tables of hijridate hold.
HIJRI_YEARS = range(1343, 1501)


class Reckoning(StrEnum):
    """By which calendar a date is written."""

    GREGORIAN = "gregorian"
    HIJRI = "hijri"  #: Umm al-Qura; where the crescent is sighted, a day sooner or later
    JALALI = "jalali"


class Period(BaseModel, extra="forbid", frozen=True):
    """`[[period]]` of a calendar file."""

    name: str = Field(min_length=1, max_length=60)
    calendar: Reckoning = Reckoning.GREGORIAN
    first: str = Field(alias="from")  #: `MM-DD`, every year, or `YYYY-MM-DD`, once
    last: str = Field(alias="to", default="")  #: the same; left out: one day
    give: int = Field(0, ge=0, le=7)  #: days by which it may come sooner or last longer
    hours: str = ""  #: `HH:MM-HH:MM` of the channel's zone; left out: the whole day
    countries: tuple[str, ...] = ()  #: left out: everywhere
    less: float = Field(1.0, gt=0, le=1)  #: so small a part of the usual is ordinary then
    more: float = Field(1.0, ge=1, le=20)  #: so many times the usual is ordinary then
    later: Span = timedelta()  #: by so much the day's rhythm comes later then

    @field_validator("countries")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for country in value:
            if country not in COUNTRIES:
                raise ValueError(f"{country!r} is no country: write two letters, as IQ")
        return value

    @field_validator("hours")
    @classmethod
    def _of_the_day(cls, value: str) -> str:
        if value:
            _hours(value)
        return value

    @field_validator("later")
    @classmethod
    def _within_a_day(cls, value: timedelta) -> timedelta:
        if value % timedelta(hours=1) or value >= DAY:
            raise ValueError("whole hours, less than a day")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        ends = [_parts(text) for text in (self.first, self.last or self.first)]
        if (ends[0][0] is None) is not (ends[1][0] is None):
            raise ValueError("from and to: both with a year, or both without")
        for year, month, day in ends:
            _check(self.calendar, year, month, day)
        if ends[0][0] is not None and ends[1] < ends[0]:
            raise ValueError(f"to: {self.last} is before {self.first}")
        if self.less == 1.0 and self.more == 1.0 and not self.later:
            raise ValueError("says nothing: give less, more or later")
        return self

    @property
    def between(self) -> tuple[time, time] | None:
        """The hours of the day in which it holds; None: all of them. The second may be before the first."""
        return _hours(self.hours) if self.hours else None

    def days(self, start: date, end: date) -> list[tuple[date, date]]:
        """Its first and last days, as often as it touches [start, end]."""
        (year, *first), (last_year, *last) = _parts(self.first), _parts(self.last or self.first)
        give = self.give * DAY
        found = []
        if year is not None and last_year is not None:
            spans = [(_day(self.calendar, year, *first), _day(self.calendar, last_year, *last))]
        else:
            over = int(last < first)  # over the turn of the year
            years = range(_year(self.calendar, start) - 1 - over, _year(self.calendar, end) + 2)
            spans = [(_day(self.calendar, y, *first), _day(self.calendar, y + over, *last)) for y in years]
        for a, b in spans:
            if a is not None and b is not None and a - give <= end and b + give >= start:
                found.append((a - give, b + give))
        return found


def _parts(text: str) -> tuple[int | None, int, int]:
    parts = text.split("-")
    if len(parts) not in (2, 3) or not all(p.isdecimal() for p in parts):
        raise ValueError(f"{text!r} is no date: write MM-DD for every year, or YYYY-MM-DD")
    year = int(parts[0]) if len(parts) == 3 else None
    return year, int(parts[-2]), int(parts[-1])


def _check(calendar: Reckoning, year: int | None, month: int, day: int) -> None:
    longest = {Reckoning.HIJRI: 30, Reckoning.JALALI: 31, Reckoning.GREGORIAN: 31}[calendar]
    if not (1 <= month <= 12 and 1 <= day <= longest):
        raise ValueError(f"there is no {month:02}-{day:02} in the {calendar.value} calendar")
    if calendar is Reckoning.GREGORIAN and _day(calendar, year or 2024, month, day) is None:
        raise ValueError(f"there is no {month:02}-{day:02} in the gregorian calendar")
    if calendar is Reckoning.HIJRI and year is not None and year not in HIJRI_YEARS:
        raise ValueError(f"{year} is out of the tables: {HIJRI_YEARS[0]} to {HIJRI_YEARS[-1]}")


def _hours(text: str) -> tuple[time, time]:
    try:
        a, b = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError:
        raise ValueError(f"{text!r} are no hours: write HH:MM-HH:MM") from None
    if a == b:
        raise ValueError("hours: they end where they begin; leave them out for the whole day")
    return a, b


@lru_cache(maxsize=4096)
def _day(calendar: Reckoning, year: int, month: int, day: int) -> date | None:
    """The day in our own calendar; of a month that is shorter its last. None: out of the tables."""
    for shorter in range(3):
        try:
            match calendar:
                case Reckoning.HIJRI:
                    g = Hijri(year, month, day - shorter).to_gregorian()
                    return date(g.year, g.month, g.day)
                case Reckoning.JALALI:
                    j = JalaliDate(year, month, day - shorter).to_gregorian()  # type: ignore[no-untyped-call]  # typed in part
                    return date(j.year, j.month, j.day)
                case _:
                    return date(year, month, day - shorter)
        except (ValueError, OverflowError):
            if calendar is Reckoning.GREGORIAN and not (month == 2 and day == 29):
                return None
    return None


def _year(calendar: Reckoning, day: date) -> int:
    """The year of that calendar; the nearest that its tables hold."""
    match calendar:
        case Reckoning.HIJRI:
            try:
                return Gregorian(day.year, day.month, day.day).to_hijri().year
            except (ValueError, OverflowError):
                return HIJRI_YEARS[-1] if day.year > 2000 else HIJRI_YEARS[0]
        case Reckoning.JALALI:
            return int(JalaliDate(day).year)  # type: ignore[no-untyped-call]  # typed in part
        case _:
            return day.year
