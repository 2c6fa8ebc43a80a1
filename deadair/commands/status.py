"""`deadair status`: what is watched, what is quiet, what is blind and why."""

import asyncio
import json
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alerts.ripeness import WINDOW, Ripe, ripe
from archive.pages.labels import GAPS
from collector.entries import KNOWN, UNRESOLVED
from deadair.as_of import told_as_of
from deadair.config import Setup, load
from deadair.holders import Holders, holders
from deadair.script import harmless
from deadair.watchers import Watch, watched_by
from domain.channel import Channel
from domain.clock import WallClock
from domain.episode import Episode
from domain.instant import say_span
from domain.watch import Gap

if TYPE_CHECKING:
    from archive.indexer import Behind

#: A terminal narrower than this has no room for what goes on beside the rest: it is told below.
_WIDE = 110
_NOTHING = "-"  #: is going on
Mark = tuple[str, dict[str, Any], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One channel's standing."""

    channel: Channel
    posts: int
    last_post_at: datetime | None
    watched_since: datetime | None  #: without a gap until `watched_until`
    watched_until: datetime | None
    gap: Gap | None
    episodes: tuple[Episode, ...]
    ripe: Ripe
    by: Watch


def status(config: Path | None, *, as_json: bool) -> None:
    setup = load(config)
    ours = WallClock().now()
    lines, marks, index, held, now = asyncio.run(_look(setup, ours))
    if as_json:
        document = {**_document(lines, marks, index, now), "leases": held.document}
        print(json.dumps(document, ensure_ascii=False, indent=1))
        return
    _show(lines, marks, index, held, now)
    if words := told_as_of(now, ours):
        print(words)


async def _look(setup: Setup, now: datetime) -> tuple[list[Line], list[Mark], "Behind", Holders, datetime]:
    """Each channel's standing, the marks, how far the search index is behind, who does what, and as of when:
    not before the last mark in the archive.
    """
    from archive.indexer import behind
    from storage.store import open_store

    rule = setup.config.alerts.silence
    async with open_store(setup.storage, create=False) as store, store.read() as tx:
        marks = list(await tx.marks.all())
        now = max([now, *(at for _, _, at in marks)])
        unfinished = await tx.episodes.unfinished()
        assigned = await tx.accounts.assignments()
        lines = []
        for channel in await tx.channels.all():
            seen = await tx.watch.seen(channel.id)
            newest = await tx.posts.newest(channel.id, 1)
            gaps = [gap for gap in await tx.watch.gaps(channel.id) if gap.to_at is None]
            stretch = seen.stretches[-1] if seen.stretches else (None, None)
            lines.append(
                Line(
                    channel=channel,
                    posts=await tx.posts.count(channel.id),
                    last_post_at=newest[0].posted_at if newest else None,
                    watched_since=stretch[0],
                    watched_until=stretch[1],
                    gap=gaps[0] if gaps else None,
                    episodes=tuple(
                        e for e in unfinished if channel.id == e.subject.channel_id or channel.id in e.members
                    ),
                    by=watched_by(channel, assigned, await tx.accounts.witnessed(channel.id)),
                    ripe=ripe(seen, await tx.posts.count(channel.id, since=now - WINDOW), now, rule),
                )
            )
        known = sum(line.ripe.part >= 1 for line in lines)
        lines = [replace(line, ripe=replace(line.ripe, others=known)) for line in lines]
        return lines, marks, await behind(tx), await holders(tx), now


def _show(lines: list[Line], marks: list[Mark], index: "Behind", held: Holders, now: datetime) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(markup=False)  # titles are somebody else's words
    if not lines:
        console.print("No channel is known yet. Name some under [[channels]] and start: deadair run")
    else:
        table = Table(box=None, pad_edge=False)
        is_wide = console.width >= _WIDE
        names = ("channel", "state", "posts", "last post", "watched without a gap", "by", "ripe", "now")
        for name in names if is_wide else names[:-1]:
            table.add_column(
                name, justify="right" if name == "posts" else "left", no_wrap=name in ("channel", "state")
            )
        for line in lines:
            table.add_row(
                harmless(line.channel.name),
                line.channel.status.value,
                f"{line.posts:,}",
                _ago(line.last_post_at, now),
                _stretch(line, now),
                line.by.words,
                line.ripe.words,
                *((_now(line, now),) if is_wide else ()),
            )
        console.print(table)
        if not is_wide:
            for line in lines:
                if (words := _now(line, now)) != _NOTHING:
                    console.print(f"{harmless(line.channel.name)}: {words}")
        if words := _unripe(lines):
            console.print(words)
    console.print(f"search index: {_index(index, now)}")
    for words in held.words:
        console.print(words)
    for name, value, at in marks:
        is_quiet = name.startswith(KNOWN) or (name.startswith(UNRESOLVED) and not value)
        if name.startswith(("collector.", "bot.", "process.")) and not is_quiet:
            said = ", ".join(f"{key} {each}" for key, each in value.items() if each not in ("", None))
            console.print(harmless(f"{name}: {_ago(at, now)}{' - ' + said if said else ''}"))


def _index(index: "Behind", now: datetime) -> str:
    if index.since is None:
        return "every post is searchable"
    waits = _ago(index.since, now)
    return f"{index.n:,} posts and edits are not searchable yet, the first since {waits} - deadair index"


def _unripe(lines: list[Line]) -> str:
    """How those are judged of whose rhythm too little is known."""
    young = [line for line in lines if line.ripe.part < 1]
    if not young:
        return ""
    known = len(lines) - len(young)
    if any(line.ripe.judged_by == "fleet" for line in young):
        how = f"by what the {known} ripe ones have in common, as far as their own rhythm is not known"
    else:
        how = "by their own rhythm, and asked for more before anything is told"
    return f"Channels that are not ripe are judged from their third watched day on, {how}."


def _ago(at: datetime | None, now: datetime) -> str:
    return "never" if at is None else f"{say_span(now - at)} ago"


def _stretch(line: Line, now: datetime) -> str:
    if line.watched_since is None or line.watched_until is None:
        return "never watched"
    return f"{say_span(line.watched_until - line.watched_since)} until {_ago(line.watched_until, now)}"


def _now(line: Line, now: datetime) -> str:
    said = []
    for episode in line.episodes:
        about = episode.subject.topic or episode.subject.claimant
        of = f" of {about}" if about else ""
        graver = ", escalated" if episode.escalated_at is not None else ""
        times = f", {episode.times} times" if episode.times > 1 else ""
        said.append(f"{episode.kind.value}{of} since {say_span(now - episode.since_at)}{times}{graver}")
    if line.gap is not None:
        said.append(f"blind since {say_span(now - line.gap.from_at)} ({GAPS[line.gap.cause.value]})")
    return "; ".join(said) or _NOTHING


def _document(lines: list[Line], marks: list[Mark], index: "Behind", now: datetime) -> dict[str, Any]:
    def instant(at: datetime | None) -> str | None:
        return None if at is None else at.isoformat()

    return {
        "at": now.isoformat(),
        "channels": [
            {
                "id": line.channel.id,
                "handle": line.channel.handle,
                "title": line.channel.title,
                "status": line.channel.status.value,
                "posts": line.posts,
                "last_post_at": instant(line.last_post_at),
                "watched_since": instant(line.watched_since),
                "watched_until": instant(line.watched_until),
                **line.by.document,
                "ripe": {
                    "part": round(line.ripe.part, 3),
                    "days": round(line.ripe.days, 1),
                    "of_days": round(line.ripe.of_days, 1),
                    "posts": line.ripe.posts,
                    "of_posts": line.ripe.of_posts,
                    "judged_by": line.ripe.judged_by,
                },
                "blind": None
                if line.gap is None
                else {"since": instant(line.gap.from_at), "cause": line.gap.cause.value},
                "episodes": [
                    {
                        "id": e.id,
                        "kind": e.kind.value,
                        "topic": e.subject.topic,
                        "claimant": e.subject.claimant,
                        "since": instant(e.since_at),
                        "escalated_at": instant(e.escalated_at),
                        "times": e.times,
                    }
                    for e in line.episodes
                ],
            }
            for line in lines
        ],
        "search_index": {"behind": index.n, "since": instant(index.since)},
        "parts": {name: {"at": at.isoformat(), **value} for name, value, at in marks},
    }
