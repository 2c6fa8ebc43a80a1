"""Instants, spans, numbers and chances as a person says them, in the reader's language and zone."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, get_timezone_location

from bot.markup import LEFT_TO_RIGHT_ISOLATE, POP_ISOLATE, Html, foreign, html
from bot.say import Say
from bot.texts import common
from domain.instant import say_zone
from domain.sentence import Country, Sentence, Value

_DAY, _TIME = "EEE d MMM", "HH:mm"
_LONGEST_NAME, _LONGEST_WORDS = 60, 200
_UNITS = ((86400, common.DAYS), (3600, common.HOURS), (60, common.MINUTES), (1, common.SECONDS))


def say_at(at: datetime, zone: ZoneInfo, say: Say, now: datetime | None = None) -> str:
    """`Fri 14 Mar 04:40 UTC`, in the reader's zone; with its year where that is not the year of `now`."""
    day = _DAY if now is None else _day(at, zone, now)
    return f"{_formatted(at, zone, say, f'{day} {_TIME}')} {zone_name(at, zone, say)}"


def say_at_briefly(at: datetime, zone: ZoneInfo, now: datetime, say: Say) -> str:
    """`04:40` for today, else with the day, and of another year with that too."""
    same = at.astimezone(zone).date() == now.astimezone(zone).date()
    return _formatted(at, zone, say, _TIME if same else f"{_day(at, zone, now)} {_TIME}")


def say_time(at: datetime, zone: ZoneInfo, say: Say) -> str:
    """`04:40`."""
    return _formatted(at, zone, say, _TIME)


def say_day(at: datetime, zone: ZoneInfo, say: Say) -> str:
    """`Fri 14 Mar`."""
    return _formatted(at, zone, say, _DAY)


def say_date(day: date, say: Say) -> str:
    """`14 Mar 2031`."""
    return say.digits(format_date(day, "d MMM y", locale=say.locale))


def say_weekday(at: datetime, zone: ZoneInfo, say: Say, *, time: bool = False) -> str:
    """`Fri 14`, or `Fri 04:40`."""
    return _formatted(at, zone, say, f"EEE {_TIME}" if time else "EEE d")


def say_weekday_name(weekday: int, say: Say) -> str:
    """`Monday` for 0."""
    return str(say.locale.days["format"]["wide"][weekday])


def zone_name(at: datetime, zone: ZoneInfo, say: Say) -> str:
    """`UTC`, `EET`, or `UTC+3` where a zone has no letters of its own; in other languages its city."""
    local = at.astimezone(zone)
    if say.runs_left:
        if "/" not in zone.key or zone.key.startswith("Etc/"):
            return f"{LEFT_TO_RIGHT_ISOLATE}{zone.key}{POP_ISOLATE}"
        city = get_timezone_location(zone, locale=say.locale, return_city=True)
        return say.bare(common.TIME_OF, city=city)
    return say_zone(local)


def zone_label(at: datetime, zone: ZoneInfo, say: Say) -> str:
    """For charts: `Asia/Baghdad (UTC+3)`, `UTC`; in other languages as it is said."""
    name = zone_name(at, zone, say)
    return name if say.runs_left or zone.key == name else f"{zone.key} ({name})"


def say_span(span: timedelta, say: Say) -> str:
    """A span by its two largest units: `2 d 3 h`, `45 min`, `20 s`."""
    seconds = round(abs(span.total_seconds()))
    parts: list[str] = []
    for size, templates in _UNITS:
        n, seconds = divmod(seconds, size)
        if n:
            parts.append(say.many_bare(templates, n))
        elif parts:
            break
        if len(parts) == 2:
            break
    if len(parts) == 2:
        return say.bare(common.SPAN_OF_TWO, one=parts[0], other=parts[1])
    return parts[0] if parts else say.many_bare(common.SECONDS, 0)


def say_chance(probability: float, say: Say) -> tuple[str, str, bool]:
    """In words, as the N of "1 in N", and whether it is beyond what a number can honestly say."""
    p = min(max(probability, 0.0), 1.0)
    words = say.bare(next(said for most, said in reversed(common.IMPROBABLE) if p <= most))
    if p < 1e-6:  # no baseline is known that exactly
        return words, say_number(1_000_000, say), True
    return words, say_number(_rounded(1 / p), say), False


def say_number(n: float, say: Say) -> str:
    """With thousands apart: 12 500."""
    return say.digits(f"{n:,.0f}").replace(",", say.marks[0])


def say_expected(n: float, say: Say) -> str:
    """As exact as it is known: 0.4, 3.2, 28."""
    shown = f"{n:.1f}".removesuffix(".0") if n < 10 else f"{n:.0f}"
    return say.digits(shown).replace(".", say.marks[1])


def say_sentence(said: str, zone: ZoneInfo, say: Say, longest: int = 300) -> Html:
    """What the judge says, in the reader's words and zone. What is mere text stays as it is.

    No name or text of others in it is longer than `longest` UTF-16 units.
    """
    if not isinstance(said, Sentence):
        return foreign(said, longest)
    values = {name: _value(value, zone, say, longest) for name, value in said.values.items()}
    return say(said.template, **values)


def say_country(code: str, say: Say) -> str:
    """By its name, where the language has one for it."""
    return str(say.locale.territories.get(code.upper(), code))


def _value(value: Value, zone: ZoneInfo, say: Say, longest: int) -> Html:
    match value:
        case Sentence():
            return say_sentence(value, zone, say, longest)
        case Country():
            return html(say_country(value, say))
        case datetime():
            return html(say_at(value, zone, say))
        case timedelta():
            return html(say_span(value, say))
        case tuple():
            return say.listed([foreign(name, min(longest, _LONGEST_NAME)) for name in value])
        case int():
            return html(say_number(value, say))
        case float():
            return html(say_expected(value, say))
        case _:
            return foreign(value, min(longest, _LONGEST_WORDS))


def _day(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """How a day is written: without its year it is taken for one of this year."""
    return _DAY if at.astimezone(zone).year == now.astimezone(zone).year else f"{_DAY} y"


def _formatted(at: datetime, zone: ZoneInfo, say: Say, pattern: str) -> str:
    return say.digits(format_datetime(at, pattern, tzinfo=zone, locale=say.locale))


def _rounded(n: float) -> float:
    """To two digits: no more of a chance is known."""
    digits = max(0, len(str(int(n))) - 2)
    return float(round(n, -digits)) if digits else float(round(n))
