"""Instants and spans of time: always with a zone, kept in UTC, written so that a person can read them."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

#: Before it there was no Telegram (https://telegram.org/evolution): of that time nothing is unknown.
FIRST = datetime(2013, 8, 14, tzinfo=UTC)

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
#: What is longer leads from now to where no calendar goes.
LONGEST = timedelta(days=365_250)
_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(s|m|h|d|w)\s*", re.IGNORECASE)


def utc(at: datetime) -> datetime:
    """The same instant in UTC. A naive one is refused: nobody can say which instant it is."""
    if at.tzinfo is None:
        raise ValueError(f"an instant needs a time zone: {at.isoformat()} has none")
    return at if at.tzinfo is UTC else at.astimezone(UTC)


def refuse_naive(record: object, *names: str) -> None:
    """Put the named fields of a frozen record into UTC; refuse a naive one. None stays None."""
    for name in names:
        at = getattr(record, name)
        if at is not None and at.tzinfo is not UTC:
            object.__setattr__(record, name, utc(at))


def parse_span(text: str) -> timedelta:
    """`90m`, `1h30m`, `2d` -> a timedelta. Raises ValueError that says what is allowed."""
    at, seconds = 0, 0.0
    while at < len(text) and (found := _SPAN.match(text, at)):
        seconds += float(found[1]) * _UNITS[found[2].lower()]
        at = found.end()
    if not text.strip() or at != len(text):
        raise ValueError(f"{text!r} is no span of time: write it like 45s, 90m, 6h, 1h30m, 2d or 1w")
    if seconds > LONGEST.total_seconds():
        raise ValueError(f"{text!r} is longer than a thousand years: write it like 6h or 2d")
    return timedelta(seconds=seconds)


def write_span(span: timedelta) -> str:
    """A span as `parse_span` reads it: `1h30m`, `2d`. Parts of a second are left out."""
    left, out = round(span.total_seconds()), ""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "m"), (1, "s")):
        n, left = divmod(left, size)
        out += f"{n}{unit}" if n else ""
    return out or "0s"


def say_span(span: timedelta) -> str:
    """A span as a person says it, by its two largest units: `2 d 3 h`, `45 min`, `20 s`."""
    seconds = round(abs(span.total_seconds()))
    parts: list[str] = []
    for size, name in ((86400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        n, seconds = divmod(seconds, size)
        if n:
            parts.append(f"{n} {name}")
        elif parts:
            break
        if len(parts) == 2:
            break
    return " ".join(parts) or "0 s"


def say_at(at: datetime, zone: tzinfo) -> str:
    """An instant by day and time in a zone, which is named by its letters or by how far it is from UTC."""
    local = at.astimezone(zone)
    return f"{local:%d %b %H:%M} {say_zone(local)}"


def say_zone(local: datetime) -> str:
    """The zone of a local time: `UTC`, `EET`, or `UTC+3` where it has no letters of its own."""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes >= 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")
