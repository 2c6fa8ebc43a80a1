"""Real posts of public channels, when they lie beside the project. They are read and never copied."""

import gzip
import json
import os
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path as File

from domain.reading import Reading

#: Where they lie: DEADAIR_REAL_POSTS says so, else beside the project.
FOLDER = File(
    os.environ.get("DEADAIR_REAL_POSTS") or File(__file__).resolve().parents[2] / "../shared/data/posts"
)
#: File, name of one channel in it (None: it holds one only), zone.
CHANNELS = (
    ("farsna", None, "Asia/Tehran"),
    ("alonews", None, "Asia/Tehran"),
    ("withyashar", None, "Asia/Tehran"),
    ("akhbarefori", None, "Asia/Tehran"),
    ("persiana_Soccer", None, "Asia/Tehran"),
    ("ru_news_channels", "112", "Europe/Moscow"),
    ("ru_news_channels", "Москвач • Новости Москвы", "Europe/Moscow"),
    ("ru_news_channels", "ТОПОР - Горячие новости", "Europe/Moscow"),
)
LONGEST = timedelta(weeks=16)  #: the newest posts of a channel that are used
WORD = re.compile(r"[^\W\d_]{4,}")
SHARES = (0.05, 0.1, 0.2)  #: of the posts that the words taken for topics are in


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """A real channel: its readings, with words that stand for topics."""

    name: str
    zone: str
    readings: list[Reading] = field(repr=False)
    topics: tuple[str, ...]

    @property
    def start(self) -> datetime:
        return self.readings[0].posted_at

    @property
    def end(self) -> datetime:
        return self.readings[-1].posted_at

    @property
    def months(self) -> float:
        return (self.end - self.start) / timedelta(days=30)

    @property
    def per_day(self) -> float:
        return len(self.readings) / max((self.end - self.start) / timedelta(days=1), 1.0)


def available() -> bool:
    return FOLDER.is_dir()


def load(file: str, channel: str | None, zone: str) -> Real:
    """A channel's newest sixteen weeks. Times have the precision of a minute."""
    records = []
    with gzip.open(FOLDER / f"{file}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record.get("date") and channel in (None, record["channel"]):
                # A text that was taken from another post says nothing; the post still counts.
                text = "" if record.get("x_text_suspect") else record.get("text") or ""
                posted = datetime.fromisoformat(record["date"]).astimezone(UTC)
                records.append((posted, record["id"], frozenset(WORD.findall(text.lower()))))
    records.sort(key=lambda r: r[:2])
    records = [r for r in records if r[0] > records[-1][0] - LONGEST]
    # Channels that slept for weeks are followed from where they woke.
    for i in range(len(records) - 1, 0, -1):
        if records[i][0] - records[i - 1][0] > timedelta(days=14):
            records = records[i:]
            break
    topics = _words([r[2] for r in records])
    readings = [
        Reading(
            channel_id=1,
            post_id=number,
            posted_at=posted,
            reader_version=1,
            topics=tuple(w for w in topics if w in words),
        )
        for posted, number, words in records
    ]
    return Real(name=channel or file, zone=zone, readings=readings, topics=topics)


def _words(texts: list[frozenset[str]]) -> tuple[str, ...]:
    """Words that are in about so many of the posts, whatever they mean."""
    counted = Counter(word for words in texts for word in words)
    n = max(sum(bool(words) for words in texts), 1)
    return tuple(
        dict.fromkeys(
            min(counted, key=lambda w: (abs(counted[w] / n - share), w)) for share in SHARES if counted
        )
    )
