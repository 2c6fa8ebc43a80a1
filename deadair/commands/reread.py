"""`deadair reread`: the whole archive under a changed reader, and what that changes before it counts."""

import asyncio
import json
import sys
from collections import Counter
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deadair.config import Setup, load
from deadair.lexicon import reads_of
from deadair.log import set_up
from domain.clock import WallClock
from domain.errors import DeadairError

if TYPE_CHECKING:
    from rich.console import Console

    from claims.change import Difference
    from claims.reader import Reader
    from storage.store import Store


class NotLive(DeadairError):
    """The new version was read, and does not count yet."""


def reread(config: Path | None, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    from rich.console import Console

    setup = load(config)
    set_up(setup.config.log.model_copy(update={"level": "error"}))
    said = Console(stderr=True, highlight=False, soft_wrap=True)
    try:
        asyncio.run(_reread(setup, said, yes=yes, dry_run=dry_run, as_json=as_json))
    except KeyboardInterrupt:
        said.print("stopped; what was read is kept, and the next `deadair reread` goes on from there")
        sys.exit(130)


async def _reread(setup: Setup, said: "Console", *, yes: bool, dry_run: bool, as_json: bool) -> None:
    from claims.change import difference, drop_obsolete, go_live
    from claims.reader import Reader
    from claims.version import settle_version
    from storage.store import open_store

    clock = WallClock()
    reads = await asyncio.to_thread(reads_of, setup)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(setup.storage, create=False))
        async with store.read() as tx:
            live = await tx.readings.live_version()
        version = await settle_version(store, reads, clock.now())
        reader = Reader(store, reads, version=version, clock=clock, config=setup.config.claims)
        stack.push_async_callback(reader.close)
        if live is None or version == live:
            await _read_what_is_left(store, reader, said, dry_run=dry_run)
            return
        await _nobody_else_does_this(store, version)
        await reader.begin()
        await _read(reader, said)
        found = await difference(store, live, version)
        if as_json:
            print(json.dumps(_document(found), ensure_ascii=False))
        else:
            _show(found)
        if dry_run:
            said.print(f"version {live} stays live")
            return
        await _may_go_live(store, live)
        if not yes:
            _ask(version, live)
        # What came while the question stood open.
        await reader.catch_up()
        await _may_go_live(store, live)
        await go_live(store, clock, await difference(store, live, version))
        await drop_obsolete(store, clock)
    said.print(f"version {version} is live")


async def _read_what_is_left(store: "Store", reader: "Reader", said: "Console", *, dry_run: bool) -> None:
    """No other version counts: read what was imported or collected and not read, with nothing to compare."""
    from claims.life import alive

    if await alive(store) == reader.version:
        said.print(
            f"a running Deadair reads by version {reader.version}, which is live: nothing is left to do"
        )
        return
    unread = await reader.unread()
    if dry_run and unread:
        said.print(f"{unread:,} posts and edits are unread; there is no other version to compare with")
        return
    await reader.begin()
    if not unread:
        said.print(
            f"nothing to read again: version {reader.version} is live, "
            "and what this program reads with this config"
        )
        return
    await _read(reader, said)
    said.print(f"version {reader.version} is live")


async def _nobody_else_does_this(store: "Store", version: int) -> None:
    from claims.life import alive

    if await alive(store) == version:
        raise NotLive(
            "a running Deadair reads the archive again under this version, and lets it go live when done",
            hint="leave it to that one: its log tells how far it has come",
        )


async def _may_go_live(store: "Store", live: int) -> None:
    from claims.life import alive

    if await alive(store) == live:
        raise NotLive(
            f"another Deadair is running and reads by version {live}, so that nobody would read what comes "
            "under the new one",
            hint="stop it, `deadair reread` again (what was read is kept), then start it again",
        )


def _ask(version: int, live: int) -> None:
    """Raises NotLive unless a person says yes."""
    if not sys.stdin.isatty():
        raise NotLive(
            f"version {version} was read and is not live: nobody was there to be asked",
            hint="--yes lets it go live without a question, --dry-run only shows what would change",
        )
    print(f"let version {version} count from now on, in the place of {live}? [y/N] ", end="", file=sys.stderr)
    sys.stderr.flush()
    if sys.stdin.readline().strip().casefold() not in ("y", "yes"):
        raise NotLive(f"version {live} stays live", hint="what was read is kept: a later yes takes no time")


async def _read(reader: "Reader", said: "Console") -> None:
    """Catch up, with a bar on a terminal."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=said,
        transient=True,
        disable=not said.is_terminal,
    )
    with bar:
        task = bar.add_task("reading", total=await reader.unread())
        read = await reader.catch_up(lambda done, of: bar.update(task, completed=done, total=of))
    if read:
        said.print(f"read {read:,} posts and edits under version {reader.version}")


def _show(found: "Difference") -> None:
    """The difference, a row for each kind and claimant that changes, and for each kind in all."""
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    console.print(f"claims in {found.posts:,} posts, by version {found.before} and by version {found.after}:")
    if not found.changed:
        console.print("no kind and no claimant is found more or less often (topics are not compared)")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("kind", "claimant"):
        table.add_column(name)
    for name in ("before", "after", "change"):
        table.add_column(name, justify="right")
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for shift in found.shifts:
        before[shift.kind.value] += shift.before
        after[shift.kind.value] += shift.after
    for kind in sorted(before.keys() | after.keys(), key=lambda k: (-abs(after[k] - before[k]), k)):
        changed = [shift for shift in found.changed if shift.kind.value == kind]
        if not changed:
            continue
        table.add_row(f"[bold]{kind}[/]", "[bold]all[/]", *_figures(before[kind], after[kind]))
        for shift in changed:
            table.add_row("", shift.claimant or "nobody named", *_figures(shift.before, shift.after))
    console.print(table)
    same = len(found.shifts) - len(found.changed)
    if same:
        console.print(f"{same} more are found as often as before")


def _figures(before: int, after: int) -> tuple[str, str, str]:
    share = f" ({(after - before) / before:+.0%})" if before and after != before else ""
    return f"{before:,}", f"{after:,}", f"{after - before:+,}{share}" if after != before else "-"


def _document(found: "Difference") -> dict[str, Any]:
    return {
        "before": found.before,
        "after": found.after,
        "posts": found.posts,
        "counts": [
            {"kind": s.kind.value, "claimant": s.claimant, "before": s.before, "after": s.after}
            for s in found.shifts
        ],
    }
