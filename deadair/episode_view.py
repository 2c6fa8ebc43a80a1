"""An episode as a person sees it in the terminal, and as a picture."""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from alerts.budgets import Budgets
from alerts.config import AlertsConfig
from alerts.explain import hour_by_hour
from deadair.history import History
from deadair.plural import plural
from domain.channel import Channel
from domain.episode import Alert, Episode, Move, Subject
from domain.finding import Kind
from domain.instant import say_span
from domain.opinion import Opinion
from domain.sentence import said_in
from domain.series import Expected

#: What is shown before it began, and after it ended.
BEFORE, AFTER = timedelta(hours=12), timedelta(hours=6)
#: What is less probable than this is not known by a number.
BEYOND = 1e-6
#: A picture shows more of what was before.
PICTURED = timedelta(days=3)


def whom(subject: Subject, names: Mapping[int, str]) -> str:
    """Whom it is about: @falcon_front, @falcon_front on attacks, the group falcon, the channels of IQ."""
    if subject.channel_id is None:
        if subject.group:
            return f"the group {subject.group}"
        all_of_them = f"the channels of {subject.country}" if subject.country else "all that we watch"
        return f"{all_of_them} on {subject.topic}" if subject.topic else all_of_them
    name = names.get(subject.channel_id, str(subject.channel_id))
    about = subject.topic or subject.claimant
    return f"{name} on {about}" if about else name


def own_zone(episode: Episode, channels: Sequence[Channel]) -> str:
    """The zone of the channels that it is about; UTC where they have several."""
    about = {episode.subject.channel_id, *episode.members}
    zones = {c.zone for c in channels if c.id in about}
    return zones.pop() if len(zones) == 1 else "UTC"


def head(
    episode: Episode,
    names: Mapping[int, str],
    zone: ZoneInfo,
    *,
    title: str,
    opinions: Sequence[Opinion] = (),
    width: int = 80,
) -> Iterator[str]:
    """What it was, since when, why it was told, by what evidence, and what people made of it."""
    yield f"{title}: {episode.kind.value} of {whom(episode.subject, names)} (times in {zone})"
    yield from _row("since", _at(episode.since_at, zone) + _since(episode), width)
    told = episode.opened_at
    yield from _row("news at", _at(episode.found_at, zone), width)
    if told is not None:
        held = f", held {say_span(told - episode.found_at)}" if told > episode.found_at else ""
        yield from _row(
            "told at", f"{_at(told, zone)}, {say_span(told - episode.since_at)} after it began{held}", width
        )
    else:
        yield from _row("told at", "never: it was over before it had held", width)
    reason, _, graver = episode.reason.partition("; then ")
    if episode.escalated_at is not None:
        why = f": {graver}" if graver else ""
        yield from _row("graver", f"{_at(episode.escalated_at, zone)}, told once more{why}", width)
    if episode.again_at is not None:
        again = f"{_at(episode.again_at, zone)}, {episode.times} times in all"
        yield from _row("again", again, width)
    if episode.closed_at is not None:
        lasted = say_span(episode.closed_at - episode.since_at)
        yield from _row(
            "over at",
            f"{_at(episode.closed_at, zone)}, after {lasted}. {said_in(episode.ended, zone)}".rstrip(),
            width,
        )
    else:
        yield from _row("over at", "not yet", width)
    yield from _row("reason", (reason or "none was kept") + _of_which(episode), width)
    yield from _row("numbers", numbers(episode), width)
    verdict = episode.verdict
    yield from _row("verdict", f"{verdict.ruling.value}: {verdict.cause.value}{_of_which(episode)}", width)
    for line in verdict.evidence:
        yield from _row("", said_in(line, zone), width)
    if episode.members:
        of_all = "of all times together: " if episode.times > 1 else ""
        yield from _row("channels", of_all + ", ".join(names.get(m, str(m)) for m in episode.members), width)
    for n, opinion in enumerate(reversed(opinions)):
        stands = "" if n == 0 else " (before that)"
        by = f" by {opinion.by}" if opinion.by else ""
        reasons = [opinion.fault.value.replace("_", " ") if opinion.fault else "", opinion.note]
        note = f": {', '.join(filter(None, reasons))}" if any(reasons) else ""
        said = f"{opinion.says.value}{by}, {_at(opinion.at, zone)}{note}{stands}"
        yield from _row("people" if n == 0 else "", said, width)


def numbers(episode: Episode) -> str:
    """What came beside what was expected, and how improbable that is in a stretch like this.

    Of what began several times these are those of the last time, and of what was told once more of then.
    """
    said = f"{plural(episode.observed, 'post')}, {episode.expected:.1f} expected"
    if episode.probability < 1:
        # No baseline is known more exactly.
        p = episode.probability
        said += f", p < {BEYOND:g}" if p < BEYOND else f", p = {p:.1g}"
    if episode.escalated_at is not None and episode.escalated_at >= episode.begun_at:
        return f"{said} (when it was told once more)"
    return said + _of_which(episode)


def _of_which(episode: Episode) -> str:
    return " (the last time)" if episode.times > 1 else ""


def window(episode: Episode, known_until: datetime) -> tuple[datetime, datetime]:
    """The hours to be shown: from before it began to after its end, as far as there is a record."""
    until = episode.closed_at or known_until
    return episode.since_at - BEFORE, min(until + AFTER, max(known_until, episode.found_at))


def marks(episode: Episode) -> dict[datetime, str]:
    """Words for the instants that matter, beside their hours."""
    out = {episode.since_at: "last sight" if episode.kind is Kind.BLIND else "last post before"}
    if episode.kind in (Kind.DROP, Kind.SURGE):
        out = {episode.since_at: "begins"}
    out[episode.found_at] = "news"
    if episode.opened_at is not None:
        out[episode.opened_at] = "news, told" if episode.opened_at == episode.found_at else "told"
    if episode.again_at is not None:
        out[episode.again_at] = "begins again"
    if episode.escalated_at is not None:
        out[episode.escalated_at] = "told once more"
    if episode.closed_at is not None:
        out[episode.closed_at] = "over"
    return out


def points(
    episode: Episode,
    history: History,
    rules: AlertsConfig,
    start: datetime,
    end: datetime,
    *,
    topics: Any,
    budgets: Budgets,
) -> list[Expected]:
    """Hour by hour, what came and what was to be expected."""
    return hour_by_hour(
        episode,
        history.channels,
        history.readings,
        history.spans,
        rules,
        start,
        end,
        topics=topics,
        budgets=budgets,
    )


def picture(
    episode: Episode,
    channels: Sequence[Channel],
    shown: Sequence[Expected],
    zone: ZoneInfo,
    until: datetime,
    *,
    number: int,
) -> bytes:
    """The chart that the bot would send, as PNG, under this number. Needs two hours at least."""
    from bot.chart import draw
    from bot.payload import Member, Payload
    from bot.telling import Reader

    subject = episode.subject
    own = next((c for c in channels if c.id == subject.channel_id), None)
    payload = Payload(
        title=own.title if own else subject.group or subject.country or "Deadair",
        zone=zone.key,
        channel=Member(id=own.id, title=own.title, handle=own.handle) if own else None,
        topic=subject.topic or subject.claimant,
        start=shown[0].start,
        end=shown[-1].start + timedelta(hours=1),
        points=tuple(shown),
    )
    move = Move.OPENED if episode.closed_at is None else Move.CLOSED
    shown_as = replace(episode, id=number)
    alert = Alert(id=0, at=episode.closed_at or until, move=move, episode=shown_as)
    return draw(alert, payload, Reader(zone=zone))


def document(episode: Episode, shown: Sequence[Expected], opinions: Sequence[Opinion]) -> dict[str, Any]:
    """The same for machines, without the episode's own fields."""
    return {
        "opinions": [
            {
                "at": o.at.isoformat(),
                "says": o.says.value,
                "by": o.by,
                "note": o.note,
                "fault": o.fault.value if o.fault else None,
            }
            for o in opinions
        ],
        "reason": episode.reason,
        "evidence": list(episode.verdict.evidence),
        "ended": episode.ended,
        "hours": [
            {
                "start": p.start.isoformat(),
                "observed": p.observed,
                "expected": p.expected,
                "lower": p.lower,
                "upper": p.upper,
            }
            for p in shown
        ],
    }


def _since(episode: Episode) -> str:
    if episode.kind is Kind.SILENCE:
        return ", the last post before it"
    return ", the last time we could see" if episode.kind is Kind.BLIND else ""


def _row(name: str, words: str, width: int) -> Iterator[str]:
    lines = textwrap.wrap(words, max(20, width - 11)) or [""]
    for n, line in enumerate(lines):
        yield f"  {name if n == 0 else '':<9}{line}"


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M}"
