"""Files of labelled episodes: TOML with [[episode]] sections, or JSON lines."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from alerts.evaluate import Label
from alerts.strand import CLAIMANT, TOPIC, Strand
from domain.channel import Channel, going_by
from domain.errors import DeadairError, why
from domain.finding import Kind
from domain.instant import utc
from domain.toml import BadToml, read_toml

KINDS = (Kind.SILENCE, Kind.DROP, Kind.SURGE)
KEYS = ("channel", "kind", "topic", "claimant", "from", "to")


class LabelError(DeadairError):
    """A file of labels cannot be used; the message lists every mistake."""


def read_labels(path: Path, channels: Sequence[Channel]) -> list[Label]:
    """The labels of a file. Times without a zone are of the channel's own.

    Raises LabelError with everything that is wrong in it.
    """
    labels: list[Label] = []
    wrong: list[str] = []
    for place, row in _rows(path):
        try:
            labels.append(_label(row, channels))
        except ValueError as error:
            wrong.append(f"  {place}: {error}")
    if wrong:
        n = len(wrong)
        raise LabelError(
            f"{path} has {n} mistake{'s' if n > 1 else ''}:\n" + "\n".join(wrong[:20]),
            hint="an episode has channel, kind (silence, drop, surge), from, to, and topic or claimant if it "
            "is about one",
        )
    if not labels:
        raise LabelError(
            f"{path} holds no episode", hint="write [[episode]] sections, or a JSON object a line"
        )
    return labels


def _rows(path: Path) -> Iterator[tuple[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(
            f"cannot read {path}: {why(error)}", hint="it must be a text file in UTF-8"
        ) from error
    if path.suffix == ".toml":
        try:
            found = read_toml(text).get("episode", [])
        except BadToml as error:
            raise LabelError(f"{path} is not valid TOML: {error}", hint="mend that line") from error
        for n, row in enumerate(found if isinstance(found, list) else [found], 1):
            yield f"episode {n}", row
        return
    for n, line in enumerate(text.splitlines(), 1):
        if line.strip():
            try:
                yield f"line {n}", json.loads(line)
            except (ValueError, RecursionError) as error:
                raise LabelError(
                    f"{path}: line {n} is no JSON: {error}",
                    hint="one JSON object a line; a file of TOML is named .toml",
                ) from error


def _label(row: Any, channels: Sequence[Channel]) -> Label:
    if not isinstance(row, Mapping):
        raise ValueError("is no table of keys and values")
    if strange := [key for key in row if key not in KEYS]:
        raise ValueError(f"no such key: {', '.join(map(str, strange))}; there are {', '.join(KEYS)}")
    channel = _channel(row.get("channel"), channels)
    kind = next((each for each in KINDS if each == row.get("kind", Kind.SILENCE)), None)
    if kind is None:
        raise ValueError(f"{row.get('kind')!r} is no kind: {', '.join(KINDS)}")
    if row.get("topic") and row.get("claimant"):
        raise ValueError("it is about a topic or about a claimant, not about both")
    strand = None
    if row.get("topic"):
        strand = Strand(TOPIC, str(row["topic"]))
    elif row.get("claimant"):
        strand = Strand(CLAIMANT, str(row["claimant"]))
    zone = ZoneInfo(channel.zone)
    start, end = (_at(row.get(key), key, zone) for key in ("from", "to"))
    return Label(kind=kind, channel_id=channel.id, strand=strand, start=start, end=end)


def _channel(name: Any, channels: Sequence[Channel]) -> Channel:
    if name is None and len(channels) == 1:
        return channels[0]
    if found := going_by(str(name), channels):
        return found[0]
    known = ", ".join(c.name for c in channels)
    if name is None:
        raise ValueError(f"channel must be given; there are {known}")
    raise ValueError(f"no channel {name!r} among the posts; there are {known}")


def _at(value: Any, key: str, zone: ZoneInfo) -> datetime:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{key} = {value!r} is no instant: write 2031-03-14T12:00:00Z") from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time())
    if not isinstance(value, datetime):
        raise ValueError(f"{key} must be given, as 2031-03-14T12:00:00Z")
    try:
        return utc(value if value.tzinfo is not None else value.replace(tzinfo=zone))
    except OverflowError:
        raise ValueError(f"{key} = {value} is before the first year, or after the last") from None
