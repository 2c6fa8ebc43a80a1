"""Rows as bytes: NDJSON, CSV, Parquet; a batch at a time, in flat memory."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Sequence
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


def _instant(at: datetime | date | None) -> str | None:
    if at is None:
        return None
    return said(at) if isinstance(at, datetime) else at.isoformat()


class Ndjson:
    """One JSON object a line, in UTF-8, every column in each, null where nothing is known."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._names = [column.name for column in columns]
        self._instants = [n for n, c in enumerate(columns) if c.kind in (Kind.INSTANT, Kind.DAY)]
        self._encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

    def write(self, rows: Iterable[Row]) -> bytes:
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        if not columns:
            return b""
        for n in self._instants:
            columns[n] = [_instant(at) for at in columns[n]]
        names, encode = self._names, self._encode
        lines = [encode(dict(zip(names, row, strict=True))) for row in zip(*columns, strict=True)]
        lines.append("")
        return "\n".join(lines).encode()

    def end(self) -> bytes:
        return b""


#: What a spreadsheet may take for the beginning of a formula, also in its full-width forms.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
#: What nobody sees before it.
_UNSEEN = " \u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
_SUSPECT = frozenset((*_FORMULA, *_UNSEEN))


def safe(text: str) -> str:
    """A text as a cell that no spreadsheet takes for a formula: with an apostrophe before it if need be.

    A text that begins with an apostrophe gets one as well, so that taking one away gives back what it was.
    """
    if text[:1] not in _SUSPECT:
        return text
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
        columns: Iterable[Sequence[Any]] = zip(*rows, strict=True)
        cells = [_CELLS.get(c.kind, _as_it_is)(v) for c, v in zip(self._columns, columns, strict=False)]
        lines.writerows(zip(*cells, strict=True))
        return out.getvalue().encode()

    def end(self) -> bytes:
        return b"" if self._begun else self.write(())


def _as_it_is(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _texts(values: Sequence[str | None]) -> Sequence[str | None]:
    return [None if text is None else safe(text) for text in values]


def _instants(values: Sequence[datetime | date | None]) -> Sequence[str | None]:
    return [_instant(at) for at in values]


def _truths(values: Sequence[bool | None]) -> Sequence[str | None]:
    return [None if value is None else "true" if value else "false" for value in values]


def _documents(values: Sequence[Any]) -> Sequence[str | None]:
    return [
        None if v is None else safe(json.dumps(v, ensure_ascii=False, separators=(",", ":"))) for v in values
    ]


#: A column at a time, which takes half as long as a cell at a time. None makes an empty cell.
_CELLS: dict[Kind, Callable[[Sequence[Any]], Sequence[Any]]] = {
    Kind.TEXT: _texts,
    Kind.INSTANT: _instants,
    Kind.DAY: _instants,
    Kind.TRUTH: _truths,
    Kind.WORDS: _documents,
    Kind.DOCUMENT: _documents,
}


class NotInstalled(DeadairError):
    """A package that is needed for this is not there."""
