"""Instants as hours since 1970, in UTC: the unit in which rhythms are computed."""

import math
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = math.inf


def hours(at: datetime) -> float:
    """Hours since the epoch; exact to well under a microsecond for this century."""
    return at.timestamp() / 3600.0


def instant(hour: float) -> datetime:
    """The first whole millisecond not before `hour`: who waits for it never comes too early."""
    return EPOCH + timedelta(milliseconds=math.ceil(hour * 3.6e6 - 1e-3))
