"""The archive for notebooks: posts, claims, activity and counts as data frames.

    from archive.client import Archive
    archive = Archive("sqlite:///deadair.db")
    archive.posts("طائرة", channels=["@some_channel"], since="2031-01-01")

Frames are those of pandas where it is installed, else lists of dictionaries; what is not known is missing in
them. Plots show themselves in a notebook and are saved with `save("x.svg")` or
`save("x.png")`. The archive is only read; of an export it is noted that it was made.
"""

import warnings
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alerts.hours import hours
from archive import plots
from archive.count import By
from archive.coverage import coverage
from archive.errors import FilterError
from archive.export.columns import TABLES as COLUMNS
from archive.export.columns import Kind as Sort
from archive.export.make import NOT_HELD, Order, held_export, source_of
from archive.export.manifest import Manifest
from archive.export.tables import TABLES
from archive.export.writers import Format
from archive.indexer import unsearchable
from archive.opened import Opened
from archive.pages import charts
from archive.pages.names import Names, names_of
from archive.pages.voice import LANGUAGES, voice_of
from archive.plots import Plot, plot
from archive.query import Order as Ordered
from archive.query import Paging
from archive.resolve import resolve
from archive.search import Hit, search
from archive.usual import usual_hours, usual_of
from claims.lexicon.load import load
from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import Episode
from domain.finding import Kind, Ruling
from storage.store import Transaction

#: Of claimants so many are drawn, as on the page of claims.
_MOST_CLAIMANTS = 20


class Archive(Opened):
    """An archive by its url. Every call is one consistent picture of it.

    Raises StoreError where it cannot be opened, QueryError for words that cannot be read, FilterError for
    what does not exist.
    """

    def __init__(
        self, url: str, *, zone: str = "UTC", frames: bool | None = None, language: str = "en"
    ) -> None:
        """`zone`: of days and of times without a zone. `frames`: None means where pandas is. `language`: of
        the words in plots.
        """
        if language not in LANGUAGES:
            raise FilterError(f"plots do not speak {language!r}", hint=f"they speak {', '.join(LANGUAGES)}")
        self._voice = voice_of(language)
        super().__init__(url, zone=zone, frames=frames)

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

    def watch_spans(self, **filters: Any) -> Any:
        """When we could see."""
        return self._table("watch_spans", "", filters)

    def incidents(self, text: str = "", **filters: Any) -> Any:
        """The acts that claims of these posts tell of."""
        return self._table("incidents", text, filters)

    def coverage(self, **filters: Any) -> Any:
        """How much of each channel we could see: `watched` (0 to 1), `edits_watched` (in how much of the time
        edits and deletions came as they were made), hours of gaps, numbers held and not.

        Filters: channels, groups, since, until. Without `since`: from the first that is known of the channel.
        """
        query, now = self._query("", filters), WallClock().now()
        until = min(query.until or now, now)

        async def rows(tx: Transaction) -> list[Sequence[Any]]:
            found = (await resolve(tx, query)).channels
            covered = [
                await coverage(tx, c, query.since, until)
                for c in (found if found is not None else await tx.channels.all())
            ]
            return [
                (
                    *(c.channel.name, c.start, c.end, c.share, c.edits_share, sum(c.gap_hours.values())),
                    *(c.expected, c.held, c.census.deleted),
                )
                for c in covered
            ]

        names = (
            "channel",
            "since",
            "until",
            "watched",
            "edits_watched",
            "gap_hours",
            "ids_expected",
            "ids_held",
            "ids_deleted",
        )
        return self._frame(names, self._ask(rows), whole=names[6:], real=names[3:6])

    def expected(
        self,
        channel: str,
        *,
        topic: str | None = None,
        claimant: str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
    ) -> Any:
        """Posts of a channel, or about a topic or claimant of it, by whole hours, beside what was `expected`.

        `observed` is missing where not all of the hour was watched, `expected` with its ordinary `lower` and
        `upper` where it is not known. The last 14 days where no time is given.
        """
        counted, _ = self._counted(channel, topic, claimant, since, until)
        names = ("start", "observed", "expected", "lower", "upper")
        rows = [tuple(getattr(hour, name) for name in names) for hour in usual_hours(counted)]
        return self._frame(names, rows, whole=("observed",), real=names[2:])

    def claims_by_week(
        self, *, weeks: int = 13, channels: Sequence[str] | str = (), until: date | str | None = None
    ) -> Any:
        """Acts by claimant and week of Mondays: `held`, and `observed` where all of the week was watched."""
        found = self._weeks(weeks, channels, until)
        rows = [
            (claimant, monday, n if share >= 1 else None, n, share)
            for claimant, counts in found.by_claimant
            for n, (monday, share) in zip(counts, found.of(claimant), strict=True)
        ]
        names = ("claimant", "week", "observed", "held", "watched")
        return self._frame(names, rows, whole=("observed", "held"), real=("watched",))

    def episodes(self, channel: str | None = None, *, kind: str | None = None, limit: int = 1000) -> Any:
        """What was found out of the ordinary, the newest first; `observed` is missing where we were blind.

        `kind`: silence, drop, surge, blind ...
        """
        if kind is not None and kind not in list(Kind):
            raise FilterError(f"there are no episodes of {kind!r}", hint=f"there are {', '.join(Kind)}")

        async def read(tx: Transaction) -> tuple[Sequence[Episode], dict[int, Channel]]:
            about = await self._channel(tx, channel) if channel is not None else None
            found = await tx.overview.episodes(limit, kind=kind, channel_id=about.id if about else None)
            return found, {c.id: c for c in await tx.channels.all()}

        found, known = self._ask(read)
        rows = []
        for e in found:
            about = known.get(e.subject.channel_id or 0)
            blind = e.verdict.ruling is Ruling.BLIND
            rows.append(
                (
                    *(e.id, e.kind.value, e.state.value, about.name if about else None, e.subject.topic),
                    *(e.subject.claimant, e.since_at, e.found_at, e.closed_at, None if blind else e.observed),
                    *(e.expected, e.verdict.ruling.value, e.verdict.cause.value),
                    "\n".join(map(str, e.verdict.evidence)),
                )
            )
        names = (
            *("number", "kind", "state", "channel", "topic", "claimant", "since_at", "found_at", "closed_at"),
            *("observed", "expected", "ruling", "cause", "evidence"),
        )
        return self._frame(names, rows, whole=("number", "observed"), real=("expected",))

    def export(
        self,
        folder: str | Path,
        text: str = "",
        *,
        format: str = "ndjson",  # noqa: A002 - as the command line calls it
        tables: Sequence[str] = tuple(COLUMNS),
        **filters: Any,
    ) -> Manifest:
        """Write tables and their manifest.json into a new folder: what to cite, and what others can verify.

        `citation` and `bibtex` of the answer are for the paper. Raises DeadairError when something is at
        `folder` already.
        """
        if format not in list(Format):
            raise FilterError(f"there is no format {format!r}", hint=f"there are {', '.join(Format)}")
        query = self._query(text, filters)
        now = WallClock().now()
        order = Order(query=query, tables=tables, format=Format(format), at=now)
        made = self._with_store(lambda store: held_export(store, order, Path(folder), now=now))
        if not made.is_held:
            warnings.warn(NOT_HELD, stacklevel=2)
        return made.manifest

    def plot_activity(
        self,
        channel: str,
        *,
        topic: str | None = None,
        claimant: str | None = None,
        since: date | str | None = None,
        until: date | str | None = None,
    ) -> Plot:
        """`expected` as a chart: posts by the hour, the ordinary band, unwatched time shaded, episodes."""
        counted, episodes = self._counted(channel, topic, claimant, since, until)
        label = self._voice.word("Posts by the hour beside what was to be expected")
        marks = [
            (e.since_at, e.closed_at or counted.end, e.kind.value)
            for e in episodes
            if e.kind is not Kind.CHANNEL
            and (counted.about is None or (e.subject.topic, e.subject.claimant) == (topic, claimant))
        ]
        drawn = charts.activity(usual_hours(counted), self._zone, self._voice, label=label, episodes=marks)
        what = topic.replace("_", " ") if topic else self._named(claimant)
        return plot(
            drawn,
            self._title(counted.channel.title or counted.channel.name, what, label),
            self._voice,
            (plots.HOURLY, plots.BAND, plots.UNKNOWN),
        )

    def plot_rhythm(self, channel: str, *, until: date | str | None = None) -> Plot:
        """Usual posts an hour by weekday and hour of the channel's own day, as known at `until`.

        Raises FilterError while it is not known.
        """
        counted, _ = self._counted(channel, None, None, None, until)
        usual = usual_of(counted.channel, counted.posts, counted.spans, int(hours(counted.end) // 24))
        if not usual.is_known:
            raise FilterError(
                f"the rhythm of {counted.channel.name} is not known yet", hint="it takes three watched days"
            )
        label = self._voice.word("Usual posts an hour by weekday and hour of the day")
        week = [list(map(float, day)) for day in usual.week(ZoneInfo(counted.channel.zone))]
        drawn = charts.heat(week, self._voice, label=label)
        name = counted.channel.title or counted.channel.name
        return plot(drawn, self._title(name, label, counted.channel.zone), self._voice)

    def plot_days(self, text: str = "", **filters: Any) -> Plot:
        """`counts` by the day as a chart: a topic over time, or whatever a query finds."""
        query, label = self._query(text, filters), self._voice.word(plots.DAILY)
        values = [
            (date.fromisoformat(row.key), row.n, row.observed is not None)
            for row in self._count(query, By.DAY).rows
        ]
        asked = [
            ", ".join(value) if isinstance(value, list) else str(value)
            for name, value in query.document().items()
            if name not in ("since", "until")  # the axis says so
        ]
        return plot(
            charts.days(values, self._voice, label=label),
            self._title(*asked, label),
            self._voice,
            (plots.AT_LEAST,),
        )

    def plot_claims(
        self, *, weeks: int = 13, channels: Sequence[str] | str = (), until: date | str | None = None
    ) -> Plot:
        """`claims_by_week` as a chart."""
        found, label = self._weeks(weeks, channels, until), self._voice.word("Acts by the week")
        drawn = charts.weeks(
            [
                (
                    self._named(claimant),
                    [(n, share >= 1) for n, (_, share) in zip(counts, found.of(claimant), strict=True)],
                )
                for claimant, counts in found.by_claimant[:_MOST_CLAIMANTS]
            ],
            [monday for monday, _ in found.weeks],
            self._voice,
            label=label,
        )
        return plot(drawn, label, self._voice, (plots.AT_LEAST,))

    def counts(self, text: str = "", by: str = "day", **filters: Any) -> Any:
        """By day, channel, topic or claimant: `found`, `observed` (missing where unwatched, where emptied
        posts might belong to it, or where edits that are asked about may have come and gone), `watched`, and
        how many emptied posts that are (`removed`).
        """
        if by not in list(By):
            raise FilterError(f"nothing is counted by {by!r}", hint=f"by {', '.join(By)}")
        found = self._count(self._query(text, filters), By(by))
        rows = [(row.key, row.n, row.observed, row.watched, row.removed) for row in found.rows]
        names = (by, "found", "observed", "watched", "removed")
        return self._frame(names, rows, whole=(*names[1:3], "removed"), real=("watched",))

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
        whole, real = ([c.name for c in columns if c.kind is kind] for kind in (Sort.WHOLE, Sort.SHARE))
        return self._frame([c.name for c in columns], self._ask(rows), whole=whole, real=real)

    def _title(self, *parts: str) -> str:
        return " – ".join(self._voice.isolated(part) for part in parts if part)

    def _named(self, code: str | None) -> str:
        """What people call a claimant."""
        return self._names.of(code, self._voice.language)

    @cached_property
    def _names(self) -> Names:
        return names_of(load())
