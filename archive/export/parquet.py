"""Parquet, by pyarrow: the one file that imports it."""

import json
from collections.abc import Iterable, Sequence
from typing import IO, Any

from archive.export.columns import Column, Kind
from archive.export.writers import NotInstalled, Row

#: Rows in one row group: what is held in memory.
_GROUP = 20_000


def arrow() -> Any:
    """Raises NotInstalled."""
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise NotInstalled(
            "Parquet needs the package pyarrow, which is not installed here",
            hint="pip install pyarrow, or choose another format: --format ndjson or --format csv",
        ) from None
    return pyarrow


def _type(pa: Any, kind: Kind) -> Any:
    return {
        Kind.TEXT: pa.string(),
        Kind.WHOLE: pa.int64(),
        Kind.SHARE: pa.float64(),
        Kind.TRUTH: pa.bool_(),
        Kind.INSTANT: pa.timestamp("us", tz="UTC"),
        Kind.DAY: pa.date32(),
        Kind.WORDS: pa.list_(pa.string()),
        Kind.DOCUMENT: pa.string(),
    }[kind]


class _Sink:
    """What was written since it was last asked."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def write(self, data: Any) -> int:
        part = bytes(data)
        self._parts.append(part)
        self._at += len(part)
        return len(part)

    def tell(self) -> int:
        return self._at

    def flush(self) -> None:
        return None

    def close(self) -> None:
        self.closed = True

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False

    def taken(self) -> bytes:
        out = b"".join(self._parts)
        self._parts.clear()
        return out


class Parquet:
    """Columns typed, instants with their zone; documents as JSON in a text."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._pa = pa = arrow()
        self._columns = columns
        self._schema = pa.schema([(column.name, _type(pa, column.kind)) for column in columns])
        self._sink = _Sink()
        self._file = pa.parquet.ParquetWriter(
            pa.PythonFile(self._sink, mode="w"), self._schema, compression="zstd"
        )
        self._waiting: list[Row] = []

    def write(self, rows: Iterable[Row]) -> bytes:
        self._waiting += rows
        while len(self._waiting) >= _GROUP:
            self._group(self._waiting[:_GROUP])
            del self._waiting[:_GROUP]
        return self._sink.taken()

    def end(self) -> bytes:
        if self._waiting:
            self._group(self._waiting)
            self._waiting = []
        self._file.close()
        return self._sink.taken()

    def _group(self, rows: Sequence[Row]) -> None:
        pa = self._pa
        arrays = []
        for column, values in zip(self._columns, zip(*rows, strict=True), strict=True):
            if column.kind is Kind.DOCUMENT:
                values = tuple(v if v is None else json.dumps(v, ensure_ascii=False) for v in values)
            arrays.append(pa.array(values, type=_type(pa, column.kind)))
        self._file.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=_GROUP)


def rows_in(source: IO[bytes]) -> int:
    """How many rows a file has. Raises NotInstalled; ValueError when it is no Parquet."""
    pa = arrow()
    try:
        return int(pa.parquet.read_metadata(source).num_rows)
    except (pa.ArrowInvalid, OSError) as error:
        raise ValueError(str(error)) from error
