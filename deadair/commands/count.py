"""`deadair count`: how many posts, and how much of the time we were watching."""

import asyncio
import csv
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from archive.count import By, Counts, Row
from archive.count import count as counted
from archive.export.writers import safe
from archive.query import Query
from deadair.archive_open import looking, tell_as_of, tell_removed, tell_unsearchable
from deadair.as_of import as_of
from deadair.asking import Options, query_of, zone_of
from deadair.config import load
from deadair.plural import plural
from deadair.script import harmless
from domain.clock import WallClock

_BAR = 30


def count(
    config: Path | None, options: Options, *, zone: str | None, by: str, as_json: bool, as_csv: bool
) -> None:
    setup = load(config)
    where = zone_of(zone, setup.config.archive.zone)
    ours = WallClock().now()
    query_of(options, where, ours)  # what cannot be read is said before the archive is opened

    async def run() -> tuple[Query, Counts, datetime]:
        async with looking(setup) as tx:
            now = await as_of(tx, ours)
            query = query_of(options, where, now)
            return query, await counted(tx, query, By(by), zone=where, now=now), now

    query, counts, now = asyncio.run(run())
    if as_json:
        print(json.dumps(_document(query, counts, where), ensure_ascii=False, indent=1))
    elif as_csv:
        lines = csv.writer(sys.stdout)
        lines.writerow((counts.by.value, "found", "observed", "watched", "removed"))
        lines.writerows(
            (
                safe(r.key),
                r.n,
                "" if r.observed is None else r.observed,
                "" if r.watched is None else round(r.watched, 4),
                r.removed,
            )
            for r in counts.rows
        )
    else:
        _show(counts, where)
    tell_unsearchable(counts.unsearchable)
    tell_as_of(now, ours)
    tell_removed(counts.removed)


def _show(counts: Counts, zone: ZoneInfo) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    most = max((row.n for row in counts.rows), default=0)
    table = Table(box=None, pad_edge=False)
    table.add_column(counts.by.value)
    table.add_column("posts", justify="right")
    table.add_column("")
    table.add_column("")
    for row in counts.rows:
        table.add_row(
            Text(harmless(row.key)),
            number(row),
            "█" * round(_BAR * row.n / most) if most else "",
            _known(row),
        )
    Console().print(table)
    since, until = (f"{at.astimezone(zone):%Y-%m-%d %H:%M}" for at in (counts.since, counts.until))
    span = f"{since} to {until} ({zone.key})"
    print(f"{plural(counts.total, 'post')}, {span}; watched {_percent(counts.watched)} of that time")
    if counts.edits_watched is not None and counts.edits_watched < 1:
        print(
            f"edits and deletions came as they were made in {_percent(counts.edits_watched)} of it; "
            "else only on looking again, so all of this is at least"
        )
    if counts.by in (By.TOPIC, By.CLAIMANT):
        print(f"a post of two {counts.by.value}s stands in two rows")


def number(row: Row) -> str:
    """`12`; `12+` where part of the time was not watched; `?` where nothing was found and nothing watched."""
    if row.observed is not None:
        return f"{row.n:,}"
    return f"{row.n:,}+" if row.n or row.watched else "?"


def _known(row: Row) -> str:
    """What of the time or the posts is not known."""
    said = []
    if row.watched is not None and row.watched < 1:
        said.append("not watched" if row.watched <= 0 else f"watched {_percent(row.watched)}")
    if row.removed:
        said.append(f"{row.removed:,} removed")
    return ", ".join(said)


def _percent(share: float) -> str:
    """Never rounded up to all, nor down to nothing."""
    if 0 < share < 0.01:
        return "less than 1 %"
    return f"{min(100 * share, 99.9) if share < 1 else 100:.3g} %"


def _document(query: Query, counts: Counts, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "query": query.document(),
        "by": counts.by.value,
        "zone": zone.key,
        "since": counts.since.isoformat(),
        "until": counts.until.isoformat(),
        "total": counts.total,
        "watched": round(counts.watched, 4),
        "edits_watched": None if counts.edits_watched is None else round(counts.edits_watched, 4),
        "rows": [
            {
                counts.by.value: row.key,
                "found": row.n,
                "observed": row.observed,
                "watched": None if row.watched is None else round(row.watched, 4),
                "removed": row.removed,
            }
            for row in counts.rows
        ],
        "not_yet_searchable": counts.unsearchable,
        "removed": counts.removed,
    }
