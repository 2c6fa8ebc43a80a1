"""`deadair export`: what a search finds, as files that can be checked and cited."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from archive.errors import FilterError
from archive.export.check import read_manifest
from archive.export.columns import TABLES
from archive.export.make import NOT_HELD, Made, Order, held_export
from archive.export.manifest import Manifest
from archive.export.writers import Format
from deadair.archive_open import opened, tell_as_of, tell_removed, tell_unsearchable
from deadair.as_of import as_of
from deadair.asking import Options, query_of, zone_of
from deadair.config import Setup, load
from domain.clock import WallClock


def export(
    config: Path | None,
    options: Options,
    *,
    zone: str | None,
    output: Path | None,
    form: str,
    tables: Sequence[str],
    again: Path | None,
) -> None:
    """Exit status 1 when an export that was run again is no longer the same."""
    setup = load(config)
    ours = WallClock().now()
    former: Manifest | None = None
    if again is not None:
        if options != Options() or tables:
            raise FilterError(
                "an export that is run again has its query in its manifest",
                hint="leave query, filters and --table out",
            )
        former = read_manifest(again)
    now = asyncio.run(_as_of(setup, ours))
    if former is not None:
        order = Order.again(former)
    else:
        query = query_of(options, zone_of(zone, setup.config.archive.zone), now)
        order = Order(query=query, format=Format(form), tables=_tables(tables), at=now)
    folder = output or Path(f"deadair-export-{ours:%Y%m%d-%H%M%S}")
    made = asyncio.run(_export(setup, order, folder, now))
    manifest = made.manifest
    print(f"{folder}:")
    for file in manifest.files:
        print(f"  {file.name:<22}{file.rows:>12,} rows {file.bytes:>15,} bytes")
    print(f"  manifest.json         what it is, what was missed, how to cite it: {manifest.identity[:16]}")
    unwatched = [each for each in manifest.coverage if each["watched"] < 1]
    if unwatched:
        print(
            f"{len(unwatched)} of {len(manifest.coverage)} channels were not watched all of the time: "
            "see coverage in manifest.json"
        )
    print(f"\n{manifest.citation}")
    tell_unsearchable(manifest.unsearchable)
    tell_as_of(now, ours)
    tell_removed(manifest.removed)
    if not made.is_held:
        print(NOT_HELD, file=sys.stderr)
    if former is not None:
        _compare(former, manifest)


def _tables(names: Sequence[str]) -> tuple[str, ...]:
    wanted = [part.strip() for name in names for part in name.split(",") if part.strip()]
    return tuple(dict.fromkeys(wanted)) or tuple(TABLES)


async def _as_of(setup: Setup, ours: datetime) -> datetime:
    async with opened(setup) as store, store.read() as tx:
        return await as_of(tx, ours)


async def _export(setup: Setup, order: Order, folder: Path, now: datetime) -> Made:
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True, highlight=False)
    bar = Progress(
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        tasks = {table: bar.add_task(table, total=None) for table in order.tables}
        async with opened(setup) as store:
            return await held_export(
                store, order, folder, now=now, heard=lambda table, n: bar.update(tasks[table], completed=n)
            )


def _compare(former: Manifest, manifest: Manifest) -> None:
    before = {file.table: file.sha256 for file in former.files}
    changed = [file for file in manifest.files if file.sha256 != before[file.table]]
    if not changed:
        print("the same as before, byte for byte")
        return
    print(f"no longer the same: {', '.join(file.name for file in changed)}", file=sys.stderr)
    print(
        "  edits, gaps closed since, what [retention] removed, another version of Deadair or of pyarrow, "
        "or another archive",
        file=sys.stderr,
    )
    sys.exit(1)
