"""An archive that is opened anew for each question of a notebook: arguments to queries, rows to frames."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from threading import Thread
from typing import Any, TypeVar

from archive.activity import read_counted
from archive.count import By, Counts, count
from archive.errors import FilterError
from archive.query import Query, zone_named
from archive.resolve import resolve, unknown
from archive.usual import Counted
from archive.weeks import Weeks, read_weeks
from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import Episode
from domain.finding import Kind
from storage.config import StorageConfig
from storage.store import Store, Transaction, open_store

T = TypeVar("T")
_DAY = timedelta(days=1)
#: Where no time is given, hours are those of so many days, as on the page of a channel.
_DAYS = 14
#: Of the time that is asked for so many of a channel's newest episodes are looked at.
_EPISODES = 5000
#: Acts that were claimed are no matter of how much was posted.
_MARKED = tuple(kind for kind in Kind if kind not in (Kind.CLAIM, Kind.TEST))
#: Fields of a query that hold several values, as a notebook may give them.
_SEVERAL = (
    *("channels", "groups", "languages", "topics", "claimants", "places", "weapons", "kinds", "media"),
    "forwarded_from",
)


class Opened:
    """What every question needs."""

    def __init__(self, url: str, *, zone: str, frames: bool | None) -> None:
        self._config = StorageConfig(url=url)
        self._zone = zone_named(zone)
        self._frames = frames

    def _count(self, query: Query, by: By) -> Counts:
        now = WallClock().now()
        return self._ask(lambda tx: count(tx, query, by, zone=self._zone, now=now))

    def _counted(
        self,
        channel: str,
        topic: str | None,
        claimant: str | None,
        since: date | str | None,
        until: date | str | None,
    ) -> tuple[Counted, Sequence[Episode]]:
        """A series by the hour, and the episodes of its channel."""
        if topic is not None and claimant is not None:
            raise FilterError("a series is of a topic or of a claimant", hint="ask for one")
        end = self._whole("until", until, WallClock().now())
        start = self._whole("since", since, end - _DAYS * _DAY)
        if start >= end:
            raise FilterError(
                f"no whole hour lies between {start.isoformat()} and {end.isoformat()}",
                hint="since comes before until, and until not after now",
            )

        async def read(tx: Transaction) -> tuple[Counted, Sequence[Episode]]:
            found = await self._channel(tx, channel)
            counted = await read_counted(tx, found, start, end, topic=topic, claimant=claimant)
            if counted.reader_version is not None and counted.about == {}:
                # A slip of the pen is no silence.
                by, name = (By.TOPIC, topic) if topic is not None else (By.CLAIMANT, claimant)
                there = await count(tx, Query(), by, zone=self._zone, now=end)
                if name not in (names := [row.key for row in there.rows]):
                    raise unknown(by.value, str(name), names)
            return counted, await tx.episodes.page(
                _EPISODES, kinds=_MARKED, channels=[found.id], since=start, until=end
            )

        counted, episodes = self._ask(read)
        if counted.reader_version is None:
            raise FilterError(
                "no post of this archive has been read yet: nothing is counted",
                hint="read them: deadair reread --yes, or leave `deadair run` running",
            )
        return counted, episodes

    async def _channel(self, tx: Transaction, name: str) -> Channel:
        found = (await resolve(tx, Query(channels=(name,)))).channels
        return (found or [])[0]

    def _weeks(self, n: int, channels: Sequence[str] | str, until: date | str | None) -> Weeks:
        if n < 1:
            raise FilterError(f"there are no {n} weeks", hint="ask for one at least")
        query, now = self._query("", {"channels": channels, "until": until}), WallClock().now()

        async def read(tx: Transaction) -> Weeks:
            found = (await resolve(tx, query)).channels
            ids = None if found is None else {c.id for c in found}
            return await read_weeks(tx, min(query.until or now, now), self._zone, n, channels=ids)

        return self._ask(read)

    def _whole(self, name: str, at: date | str | None, default: datetime) -> datetime:
        """The beginning of that hour; not after now."""
        instant = default if at is None else min(self._instant(name, at), WallClock().now())
        return instant.replace(minute=0, second=0, microsecond=0)

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

    def _instant(self, name: str, value: date | str) -> datetime:
        """An instant, or the beginning of a day."""
        try:
            at = datetime.fromisoformat(value) if isinstance(value, str) else value
            if not isinstance(at, datetime):
                at = datetime.combine(at, time())
            # Plain ones, whatever gave them: an instant of pandas is one that databases do not take.
            return datetime.combine(at.date(), at.time(), at.tzinfo or self._zone).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise FilterError(
                f"{name} {value!r} is no time", hint="write 2031-03-14 or 2031-03-14T12:00"
            ) from None

    def _ask(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        async def read(store: Store) -> T:
            async with store.read() as tx:
                return await work(tx)

        return self._with_store(read)

    def _with_store(self, work: Callable[[Store], Awaitable[T]]) -> T:
        """In a thread with a loop of its own: a notebook has one running already."""

        async def run() -> T:
            async with open_store(self._config, create=False) as store:
                return await work(store)

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

    def _frame(
        self,
        names: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        whole: Sequence[str] = (),
        real: Sequence[str] = (),
    ) -> Any:
        if self._frames is not False:
            try:
                import pandas
            except ImportError:
                if self._frames:
                    raise
            else:
                frame = pandas.DataFrame(list(rows), columns=list(names))
                # Whole numbers that may be missing: pandas would make fractions of them.
                return frame.astype(dict.fromkeys(whole, "Int64") | dict.fromkeys(real, "float64"))
        return [dict(zip(names, row, strict=True)) for row in rows]
