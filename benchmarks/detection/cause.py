"""Whose fault is it? The panel's verdict on forty channels, and how soon it comes."""

import heapq
import itertools
from collections.abc import Iterable, Sequence
from multiprocessing import Pool
from pathlib import Path as File

from alerts.config import AlertsConfig
from alerts.panel import Panel
from benchmarks.detection.adapter import ZONE, at
from benchmarks.detection.panels import (
    ABROAD,
    COLLECTOR,
    COUNTRY,
    CUT_OFF,
    GROUP,
    KINDS,
    MILITIA,
    NATIONAL,
    ORDER,
    SINGLE,
    UNNOTICED,
    N,
    Scenario,
    scenario,
)
from benchmarks.detection.table import Results
from domain.channel import Channel
from domain.episode import Episode, Move
from domain.finding import Cause, Kind, Ruling
from domain.reading import Reading

LEARNED = 35 * 24.0  #: hours before the event that the panel is fed
LOOK = 1 / 6  #: hours between two rounds while it lasts
AFTER = 6.0  #: hours after its end in which an alert still counts
MISSED = "nothing told"
FIRST = 2000  #: panels of lower numbers were looked at while the judge was made

_HEADINGS = ("kind", "number", "verdict", "right", "delay", "alone", "blamed", "told")


class CauseOfSilence:
    """The verdicts, kept in a file."""

    def __init__(self, folder: File) -> None:
        self.results = Results(folder / "cause.csv", _HEADINGS)

    def run(self, replicates: int, processes: int) -> None:
        done = {(r["kind"], r["number"]) for r in self.results.rows}
        numbers = range(FIRST, FIRST + replicates)
        jobs = [(k, i) for i, k in itertools.product(numbers, KINDS) if (k, str(i)) not in done]
        with Pool(processes) as pool:
            for row in pool.imap_unordered(_judged, jobs):
                self.results.add([row])


def _judged(job: tuple[str, int]) -> dict[str, object]:
    kind, number = job
    what = scenario(kind, number)
    told = _told(what)
    of_those = [e for _, e in told if _concerns(e, what)]
    right = next((e for e in of_those if _is_right(e, what)), None)
    # What one would have heard first if every channel were judged alone.
    alone = [e for i in what.silent for _, e in _told(what, i)] if kind == ORDER else []
    earliest = min(alone, key=lambda e: _after(e, what), default=None)
    first = of_those[0] if of_those else None
    return {
        "kind": kind,
        "number": number,
        "verdict": _say(first) if first else MISSED,
        "right": int(right is not None and (first is right or kind not in (COLLECTOR, UNNOTICED))),
        "delay": _after(right, what),
        "alone": _after(earliest, what),
        "blamed": sum(_is_blamed(now, e, what) for now, e in told),
        "told": len(of_those),
    }


def _told(what: Scenario, alone: int | None = None) -> list[tuple[float, Episode]]:
    """What subscribers are told from the event's start on, in order, and when: of all, or of one `alone`."""
    those = range(N) if alone is None else (alone,)
    channels = [
        Channel(
            id=i + 1,
            title=f"channel {i}",
            zone=ZONE,
            group=GROUP if i in MILITIA else None,
            country=CUT_OFF if i in COUNTRY else ABROAD,
        )
        for i in those
    ]
    panel = Panel(channels, AlertsConfig())
    begin = what.start - LEARNED
    posts = heapq.merge(
        *(
            [
                (t, i, number)
                for t, number in zip(times.tolist(), numbers.tolist(), strict=True)
                if begin <= t <= what.end + AFTER
            ]
            for i, times, numbers in ((i, what.posts[i], what.numbers[i]) for i in those)
        )
    )
    feed = _Feed(posts)
    out: list[tuple[float, Episode]] = []
    for now in _rounds(begin, what):
        blind = what.kind == COLLECTOR and what.start < now < what.end
        for i in those:
            panel.watched(i + 1, at(begin), at(what.start if blind else now))
        while feed.next_at <= (what.start if blind else now):
            hour, i, number = feed.take()
            panel.post(Reading(channel_id=i + 1, post_id=number, posted_at=at(hour), reader_version=1))
        steps = panel.advance(at(now))
        if now > what.start:
            out.extend((now, s.episode) for s in steps if s.move is Move.OPENED and s.inhibited_by is None)
    return out


class _Feed:
    """Posts in order, with the next one's hour in sight."""

    def __init__(self, posts: Iterable[tuple[float, int, int]]) -> None:
        self._posts = iter(posts)
        self._next = next(self._posts, None)

    @property
    def next_at(self) -> float:
        return self._next[0] if self._next else float("inf")

    def take(self) -> tuple[float, int, int]:
        taken = self._next
        assert taken is not None
        self._next = next(self._posts, None)
        return taken


def _rounds(begin: float, what: Scenario) -> Sequence[float]:
    days = [begin + 24 * d for d in range(1, int(LEARNED / 24) + 1) if begin + 24 * d <= what.start]
    n = int((what.end + AFTER - what.start) / LOOK)
    return [*days, *(what.start + LOOK * k for k in range(1, n + 1))]


def _concerns(episode: Episode, what: Scenario) -> bool:
    """Is this about what befell them, and not a chance alarm on a channel that went on?"""
    if episode.opened_at is not None and episode.opened_at > at(what.end + AFTER):
        return False
    subject = episode.subject
    if subject.channel_id is not None:
        return subject.channel_id - 1 in what.silent
    return True


def _is_blamed(now: float, episode: Episode, what: Scenario) -> bool:
    """Is our own fault told as a silence of theirs?"""
    if episode.kind is not Kind.SILENCE or episode.verdict.ruling is not Ruling.CONFIRMED:
        return False
    if what.kind == COLLECTOR:
        return now <= what.end
    if what.kind != UNNOTICED or episode.opened_at is None:
        return False
    # Told after it as well: most of such a silence is time in which nobody could be heard.
    heard_until = max(episode.since_at, at(what.start))
    return (min(episode.opened_at, at(what.end)) - heard_until) > 0.5 * (episode.opened_at - episode.since_at)


def _is_right(episode: Episode, what: Scenario) -> bool:
    cause = episode.verdict.cause
    if what.kind == COLLECTOR:
        return episode.kind is Kind.BLIND
    if what.kind == UNNOTICED:
        return cause is Cause.EVERYONE_QUIET and episode.verdict.ruling is not Ruling.CONFIRMED
    if what.kind == NATIONAL:
        return cause is Cause.COUNTRY_CUT and episode.subject.country == CUT_OFF
    if what.kind == ORDER:
        return cause is Cause.NETWORK_QUIET and episode.subject.group == GROUP
    return what.kind == SINGLE and cause is Cause.UNEXPLAINED


def _after(episode: Episode | None, what: Scenario) -> float:
    if episode is None or episode.opened_at is None:
        return float("inf")
    return (episode.opened_at - at(what.start)).total_seconds() / 3600


def _say(episode: Episode) -> str:
    subject = episode.subject
    whom = (
        "channel"
        if subject.channel_id
        else "group"
        if subject.group
        else "country"
        if subject.country
        else "all"
    )
    return f"{episode.kind} of {whom}: {episode.verdict.ruling}, {episode.verdict.cause}"
