"""Every alarm on the untouched real channels, one by one, beside what people found in the posts of that day.

All channels are watched together, as they would be, with the rules as they come. What people found is kept in
triage.toml, in their own words; the posts themselves are no part of this project.
"""

import gzip
import json
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path as File
from zoneinfo import ZoneInfo

from alerts.config import AlertsConfig
from alerts.replay import replay
from benchmarks.detection.posts import CHANNELS, FOLDER, Real, available, load
from domain.channel import Channel
from domain.episode import Episode
from domain.finding import Kind, Ruling
from domain.instant import say_span

NOTES = File(__file__).with_name("triage.toml")
KINDS = (Kind.SILENCE, Kind.DROP, Kind.SURGE)
#: A note is of the alarm of its channel and kind that began within so long of it.
NEAR = timedelta(hours=36)
DAY = timedelta(days=1)
#: What a person may have found: something happened; nothing did; nobody can say from the posts; the record of
#: the posts has a hole. And what nobody has looked at.
REAL, FALSE, UNKNOWN, RECORD, OPEN = "real", "false", "unknown", "record", "not gone through"
FOUND = (REAL, FALSE, UNKNOWN, RECORD, OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What a person found."""

    channel: str
    kind: str
    began: datetime
    found: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """An alarm, and what was found."""

    real: Real
    episode: Episode
    note: Note | None

    @property
    def found(self) -> str:
        return OPEN if self.note is None else self.note.found


def notes(file: File = NOTES) -> list[Note]:
    """Those of the file."""
    if not file.exists():
        return []
    return [
        Note(**{**each, "began": each["began"].replace(tzinfo=UTC)})
        for each in tomllib.loads(file.read_text("utf-8"))["note"]
    ]


def run() -> tuple[list[Alarm], float]:
    """The alarms of all channels that were told and not explained, and the channel-months they came in."""
    if not available():
        print(f"real posts: skipped, there is no {FOLDER}")
        return [], 0.0
    reals = [load(*which) for which in CHANNELS]
    rules = AlertsConfig()
    channels = [Channel(id=n, title=r.name, zone=r.zone) for n, r in enumerate(reals, 1)]
    readings = [replace(x, channel_id=n, topics=()) for n, r in enumerate(reals, 1) for x in r.readings]
    told: dict[int, Episode] = {}
    for step in replay(channels, readings, rules):
        if step.episode.opened_at is not None and step.inhibited_by is None:
            told[step.episode.id] = step.episode
    known = notes()
    alarms = []
    for episode in sorted(told.values(), key=lambda e: (e.opened_at or e.found_at, -e.id)):
        about = episode.subject.channel_id
        if about is None or episode.kind not in KINDS or episode.verdict.ruling is not Ruling.CONFIRMED:
            continue
        real = reals[about - 1]
        alarms.append(Alarm(real=real, episode=episode, note=_note(known, real, episode)))
    return alarms, sum(r.months for r in reals)


def _note(known: Sequence[Note], real: Real, episode: Episode) -> Note | None:
    theirs = [n for n in known if n.channel == real.name and n.kind == episode.kind.value]
    near = [n for n in theirs if abs(n.began - episode.since_at) <= NEAR]
    return min(near, key=lambda n: abs(n.began - episode.since_at), default=None)


def rows(alarms: Sequence[Alarm]) -> Iterator[list[str]]:
    """A line for each: channel, when, kind, numbers, what was found."""
    for alarm in alarms:
        episode, zone = alarm.episode, ZoneInfo(alarm.real.zone)
        told = episode.opened_at or episode.found_at
        again = f", {episode.times} times" if episode.times > 1 else ""
        yield [
            alarm.real.name,
            f"{episode.since_at.astimezone(zone):%Y-%m-%d %H:%M}",
            episode.kind.value + again,
            say_span(told - episode.since_at),
            f"{episode.observed} of {episode.expected:.0f}",
            alarm.found,
            alarm.note.words if alarm.note else "",
        ]


def summary(alarms: Sequence[Alarm], months: float) -> list[list[str]]:
    """How many of each kind a channel-month, all and those that nothing in the posts explains."""
    out = []
    for kind in (*KINDS, None):
        mine = [a for a in alarms if kind is None or a.episode.kind is kind]
        by = Counter(a.found for a in mine)
        unexplained = len(mine) - by[REAL] - by[RECORD]
        out.append(
            [kind.value if kind else "all", str(len(mine))]
            + [str(by[f]) for f in FOUND]
            + [f"{len(mine) / months:.2f}", f"{unexplained / months:.2f}"]
        )
    return out


def show(alarm: Alarm, n: int) -> Iterator[str]:
    """For whoever goes through them, in the terminal only: posts by hour, and `n` posts of the stretch."""
    episode, zone = alarm.episode, ZoneInfo(alarm.real.zone)
    start, end = episode.since_at - DAY, (episode.opened_at or episode.found_at) + DAY / 2
    texts = list(_texts(alarm.real, start, end))
    hourly = Counter(at.astimezone(zone).strftime("%d %H") for at, _ in texts)
    yield " ".join(f"{hour}h:{count}" for hour, count in sorted(hourly.items()))
    inside = [t for t in texts if t[0] >= episode.since_at - timedelta(hours=1)]
    step = max(1, len(inside) // max(n, 1))
    for at, text in inside[::step][:n]:
        yield f"   {at.astimezone(zone):%d %b %H:%M}  {' '.join(text.split())[:160]}"


def _texts(real: Real, start: datetime, end: datetime) -> Iterator[tuple[datetime, str]]:
    file, channel, _ = next(w for w in CHANNELS if (w[1] or w[0]) == real.name)
    with gzip.open(FOLDER / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if not record.get("date") or channel not in (None, record["channel"]):
                continue
            at = datetime.fromisoformat(record["date"]).astimezone(UTC)
            if start <= at <= end:
                yield at, record.get("text") or ""
