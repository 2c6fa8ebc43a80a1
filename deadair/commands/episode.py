"""`deadair episode` and `deadair verdict`: an episode looked at closely, and what people make of it."""

import asyncio
import getpass
import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from deadair.budgets import budgets_of
from deadair.config import Setup, load
from deadair.episode_view import (
    BEFORE,
    PICTURED,
    document,
    head,
    marks,
    own_zone,
    picture,
    points,
    whom,
    window,
)
from deadair.history import History, from_archive, judged_topics, zone_of
from deadair.hours_table import table
from deadair.script import harmless
from domain.clock import WallClock
from domain.episode import Episode
from domain.errors import DeadairError
from domain.instant import say_span
from domain.opinion import Opinion, Says

#: How many of the newest are listed.
LISTED = 25
#: What a rhythm is learned from before an episode, and a little more.
BEFOREHAND = timedelta(days=60)


def episode(
    config: Path | None,
    number: int | None,
    *,
    zone: str | None,
    png: Path | None,
    whole: bool,
    as_json: bool,
) -> None:
    setup = load(config)
    if zone is not None:
        zone_of(zone)
    if number is None:
        if png is not None:
            raise DeadairError(
                "--png is the picture of one episode", hint="say which: deadair episode NUMBER"
            )
        _list(setup, zone_of(zone or "UTC"), as_json=as_json)
        return
    found, opinions, channel = asyncio.run(_found(setup, number))
    history = asyncio.run(from_archive(setup, channel, since=found.since_at - BEFOREHAND))
    show(
        setup,
        history,
        found,
        title=f"Episode {number}",
        zone=zone_of(zone or own_zone(found, history.channels)),
        opinions=opinions,
        png=png,
        whole=whole,
        as_json=as_json,
    )


def verdict(config: Path | None, number: int, says: Says, *, by: str | None, note: str) -> None:
    setup = load(config)
    opinion = Opinion(
        episode_id=number, at=WallClock().now(), says=says, by=by if by is not None else _user(), note=note
    )
    about, before = asyncio.run(_keep(setup, opinion))
    print(f"episode {number}, {about}: {says.value}" + (f" by {opinion.by}" if opinion.by else ""))
    if before is not None:
        print(f"before that it was {before.says.value}" + (f" by {before.by}" if before.by else ""))
    print(
        {
            Says.CONFIRMED: "its stretch is no part of the channel's rhythm",
            Says.WRONG: "its stretch is part of the channel's rhythm; `deadair tune` counts it as an alarm",
            Says.NORMAL: "so it is from now on: the episode is over, and what is usual starts anew there",
            Says.UNKNOWN: "it changes nothing about the rhythm; `deadair tune` counts it as an alarm",
        }[says]
    )


def show(
    setup: Setup,
    history: History,
    found: Episode,
    *,
    title: str,
    zone: ZoneInfo,
    number: int | None = None,
    opinions: Sequence[Opinion] = (),
    png: Path | None,
    whole: bool,
    as_json: bool,
) -> None:
    """An episode hour by hour, in the terminal, as JSON, and as a picture; `number` if not its own."""
    from deadair.commands.replay import line

    config = setup.config
    names = {c.id: (c.handle or c.title) if as_json else c.name for c in history.channels}
    until = _known_until(history, found)
    start, end = window(found, until)
    first = start - PICTURED + BEFORE if png is not None else start
    hours = points(
        found,
        history,
        config.alerts,
        first,
        end,
        topics=judged_topics(config),
        budgets=replace(budgets_of(config), saved=history.budgets),
    )
    shown = [p for p in hours if p.start >= start - timedelta(hours=1)]
    if as_json:
        out = {**line(found, names), "episode": found.id, **document(found, shown, opinions)}
        print(json.dumps(out, ensure_ascii=False))
    else:
        width = shutil.get_terminal_size().columns
        for text in head(found, names, zone, title=title, opinions=opinions, width=width):
            print(harmless(text))
        print(f"\nhour by hour ({zone.key})")
        for text in table(shown, zone, marks(found), width=width, whole=whole):
            print(text)
    if png is not None:
        _draw(png, found, history, hours, zone, until, number=number or found.id, quiet=as_json)


def _draw(
    png: Path,
    found: Episode,
    history: History,
    hours: Sequence[object],
    zone: ZoneInfo,
    until: datetime,
    *,
    number: int,
    quiet: bool,
) -> None:
    if len(hours) < 2:
        raise DeadairError("there is nothing to draw", hint="the record holds less than two hours of it")
    drawn = picture(found, history.channels, hours, zone, until, number=number)  # type: ignore[arg-type]  # points of it
    try:
        png.write_bytes(drawn)
    except OSError as error:
        raise DeadairError(
            f"cannot write {png}: {error.strerror or error}", hint="name a file in a folder of yours"
        ) from error
    if not quiet:
        print(f"\nthe picture is in {png}")


def _known_until(history: History, found: Episode) -> datetime:
    """Up to where there is a record of what the episode is about."""
    about = set(found.members)
    if found.subject.channel_id is not None:
        about.add(found.subject.channel_id)
    ends = [s.to_at for s in history.spans if s.channel_id in about]
    ends += [r.posted_at for r in history.readings if r.channel_id in about]
    return max([*ends, found.opened_at or found.found_at])


async def _found(setup: Setup, number: int) -> tuple[Episode, Sequence[Opinion], str | None]:
    """The episode, what was said of it, and its channel's name when it is about one."""
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        found = await tx.episodes.get(number)
        if found is None:
            newest = await tx.episodes.newest(1)
            raise DeadairError(
                f"there is no episode {number}",
                hint=f"the newest is {newest[0].id}; `deadair episode` lists them" if newest else "none yet",
            )
        channel = found.subject.channel_id
        return found, await tx.opinions.of(number), None if channel is None else str(channel)


async def _keep(setup: Setup, opinion: Opinion) -> tuple[str, Opinion | None]:
    """Store a word; returns what it is about, and the word that stood before."""
    from storage.store import open_store

    found, before, _ = await _found(setup, opinion.episode_id)
    async with open_store(setup.storage, create=False) as store, store.begin() as tx:
        await tx.opinions.add(opinion)
        tx.notify("opinions")
        names = {c.id: c.name for c in await tx.channels.all()}
    return f"{found.kind.value} of {whom(found.subject, names)}", before[-1] if before else None


def _list(setup: Setup, zone: ZoneInfo, *, as_json: bool) -> None:
    from deadair.commands.replay import line

    found, standing, names = asyncio.run(_newest(setup))
    if as_json:
        for each in found:
            said = standing.get(each.id)
            out = {"episode": each.id, **line(each, names), "says": said and said.says.value}
            print(json.dumps(out, ensure_ascii=False))
        return
    if not found:
        print("no episode yet")
        return
    from rich.console import Console
    from rich.table import Table

    rows = Table(box=None, pad_edge=False)
    for name in ("", "kind", "about", f"since ({zone.key})", "lasted", "verdict", "people"):
        rows.add_column(name, justify="right" if name == "" else "left", no_wrap=name != "about")
    for each in found:
        said = standing.get(each.id)
        rows.add_row(
            str(each.id),
            each.kind.value,
            harmless(whom(each.subject, names)),
            f"{each.since_at.astimezone(zone):%Y-%m-%d %H:%M}",
            say_span(each.closed_at - each.since_at) if each.closed_at else "lasts",
            each.verdict.cause.value,
            said.says.value if said else "-",
        )
    console = Console(markup=False)
    console.print(rows)
    console.print(
        "`deadair episode NUMBER` shows one; `deadair verdict NUMBER confirmed|wrong|unknown` judges it"
    )


async def _newest(setup: Setup) -> tuple[Sequence[Episode], dict[int, Opinion], dict[int, str]]:
    from storage.store import open_store

    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        names = {c.id: c.name for c in await tx.channels.all()}
        standing = {opinion.episode_id: opinion for _, opinion in await tx.opinions.standing()}
        return await tx.episodes.newest(LISTED), standing, names


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
