"""What is typed on the command line, as a query."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive.errors import FilterError, QueryError
from archive.query import Query, zone_named
from domain.errors import DeadairError
from domain.instant import parse_span


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """As typed; lists may be given as one value with commas."""

    text: str = ""
    channel: list[str] | None = None
    group: list[str] | None = None
    since: str | None = None
    until: str | None = None
    lang: list[str] | None = None
    topic: list[str] | None = None
    claimant: list[str] | None = None
    place: list[str] | None = None
    weapon: list[str] | None = None
    kind: list[str] | None = None
    media: list[str] | None = None
    forwarded_from: list[str] | None = None
    edited: bool | None = None
    deleted: bool | None = None
    links: bool | None = None
    views: str | None = None


def query_of(options: Options, zone: ZoneInfo, now: datetime) -> Query:
    """Raises FilterError for what cannot be read."""
    low, high = _views(options.views)
    return Query(
        text=options.text,
        channels=_listed(options.channel, commas=False),
        groups=_listed(options.group, commas=False),
        since=_when(options.since, "--since", zone, now, end=False),
        until=_when(options.until, "--until", zone, now, end=True),
        languages=_listed(options.lang),
        topics=_listed(options.topic),
        claimants=_listed(options.claimant),
        places=_listed(options.place),
        weapons=_listed(options.weapon),
        kinds=_listed(options.kind),
        media=_listed(options.media),
        forwarded_from=_listed(options.forwarded_from, commas=False),
        edited=options.edited,
        deleted=options.deleted,
        links=options.links,
        views_at_least=low,
        views_at_most=high,
    )


def _listed(values: list[str] | None, *, commas: bool = True) -> tuple[str, ...]:
    if not commas:
        return tuple(values or ())
    return tuple(part.strip() for value in values or () for part in value.split(",") if part.strip())


def _when(text: str | None, option: str, zone: ZoneInfo, now: datetime, *, end: bool) -> datetime | None:
    """An instant, a day of `zone` (until: to its end), or a span before now."""
    if text is None:
        return None
    try:
        if re.fullmatch(r"(\d+[wdhms])+", text):
            return now - parse_span(text)
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
            return datetime.combine(day, time(), zone).astimezone(UTC)
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError, DeadairError):
        raise FilterError(
            f"{option} {text!r} is no time",
            hint="write a day, 2031-03-14; an instant, 2031-03-14T12:00; or 7d ago: 7d",
        ) from None


def _views(text: str | None) -> tuple[int | None, int | None]:
    if text is None:
        return None, None
    found = re.fullmatch(r"(\d{0,15})(?:-(\d{0,15}))?", text.replace(" ", ""))
    if found is None or not (found[1] or found[2]):
        raise FilterError(
            f"--views {text!r} is no number", hint="write the least, 1000, or a range, 1000-5000"
        )
    low, high = (int(part) if part else None for part in found.groups())
    if low is not None and high is not None and low > high:
        raise FilterError(f"--views {text!r} holds no number", hint=f"the least comes first: {high}-{low}")
    return low, high


def zone_of(option: str | None, configured: str) -> ZoneInfo:
    return zone_named(option or configured)


def pointed(error: QueryError) -> str:
    """The query with a mark under the place where it goes wrong."""
    return f"  {error.text}\n  {' ' * min(error.at, len(error.text))}^ {error.why}"
