"""`deadair backfill`: the history of channels into the archive."""

import asyncio
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from collector.config import WEB
from deadair.config import Setup, load
from deadair.log import set_up
from deadair.wiring import application
from domain.clock import WallClock
from domain.errors import DeadairError
from domain.instant import say_span

if TYPE_CHECKING:
    from rich.table import Table

    from collector.config import ChannelConfig
    from collector.fetch import Fetched

#: Seconds over which the rate is measured.
_WINDOW = 20.0
_KINDS = (
    ("posts", "posts"),
    ("album_parts", "further parts of albums"),
    ("service", "service messages"),
    ("deleted", "deleted"),
    ("unknown", "never seen"),
)


def backfill(
    config: Path | None, channel: str | None, since: datetime | None, until: datetime | None, limit: int
) -> None:
    setup = load(config)
    set_up(setup.config.log.model_copy(update={"level": "error"}))
    if not asyncio.run(_backfill(setup, channel, since, until, limit)):
        sys.exit(1)


async def _backfill(
    setup: Setup, name: str | None, since: datetime | None, until: datetime | None, limit: int
) -> bool:
    from rich.console import Console
    from rich.live import Live

    from collector.fetch import fetch
    from storage.store import open_store

    config, clock = setup.config, WallClock()
    start = since.replace(tzinfo=UTC) if since is not None else clock.now() - config.collector.since
    screen = Console(stderr=True, highlight=False)
    pace = Pace(limit)
    channels, app = _chosen(setup, name), application(setup)  # before an archive is made of nothing

    async with open_store(setup.storage) as store:
        with Live(console=screen, transient=True, refresh_per_second=5) as live:

            def show(found: "Sequence[Fetched]") -> None:
                pace.note(found, time.monotonic())
                live.update(picture(found, pace))

            done = await fetch(
                config.collector,
                config.accounts,
                channels,
                store,
                clock,
                app=app,
                since=start,
                until=until.replace(tzinfo=UTC) if until is not None else None,
                limit=limit,
                folder=setup.folder,
                progress=show,
            )
    for each in done:
        print(summary(each))
    return not any(each.trouble for each in done)


class Pace:
    """How fast it goes, measured over the last seconds, and how long it will still take."""

    def __init__(self, limit: int = 0) -> None:
        self._limit = limit
        self._noted: list[tuple[float, int, dict[str, float]]] = []

    def note(self, found: "Sequence[Fetched]", at: float) -> None:
        """`at`: seconds of any clock that does not jump."""
        self._noted.append((at, sum(each.posts for each in found), {each.name: each.share for each in found}))
        while len(self._noted) > 2 and at - self._noted[0][0] > _WINDOW:
            self._noted.pop(0)

    @property
    def rate(self) -> float | None:
        """Posts a second; None while it cannot be told yet."""
        (then, before, _), (now, after, _) = self._ends()
        return (after - before) / (now - then) if now > then else None

    @property
    def left(self) -> timedelta | None:
        """How long it will still take; None while it cannot be told."""
        (then, _, before), (now, _, after) = self._ends()
        gained = sum(after.values()) - sum(share for name, share in before.items() if name in after)
        missing = sum(1 - share for share in after.values())
        if now - then < 1 or gained <= 0:
            return None
        return timedelta(seconds=missing * (now - then) / gained)

    def _ends(self) -> tuple[tuple[float, int, dict[str, float]], tuple[float, int, dict[str, float]]]:
        return self._noted[0], self._noted[-1]


def picture(found: "Sequence[Fetched]", pace: Pace) -> "Table":
    """A bar for each channel, and below them how fast it goes and how long it will take."""
    from rich.progress_bar import ProgressBar
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for each in found:
        bar = ProgressBar(total=1.0, completed=each.share, width=24)
        table.add_row(each.name, bar, f"{each.share:4.0%}", f"{each.posts:,} posts", _reached(each))
    rate, left = pace.rate, pace.left
    said = "" if rate is None else f"{rate:,.0f} posts a second"
    table.add_row("", "", "", said, "" if left is None else f"about {say_span(left)} left")
    return table


def summary(each: "Fetched") -> str:
    """What came of one channel, with what each of its numbers was."""
    line = f"{each.name}: {each.posts:,} posts held, {_reached(each)}"
    if each.numbers is None:
        return line
    said = [f"{each.numbers[kind]:,} {words}" for kind, words in _KINDS if each.numbers.get(kind)]
    found = f"; {each.found:,} of them only asked for by number" if each.found else ""
    return f"{line}; every number accounted for: {', '.join(said) or 'none'}{found}"


def _chosen(setup: Setup, name: str | None) -> "Sequence[ChannelConfig]":
    channels = setup.config.channels
    if name is None:
        if not channels:
            raise DeadairError("the config names no channel", hint="add a [[channels]] section")
        # Of those read from the web `deadair run` reads the history by itself; alone they are told so.
        return tuple(c for c in channels if c.source != WEB) or channels
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
        return "nothing there" if each.is_read else "nothing read yet"
    going_on = "" if each.is_done else ", looking into its numbers" if each.is_read else " ..."
    return f"back to {each.oldest_at:%Y-%m-%d}{going_on}"
