"""`deadair backfill`: the history of channels into the archive."""

import asyncio
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from deadair.config import Setup, load
from deadair.log import set_up
from deadair.wiring import application
from domain.clock import WallClock
from domain.errors import DeadairError

if TYPE_CHECKING:
    from collector.config import ChannelConfig
    from collector.fetch import Fetched


def backfill(config: Path | None, channel: str | None, since: datetime | None, limit: int) -> None:
    setup = load(config)
    set_up(setup.config.log.model_copy(update={"level": "error"}))
    if not asyncio.run(_backfill(setup, channel, since, limit)):
        sys.exit(1)


async def _backfill(setup: Setup, name: str | None, since: datetime | None, limit: int) -> bool:
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    from collector.fetch import fetch
    from storage.store import open_store

    config, clock = setup.config, WallClock()
    start = since.replace(tzinfo=UTC) if since is not None else clock.now() - config.collector.since
    console = Console(stderr=True, highlight=False)

    def picture(found: "Sequence[Fetched]") -> Table:
        table = Table(box=None, pad_edge=False)
        for each in found:
            table.add_row(each.name, f"{each.posts:,} posts", _reached(each))
        return table

    async with open_store(setup.storage) as store:
        with Live(console=console, transient=True, refresh_per_second=5) as live:
            done = await fetch(
                config.collector,
                config.accounts,
                _chosen(setup, name),
                store,
                clock,
                app=application(setup),
                since=start,
                limit=limit,
                folder=setup.folder,
                progress=lambda found: live.update(picture(found)),
            )
    for each in done:
        print(f"{each.name}: {each.posts:,} posts held, {_reached(each)}")
    return not any(each.trouble for each in done)


def _chosen(setup: Setup, name: str | None) -> "Sequence[ChannelConfig]":
    channels = setup.config.channels
    if name is None:
        if not channels:
            raise DeadairError("the config names no channel", hint="add a [[channels]] section")
        return channels
    wanted = name.removeprefix("https://t.me/").removeprefix("@").casefold()
    chosen = [c for c in channels if wanted in ((c.handle or "").casefold(), str(c.id))]
    if not chosen:
        known = ", ".join(c.name for c in channels) or "none"
        raise DeadairError(f"the config names no channel {name!r}", hint=f"it names: {known}")
    return chosen


def _reached(each: "Fetched") -> str:
    if each.trouble:
        return f"cannot be read: {each.trouble}"
    if each.oldest_at is None:
        return "nothing read yet"
    return f"back to {each.oldest_at:%Y-%m-%d}{'' if each.is_done else ' ...'}"
