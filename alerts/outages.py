"""What others say of internet outages and of blocked Telegram, country by country.

Two makers are understood. IODA (Georgia Tech): its outage events, and its alerts, of which a level below
normal begins an outage and normal ends it. OONI: its incidents, as far as they speak of Telegram or of a
shutdown, and its counts by day and country of the test of Telegram.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts import evidence as said
from domain.country import COUNTRIES
from domain.errors import DeadairError
from domain.instant import FIRST, LONGEST, refuse_naive, utc
from domain.sentence import Country, Sentence

#: What has no end on record is taken for over after so long: records are left open, and feeds stop.
STALE = timedelta(days=2)
#: So long before posts stop an outage may have begun and ended, and still be the same.
BEFORE = timedelta(hours=1)
#: Beyond it no calendar can reckon with what an outage may last.
_LAST = datetime(9000, 1, 1, tzinfo=UTC)
#: Of a day's tests of Telegram in a country so many, and such a part of them, must have failed.
TESTS, FAILED = 10, 0.5
_ABOUT = ("telegram", "shutdown", "blackout", "internet outage")


class UnknownForm(DeadairError):
    """The document is of neither maker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Somebody says that a country was cut off, wholly or from Telegram."""

    source: str  #: who says so
    country: str
    from_at: datetime
    to_at: datetime | None  #: None: it lasts
    what: str = ""  #: what it was seen in, or what it is called

    def __post_init__(self) -> None:
        refuse_naive(self, "from_at", "to_at")

    def meets(self, start: datetime, end: datetime) -> bool:
        """Does it fall into [start, end]?"""
        until = self.to_at or self.from_at + STALE
        return self.from_at <= end and until >= start - BEFORE


def read_outages(document: object) -> list[Outage]:
    """The outages that a document tells of; records that say nothing usable are left out.

    Raises UnknownForm when it is of neither maker.
    """
    rows = document
    if isinstance(document, dict):
        for key, read in (("incidents", _incidents), ("result", _counts)):
            if isinstance(document.get(key), list):
                return list(read(_tables(document[key])))
        rows = document.get("data")
    if not isinstance(rows, list):
        raise UnknownForm(
            "holds no outages in a form that is known",
            hint="give IODA's outage events or alerts, or OONI's incidents or counts by day and country",
        )
    tables = list(_tables(rows))
    return [*_events(tables), *_alerts(tables)]


def told_of(outages: Iterable[Outage], country: str, start: datetime, end: datetime) -> Sequence[str]:
    """A sentence for each maker that tells of an outage of this country in this stretch."""
    by_source: dict[str, list[Outage]] = defaultdict(list)
    for outage in outages:
        if outage.country == country and outage.meets(start, end):
            by_source[outage.source].append(outage)
    lines: list[str] = []
    for source, found in sorted(by_source.items()):
        seen_in = ", ".join(sorted({o.what for o in found if o.what})[:4])
        since = min(o.from_at for o in found)
        where = Country(country)
        lines.append(
            Sentence(said.REPORTED_IN, source=source, country=where, since=since, what=seen_in)
            if seen_in
            else Sentence(said.REPORTED, source=source, country=where, since=since)
        )
    return lines


def _tables(rows: Iterable[object]) -> Iterator[Mapping[str, Any]]:
    """IODA's older answers put lists into lists."""
    for row in rows:
        if isinstance(row, list):
            yield from _tables(row)
        elif isinstance(row, dict):
            yield row


def _events(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outage]:
    for row in rows:
        kind, _, code = str(row.get("location", "")).partition("/")
        start = _at(row.get("start", row.get("from")))
        if kind != "country" or code.upper() not in COUNTRIES or start is None:
            continue
        duration, end = row.get("duration"), _at(row.get("until"))
        if isinstance(duration, int | float) and 0 < duration <= LONGEST.total_seconds():
            end = start + timedelta(seconds=duration)
        yield Outage(
            source="IODA",
            country=code.upper(),
            from_at=start,
            to_at=end,
            what=str(row.get("datasource") or ""),
        )


def _alerts(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outage]:
    told: dict[tuple[str, str], list[tuple[datetime, bool]]] = defaultdict(list)
    for row in rows:
        entity, at = row.get("entity"), _at(row.get("time"))
        if (
            not isinstance(entity, dict)
            or entity.get("type") != "country"
            or at is None
            or "level" not in row
        ):
            continue
        code = str(entity.get("code", "")).upper()
        if code in COUNTRIES:
            told[code, str(row.get("datasource") or "")].append((at, row["level"] != "normal"))
    for (code, what), levels in told.items():
        since: datetime | None = None
        for at, is_low in sorted(levels):
            if is_low and since is None:
                since = at
            elif not is_low and since is not None:
                yield Outage(source="IODA", country=code, from_at=since, to_at=at, what=what)
                since = None
        if since is not None:
            yield Outage(source="IODA", country=code, from_at=since, to_at=None, what=what)


def _incidents(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outage]:
    for row in rows:
        start, end = _at(row.get("start_time")), _at(row.get("end_time"))
        title = str(row.get("title") or "")
        said = f"{title} {row.get('short_description') or ''}".casefold()
        tests = row.get("test_names")
        is_ours = (isinstance(tests, list) and "telegram" in tests) or any(word in said for word in _ABOUT)
        codes = row.get("CCs")
        if start is None or not is_ours or not isinstance(codes, list):
            continue
        for code in codes:
            if str(code).upper() in COUNTRIES:
                yield Outage(
                    source="OONI", country=str(code).upper(), from_at=start, to_at=end, what=title[:80]
                )


def _counts(rows: Iterable[Mapping[str, Any]]) -> Iterator[Outage]:
    for row in rows:
        code, start = str(row.get("probe_cc", "")).upper(), _at(row.get("measurement_start_day"))
        counts = [row.get(name, 0) for name in ("measurement_count", "anomaly_count", "confirmed_count")]
        if code not in COUNTRIES or start is None or not all(isinstance(n, int) for n in counts):
            continue
        n, anomalies, confirmed = counts
        if n >= TESTS and anomalies + confirmed >= FAILED * n:
            what = f"Telegram failed in {anomalies + confirmed} of {n} tests"
            yield Outage(
                source="OONI", country=code, from_at=start, to_at=start + timedelta(days=1), what=what
            )


def _at(value: object) -> datetime | None:
    """An instant, as seconds since 1970 or in ISO 8601; None for what is neither, or not of our time."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            found = datetime.fromtimestamp(value, UTC)
        elif isinstance(value, str) and value:
            found = datetime.fromisoformat(value)
            found = utc(found) if found.tzinfo else found.replace(tzinfo=UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    return found if FIRST <= found <= _LAST else None
