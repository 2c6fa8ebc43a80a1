"""What the search form holds, as a query. Pure."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from archive import complaint
from archive.errors import FilterError
from archive.query import Order, Paging, Query
from domain.sentence import Sentence

PER_PAGE = 25
_LISTS = {
    "group": "groups",
    "lang_of": "languages",
    "topic": "topics",
    "claimant": "claimants",
    "place": "places",
    "weapon": "weapons",
    "kind": "kinds",
    "media": "media",
    "from": "forwarded_from",
    "channel": "channels",
}
_WHOLE = ("channel", "group", "from")  #: names in which a comma may stand
_SWITCHES = ("edited", "deleted", "links")


def query_of(given: Mapping[str, str], zone: ZoneInfo) -> Query:
    """Raises FilterError that says what cannot be read; words are proved by the search."""
    lists = {
        field: (
            (value,) if name in _WHOLE else tuple(part.strip() for part in value.split(",") if part.strip())
        )
        for name, field in _LISTS.items()
        if (value := given.get(name, "").strip())
    }
    switches: dict[str, bool] = {}
    for name in _SWITCHES:
        match given.get(name, ""):
            case "yes":
                switches[name] = True
            case "no":
                switches[name] = False
            case "":
                pass
            case other:
                raise FilterError(Sentence(complaint.YES_OR_NO, name=name, words=repr(other)))
    return Query(
        text=given.get("q", "").strip(),
        since=_day(given.get("since", ""), "since", zone, end=False),
        until=_day(given.get("until", ""), "until", zone, end=True),
        views_at_least=_views(given.get("views", "")),
        **lists,  # type: ignore[arg-type]  # names and types are those of the table above
        **switches,  # type: ignore[arg-type]
    )


def paging_of(given: Mapping[str, str]) -> Paging:
    """Raises FilterError for an order that there is not."""
    order = given.get("order", "") or Order.NEWEST.value
    if order not in {each.value for each in Order}:
        raise FilterError(
            Sentence(complaint.NO_ORDER, name=repr(order)),
            hint=Sentence(complaint.THERE_ARE, names=tuple(each.value for each in Order)),
        )
    return Paging(
        order=Order(order),
        limit=PER_PAGE,
        after=given.get("after") or None,
        fold_copies=given.get("copies") != "yes",
    )


def _day(text: str, name: str, zone: ZoneInfo, *, end: bool) -> datetime | None:
    """A day of `zone`: its beginning, or its end."""
    text = text.strip()
    if not text:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise ValueError
        day = date.fromisoformat(text) + timedelta(days=1 if end else 0)
        return datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise FilterError(
            Sentence(complaint.NO_DAY, words=f"{name} {text!r}"),
            hint=Sentence(complaint.WRITE_AS, example="2031-03-14"),
        ) from None


def _views(text: str) -> int | None:
    text = text.strip()
    if not text:
        return None
    if not text.isdecimal() or len(text) > 15:
        raise FilterError(
            Sentence(complaint.NO_NUMBER, words=f"views {text!r}"),
            hint=Sentence(complaint.WRITE_AS, example="1000"),
        )
    return int(text)
