"""Rows as bytes: NDJSON, CSV, Parquet; a batch at a time, in flat memory."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

from archive.export.columns import Column, Kind
from domain.errors import DeadairError

Row = Sequence[Any]


class Format(StrEnum):
    NDJSON = "ndjson"
    CSV = "csv"
    PARQUET = "parquet"


class Writer(Protocol):
    def write(self, rows: Iterable[Row]) -> bytes:
        """What these rows add to the file; may be nothing yet."""

    def end(self) -> bytes:
        """What ends the file."""


def writer(form: Format, columns: Sequence[Column]) -> Writer:
    """Raises DeadairError when what writes that format is not installed."""
    match form:
        case Format.NDJSON:
            return Ndjson(columns)
        case Format.CSV:
            return Csv(columns)
        case Format.PARQUET:
            from archive.export.parquet import Parquet

            return Parquet(columns)


def said(at: datetime) -> str:
    """An instant as files have it: ISO 8601 in UTC, with microseconds only where there are any."""
    text = at.isoformat()
    return text[:-6] + "Z" if text.endswith("+00:00") else text


class Ndjson:
    """One JSON object a line, in UTF-8, every column in each, null where nothing is known."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]
        self._instants = [n for n, c in enumerate(columns) if c.kind in (Kind.INSTANT, Kind.DAY)]
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def write(self, rows: Iterable[Row]) -> bytes:
        names, instants, encode = self._names, self._instants, self._encode
        lines = []
        for row in rows:
            values = list(row)
            for n in instants:
                if (at := values[n]) is not None:
                    values[n] = said(at) if isinstance(at, datetime) else at.isoformat()
            lines.append(encode(dict(zip(names, values, strict=True))))
        if not lines:
            return b""
        lines.append("")
        return "\n".join(lines).encode()

    def end(self) -> bytes:
        return b""


#: What a spreadsheet may take for the beginning of a formula, also in its full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
#: What nobody sees before it.
_UNSEEN = " \u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def safe(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula: with an apostrophe before it if need be.

    A text that begins with an apostrophe gets one as well, so that taking one away gives back what it was.
    """
    return "'" + text if text.lstrip(_UNSEEN).startswith(_FORMULA) else text


class Csv:
    """RFC 4180 in UTF-8, with a head; lists and documents as JSON; what looks like a formula is not."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._begun = False

    def write(self, rows: Iterable[Row]) -> bytes:
        out = io.StringIO(newline="")
        lines = csv.writer(out, lineterminator="\r\n")
        if not self._begun:
            lines.writerow([column.name for column in self._columns])
            self._begun = True
        kinds = [column.kind for column in self._columns]
        lines.writerows([_cell(v, kind) for v, kind in zip(row, kinds, strict=True)] for row in rows)
        return out.getvalue().encode()

    def end(self) -> bytes:
        return b"" if self._begun else self.write(())


def _cell(value: Any, kind: Kind) -> Any:
    if value is None:
        return ""
    if kind is Kind.TEXT:
        # A NUL would end the cell for some readers; no text of the archive has one.
        return safe(value)
    if isinstance(value, datetime):
        return said(value)
    if isinstance(value, date):
        return value.isoformat()
    if kind is Kind.TRUTH:
        return "true" if value else "false"
    if kind in (Kind.WORDS, Kind.DOCUMENT):
        return safe(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    return value


class NotInstalled(DeadairError):
    """A package that is needed for this is not there."""
