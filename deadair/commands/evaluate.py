"""`deadair evaluate`: how the engine does on posts whose episodes are known."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from alerts.calibrate import MONTH
from alerts.evaluate import Label, Outcome, Score
from alerts.evaluate import evaluate as held_against
from deadair.commands.replay import episodes, line, past
from deadair.config import load
from deadair.episode_view import whom
from deadair.history import History, zone_of
from deadair.labels import read_labels
from domain.episode import Episode, Subject
from domain.instant import say_span
from domain.watch import Seen


def evaluate(
    config: Path | None,
    files: Sequence[Path],
    channel: str | None,
    labels: Path,
    watch: Path | None,
    *,
    zone: str | None,
    claims: bool,
    as_json: bool,
) -> None:
    setup = load(config)
    history = past(setup, files, channel, watch, zone=zone, claims=claims)
    known = read_labels(labels, history.channels)
    told = episodes(history, setup.config)
    scores = held_against(known, told)
    months = judged_months(history, setup.config.alerts.silence.ripe_after)
    names = {c.id: (c.handle or c.title) if as_json else c.name for c in history.channels}
    if as_json:
        print(json.dumps(_document(scores, months, names), ensure_ascii=False))
    else:
        show(scores, months, names, {c.id: c.zone for c in history.channels})


def judged_months(history: History, unripe: timedelta) -> float:
    """Channel-months that were watched, the first days left out in which a channel is not fully judged."""
    total = timedelta()
    for channel in history.channels:
        seen = Seen.merged(s for s in history.spans if s.channel_id == channel.id)
        if seen.stretches:
            ripe_from = seen.stretches[0][0] + unripe
            total += sum((b - max(a, ripe_from) for a, b in seen.stretches if b > ripe_from), timedelta())
    return total / MONTH


def show(scores: Sequence[Score], months: float, names: dict[int, str], zones: dict[int, str]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("kind", "of a", "known", "found", "missed", "told after", "at worst", "false", "a month"):
        table.add_column(name, justify="left" if name in ("kind", "of a") else "right", no_wrap=True)
    for score in scores:
        table.add_row(
            score.kind.value,
            score.about,
            str(len(score.outcomes)),
            str(score.found),
            str(score.missed),
            _span(score.delay),
            _span(score.longest),
            str(len(score.false)),
            f"{len(score.false) / months:.2f}" if months > 0 else "-",
        )
    console = Console(markup=False, highlight=False)
    console.print(table)
    console.print(f"over {months:.2f} channel-months of watching that could be judged")
    several = len(set(zones.values())) > 1
    read_in = "each channel's own zone" if several else next(iter(zones.values()), "UTC")
    print(f"times, and labels that name no zone, are in {read_in}; --zone takes another")

    def span(start: datetime, end: datetime | None, numbers: Iterable[int]) -> str:
        theirs = {zones[number] for number in numbers if number in zones}
        zone = zone_of(theirs.pop() if len(theirs) == 1 else "UTC")
        said = f"{start.astimezone(zone):%Y-%m-%d %H:%M}"
        said += f" - {end.astimezone(zone):%m-%d %H:%M}" if end is not None else ""
        return f"{said} {zone}" if several else said

    for score in scores:
        for outcome in score.outcomes:
            label = outcome.label
            about = whom(_subject(label), names)
            when = span(label.start, label.end, [label.channel_id])
            print(f"{_fate(outcome):<23} {label.kind.value} of {about}, {when}")
        for episode in score.false:
            about = whom(episode.subject, names)
            of = episode.members or [episode.subject.channel_id or 0]
            told = span(episode.opened_at or episode.found_at, None, of)
            print(f"{'false alarm':<23} {episode.kind.value} of {about}, told {told}")


def _fate(outcome: Outcome) -> str:
    if outcome.delay is not None and outcome.episode is not None:
        word = f" as a {outcome.episode.kind.value}" if outcome.episode.kind is not outcome.label.kind else ""
        return f"found after {say_span(outcome.delay)}{word}"
    if outcome.explained is not None:
        return f"missed: {outcome.explained.verdict.cause.value}"
    return "missed"


def _span(span: timedelta | None) -> str:
    return "-" if span is None else say_span(span)


def _subject(label: Label) -> Subject:
    return (
        Subject(channel_id=label.channel_id)
        if label.strand is None
        else label.strand.subject(label.channel_id)
    )


def _document(scores: Sequence[Score], months: float, names: dict[int, str]) -> dict[str, Any]:
    def hours(span: timedelta | None) -> float | None:
        return None if span is None else round(span / timedelta(hours=1), 3)

    def found(episode: Episode | None) -> dict[str, Any] | None:
        return None if episode is None else line(episode, names)

    return {
        "channel_months": round(months, 3),
        "kinds": [
            {
                "kind": score.kind.value,
                "of": score.about,
                "labelled": len(score.outcomes),
                "found": score.found,
                "missed": score.missed,
                "delay_hours": hours(score.delay),
                "longest_hours": hours(score.longest),
                "false_alarms": len(score.false),
                "false_alarms_per_channel_month": round(len(score.false) / months, 3) if months > 0 else None,
                "labels": [
                    {
                        "channel": names.get(o.label.channel_id, str(o.label.channel_id)),
                        "topic": _subject(o.label).topic,
                        "claimant": _subject(o.label).claimant,
                        "from": o.label.start.isoformat(),
                        "to": o.label.end.isoformat(),
                        "delay_hours": hours(o.delay),
                        "episode": found(o.episode),
                        "explained": found(o.explained),
                    }
                    for o in score.outcomes
                ],
                "false": [line(e, names) for e in score.false],
            }
            for score in scores
        ],
    }
