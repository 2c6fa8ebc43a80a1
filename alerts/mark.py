"""The engine's mark in the archive: where it stands among the readings, and until when it has decided."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from alerts.hours import hours
from alerts.panel import Panel
from alerts.strand import Strand, strand_of
from alerts.tracks import Former
from domain.episode import Subject
from domain.reading import Reading
from storage.marks import DECIDED
from storage.store import Transaction

#: Stands for the reader version that counts before anything was read.
NONE_READ = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Where the engine stood when another reader version began to count."""

    version: int  #: the one that counted before
    seq: int  #: its last reading that was taken in
    until: datetime  #: decided up to here
    held: tuple[Subject, ...] = ()  #: found silent and not told yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What is stored with every transaction, to go on from there after a kill."""

    version: int  #: of the reader whose readings were taken in
    since: datetime  #: nothing before this instant is decided, only learned
    until: datetime  #: up to here everything has been decided
    seq: int = 0
    event_seq: int = 0
    n_stored: int = 0
    held: tuple[Subject, ...] = ()  #: topics and claimants found silent, and not told yet
    change: Change | None = field(default=None)

    def changed(self) -> "Mark":
        """Another reader version counts from here on."""
        if self.version == NONE_READ:
            return self
        change = Change(version=self.version, seq=self.seq, until=self.until, held=self.held)
        return replace(self, change=change)

    def document(self) -> dict[str, object]:
        out = {
            "version": self.version,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "seq": self.seq,
            "event_seq": self.event_seq,
            "n_stored": self.n_stored,
            "held": [_subject(s) for s in self.held],
            "change": None,
        }
        if self.change is not None:
            out["change"] = {
                "version": self.change.version,
                "seq": self.change.seq,
                "until": self.change.until.isoformat(),
                "held": [_subject(s) for s in self.change.held],
            }
        return out


async def read_mark(tx: Transaction) -> Mark | None:
    """The mark as it was stored last; None before the first time."""
    found = await tx.marks.get(DECIDED)
    if not found:
        return await _first_form(tx)
    change = found["change"]
    return Mark(
        version=found["version"],
        since=datetime.fromisoformat(found["since"]),
        until=datetime.fromisoformat(found["until"]),
        seq=found["seq"],
        event_seq=found["event_seq"],
        n_stored=found["n_stored"],
        held=_subjects(found["held"]),
        change=None
        if change is None
        else Change(
            version=change["version"],
            seq=change["seq"],
            until=datetime.fromisoformat(change["until"]),
            held=_subjects(change["held"]),
        ),
    )


async def _first_form(tx: Transaction) -> Mark | None:
    """As the first release wrote it: one mark for each reader version, of which the newest counts."""
    versions = [
        (name.removeprefix(f"{DECIDED}."), found, at) for name, found, at in await tx.marks.all(f"{DECIDED}.")
    ]
    marks = sorted((mark for mark in versions if mark[0].isdecimal()), key=lambda mark: mark[2])
    if not marks:
        return None
    version, found, at = marks[-1]
    return Mark(
        version=int(version),
        since=datetime.fromisoformat(found["from"]),
        until=at,
        seq=found["seq"],
        event_seq=found["event_seq"],
        n_stored=found["n_stored"],
    )


@dataclass(frozen=True, slots=True)
class Taken:
    """Which readings had been taken in: all up to one, or, where that cannot be said, all posted by then."""

    seq: int | None
    until: datetime | None = None

    def holds(self, reading: Reading) -> bool:
        if self.seq is not None:
            return reading.seq <= self.seq
        return self.until is None or reading.posted_at <= self.until


async def taken_in(tx: Transaction, mark: Mark, version: int) -> Taken:
    """The same posts, as another version has read them: each version reads them in one order."""
    for last in await tx.readings.after(mark.seq - 1, 1):
        if last.seq != mark.seq:
            break
        async for reading in tx.readings.since(
            last.posted_at,
            until_seq=await tx.readings.last_seq(),
            channel_id=last.channel_id,
            reader_version=version,
        ):
            if reading.post_id == last.post_id:
                return Taken(reading.seq)
            if reading.posted_at > last.posted_at:
                break
    return Taken(None, mark.until)


async def decided(
    tx: Transaction, mark: Mark, panel: Panel, since: datetime
) -> Mapping[int, tuple[Former, ...]]:
    """What was decided of each channel: when another version began to count, and when the mark was stored."""
    out: dict[int, tuple[Former, ...]] = {}
    lasts: dict[int, dict[Strand, float]] = defaultdict(dict)
    change = mark.change if mark.change is not None and mark.change.until >= since else None
    if change is not None:
        async for reading in tx.readings.since(since, until_seq=change.seq, reader_version=change.version):
            if reading.counts:
                for strand in panel.strands(reading):
                    lasts[reading.channel_id][strand] = hours(reading.posted_at)
    for channel in panel.channels:
        formers = []
        if change is not None:
            held = _held(change.held, channel.id)
            formers.append(Former(until=hours(change.until), held=held, lasts=lasts[channel.id]))
        formers.append(Former(until=hours(mark.until), held=_held(mark.held, channel.id)))
        out[channel.id] = tuple(formers)
    return out


def _held(subjects: Iterable[Subject], channel_id: int) -> frozenset[Strand]:
    strands = (strand_of(subject) for subject in subjects if subject.channel_id == channel_id)
    return frozenset(strand for strand in strands if strand is not None)


def _subject(subject: Subject) -> list[Any]:
    return [subject.channel_id, subject.topic, subject.claimant]


def _subjects(found: list[list[Any]]) -> tuple[Subject, ...]:
    return tuple(Subject(channel_id=c, topic=t, claimant=a) for c, t, a in found)
