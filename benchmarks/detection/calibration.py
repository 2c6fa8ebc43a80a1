"""Is the budget honest? Alarms that the panel raises on clean streams, counted at the nominal setting."""

import itertools
from multiprocessing import Pool
from pathlib import Path as File

from alerts.panel import Panel
from benchmarks.detection.adapter import MONDAY, TOPIC, ZONE, at, rules
from benchmarks.detection.peers.gaps import GAPS
from benchmarks.detection.score import alarms
from benchmarks.detection.stream import END, HISTORY, RATES, Stream
from benchmarks.detection.stress import KINDS, stressed
from benchmarks.detection.table import Results
from domain.channel import Channel
from domain.episode import Move
from domain.finding import Kind
from domain.reading import Reading

BUDGETS = (1.0, 0.25)
FOUND, TOLD, TOPICS, DROPS, SURGES = "found", "told", "topic found", "drop found", "surge found"
_OF = {Kind.SILENCE: FOUND, Kind.DROP: DROPS, Kind.SURGE: SURGES}
POISSON = GAPS[0]

_HEADINGS = ("kind", "rate", "number", "who", "what", "budget", "alarms")


def episodes(stream: Stream, budget: float, *, told: bool) -> dict[str, int]:
    """How many silences, drops and surges the panel opens in the test weeks, and silences of the topic."""
    panel = Panel([Channel(id=1, title="a channel", zone=ZONE)], rules(budget, told=told))
    n = dict.fromkeys((*_OF.values(), TOPICS), 0)
    start = at(HISTORY)
    for i, (hour, topic) in enumerate(zip(stream.t.tolist(), stream.topic.tolist(), strict=True)):
        now = at(hour)
        panel.watched(1, MONDAY, now)
        about = (TOPIC,) if topic == 0 and not told else ()
        panel.post(Reading(channel_id=1, post_id=i, posted_at=now, reader_version=1, topics=about))
        for step in panel.advance(now):
            if step.move is Move.OPENED and step.episode.kind in _OF and step.at >= start:
                n[TOPICS if step.episode.subject.topic else _OF[step.episode.kind]] += 1
    return n


class Calibration:
    """The counts, kept in a file."""

    def __init__(self, folder: File) -> None:
        self.results = Results(folder / "calibration.csv", _HEADINGS)

    def run(self, streams: int, processes: int, poisson_threshold: float) -> None:
        """Fill in what is missing. The Poisson gap runs beside, at its matched threshold."""
        done = {(r["kind"], r["rate"], r["number"]) for r in self.results.rows}
        jobs = [
            (kind, rate, i, poisson_threshold)
            for rate, kind, i in itertools.product(reversed(RATES), KINDS, range(streams))
            if (kind, str(rate), str(i)) not in done
        ]
        with Pool(processes) as pool:
            for rows in pool.imap_unordered(_count, jobs):
                self.results.add(rows)

    def per_month(self, who: str, what: str, budget: float, **where: object) -> float:
        """Alarms a channel-month."""
        rows = list(self.results.having(who=who, what=what, budget=budget, **where))
        months = len(rows) * (END - HISTORY) / 720
        return sum(int(r["alarms"]) for r in rows) / months if rows else float("nan")


def _count(job: tuple[str, int, int, float]) -> list[dict[str, object]]:
    kind, rate, number, threshold = job
    stream = stressed(kind, rate, number)
    rows: list[dict[str, object]] = []

    def add(who: str, what: str, budget: float, n: int) -> None:
        rows.append(
            {
                "kind": kind,
                "rate": rate,
                "number": number,
                "who": who,
                "what": what,
                "budget": budget,
                "alarms": n,
            }
        )

    for budget in BUDGETS:
        for what, n in episodes(stream, budget, told=False).items():
            add("deadair", what, budget, n)
    add("deadair", TOLD, 1.0, episodes(stream, 1.0, told=True)[FOUND])
    path = POISSON.paths(stream, HISTORY, END, ("down",))["down"]
    add(POISSON.name, FOUND, 1.0, len(alarms(path, threshold)))
    return rows
