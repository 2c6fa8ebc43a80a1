"""Instants, spans and chances as a person says them."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.texts import common


def say_at(at: datetime, zone: ZoneInfo) -> str:
    """`Fri 14 Mar 04:40 UTC`, in the reader's zone."""
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M} {zone_name(at, zone)}"


def say_at_briefly(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """`04:40` for today, else with the day."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == today.date() else f"{local:%a} {local.day} {local:%b %H:%M}"


def zone_name(at: datetime, zone: ZoneInfo) -> str:
    """`UTC`, `EET`, or `UTC+3` where a zone has no letters of its own."""
    local = at.astimezone(zone)
    name = local.tzname() or ""
    if name.isalpha():
        return name
    minutes = round((local.utcoffset() or timedelta()).total_seconds() / 60)
    sign, (hours, rest) = "+" if minutes >= 0 else "-", divmod(abs(minutes), 60)
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def say_chance(probability: float) -> tuple[str, str, bool]:
    """In words, as the N of "1 in N", and whether it is beyond what a number can honestly say."""
    p = min(max(probability, 0.0), 1.0)
    words = next(said for most, said in reversed(common.IMPROBABLE) if p <= most)
    if p < 1e-6:  # no baseline is known that exactly
        return words, say_number(1_000_000), True
    return words, say_number(_rounded(1 / p)), False


def say_number(n: float) -> str:
    """With thousands apart, by a space that does not break: 12 500."""
    return f"{n:,.0f}".replace(",", "\u202f")


def say_expected(n: float) -> str:
    """As exact as it is known: 0.4, 3.2, 28."""
    return f"{n:.1f}".removesuffix(".0") if n < 10 else f"{n:.0f}"


def _rounded(n: float) -> float:
    """To two digits: no more of a chance is known."""
    digits = max(0, len(str(int(n))) - 2)
    return float(round(n, -digits)) if digits else float(round(n))
