"""Times, hours and zones as people type them."""

import difflib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location

from bot.say import LANGUAGES
from domain.instant import parse_span

#: Nothing is muted for longer by a span; without an end it is by saying so.
LONGEST = timedelta(days=365)
FOREVER = ("forever", "always")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(?:h|uhr)?")
_HOURS = re.compile(r"(\d{1,2})(?::(\d{2}))?\s*(?:-|–|—|to|until|\s)\s*(\d{1,2})(?::(\d{2}))?")
_OFFSET = re.compile(r"(?:utc|gmt)?\s*([+-])\s*(\d{1,2})(?::?(\d{2}))?")


def plain_digits(words: str) -> str:
    """Arabic and Persian digits as those that the rest here reads."""
    return words.translate(_DIGITS)


def read_until(words: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """`8h`, `2d`, `18:00` (the next one), `2031-03-14`, `2031-03-14T18:00`; in the zone of whoever says so.

    Raises ValueError for what is none of these, for what is over, and for more than a year.
    """
    said = plain_digits(words.strip().casefold())
    if said in FOREVER:
        return None
    try:
        at = _clock(said, now, zone) or _date(said, zone) or now + parse_span(said)
    except OverflowError:  # beyond the first and the last year that a calendar has
        raise ValueError(f"{words!r} is not within the coming year") from None
    if not now < at <= now + LONGEST:
        raise ValueError(f"{words!r} is not within the coming year")
    return at


def is_time(word: str, now: datetime, zone: ZoneInfo) -> bool:
    """Could that be the end of something?"""
    try:
        read_until(word, now, zone)
    except ValueError:
        said = plain_digits(word.casefold())
        try:
            return _date(said, zone) is not None or bool(re.fullmatch(r"\d+[smhdw]", said))
        except OverflowError:
            return True
    return True


def _clock(said: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", said)
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        return None
    today = now.astimezone(zone).date()
    for days in (0, 1):
        local = datetime.combine(today + timedelta(days=days), time(int(found[1]), int(found[2])), zone)
        if local.astimezone(UTC) > now:
            return local.astimezone(UTC)
    return None


def _date(said: str, zone: ZoneInfo) -> datetime | None:
    try:
        at = datetime.fromisoformat(said.upper())
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def read_hours(words: str) -> tuple[time, time]:
    """`22:00-07:00`, `22-7`, `22 7`. Raises ValueError for what is no two times of a day."""
    found = _HOURS.fullmatch(plain_digits(words.strip().casefold()))
    if found is None:
        raise ValueError(words)
    return (
        time(int(found[1]), int(found[2] or 0)),
        time(int(found[3]), int(found[4] or 0)),
    )


def read_hour(words: str) -> int:
    """`8` or `08:00`: a whole hour. Raises ValueError."""
    found = _CLOCK.fullmatch(plain_digits(words.strip().casefold()))
    if found is None or int(found[1]) > 23 or int(found[2] or 0):
        raise ValueError(words)
    return int(found[1])


def read_zone(words: str, now: datetime, most: int = 6) -> Sequence[str]:
    """The IANA zones that may be meant, one where it is clear: by name, city or country in any of our
    languages, or offset as `+3` or `UTC+3:30`. None at all only where nothing is even near."""
    said = plain_digits(words.strip().casefold()).replace("_", " ")
    if (offset := _OFFSET.fullmatch(said)) is not None:
        return _at_offset(offset, now)[:most]
    called = _called()
    if said in called:
        return called[said][:most]
    begins = sorted({zone for name, zones in called.items() if name.startswith(said) for zone in zones})
    if len(said) >= 3 and begins:
        return begins[:most]
    near = difflib.get_close_matches(said, list(called), n=most, cutoff=0.6)
    return list(dict.fromkeys(zone for name in near for zone in called[name]))[:most]


def is_clear(words: str, zones: Sequence[str]) -> bool:
    """Was just this zone named, and not one whose name is only near?"""
    said = plain_digits(words.strip().casefold()).replace("_", " ")
    return len(zones) == 1 and (said in _called() or _OFFSET.fullmatch(said) is not None)


@cache
def _zones() -> tuple[str, ...]:
    """Those of places, and UTC; the ones that exist for old programs are left out."""
    places = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/")
    more = ("Indian/", "Pacific/", "Arctic/")
    return tuple(sorted(z for z in available_timezones() if z.startswith((*places, *more)) or z == "UTC"))


@cache
def _called() -> dict[str, list[str]]:
    """Zones by what people call them, in small letters: their names, cities, countries."""
    out: dict[str, list[str]] = {}

    def call(name: str, zone: str) -> None:
        zones = out.setdefault(name.casefold().replace("_", " "), [])
        if zone not in zones:
            zones.append(zone)

    for zone in _zones():
        call(zone, zone)
        call(zone.rpartition("/")[2], zone)
        if zone == "UTC":
            continue
        for language in LANGUAGES:
            call(get_timezone_location(zone, locale=language, return_city=True), zone)
    for language in LANGUAGES:
        names = Locale.parse(language).territories
        for country, zones in get_global("territory_zones").items():
            for zone in zones:
                if country in names and zone in _zones():
                    call(names[country], zone)
    for name in ("utc", "gmt", "z"):
        out[name] = ["UTC"]
    return out


#: Where most of our readers are comes first among the zones of one offset.
_FIRST = (
    "Asia/Baghdad", "Asia/Tehran", "Asia/Beirut", "Asia/Jerusalem", "Asia/Damascus", "Asia/Riyadh",
    "Asia/Aden", "Europe/Istanbul", "Africa/Cairo", "Asia/Dubai", "Europe/London",
    "Europe/Berlin", "America/New_York",
)  # fmt: skip


def _at_offset(found: re.Match[str], now: datetime) -> list[str]:
    sign = 1 if found[1] == "+" else -1
    wanted = sign * timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    if not wanted:
        return ["UTC"]
    same = [z for z in _zones() if now.astimezone(ZoneInfo(z)).utcoffset() == wanted]
    return sorted(same, key=lambda z: (z not in _FIRST, _FIRST.index(z) if z in _FIRST else 0, z))
