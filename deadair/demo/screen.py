"""The demo's screen: what is posted, what is watched, and the alerts exactly as the subscriber gets them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from deadair.demo.outcome import Outcome, title
from deadair.demo.view import Row, standing, strokes
from domain.instant import say_span, say_zone
from sandbox.scenario import Scenario

_ISOLATES = dict.fromkeys(range(0x2066, 0x206A))


class Screen:
    """Alerts scroll by and stay; below them, on a terminal, the channels as they stand now."""

    def __init__(self, scenario: Scenario, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self._scenario = scenario
        self._zone = ZoneInfo(scenario.zone)
        self._live: Live | None = None

    def opening(self, posts: int) -> None:
        self.console.rule("[bold]DEADAIR - SIMULATION[/]")
        history = say_span(self._scenario.history)
        self.console.print(
            f"Everything here is invented and runs on this machine: a Telegram on loopback with "
            f"{len(self._scenario.channel)} channels and {posts:,} posts of {history} of history.\n"
            f"The collector (Telethon, over MTProto), the archive (SQLite), the engine and the bot "
            f"(aiogram, over HTTP) are the real ones, on a clock that runs fast.\n"
        )

    def say(self, at: datetime, text: str, style: str = "dim") -> None:
        self.console.print(Text(f"{self._when(at)}  {text}", style=style))

    def __enter__(self) -> "Screen":
        if self.console.is_terminal:
            self._live = Live(console=self.console, refresh_per_second=6, transient=True)
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    @property
    def is_live(self) -> bool:
        """Is there a lower part to be kept up to date? Only a terminal has one."""
        return self._live is not None

    def show(self, now: datetime, rows: Sequence[Row], speed: float) -> None:
        """Bring the lower part up to date. Nothing of it is shown where the output is no terminal."""
        if self._live is None:
            return
        table = Table(box=None, pad_edge=False, expand=False)
        table.add_column("channel", no_wrap=True)
        table.add_column("the last two days (░ not watched)", no_wrap=True)
        table.add_column("last post", justify="right", no_wrap=True)
        table.add_column("", no_wrap=True)
        for row in rows:
            word, style = standing(row, now)
            quiet = "-" if row.last_post is None else f"{say_span(now - row.last_post.posted_at)} ago"
            table.add_row(escape(row.channel.name), strokes(row), quiet, Text(word, style=style))
        newest = sorted(
            (row.last_post for row in rows if row.last_post is not None), key=lambda post: post.posted_at
        )[-3:]
        names = {row.channel.id: row.channel.name for row in rows}
        lines = [
            Text(
                f"{self._when(post.posted_at)}  {names[post.channel_id]}: {_one_line(post.text)}", style="dim"
            )
            for post in newest
        ]
        head = Text(f"SIMULATION  {self._when(now)}  {speed / 3600:.1f} h a second", style="bold")
        self._live.update(Group(Text(), head, table, *lines))

    def alert(self, at: datetime, text: str, *, edited: bool, chart: Path | None) -> None:
        """A message as the subscriber's phone shows it."""
        # Isolates order mixed text on a phone; a terminal orders by itself and shows them as boxes.
        said: list[Text] = [Text(text.translate(_ISOLATES))]
        if chart is not None:
            said.append(Text(f"[chart: {chart}]", style="cyan"))
        head = f"{'edited' if edited else 'message'} to the subscriber, {self._when(at)}"
        self.console.print(
            Panel(
                Group(*said),
                title=head,
                title_align="left",
                border_style="yellow",
                width=min(100, self._width),
            )
        )

    def closing(self, found: Outcome, seconds: float, folder: Path, kept: Path | None) -> None:
        """What the scenario asked for beside what was told."""
        table = Table(title="What the scenario asks for, and what was told", title_justify="left")
        for name in ("expected", "told", "episode", "after it began"):
            table.add_column(name)
        for expect, episode in found.met:
            if episode is None or episode.opened_at is None:
                table.add_row(title(expect), Text("not told", style="red"), "-", "-")
            else:
                table.add_row(
                    title(expect),
                    Text(self._when(episode.opened_at), style="green"),
                    f"#{episode.id}",
                    say_span(episode.opened_at - episode.since_at),
                )
        for episode in found.besides:
            told = self._when(episode.opened_at or episode.found_at)
            table.add_row(
                Text("nothing", style="red"), f"{told} {episode.kind} {episode.subject}", f"#{episode.id}", ""
            )
        self.console.print(table)
        verdict = "all of it and nothing besides" if found.is_as_expected else "NOT as the scenario asks"
        self.console.print(
            f"{verdict}; charts in {folder}/; {seconds:.0f} s in all.", style="bold", markup=False
        )
        if kept is not None:
            self.console.print(f"The archive is kept: deadair status --config {kept}", markup=False)

    def _when(self, at: datetime) -> str:
        local = at.astimezone(self._zone)
        return f"{local:%a %d %b %H:%M} {say_zone(local)}"

    @property
    def _width(self) -> int:
        return max(60, self.console.width)


def _one_line(text: str, most: int = 60) -> str:
    line = " ".join(text.split())
    return line if len(line) <= most else line[: most - 1] + "…"
