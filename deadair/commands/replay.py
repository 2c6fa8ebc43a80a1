"""`deadair replay`: what would have been told, over stored or exported posts, in the time of the posts."""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deadair.budgets import budgets_of
from deadair.config import Config, Setup, load
from deadair.history import (
    History,
    from_archive,
    from_files,
    judged_topics,
    say_if_partly_read,
    with_watch,
    zone_of,
)
from deadair.plural import plural
from domain.episode import Episode, Move
from domain.errors import DeadairError
from domain.instant import say_span


def replay(
    config: Path | None,
    files: Sequence[Path],
    channel: str | None,
    watch: Path | None,
    *,
    zone: str | None,
    claims: bool,
    explain: int | None,
    png: Path | None,
    whole: bool,
    as_json: bool,
) -> None:
    setup = load(config)
    if png is not None and explain is None:
        raise DeadairError("--png is the picture of one episode", hint="say which with --explain NUMBER")
    history = past(setup, files, channel, watch, zone=zone, claims=claims)
    told = episodes(history, setup.config)
    if explain is not None:
        _explain(setup, history, told, explain, zone, png=png, whole=whole, as_json=as_json)
        return
    # For machines the name as the posts give it, for people the one that they click on.
    names = {c.id: (c.handle or c.title) if as_json else c.name for c in history.channels}
    zones = {c.zone for c in history.channels}
    shown_in = zone_of(zone or (zones.pop() if len(zones) == 1 else "UTC"))
    for n, episode in enumerate(told, 1):
        if as_json:
            print(json.dumps({"episode": n, **line(episode, names)}, ensure_ascii=False))
        else:
            print(_words(n, episode, names, shown_in))
    if not as_json:
        _summary(told, history, shown_in)


def past(
    setup: Setup,
    files: Sequence[Path],
    channel: str | None,
    watch: Path | None,
    *,
    zone: str | None,
    claims: bool,
) -> History:
    """What is judged again: files, or a channel of the archive. Raises DeadairError for both or none."""
    if bool(files) == bool(channel):
        raise DeadairError(
            "judge what? " + ("files and --channel are both given" if files else "nothing is given"),
            hint="name files of posts, or a channel of the archive with --channel",
        )
    if zone is not None:
        zone_of(zone)
    if channel is not None:
        history = asyncio.run(from_archive(setup, channel, zone=zone, claims=claims))
        say_if_partly_read(history)
    else:
        history = from_files(setup, files, zone=zone, claims=claims, infers=watch is None)
    return history if watch is None else with_watch(history, watch)


def episodes(history: History, config: Config) -> list[Episode]:
    """What people would have been told, in its order, as it stood in the end."""
    from alerts.lessons import heard
    from alerts.panel import Panel
    from alerts.replay import replay as played

    budgets = replace(budgets_of(config), saved=history.budgets)
    panel = Panel(history.channels, config.alerts, topics=judged_topics(config), budgets=budgets)
    panel.heed(heard(history.opinions))
    found: dict[int, Episode] = {}
    hidden: set[int] = set()  # behind a larger one: nobody would have been told
    for step in played(
        history.channels,
        history.readings,
        config.alerts,
        spans=history.spans,
        is_own=history.is_own,
        panel=panel,
    ):
        episode = step.episode
        if step.move in (Move.OPENED, Move.REOPENED) and step.inhibited_by is not None:
            hidden.add(episode.id)
        if episode.opened_at is not None and episode.id not in hidden:
            found[episode.id] = episode
    return sorted(found.values(), key=lambda e: (e.opened_at or e.found_at, -e.id))


def line(episode: Episode, names: dict[int, str]) -> dict[str, Any]:
    """An episode for machines."""
    number = episode.subject.channel_id
    return {
        "at": _instant(episode.opened_at),
        "kind": episode.kind.value,
        "channel": None if number is None else names.get(number, str(number)),
        "group": episode.subject.group,
        "country": episode.subject.country,
        "members": [names.get(each, str(each)) for each in episode.members],
        "topic": episode.subject.topic,
        "claimant": episode.subject.claimant,
        "since": _instant(episode.since_at),
        "found_at": _instant(episode.found_at),
        "opened_at": _instant(episode.opened_at),
        "closed_at": _instant(episode.closed_at),
        "observed": episode.observed,
        "expected": round(episode.expected, 2),
        "probability": episode.probability,
        "verdict": episode.verdict.ruling.value,
        "cause": episode.verdict.cause.value,
        "escalated_at": _instant(episode.escalated_at),
        "times": episode.times,
        "again_at": _instant(episode.again_at),
    }


def _instant(at: Any) -> str | None:
    return None if at is None else at.isoformat()


def _explain(
    setup: Setup,
    history: History,
    told: Sequence[Episode],
    number: int,
    zone: str | None,
    *,
    png: Path | None,
    whole: bool,
    as_json: bool,
) -> None:
    from deadair.commands.episode import show
    from deadair.episode_view import own_zone

    if not 1 <= number <= len(told):
        raise DeadairError(
            f"there is no episode {number} in this replay",
            hint=f"it has {len(told)}: run it without --explain to see them" if told else "it has none",
        )
    episode = told[number - 1]
    show(
        setup,
        history,
        episode,
        title=f"Episode {number} of this replay",
        number=number,
        zone=zone_of(zone or own_zone(episode, history.channels)),
        png=png,
        whole=whole,
        as_json=as_json,
    )


def _words(n: int, episode: Episode, names: dict[int, str], zone: ZoneInfo) -> str:
    from deadair.episode_view import numbers, whom

    opened = episode.opened_at or episode.found_at
    since = episode.since_at.astimezone(zone)
    end = f"until {_at(episode.closed_at, zone)}" if episode.closed_at else "still open at the end"
    lines = [
        f"{n:>3}  {_at(opened, zone)}  {episode.kind.value:8} {whom(episode.subject, names)}",
        f"since {since:%Y-%m-%d %H:%M} (told after {say_span(opened - episode.since_at)}), {end}",
        f"{numbers(episode)}; {episode.verdict.ruling.value}: {episode.verdict.cause.value}",
    ]
    if episode.times > 1:
        lines[1] += f", {episode.times} times"
    if episode.escalated_at is not None:
        lines[2] += f"; told once more {_at(episode.escalated_at, zone)}"
    return "\n     ".join(lines)


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def _summary(told: Sequence[Episode], history: History, zone: ZoneInfo) -> None:
    posts, channels = history.readings, history.channels
    if not posts:
        print("no posts")
        return
    span = max(posts[-1].posted_at - posts[0].posted_at, timedelta())
    print(
        f"{plural(len(told), 'episode')} in {plural(len(posts), 'post')} of "
        f"{plural(len(channels), 'channel')} over {say_span(span)} (times in {zone.key})"
    )
    if told:
        print("--explain NUMBER shows one of them hour by hour, with its reason and evidence")
