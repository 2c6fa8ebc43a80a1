"""What somebody asks: words, and what narrows them. What searches, counts or exports takes this record."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from archive.errors import FilterError
from domain.instant import refuse_naive

#: No number of an archive is this large, or larger.
LARGEST = 1 << 63


class Order(StrEnum):
    NEWEST = "newest"
    OLDEST = "oldest"
    RELEVANCE = "relevance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Of several values of one field one must hold, and of all fields that are given each."""

    text: str = ""  #: see archive/parse.py
    channels: tuple[str, ...] = ()  #: @handle, number or title
    groups: tuple[str, ...] = ()
    since: datetime | None = None  #: posted then or later
    until: datetime | None = None  #: posted before
    languages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    claimants: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    weapons: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()  #: of claims
    media: tuple[str, ...] = ()
    forwarded_from: tuple[str, ...] = ()  #: a channel, or a name; `*`: anybody
    edited: bool | None = None  #: there is a later version
    deleted: bool | None = None  #: known to be gone
    links: bool | None = None
    views_at_least: int | None = None
    views_at_most: int | None = None

    def __post_init__(self) -> None:
        refuse_naive(self, "since", "until")

    @property
    def asks_of_edits(self) -> bool:
        """Whether it is about edits or deletions, which come as they are made only where they are pushed."""
        return self.edited is not None or self.deleted is not None

    def document(self) -> dict[str, Any]:
        """As JSON has it: only what was asked. `read` takes it back."""
        out: dict[str, Any] = {}
        for name in self.__slots__:
            value = getattr(self, name)
            if value in ((), None, ""):
                continue
            out[name] = (
                value.isoformat()
                if isinstance(value, datetime)
                else list(value)
                if isinstance(value, tuple)
                else value
            )
        return out

    @classmethod
    def read(cls, document: dict[str, Any]) -> Self:
        """Raises FilterError for what no query has."""
        fields: dict[str, Any] = {}
        for name, value in document.items():
            if name not in cls.__slots__:
                raise FilterError(f"a query has no {name!r}", hint=f"it has: {', '.join(cls.__slots__)}")
            if name in ("since", "until"):
                try:
                    value = datetime.fromisoformat(value)
                except (TypeError, ValueError):
                    raise FilterError(
                        f"{name} {value!r} is no instant", hint="write 2031-03-14T12:00:00+00:00"
                    ) from None
                if value.tzinfo is None:
                    raise FilterError(f"{name} {value.isoformat()} has no zone", hint="add +00:00")
            elif not _is_like(getattr(_NOTHING, name), name, value):
                raise FilterError(
                    f"{name} cannot be {value!r}", hint="take it as an export's manifest has it"
                )
            fields[name] = tuple(value) if isinstance(value, list) else value
        try:
            return cls(**fields)
        except OverflowError:
            raise FilterError(
                "no calendar has such an instant in UTC", hint="write 2031-03-14T12:00:00+00:00"
            ) from None


_NOTHING = Query()
_COUNTS = ("views_at_least", "views_at_most")


def _is_like(usual: object, name: str, value: object) -> bool:
    """Is it what a field holds that is `usual` where nothing was asked?"""
    if isinstance(usual, tuple):
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if usual == "":
        return isinstance(value, str)
    if name in _COUNTS:
        return value is None or (type(value) is int and 0 <= value < LARGEST)
    return value is None or isinstance(value, bool)


def zone_named(name: str) -> ZoneInfo:
    """Raises FilterError when there is no such zone."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise FilterError(
            f"there is no time zone {name!r}", hint="write it as Asia/Baghdad, or UTC"
        ) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paging:
    """Which part of what is found."""

    order: Order = Order.NEWEST
    limit: int = 50
    after: str | None = None  #: `Page.next` of the page before
    fold_copies: bool = True
    upto: int | None = None  #: `Page.upto` of the first page: what was posted later moves nothing about

    MOST: int = field(default=500, init=False, repr=False)

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= self.MOST:
            raise FilterError(f"a page has 1 to {self.MOST} posts, not {self.limit}")
