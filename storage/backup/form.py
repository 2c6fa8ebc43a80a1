"""The form of a backup: lines of JSON, one line a row, so that it can be read with `zcat` in fifty years.

    {"deadair": "backup", "form": 1, "schema": "0009", "made_at": "...", "engine": "sqlite"}
    {"table": "channels", "columns": {"id": "number", "title": "text", ...}}
    [1, "The channel", ...]
    {"rows": 1, "sha256": "..."}
    ... the same for every table ...
    {"end": true, "rows": 1, "sha256": "..."}

An instant is microseconds since 1970, a day 2024-01-28, bytes are base64. Each SHA-256 is over the rows as
they stand, each with its line break; the last one is over the rows of all tables, and its being there proves
the file whole.
"""

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Numeric, String
from sqlalchemy.types import JSON

from domain.chain import plain
from storage.types import Instant

FORM: Final = 1
_in_order = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), sort_keys=True, check_circular=False
).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

#: How a value is written, by the kind of its column; what is not named is written as it is.
_WRITTEN: Final[Mapping[str, Callable[[Any], Any]]] = {
    "instant": lambda at: (at - _EPOCH) // _MICROSECOND,
    "bytes": lambda raw: base64.b64encode(raw).decode("ascii"),
    "day": date.isoformat,
}
_READ: Final[Mapping[str, Callable[[Any], Any]]] = {
    "instant": lambda n: _EPOCH + timedelta(microseconds=n),
    "bytes": base64.b64decode,
    "day": date.fromisoformat,
}


def kind_of(column: Column[Any]) -> str:
    """What a column holds, for the head of its table. Raises TypeError for what no backup knows."""
    kind = column.type
    impl = getattr(kind, "impl_instance", kind)
    if isinstance(kind, Instant):
        return "instant"
    for types, name in (
        (JSON, "document"),
        (LargeBinary, "bytes"),
        (Boolean, "truth"),
        (Date, "day"),
        (Integer, "number"),
        (Float | Numeric, "number"),
        (String, "text"),
    ):
        if isinstance(impl, types):
            return name
    raise TypeError(f"a backup does not know how to keep {column}: {kind!r}")


def line(document: object) -> bytes:
    """One line of the file."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def written(row: Sequence[Any], kinds: Sequence[str]) -> bytes:
    """A row as its line."""
    return line(
        [
            value if value is None else written_value(value, kind)
            for value, kind in zip(row, kinds, strict=True)
        ]
    )


def written_value(value: Any, kind: str) -> Any:
    """A value that is not null, as it stands in its line."""
    return value if (write := _WRITTEN.get(kind)) is None else write(value)


def canonical(kinds: Sequence[str]) -> Callable[[Sequence[Any]], bytes]:
    """Makes rows of these kinds into bytes that are the same whichever engine they are read from: PostgreSQL
    gives documents back with their names in another order, and 1e22 with all its zeros."""
    writes = {**_WRITTEN, "document": plain}
    changed = [(n, writes[kind]) for n, kind in enumerate(kinds) if kind in writes]

    def lined(row: Sequence[Any]) -> bytes:
        values = list(row)
        for n, write in changed:
            if (value := values[n]) is not None:
                values[n] = write(value)
        return _in_order(values).encode() + b"\n"

    return lined


def read(row: Sequence[Any], kinds: Sequence[str]) -> list[Any]:
    """A row of a line. Raises ValueError or TypeError when it is not of these kinds."""
    return [
        value if value is None or kind not in _READ else _READ[kind](value)
        for value, kind in zip(row, kinds, strict=True)
    ]
