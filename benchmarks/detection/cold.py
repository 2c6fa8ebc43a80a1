"""Cold start: alarms on channels that have only just been found, beside others that are long known."""

import itertools
from collections import Counter
from multiprocessing import Pool
from pathlib import Path as File

from alerts.panel import Panel
from benchmarks.detection.adapter import MONDAY, ZONE, at, rules
from benchmarks.detection.stream import END, HISTORY, RATES
from benchmarks.detection.stress import stressed
from benchmarks.detection.table import Results
from domain.channel import Channel
from domain.episode import Move
from domain.finding import Kind, Ruling
from domain.reading import Reading

BUDGETS = (1.0, 0.25)
KINDS = (Kind.SILENCE, Kind.DROP, Kind.SURGE)
#: Days of history, and until when a channel counts as having so few.
AGES = ((3, 7), (7, 14), (14, 28), (28, 56))
ALONE, FLEET = "alone", "beside others"
#: The others are of these rates, in posts a day.
OTHERS = (12, 25, 50, 100, 200)
DAY = 24.0

_HEADINGS = ("number", "who", "budget", "rate", "days", "kind", "alarms")


class ColdStart:
    """The counts, kept in a file."""

    def __init__(self, folder: File) -> None:
        self.results = Results(folder / "cold.csv", _HEADINGS)

    def run(self, panels: int, processes: int) -> None:
        """Fill in what is missing: in each panel one channel of each rate is found at the same hour."""
        done = {(r["number"], r["who"], r["budget"]) for r in self.results.rows}
        jobs = [
            job
            for job in itertools.product(range(panels), (FLEET, ALONE), BUDGETS)
            if (str(job[0]), job[1], str(job[2])) not in done
        ]
        with Pool(processes) as pool:
            for rows in pool.imap_unordered(_count, jobs):
                self.results.add(rows)

    def per_month(self, **where: object) -> float:
        """Alarms a channel-month, where these are so."""
        rows = list(self.results.having(**where))
        months = sum((dict(AGES)[int(r["days"])] - int(r["days"])) / 30 for r in rows) / len(
            {r["kind"] for r in rows} or {""}
        )
        return sum(int(r["alarms"]) for r in rows) / months if months else float("nan")


def _count(job: tuple[int, str, float]) -> list[dict[str, object]]:
    number, who, budget = job
    streams = {1 + i: stressed("ordinary", rate, number) for i, rate in enumerate(RATES)}
    if who == FLEET:
        streams |= {101 + i: stressed("ordinary", rate, 1000 + number) for i, rate in enumerate(OTHERS)}
    first = {n: HISTORY if n <= len(RATES) else 0.0 for n in streams}
    panel = Panel([Channel(id=n, title=f"channel {n}", zone=ZONE) for n in streams], rules(budget))
    posts = sorted(
        (hour, n, i)
        for n, stream in streams.items()
        for i, hour in enumerate(stream.t.tolist())
        if hour >= first[n]
    )
    alarms: Counter[tuple[int, int, Kind]] = Counter()
    n_fed = 0
    for day in range(int(END // DAY) + 1):
        until = day * DAY
        for n in streams:
            if until > first[n]:
                panel.watched(n, at(first[n]), at(until))
        while n_fed < len(posts) and posts[n_fed][0] <= until:
            hour, n, i = posts[n_fed]
            panel.post(Reading(channel_id=n, post_id=i, posted_at=at(hour), reader_version=1))
            n_fed += 1
        for step in panel.advance(at(until)):
            episode = step.episode
            new = (episode.subject.channel_id or 1000) <= len(RATES)
            if (
                step.move is Move.OPENED
                and new
                and episode.kind in KINDS
                and episode.verdict.ruling is Ruling.CONFIRMED
            ):
                age = (step.at - MONDAY).total_seconds() / 86400 - HISTORY / DAY
                for days, end in AGES:
                    if days <= age < end:
                        alarms[episode.subject.channel_id or 0, days, episode.kind] += 1
    return [
        {
            "number": number,
            "who": who,
            "budget": budget,
            "rate": rate,
            "days": days,
            "kind": kind.value,
            "alarms": alarms[1 + i, days, kind],
        }
        for (i, rate), (days, _), kind in itertools.product(enumerate(RATES), AGES, KINDS)
    ]
