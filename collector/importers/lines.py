"""JSON lines and CSV: the documents in them, each with its place, and what is broken between."""

import csv
import json
from collections.abc import Iterator, Sequence
from typing import Any

from collector.importers.common import COLUMNS
from collector.importers.recognise import SAMPLE, table
from collector.importers.record import Bad
from collector.importers.stream import Stream
from collector.importers.values import UNDECODABLE, shown

#: More than any message of Telegram's takes, whatever hangs on it; so that one endless line fills no memory.
LONGEST = 4 << 20

Place = tuple[str, dict[str, Any]]


def split(stream: Stream) -> Iterator[bytes | None]:
    """The lines without their ends; None for one that is longer than LONGEST."""
    parts: list[bytes] = []
    held = 0
    for chunk in stream.chunks():
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            if held + len(line) > LONGEST:
                yield None
            else:
                yield b"".join((*parts, line)) if parts else line
            parts, held = [], 0
        held += len(rest)
        if held <= LONGEST:
            parts.append(rest)
        else:
            parts.clear()
    if held > LONGEST:
        yield None
    elif held:
        yield b"".join(parts)


def json_lines(stream: Stream) -> Iterator[Place | Bad]:
    """Each line's object. A broken line costs only itself."""
    decode = json.JSONDecoder(parse_constant=lambda _: None).decode  # NaN and Infinity say nothing
    for number, line in enumerate(split(stream), 1):
        place = f"line {number}"
        if line is None:
            yield Bad(place=place, reason=_TOO_LONG)
            continue
        if not line.strip():
            continue
        try:
            document = decode(line.decode("utf-8"))
        except UnicodeDecodeError as error:
            byte = line[error.start]
            yield Bad(place=place, reason=f"it is not UTF-8: byte 0x{byte:02x} at {error.start + 1}")
        except json.JSONDecodeError as error:
            yield Bad(place=place, reason=f"broken JSON: {error.msg} at column {error.colno}")
        except RecursionError:
            yield Bad(place=place, reason="JSON nested beyond reason")
        except ValueError:
            yield Bad(place=place, reason="JSON with a number beyond reason")
        else:
            if isinstance(document, dict):
                yield place, document
            else:
                yield Bad(place=place, reason=f"no JSON object: {shown(document)}")


def csv_rows(stream: Stream) -> Iterator[Place | Bad]:
    """Each row as an object; by the names in the header, else in the order of the common form."""
    found = table(stream.peek(SAMPLE))
    if found is None:
        return
    delimiter, header = found
    columns: Sequence[str] = COLUMNS if header is None else header
    csv.field_size_limit(LONGEST)
    rows = csv.reader(_texts(stream), delimiter=delimiter)
    waiting = header is not None
    last = 0
    while True:
        try:
            cells = next(rows, None)
        except csv.Error as error:
            yield Bad(place=f"line {last + 1}", reason=f"broken CSV: {error}")
            last = rows.line_num
            continue
        place, last = f"line {last + 1}", rows.line_num
        if cells is None:
            return
        if not any(cells):
            continue
        if waiting:
            waiting = False
            continue
        if any(_LOST in cell for cell in cells):
            yield Bad(place=place, reason=_TOO_LONG)
        elif len(cells) != len(columns) if header is not None else not 3 <= len(cells) <= len(columns):
            yield Bad(place=place, reason=f"it has {len(cells)} cells where {len(columns)} are named")
        elif any(UNDECODABLE in cell for cell in cells):
            yield Bad(place=place, reason="it is not UTF-8")
        else:
            yield place, {name: cell for name, cell in zip(columns, cells, strict=False) if cell != ""}


_TOO_LONG = f"longer than {LONGEST >> 20} MiB: no message of Telegram's is"
_LOST = "\ufdd1"


def _texts(stream: Stream) -> Iterator[str]:
    for line in split(stream):
        yield _LOST + "\n" if line is None else line.decode("utf-8", "mark_undecodable") + "\n"
