"""The product's own engine, fed post by post, in the form in which every detector of the benchmark is judged.

`alerts.panel.Panel` raises a silence at one instant, that at which the score

    -log10(N S(g))      N pauses a month, S their survival, g posts expected since the last one

reaches -log10 of the budget. The benchmark has to try all budgets at once, so after each post the instants
are asked for at which the running pause would reach each of a ladder of scores: they are the panel's own
deadlines (`Rhythm.when`), exact in time, one for each budget. Nothing is polled. An hourly look is added
while the score is high, since a pause of days counts as an alarm a day by the rules of `score.py`.

A topic's clock is its channel's posts, so its score is asked for at each of them.

Silence and drop share the path `down`: of its budget B, silence has the part `SILENCE` and drop the rest, as
if their rules were set so. Each has a path of its own besides, by its name.
"""

import bisect
import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from alerts.config import AlertsConfig, DropRule, SilenceRule, SurgeRule
from alerts.detect import silence
from alerts.panel import Panel
from alerts.rhythm import Rhythm
from alerts.strand import Strand
from alerts.tracks import Track
from benchmarks.detection.departing import drops, surge_score
from benchmarks.detection.score import Path
from domain.channel import Channel
from domain.reading import Reading

#: Hour 0 of a stream: a Monday, as in benchmarks/detection/stream.py.
MONDAY = datetime(2029, 1, 1, tzinfo=UTC)
ZONE = "Asia/Baghdad"  #: UTC+3, the channels' own
TOPIC = "watched"
SILENCE = 0.5  #: of the budget for fewer posts than usual, the part for none at all
FLOOR = -1.0  #: scores below ten false alarms a month are of no use to anyone
LADDER = np.round(np.arange(FLOOR, 8.0, 0.02), 2).tolist()


class Posts(Protocol):
    """All that is asked of a stream."""

    @property
    def t(self) -> NDArray[np.float64]:
        """Hours, in order."""

    @property
    def topic(self) -> NDArray[np.int8]:
        """0 is the watched one."""


def at(hour: float) -> datetime:
    """The instant of an hour of a stream."""
    return MONDAY + timedelta(hours=hour)


START = MONDAY.timestamp() / 3600


def rules(budget: float = 1.0, *, told: bool = False) -> AlertsConfig:
    """The default rules with a budget; unless `told`, a silence is told as soon as it is found.

    What begins again is an episode of its own, so that each can be counted.
    """
    at_once = timedelta(0)
    if told:
        return AlertsConfig(
            again_within=at_once,
            silence=SilenceRule(budget=budget),
            drop=DropRule(budget=budget),
            surge=SurgeRule(budget=budget),
        )
    return AlertsConfig(
        again_within=at_once,
        silence=SilenceRule(budget=budget, at_least=at_once, hold=at_once),
        drop=DropRule(budget=budget, at_least=at_once, hold=at_once),
        surge=SurgeRule(budget=budget, at_least=at_once, hold=at_once),
    )


class Deadair:
    """The panel as it stands, or (`told`) as its subscribers know it: by pauses of an hour or more, held."""

    def __init__(self, runs: "Runs", *, told: bool = False) -> None:
        self.name = "deadair as told" if told else "deadair"
        self._runs, self._told = runs, told

    def paths(self, stream: Posts, a: float, b: float, want: Sequence[str]) -> dict[str, Path]:
        found, told = self._runs.over(stream, a, b, want)
        return told if self._told else found


class Runs:
    """One run of the panel, telling at once, serves both ways of judging it.

    A panel that holds learns a trifle differently from silences that end while they are held.
    """

    def __init__(self) -> None:
        self._of: tuple[object, ...] = ()
        self._last: tuple[dict[str, Path], dict[str, Path]] = ({}, {})

    def over(
        self, stream: Posts, a: float, b: float, want: Sequence[str]
    ) -> tuple[dict[str, Path], dict[str, Path]]:
        of = (id(stream), a, b, tuple(want), stream.t.tobytes(), stream.topic.tobytes())
        if of != self._of:
            self._last, self._of = self._run(stream, a, b, want), of
        return self._last

    def _run(
        self, stream: Posts, a: float, b: float, want: Sequence[str]
    ) -> tuple[dict[str, Path], dict[str, Path]]:
        rule = SilenceRule()
        at_least, hold = rule.at_least.total_seconds() / 3600, rule.hold.total_seconds() / 3600
        silence, told = _Points(), _Points(at_least, hold)
        drop, topic, up = _Points(), _Points(), _Points()

        def advance(hour: float) -> None:
            panel.watched(1, MONDAY, at(hour - START))
            panel.advance(at(hour - START))

        def fewer(hour: float, score: float) -> None:
            if a < hour - START <= b:
                drop.add(hour - START, score)

        panel = Panel([Channel(id=1, title="a channel", zone=ZONE)], rules())
        track = panel.track(1)
        assert track is not None
        t = stream.t[: int(np.searchsorted(stream.t, b, side="right"))].tolist()
        wanted = set(want)
        about = (stream.topic == 0).tolist() if "topic" in want else [False] * len(t)
        last_before = bisect.bisect_right(t, a) - 1
        for i, hour in enumerate(t):
            now = at(hour)
            reading = Reading(
                channel_id=1,
                post_id=i,
                posted_at=now,
                reader_version=1,
                topics=(TOPIC,) if about[i] else (),
            )
            panel.watched(1, MONDAY, now)
            panel.post(reading)
            panel.advance(now)
            if i < last_before:
                continue
            if "topic" in want and hour > a:
                _topic(track, hour, topic)
            if "up" in want and hour > a:
                up.add(hour, surge_score(track.rhythm, hour + START))
            if wanted & {"down", "silence", "drop"}:
                until = t[i + 1] if i + 1 < len(t) else b
                _pause(track.rhythm, hour, a, until, silence)
                _pause(track.rhythm, hour, a, until, told)
                drops(track.rhythm, max(hour, a) + START, until + START, advance, fewer)
        both = []
        for one in (silence, told):
            paths = {"silence": one.path(), "drop": drop.path(), "up": up.path(), "topic": topic.path()}
            paths["down"] = _together(paths["silence"], paths["drop"])
            both.append({k: v for k, v in paths.items() if k in wanted})
        return both[0], both[1]


def _together(silence: Path, drop: Path) -> Path:
    """Both at the parts of the budget they have."""
    times = np.concatenate((silence[0], drop[0]))
    scores = np.concatenate((silence[1] + math.log10(SILENCE), drop[1] + math.log10(1 - SILENCE)))
    order = np.argsort(times, kind="stable")
    return times[order], scores[order]


def _pause(rhythm: Rhythm, posted: float, a: float, until: float, out: "_Points") -> None:
    """The scores that the pause after the post at `posted` reaches, as known between `a` and `until`."""
    night = rhythm.nights.over(rhythm.last) - START  # until then the panel does not tell of it either
    begin, until = max(posted + out.at_least, a - out.hold, night), until - out.hold
    if not rhythm.ripe or rhythm.most == math.inf or until <= begin:
        return
    last = _score(rhythm, until)
    if last < FLOOR:
        return
    out.add(begin + out.hold, _score(rhythm, begin))
    for level in LADDER[: bisect.bisect_right(LADDER, last)]:
        pause = rhythm.tail.at(10.0**-level / max(rhythm.per_month, 1.0)) / rhythm.ripe
        reached = rhythm.when(pause) - START
        if begin < reached < until:
            # `when` and `expected` are inverse up to the last bits: take the rung, not the bits.
            out.add(reached + out.hold, max(level, _score(rhythm, reached)))
    for look in np.arange(math.ceil(begin) + 1, until).tolist():
        out.add(look + out.hold, _score(rhythm, look))


def _topic(track: Track, hour: float, out: "_Points") -> None:
    """The score of the topic's pause after the channel's post at `hour`."""
    share = track.shares.get(Strand("topic", TOPIC))
    if share is None or not share.habit:
        return
    most_of = share.share * (1 + max(0.0, share.burst)) * (track.pulse.count - share.since_count)
    if most_of <= share.tail.threshold:
        return
    expected = share.expected(hour + START, track.pulse, track.rhythm)
    chance = max(share.per_month, 1.0) * share.tail.survival(expected)
    out.add(hour, -math.log10(max(chance, 1e-12)))


def _score(rhythm: Rhythm, hour: float) -> float:
    return silence.score(rhythm.tail, rhythm.per_month, rhythm.expected(hour + START) * rhythm.ripe)


class _Points:
    """A path under way, of pauses of `at_least` so many hours, known after `hold` more."""

    def __init__(self, at_least: float = 0.0, hold: float = 0.0) -> None:
        self.at_least, self.hold = at_least, hold
        self._points: list[tuple[float, float]] = []

    def add(self, hour: float, score: float) -> None:
        if score >= FLOOR:
            self._points.append((hour, score))

    def path(self) -> Path:
        points = sorted(self._points)
        return np.array([p[0] for p in points]), np.array([p[1] for p in points])


def detectors() -> list[Deadair]:
    """What is judged: the engine as it finds, and as it tells with the defaults of `config.toml`."""
    runs = Runs()
    return [Deadair(runs), Deadair(runs, told=True)]
