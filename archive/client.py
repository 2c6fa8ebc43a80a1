"""The archive for notebooks: posts, claims, activity and counts as data frames.

    from archive.client import Archive
    archive = Archive("sqlite:///deadair.db")
    archive.posts("طائرة", channels=["@some_channel"], since="2031-01-01")

Frames are those of pandas where it is installed, else lists of dictionaries. Nothing is ever written.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from threading import Thread
from typing import Any, TypeVar

from archive.count import By, count
from archive.errors import FilterError
from archive.export.columns import TABLES as COLUMNS
from archive.export.make import Order, source_of
from archive.export.tables import TABLES
from archive.indexer import unsearchable
from archive.query import Order as Ordered
from archive.query import Paging, Query, zone_named
from archive.search import Hit, search
from domain.clock import WallClock
from storage.config import StorageConfig
from storage.store import Transaction, open_store

T = TypeVar("T")

#: Fields of a query that hold several values, as a notebook may give them.
_SEVERAL = (
    *("channels", "groups", "languages", "topics", "claimants", "places", "weapons", "kinds", "media"),
    "forwarded_from",
)


class Archive:
    """An archive by its url. Every call is one consistent picture of it.

    Raises StoreError where it cannot be opened, QueryError for words that cannot be read, FilterError for
    what does not exist.
    """

    def __init__(self, url: str, *, zone: str = "UTC", frames: bool | None = None) -> None:
        """`zone`: of days and of times without a zone. `frames`: None means where pandas is."""
        self._config = StorageConfig(url=url)
        self._zone = zone_named(zone)
        self._frames = frames

    def posts(self, text: str = "", **filters: Any) -> Any:
        """Posts that are found, oldest first, as an export has them. Filters are the fields of `Query`."""
        return self._table("posts", text, filters)

    def versions(self, text: str = "", **filters: Any) -> Any:
        """Every version of these posts."""
        return self._table("versions", text, filters)

    def claims(self, text: str = "", **filters: Any) -> Any:
        """Every version of every claim of these posts."""
        return self._table("claims", text, filters)

    def activity(self, text: str = "", **filters: Any) -> Any:
        """Posts found, by channel and hour; `observed` is missing where not all of it was watched."""
        return self._table("activity", text, filters)

    def gaps(self, **filters: Any) -> Any:
        """When we could not see, and why."""
        return self._table("gaps", "", filters)

    def counts(self, text: str = "", by: str = "day", **filters: Any) -> Any:
        """By day, channel, topic or claimant: `found`, `observed` (missing where unwatched) and `watched`."""
        if by not in list(By):
            raise FilterError(f"nothing is counted by {by!r}", hint=f"by {', '.join(By)}")
        query = self._query(text, filters)
        now = WallClock().now()
        found = self._ask(lambda tx: count(tx, query, By(by), zone=self._zone, now=now))
        rows = [(row.key, row.n, row.observed, row.watched) for row in found.rows]
        return self._frame((by, "found", "observed", "watched"), rows, whole=("found", "observed"))

    def search(
        self, text: str = "", *, order: str = "newest", limit: int = 50, **filters: Any
    ) -> Sequence[Hit]:
        """A page of what is found, with snippets, versions and who else says so."""
        query, paging = self._query(text, filters), Paging(order=Ordered(order), limit=limit)
        return self._ask(lambda tx: search(tx, query, paging)).hits

    def unsearchable(self) -> int:
        """Posts and edits that the index does not have yet, and that no call finds."""
        return self._ask(unsearchable)

    def _table(self, table: str, text: str, filters: dict[str, Any]) -> Any:
        order = Order(query=self._query(text, filters), at=WallClock().now())

        async def rows(tx: Transaction) -> list[Sequence[Any]]:
            source = await source_of(tx, order)
            return [row async for batch in TABLES[table](source) for row in batch]

        columns = COLUMNS[table]
        whole = [column.name for column in columns if column.kind.value == "whole"]
        return self._frame([column.name for column in columns], self._ask(rows), whole=whole)

    def _query(self, text: str, filters: dict[str, Any]) -> Query:
        given: dict[str, Any] = {"text": text}
        for name, value in filters.items():
            if name in _SEVERAL:
                given[name] = (value,) if isinstance(value, str) else tuple(value)
            elif name in ("since", "until") and value is not None:
                given[name] = self._instant(name, value)
            else:
                given[name] = value
        if strange := sorted(set(given) - set(Query.__slots__)):
            raise FilterError(f"a query has no {strange[0]!r}", hint=f"it has: {', '.join(Query.__slots__)}")
        return Query(**given)

    def _instant(self, name: str, value: datetime | str) -> datetime:
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            raise FilterError(
                f"{name} {value!r} is no time", hint="write 2031-03-14 or 2031-03-14T12:00"
            ) from None
        return (at if at.tzinfo is not None else at.replace(tzinfo=self._zone)).astimezone(UTC)

    def _ask(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """In a thread with a loop of its own: a notebook has one running already."""

        async def run() -> T:
            async with open_store(self._config, create=False) as store, store.read() as tx:
                return await work(tx)

        found: list[T] = []
        failed: list[BaseException] = []

        def enter() -> None:
            try:
                found.append(asyncio.run(run()))
            except BaseException as error:
                failed.append(error)

        thread = Thread(target=enter, name="archive")
        thread.start()
        thread.join()
        if failed:
            raise failed[0]
        return found[0]

    def _frame(self, names: Sequence[str], rows: Sequence[Sequence[Any]], *, whole: Sequence[str]) -> Any:
        if self._frames is not False:
            try:
                import pandas
            except ImportError:
                if self._frames:
                    raise
            else:
                frame = pandas.DataFrame(list(rows), columns=list(names))
                # Whole numbers that may be missing: pandas would make fractions of them.
                return frame.astype(dict.fromkeys(whole, "Int64"))
        return [dict(zip(names, row, strict=True)) for row in rows]
