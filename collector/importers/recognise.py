"""What form is it? Told by the content, never by the name."""

import csv
import io
import json
from collections.abc import Sequence
from enum import Enum
from typing import Any

import ijson

from collector.importers.common import COLUMNS, NAMES, is_common
from collector.importers.desktop import is_desktop
from collector.importers.errors import UnknownFormat, Unusable
from collector.importers.stream import packed_as, without_endless_numbers
from collector.importers.telethon_form import is_telethon
from collector.importers.values import instant, whole

SAMPLE = 1 << 16
_KNOWN = (
    "Deadair reads Telegram Desktop's export (machine-readable JSON: result.json), Telethon's messages "
    "as JSON, and JSON lines or CSV with id, date and text; each also as .gz or .tar"
)
#: Top-level keys that only an export of a whole account has; its chats may come long after them.
_ACCOUNT = frozenset(("about", "personal_information", "chats", "left_chats"))


class Form(Enum):
    DOCUMENT = "document"  #: one JSON document: an export, or an array of messages
    LINES = "lines"  #: one JSON object in each line
    TABLE = "table"  #: CSV


def recognise(sample: bytes, name: str) -> Form:
    """The form of a file that begins with `sample`. Raises UnknownFormat with what to do about it."""
    if packed := packed_as(sample):
        raise UnknownFormat(f"{name} is {packed}", hint=f"unpack it first. {_KNOWN}")
    start = sample.lstrip()
    if not start:
        raise UnknownFormat(f"{name} is empty", hint=_KNOWN)
    if start.startswith(b"["):
        return Form.DOCUMENT
    if start.startswith(b"{"):
        keys = _top_keys(start)
        if "messages" in keys or _ACCOUNT & keys:
            return Form.DOCUMENT
        if any(_is_record(line) for line in start.splitlines()[:50]) or keys & set(NAMES["id"]):
            return Form.LINES
        raise UnknownFormat(f"{name} is JSON, but holds no messages", hint=_KNOWN)
    if start[:1] == b"<":
        raise UnknownFormat(
            f"{name} is HTML",
            hint="in Telegram Desktop, export the channel again and choose the format: machine-readable JSON",
        )
    if any(_is_record(line) for line in start.splitlines()[:50]):
        return Form.LINES  # its first lines are broken
    if table(sample) is not None:
        return Form.TABLE
    raise UnknownFormat(f"{name} holds nothing that looks like posts", hint=_KNOWN)


def is_record(document: Any) -> bool:
    """Does it look like one message of a form we know?"""
    return isinstance(document, dict) and (
        is_telethon(document) or is_desktop(document) or is_common(document)
    )


def _is_record(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and is_record(json.loads(line))
    except (ValueError, RecursionError):
        return False


def _top_keys(sample: bytes) -> set[str]:
    keys: set[str] = set()
    depth = 0
    try:
        for event, value in ijson.basic_parse(
            io.BytesIO(without_endless_numbers(sample)), multiple_values=True
        ):
            if event == "map_key" and depth == 1:
                keys.add(value)
            depth += event.startswith("start_") - event.startswith("end_")
    except (ijson.JSONError, ValueError):
        pass  # the sample ends in the middle
    return keys


def table(sample: bytes) -> tuple[str, Sequence[str] | None] | None:
    """A CSV file's delimiter and its columns (None: it has no header); None: it is no such file."""
    lines = sample.decode("utf-8", "replace").splitlines()
    first = next((line for line in lines if line.strip()), "")
    if len(first) > 10_000 or "\0" in first:
        return None
    for delimiter in ",;\t|":
        cells = [cell.strip() for cell in next(csv.reader([first], delimiter=delimiter))]
        lower = [cell.lower() for cell in cells]
        if set(lower) & set(NAMES["id"]) and set(lower) & set(NAMES["date"]):
            return delimiter, lower
        if 4 <= len(cells) <= len(COLUMNS) and whole(cells[1]) is not None and _dated(cells[2]):
            return delimiter, None
    return None


def _dated(cell: str) -> bool:
    try:
        instant(cell, None)
    except Unusable as reason:
        return "no time zone" in str(reason)
    return True
